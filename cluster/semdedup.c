/* semdedup.c - block by block against the rows that stay.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/semdedup.h"

#include "accel/panel.h"
#include "core/par.h"
#include "core/rng.h"

#include <math.h>
#include <stdlib.h>

/* clusters past WIDE members are split over threads, SPLIT panels a task */
enum { BLOCK = 16 * PANEL_ROWS, WIDE = 4096, SPLIT = 64, STEPS = 20 };

void members_add(struct members *m, size_t row, size_t cluster, double rank)
{
    m->at = mem_grow(m->at, &m->cap, m->n + 1, sizeof *m->at);
    m->at[m->n++] = (struct member){ (uint32_t)row, (uint32_t)cluster, (float)rank, -1, 0 };
}

void members_free(struct members *m)
{
    free(m->at);
    *m = (struct members){ 0 };
}

/* ---- one cluster ---- */

struct visit { uint32_t cluster; float rank; uint32_t at; };     /* a member's number, in the order of visits */
/* the most similar earlier member above the limit: its place among the visits, or -1 */
struct best { float cosine; int32_t at; };

struct cluster {
    const struct semdedup *s;
    struct member *all;              /* every member of every cluster */
    const struct visit *order;       /* this cluster's, by rank */
    size_t n, d;
    float *panels;                   /* earlier rows, as columns */
    int32_t *place;                  /* column -> place in order */
    size_t columns;
    float *block;                    /* (BLOCK, d): the rows of this block, scaled */
    float *own;                      /* the same as panels */
    const float *rows[BLOCK];
    size_t begin, size;              /* the block is order[begin .. begin + size) */
    struct best *best;               /* (tasks, BLOCK) */
};

static void unit_row(const struct matrix *x, size_t row, float *to)
{
    double norm = 0;
    matrix_rows(x, row, row + 1, to);
    for (size_t t = 0; t < x->cols; t++) norm += (double)to[t] * (double)to[t];
    for (size_t t = 0; norm > 0 && t < x->cols; t++) to[t] = (float)((double)to[t] / sqrt(norm));
}

static void load_block(struct cluster *c, size_t begin)
{
    c->begin = begin;
    c->size = c->n - begin < BLOCK ? c->n - begin : BLOCK;
    for (size_t i = 0; i < c->size; i++) {
        unit_row(c->s->x, c->all[c->order[begin + i].at].row, c->block + i * c->d);
        c->rows[i] = c->block + i * c->d;
    }
}

static void add_column(struct cluster *c, const float *row, int32_t place)
{
    float *panel = c->panels + c->columns / PANEL * PANEL * c->d + c->columns % PANEL;
    for (size_t t = 0; t < c->d; t++) panel[t * PANEL] = row[t];
    c->place[c->columns++] = place;
}

static struct best none(const struct cluster *c)
{
    return (struct best){ (float)(1 - c->s->epsilon), -1 };
}

static inline void better(struct best *b, float cosine, int32_t at)
{
    if (cosine > b->cosine || (cosine == b->cosine && at < b->at)) *b = (struct best){ cosine, at };
}

/* Takes one row's cosines with one panel; nearly always none is above the row's best so far. */
static inline void better_of(struct best *b, const float *cosine, const int32_t *place, size_t n)
{
    int any = 0;
    for (size_t j = 0; j < PANEL; j++) any |= cosine[j] >= b->cosine;
    for (size_t j = 0; any && j < n; j++) better(b, cosine[j], place[j]);
}

/* The block's rows against panels [begin, end): one task. */
static void compare_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)worker;
    const struct cluster *c = ctx;
    panel_fn *kernel = panel_kernel();
    struct best *best = c->best + chunk * BLOCK;
    float tile[PANEL_ROWS * PANEL];
    for (size_t i = 0; i < c->size; i++) best[i] = none(c);
    for (size_t p = begin; p < end; p++)
        for (size_t i = 0; i < c->size; i += PANEL_ROWS) {
            size_t n = c->size - i < PANEL_ROWS ? c->size - i : PANEL_ROWS,
                   cols = c->columns - p * PANEL < PANEL ? c->columns - p * PANEL : PANEL;
            kernel(c->rows + i, n, c->panels + p * PANEL * c->d, c->d, tile);
            for (size_t r = 0; r < n; r++) better_of(&best[i + r], tile + r * PANEL, c->place + p * PANEL, cols);
        }
}

static void compare(struct cluster *c, int threads)
{
    size_t panels = panel_count(c->columns), tasks = panels / SPLIT + (panels % SPLIT != 0);
    for (size_t i = 0; i < c->size; i++) c->best[i] = none(c);
    par_for(threads, panels, SPLIT, compare_run, c);
    for (size_t k = 1; k < tasks; k++)
        for (size_t i = 0; i < c->size; i++)
            better(&c->best[i], c->best[k * BLOCK + i].cosine, c->best[k * BLOCK + i].at);
}

/* Row i of the block against the block's rows before it that are kept. */
static struct best among(const struct cluster *c, size_t i, const bool *kept)
{
    struct best b = c->best[i];
    float tile[PANEL];
    for (size_t p = 0; p * PANEL < i; p++) {
        panel_kernel()(&c->rows[i], 1, c->own + p * PANEL * c->d, c->d, tile);
        for (size_t j = 0; j < PANEL && p * PANEL + j < i; j++)
            if (kept[p * PANEL + j]) better(&b, tile[j], (int32_t)(c->begin + p * PANEL + j));
    }
    return b;
}

