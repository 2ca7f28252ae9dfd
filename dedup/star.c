/* star.c - lists of leaders per bucket, candidates by how many buckets they share.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/star.h"
#include "dedup/unite.h"

#include <stdlib.h>

/* Documents are known here by their place in rank order, their ordinal: lists hold ordinals. */
struct head { uint32_t first, n; };                       /* first: node + 1 */
struct node { uint32_t ordinal, next; };
struct lists { struct shelf heads, nodes; size_t n; };    /* n nodes in use */
struct candidate { uint32_t ordinal, shared; };

struct star {
    struct star_rules rules;
    struct likeness *like;
    struct lists kept, all;                               /* all: only for components and pairs */
    struct shelf docs;                                    /* ordinal -> document */
    struct unite unite;
    struct candidate *found;
    size_t n_found, cap_found;
    uint64_t placed, tried, cut;
};

static bool wants_all(const struct star *s) { return s->rules.components || s->rules.pair; }

static void lists_init(struct lists *l, size_t budget)
{
    shelf_init(&l->heads, sizeof(struct head), budget);
    shelf_init(&l->nodes, sizeof(struct node), budget);
    l->n = 0;
}

struct star *star_open(struct star_rules rules, struct likeness *like, size_t memory)
{
    struct star *s = mem_zero(1, sizeof *s);
    s->rules = rules;
    s->like = like;
    lists_init(&s->kept, memory / 6);
    lists_init(&s->all, memory / 6);
    shelf_init(&s->docs, sizeof(uint32_t), memory / 6);
    unite_init(&s->unite, memory / 6);
    return s;
}

void star_close(struct star *s)
{
    if (!s) return;
    shelf_free(&s->kept.heads);
    shelf_free(&s->kept.nodes);
    shelf_free(&s->all.heads);
    shelf_free(&s->all.nodes);
    shelf_free(&s->docs);
    unite_free(&s->unite);
    free(s->found);
    free(s);
}

/* ---- candidates ---- */

static int by_ordinal(const void *a, const void *b)
{
    uint32_t x = ((const struct candidate *)a)->ordinal, y = ((const struct candidate *)b)->ordinal;
    return (x > y) - (x < y);
}

static int by_shared(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->shared != y->shared) return x->shared < y->shared ? 1 : -1;
    return by_ordinal(a, b);
}

static void gather(struct star *s, struct lists *l, const uint32_t *buckets, size_t n)
{
    s->n_found = 0;
    for (size_t i = 0; i < n; i++) {
        if (buckets[i] >= l->heads.n) continue;
        uint32_t at = ((const struct head *)shelf_at(&l->heads, buckets[i]))->first;
        while (at) {
            struct node node = *(const struct node *)shelf_at(&l->nodes, at - 1);
            s->found = mem_grow(s->found, &s->cap_found, s->n_found + 1, sizeof *s->found);
            s->found[s->n_found++] = (struct candidate){ node.ordinal, 1 };
            at = node.next;
        }
    }
    if (s->n_found < 2) return;
    size_t kept = 0;
    qsort(s->found, s->n_found, sizeof *s->found, by_ordinal);
    for (size_t i = 0; i < s->n_found; i++) {
        if (kept && s->found[kept - 1].ordinal == s->found[i].ordinal) s->found[kept - 1].shared++;
        else s->found[kept++] = s->found[i];
    }
    s->n_found = kept;
    qsort(s->found, kept, sizeof *s->found, by_shared);
}

static bool stand(struct lists *l, uint32_t ordinal, const uint32_t *buckets, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        if (!shelf_grow(&l->heads, (size_t)buckets[i] + 1, e) || !shelf_grow(&l->nodes, l->n + 1, e)) return false;
        struct head *h = shelf_at(&l->heads, buckets[i]);
        if (h->n == STAR_LEADERS) continue;
        *(struct node *)shelf_at(&l->nodes, l->n) = (struct node){ ordinal, h->first };
        *h = (struct head){ (uint32_t)++l->n, h->n + 1 };
    }
    return true;
}

/* ---- comparing ---- */

static uint32_t doc_of(struct star *s, uint32_t ordinal) { return *(const uint32_t *)shelf_at(&s->docs, ordinal); }

static bool alike(struct star *s, uint32_t doc, uint32_t other, double *j, struct err *e)
{
    *j = 0;
    if (!s->rules.verify) return true;
    s->tried++;
    if (!likeness_hold(s->like, doc, e) || !likeness_with(s->like, other, j, e)) return false;
    return *j >= s->rules.similarity;
}

/* Among those that stay: the first that is alike. */
static bool seek_twin(struct star *s, uint32_t doc, const uint32_t *buckets, size_t n, struct verdict *v, struct err *e)
{
    gather(s, &s->kept, buckets, n);
    s->cut += s->n_found > STAR_TRIES;
    for (size_t i = 0; i < s->n_found && i < STAR_TRIES; i++) {
        uint32_t other = doc_of(s, s->found[i].ordinal);
        double j;
        if (alike(s, doc, other, &j, e)) { *v = (struct verdict){ other + 1, { (float)j } }; return true; }
        if (e->kind) return false;
    }
    return true;
}

/* Among all: every pair is told, and joined. */
static bool seek_pairs(struct star *s, uint32_t doc, uint32_t ordinal, const uint32_t *buckets, size_t n,
                       struct verdict *v, struct err *e)
{
    gather(s, &s->all, buckets, n);
    for (size_t i = 0, tries = 0; i < s->n_found; i++) {
        uint32_t other = s->found[i].ordinal;
        if (!s->rules.pair && unite_find(&s->unite, ordinal) == unite_find(&s->unite, other)) continue;
        if (tries++ == STAR_TRIES) { s->cut += s->rules.components; break; }
        double j;
        if (!alike(s, doc, doc_of(s, other), &j, e)) { if (e->kind) return false; continue; }
        unite_join(&s->unite, ordinal, other);
        if (s->rules.components && v->similarity == 0) v->similarity = (float)j;
        if (s->rules.pair && !s->rules.pair(s->rules.pair_ctx, doc_of(s, other), doc, j, e)) return false;
    }
    return true;
}

bool star_place(struct star *s, uint32_t doc, const uint32_t *buckets, size_t n, struct verdict *v, struct err *e)
{
    *v = (struct verdict){ 0 };
    uint32_t ordinal = (uint32_t)s->placed++;
    if (!shelf_grow(&s->docs, s->placed, e)) return false;
    *(uint32_t *)shelf_at(&s->docs, ordinal) = doc;
    if (!s->rules.components && !seek_twin(s, doc, buckets, n, v, e)) return false;
    if (!v->twin && !s->rules.components && !stand(&s->kept, ordinal, buckets, n, e)) return false;
    if (!wants_all(s)) return true;
    return unite_grow(&s->unite, s->placed, e) && seek_pairs(s, doc, ordinal, buckets, n, v, e)
        && stand(&s->all, ordinal, buckets, n, e);
}

bool star_components(struct star *s, bool (*tell)(void *ctx, uint32_t doc, uint32_t stays, struct err *e), void *ctx,
                     struct err *e)
{
    for (uint64_t i = 0; i < s->placed; i++)
        if (!tell(ctx, doc_of(s, (uint32_t)i), doc_of(s, unite_find(&s->unite, (uint32_t)i)), e)) return false;
    return true;
}

uint64_t star_tried(const struct star *s) { return s->tried; }
uint64_t star_cut(const struct star *s) { return s->cut; }
