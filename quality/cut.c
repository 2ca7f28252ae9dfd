/* cut.c - see cut.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "quality/cut.h"
#include "core/mem.h"

#include <stdlib.h>

static struct cut_group *group_of(struct cut *c, struct str name)
{
    for (size_t i = 0; i < c->n; i++) if (str_eq(c->all[i].name, name)) return &c->all[i];
    if (c->n == c->cap) c->all = mem_grow(c->all, &c->cap, c->n + 1, sizeof *c->all);
    c->all[c->n] = (struct cut_group){ .name = str_copy(&c->mem, name) };
    return &c->all[c->n++];
}

void cut_add(struct cut *c, struct str group, double score, double tokens)
{
    struct cut_group *to = group_of(c, group);
    if (to->n == to->cap) to->items = mem_grow(to->items, &to->cap, to->n + 1, sizeof *to->items);
    to->items[to->n++] = (struct cut_item){ score, tokens };
    to->tokens += tokens;
}

static int best_first(const void *a, const void *b)
{
    double x = ((const struct cut_item *)a)->score, y = ((const struct cut_item *)b)->score;
    return (x < y) - (x > y);
}

void cut_sort(struct cut *c)
{
    for (size_t i = 0; i < c->n; i++) qsort(c->all[i].items, c->all[i].n, sizeof *c->all[i].items, best_first);
}

double cut_threshold(const struct cut_group *g, double share)
{
    double sum = 0;
    size_t i = 0;
    while (i + 1 < g->n && (sum += g->items[i].tokens) < share * g->tokens) i++;
    return g->items[i].score;
}

struct cut_kept cut_at(const struct cut_group *g, double least)
{
    struct cut_kept kept = { 0, 0 };
    for (size_t i = 0; i < g->n && g->items[i].score >= least; i++) { kept.docs++; kept.tokens += g->items[i].tokens; }
    return kept;
}

void cut_free(struct cut *c)
{
    for (size_t i = 0; i < c->n; i++) free(c->all[i].items);
    free(c->all);
    arena_free(&c->mem);
}
