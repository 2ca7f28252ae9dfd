/* tally.c - a few reasons each, so a list will do.
 * SPDX-License-Identifier: Apache-2.0 */
#include "frame/tally.h"

#include <stdlib.h>

static void count(struct tally_reason **list, size_t *n, size_t *cap, const char *reason, uint64_t times)
{
    size_t i = 0;
    while (i < *n && strcmp((*list)[i].reason, reason) != 0) i++;
    if (i == *n) {
        *list = mem_grow(*list, cap, *n + 1, sizeof **list);
        (*list)[(*n)++] = (struct tally_reason){ reason, 0 };
    }
    (*list)[i].n += times;
}

void tally_drop(struct tally *t, const char *reason, uint64_t n)
{
    t->dropped += n;
    count(&t->drops, &t->n_drops, &t->cap_drops, reason, n);
}

void tally_reject(struct tally *t, const char *reason, uint64_t n)
{
    t->rejected += n;
    count(&t->rejects, &t->n_rejects, &t->cap_rejects, reason, n);
}

void tally_add(struct tally *to, const struct tally *t)
{
    to->in += t->in;
    to->out += t->out;
    to->turned += t->turned;
    for (size_t i = 0; i < t->n_drops; i++) tally_drop(to, t->drops[i].reason, t->drops[i].n);
    for (size_t i = 0; i < t->n_rejects; i++) tally_reject(to, t->rejects[i].reason, t->rejects[i].n);
}

void tally_clear(struct tally *t)
{
    t->in = t->out = t->dropped = t->rejected = t->turned = 0;
    t->n_drops = t->n_rejects = 0;
}

void tally_free(struct tally *t)
{
    free(t->drops);
    free(t->rejects);
    *t = (struct tally){ 0 };
}