/* Who of the block stays, in order; who does becomes a column. */
static void decide(struct cluster *c)
{
    bool kept[BLOCK];
    panel_pack(c->own, c->block, c->d, true, c->size, c->d);
    for (size_t i = 0; i < c->size; i++) {
        struct best b = among(c, i, kept);
        struct member *m = &c->all[c->order[c->begin + i].at];
        m->twin = b.at < 0 ? -1 : (int32_t)c->order[b.at].at;
        m->cosine = b.cosine;
        kept[i] = b.at < 0 || c->s->chained;
    }
    for (size_t i = 0; i < c->size; i++) if (kept[i]) add_column(c, c->rows[i], (int32_t)(c->begin + i));
}

static void run_cluster(const struct semdedup *s, struct member *all, const struct visit *order, size_t n, int threads)
{
    size_t d = s->x->cols, panels = panel_count(n);
    struct cluster c = { .s = s, .all = all, .order = order, .n = n, .d = d };
    c.panels = mem_zero(panel_size(n, d), sizeof *c.panels);
    c.place = mem_alloc(n, sizeof *c.place);
    c.block = mem_alloc(mem_size(BLOCK, d), sizeof *c.block);
    c.own = mem_alloc(panel_size(BLOCK, d), sizeof *c.own);
    c.best = mem_alloc((panels / SPLIT + 1) * BLOCK, sizeof *c.best);
    for (size_t begin = 0; begin < n; begin += BLOCK) {
        load_block(&c, begin);
        compare(&c, threads);
        decide(&c);
    }
    free(c.panels), free(c.place), free(c.block), free(c.own), free(c.best);
}

/* ---- all clusters ---- */

static int by_rank(const void *a, const void *b)
{
    const struct visit *x = a, *y = b;
    if (x->cluster != y->cluster) return x->cluster < y->cluster ? -1 : 1;
    if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

struct work { const struct semdedup *s; struct member *all; const struct visit *order; size_t *start; };

static void cluster_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)begin, (void)end, (void)worker;
    const struct work *w = ctx;
    size_t n = w->start[chunk + 1] - w->start[chunk];
    if (n < WIDE) run_cluster(w->s, w->all, w->order + w->start[chunk], n, 1);
}

size_t semdedup_run(const struct semdedup *s, struct members *m)
{
    size_t *start = mem_alloc(m->n + 2, sizeof *start), n_clusters = 0, kept = 0;
    struct visit *order = mem_alloc(m->n, sizeof *order);
    for (size_t i = 0; i < m->n; i++) order[i] = (struct visit){ m->at[i].cluster, m->at[i].rank, (uint32_t)i };
    qsort(order, m->n, sizeof *order, by_rank);
    for (size_t i = 0; i < m->n; i++)
        if (!i || order[i].cluster != order[i - 1].cluster) start[n_clusters++] = i;
    start[n_clusters] = m->n;
    struct work w = { s, m->at, order, start };
    for (size_t c = 0; c < n_clusters; c++)
        if (start[c + 1] - start[c] >= WIDE)
            run_cluster(s, m->at, order + start[c], start[c + 1] - start[c], s->threads);
    par_for(s->threads, n_clusters, 1, cluster_run, &w);
    for (size_t i = 0; i < m->n; i++) kept += m->at[i].twin < 0;
    free(start), free(order);
    return kept;
}

/* ---- the share that stays, by epsilon ---- */

uint64_t semdedup_sample_share(size_t rows, uint64_t n)
{
    return rows >= n ? UINT64_MAX : (uint64_t)((double)UINT64_MAX * (double)rows / (double)n);
}

uint64_t semdedup_sample_more(uint64_t share)
{
    return share > UINT64_MAX / 2 ? UINT64_MAX : share * 2;
}

void semdedup_sample(struct semdedup_sample *to, const struct members *m, size_t rows, uint64_t seed)
{
    *to = (struct semdedup_sample){ 0 };
    uint64_t share = semdedup_sample_share(rows, m->n);
    while (!to->some.n && m->n) {
        for (size_t i = 0; i < m->n; i++)
            if (rng_at(seed, m->at[i].cluster, 0) <= share)
                members_add(&to->some, m->at[i].row, m->at[i].cluster, (double)m->at[i].rank);
        share = semdedup_sample_more(share);
    }
}

double semdedup_share(const struct semdedup *s, struct semdedup_sample *on)
{
    return on->some.n ? (double)semdedup_run(s, &on->some) / (double)on->some.n : 1;
}

double semdedup_bisect(struct semdedup s, struct semdedup_sample *on, double keep)
{
    double low = 0, high = 1;                        /* epsilon 0 keeps all but exact copies, 1 keeps the least */
    for (int i = 0; i < STEPS; i++) {
        s.epsilon = (low + high) / 2;
        *(semdedup_share(&s, on) > keep ? &low : &high) = s.epsilon;
    }
    return (low + high) / 2;
}
