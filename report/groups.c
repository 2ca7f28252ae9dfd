/* groups.c - a twin may itself have gone for another: the group is of the one at the end of that row.
 * SPDX-License-Identifier: Apache-2.0 */
#include "report/groups.h"
#include "model/vocab.h"
#include "report/drops.h"

#include <stdlib.h>

/* (ids): whose twin it is; itself when it stayed */
struct twins { struct str stage; struct vocab ids; uint32_t *twin; size_t cap; };

static uint32_t number_of(struct twins *t, struct str id)
{
    uint32_t k = vocab_find(&t->ids, id);
    if (k != VOCAB_NONE) return k;
    vocab_set(&t->ids, k = (uint32_t)t->ids.n, id);
    t->twin = mem_grow(t->twin, &t->cap, t->ids.n, sizeof *t->twin);
    return t->twin[k] = k;
}

static bool take(void *ctx, struct doc *d, struct err *e)
{
    (void)e;
    struct twins *t = ctx;
    struct str stage, twin;
    const struct str id = doc_id(d);
    if (!id.p || t->ids.n + 2 > VOCAB_MAX || !doc_string(d, "stage", &stage) || !str_eq(stage, t->stage)
        || !doc_string(d, "twin", &twin))
        return true;
    const uint32_t to = number_of(t, twin), from = number_of(t, id);
    if (from != to) t->twin[from] = to;
    return true;
}

/* At most as many steps as there are documents: a circle, which no stage writes, ends too. */
static uint32_t end_of(const struct twins *t, uint32_t k)
{
    for (size_t i = 0; t->twin[k] != k && i < t->ids.n; i++) k = t->twin[k];
    return k;
}

static size_t class_of(uint64_t docs)
{
    if (docs <= 4) return (size_t)docs - 2;
    size_t k = 3;
    for (uint64_t upto = 8; docs > upto && k + 1 < GROUP_CLASSES; upto *= 2) k++;
    return k;
}

const char *groups_class(size_t k)
{
    static const char *const names[GROUP_CLASSES] = { "2", "3", "4", "5-8", "9-16", "17-32", "33-64", "65-128",
                                                      "129-256", "257 and more" };
    return names[k];
}

static void add_group(struct groups *g, struct str id, uint64_t docs)
{
    g->n++;
    g->groups[class_of(docs)]++;
    g->docs[class_of(docs)] += docs;
    size_t at = g->n_largest;
    while (at && g->largest[at - 1].docs < docs) at--;
    if (at == GROUPS_SHOWN) return;
    if (g->n_largest < GROUPS_SHOWN) g->n_largest++;
    for (size_t i = g->n_largest - 1; i > at; i--) g->largest[i] = g->largest[i - 1];
    g->largest[at].id = str_copy(&g->mem, id);
    g->largest[at].docs = docs;
}

static bool name_largest(void *groups, struct doc *d, struct err *e)
{
    (void)e;
    struct groups *g = groups;
    struct str url;
    const struct str id = doc_id(d);
    for (size_t i = 0; id.n && i < g->n_largest; i++)
        if (!g->largest[i].url.p && str_eq(g->largest[i].id, id) && doc_string(d, "url", &url))
            g->largest[i].url = str_copy(&g->mem, url);
    return true;
}

bool groups_find(struct groups *g, const struct run *r, const struct trail_step *s, size_t stage, struct err *e)
{
    struct twins t = { .stage = stage_work(&s->stages[stage]) };
    *g = (struct groups){ .stage = t.stage };
    if (!s->drops || !s->stages[stage].n_dropped) return true;
    bool ok = each_drop(r, s, take, &t, e);
    uint64_t *docs = mem_zero(t.ids.n, sizeof *docs);
    for (uint32_t k = 0; ok && k < t.ids.n; k++) docs[end_of(&t, k)]++;
    for (uint32_t k = 0; ok && k < t.ids.n; k++) if (docs[k] > 1) add_group(g, t.ids.token[k], docs[k]);
    vocab_free(&t.ids);
    free(t.twin);
    free(docs);
    /* it stayed here, but a later link may have dropped it */
    return ok && (!g->n || (each_made(r, s, name_largest, g, e) && each_drop(r, s, name_largest, g, e)));
}

void groups_free(struct groups *g)
{
    arena_free(&g->mem);
}
