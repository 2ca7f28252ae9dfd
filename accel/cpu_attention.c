/* cpu_attention.c - softmax attention and its gradient: a task is one head of one sequence.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Queries come in strips of PANEL_ROWS, or blocks of them for the gradient, and meet only the keys that they see, so a
 * causal
 * call does half the work and scores never leave the cache. With n keys seen by the last query of a block:
 *
 *     forward:   S = Q K';  P = exp(scale S - its maximum);  out = P V / sum of P
 *     backward:  P = exp(scale S - lse);  dS = scale P (dout V' - dout.out);  dQ = dS K;  dK += dS' Q;  dV += P' dout
 */
#include "accel/cpu.h"
#include "accel/panel.h"
#include "accel/vector.h"
#include "core/arena.h"
#include "core/par.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4 * PANEL_ROWS, LANES = 8 };

struct task {
    const struct attention *t;
    const float *q, *k, *v, *dout, *out_in, *lse_in;
    float *out, *lse, *dq, *dk, *dv, *scratch;
    size_t size;
};

/* One head of one sequence: its n rows lie ld apart, those of out and dout out_ld. */
struct head {
    size_t n, dim, ld, out_ld, lse_step;
    bool causal;
    float scale;
    const float *q, *k, *v, *dout, *out_in, *lse_in;
    float *out, *lse, *dq, *dk, *dv;
};

static struct head head_of(const struct task *w, size_t i)
{
    const struct attention *t = w->t;
    const size_t s = i / t->heads, h = i % t->heads, from = (size_t)t->start[s], out_ld = t->out_ld ? t->out_ld : t->ld;
    const size_t in = from * t->ld + h * t->dim, out = from * out_ld + h * t->dim, lse = from * t->heads + h;
    struct head x = { .n = (size_t)t->start[s + 1] - from, .dim = t->dim, .ld = t->ld, .out_ld = out_ld,
                      .lse_step = t->heads, .causal = t->causal, .scale = t->scale,
                      .q = w->q + in, .k = w->k + in, .v = w->v + in };
    if (w->out) x.out = w->out + out, x.lse = w->lse + lse;
    else x.dout = w->dout + out, x.out_in = w->out_in + out, x.lse_in = w->lse_in + lse, x.dq = w->dq + in,
         x.dk = w->dk + in, x.dv = w->dv + in;
    return x;
}

static size_t padded(size_t n) { return panel_count(n) * PANEL; }
static size_t seen_by(const struct head *x, size_t row) { return x->causal ? row + 1 : x->n; }

/* to[r][0 .. n) = rows[r][t * step] . columns of `panels`, t < k, for `count` rows, or +=; rows of `to` lie ld apart,
 * panels panel_k. */
static void products(const float *const *rows, size_t step, size_t count, const float *panels, size_t panel_k, size_t k,
                     size_t n, bool add, float *to, size_t ld)
{
    for (size_t r = 0; r < count; r += PANEL_ROWS)
        for (size_t j = 0; j < n; j += PANEL)
            panel_into(rows + r, step, count - r < PANEL_ROWS ? count - r : PANEL_ROWS, panels + j * panel_k, k, n - j,
                       add, to + r * ld + j, ld);
}

static void point(const float **rows, const float *x, size_t ld, size_t n)
{
    for (size_t r = 0; r < n; r++) rows[r] = x + r * ld;
}

/* ---- forward ---- */

/* row = exp(scale row - its maximum), n of them; the maximum (scaled) and the sum, of LANES lanes. */
VECTOR_INLINE void exp_body(float *row, size_t n, float scale, float *most, float *sum)
{
    float lane[LANES] = { 0 }, all = 0;
    const float top = vector_max(row, n) * scale;
    for (size_t j = 0; j < n; j++) row[j] = vector_exp(row[j] * scale - top);
    size_t j = 0;
    for (; j + LANES <= n; j += LANES) for (size_t i = 0; i < LANES; i++) lane[i] += row[j + i];
    for (; j < n; j++) all += row[j];
    for (size_t i = 0; i < LANES; i++) all += lane[i];
    *most = top, *sum = all;
}
VECTOR_DISPATCH(exp_row, exp_body, (float *row, size_t n, float scale, float *most, float *sum),
                (row, n, scale, most, sum))

/* Queries [at, at + m): softmax over what each sees, times V. */
static void forward_strip(const struct head *x, size_t at, size_t m, const float *keys, const float *values,
                          float *scores)
{
    const size_t n = seen_by(x, at + m - 1), ld = padded(n);
    const float *rows[PANEL_ROWS];
    float by[PANEL_ROWS], *out = x->out + at * x->out_ld;
    point(rows, x->q + at * x->ld, x->ld, m);
    products(rows, 1, m, keys, x->dim, x->dim, ld, false, scores, ld);
    for (size_t r = 0; r < m; r++) {
        const size_t seen = seen_by(x, at + r);
        float most, sum;
        exp_row(scores + r * ld, seen, x->scale, &most, &sum);
        memset(scores + r * ld + seen, 0, (n - seen) * sizeof *scores);
        x->lse[(at + r) * x->lse_step] = most + logf(sum);
        by[r] = 1 / sum;
    }
    point(rows, scores, ld, m);
    products(rows, 1, m, values, x->n, n, x->dim, false, out, x->out_ld);
    for (size_t r = 0; r < m; r++)
        for (size_t j = 0; j < x->dim; j++) out[r * x->out_ld + j] *= by[r];
}

static void forward_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk;
    const struct task *w = ctx;
    for (size_t i = begin; i < end; i++) {
        const struct head x = head_of(w, i);
        float *keys = w->scratch + (size_t)worker * w->size, *values = keys + panel_size(x.n, x.dim),
              *scores = values + panel_size(x.dim, x.n);
        panel_pack(keys, x.k, x.ld, true, x.n, x.dim);
        panel_pack(values, x.v, x.ld, false, x.dim, x.n);
        for (size_t at = 0; at < x.n; at += PANEL_ROWS)
            forward_strip(&x, at, x.n - at < PANEL_ROWS ? x.n - at : PANEL_ROWS, keys, values, scores);
    }
}

void cpu_attention(struct accel *a, const struct attention *t, const float *q, const float *k, const float *v,
                   float *out, float *lse)
{
    struct task w = { .t = t, .q = q, .k = k, .v = v, .out = out, .lse = lse };
    w.size = panel_size(t->longest, t->dim) + panel_size(t->dim, t->longest) + PANEL_ROWS * padded(t->longest);
    w.scratch = mem_lines((size_t)a->threads * w.size, sizeof *w.scratch);
    par_for(a->threads, t->n_seqs * t->heads, 1, forward_run, &w);
    free(w.scratch);
}

/* ---- backward ---- */

/* keys, values: as columns; key_rows, queries, douts: as rows of panels */
struct back { float *keys, *key_rows, *values, *queries, *douts, *p, *ds; };

static size_t back_size(size_t n, size_t dim)
{
    return 2 * panel_size(n, dim) + panel_size(dim, n) + 2 * panel_size(dim, BLOCK) + 2 * BLOCK * padded(n);
}

static struct back back_of(float *at, size_t n, size_t dim)
{
    struct back b = { .keys = at };
    b.values = b.keys + panel_size(n, dim);
    b.key_rows = b.values + panel_size(n, dim);
    b.queries = b.key_rows + panel_size(dim, n);
    b.douts = b.queries + panel_size(dim, BLOCK);
    b.p = b.douts + panel_size(dim, BLOCK);
    b.ds = b.p + BLOCK * padded(n);
    return b;
}

/* p: scores to probabilities; ds: dout.v to the gradient of q.k, dim numbers of dout and out. */
VECTOR_INLINE void grad_body(float *restrict p, float *restrict ds, size_t n, float scale, float lse, const float *dout,
                             const float *out, size_t dim)
{
    const float own = (float)vector_dot(dout, out, dim);
    for (size_t j = 0; j < n; j++) {
        p[j] = vector_exp(p[j] * scale - lse);
        ds[j] = p[j] * (ds[j] - own) * scale;
    }
}
VECTOR_DISPATCH(grad_row, grad_body, (float *p, float *ds, size_t n, float scale, float lse, const float *dout,
                                      const float *out, size_t dim), (p, ds, n, scale, lse, dout, out, dim))

/* Queries [at, at + m), m <= BLOCK. */
static void back_block(const struct head *x, const struct back *b, size_t at, size_t m)
{
    const size_t n = seen_by(x, at + m - 1), ld = padded(n);
    const float *rows[BLOCK];
    point(rows, x->q + at * x->ld, x->ld, m);
    products(rows, 1, m, b->keys, x->dim, x->dim, ld, false, b->p, ld);
    point(rows, x->dout + at * x->out_ld, x->out_ld, m);
    products(rows, 1, m, b->values, x->dim, x->dim, ld, false, b->ds, ld);
    for (size_t r = 0; r < m; r++) {
        const size_t seen = seen_by(x, at + r);
        grad_row(b->p + r * ld, b->ds + r * ld, seen, x->scale, x->lse_in[(at + r) * x->lse_step],
                 x->dout + (at + r) * x->out_ld, x->out_in + (at + r) * x->out_ld, x->dim);
        memset(b->p + r * ld + seen, 0, (n - seen) * sizeof *b->p);
        memset(b->ds + r * ld + seen, 0, (n - seen) * sizeof *b->ds);
    }
    point(rows, b->ds, ld, m);
    products(rows, 1, m, b->key_rows, x->n, n, x->dim, false, x->dq + at * x->ld, x->ld);
    panel_pack(b->queries, x->q + at * x->ld, x->ld, false, x->dim, m);
    panel_pack(b->douts, x->dout + at * x->out_ld, x->out_ld, false, x->dim, m);
    for (size_t j = 0; j < n; j += PANEL_ROWS) {
        const size_t count = n - j < PANEL_ROWS ? n - j : PANEL_ROWS;
        point(rows, b->ds + j, 1, count);
        products(rows, ld, count, b->queries, m, m, x->dim, true, x->dk + j * x->ld, x->ld);
        point(rows, b->p + j, 1, count);
        products(rows, ld, count, b->douts, m, m, x->dim, true, x->dv + j * x->ld, x->ld);
    }
}

static void back_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk;
    const struct task *w = ctx;
    for (size_t i = begin; i < end; i++) {
        const struct head x = head_of(w, i);
        const struct back b = back_of(w->scratch + (size_t)worker * w->size, x.n, x.dim);
        panel_pack(b.keys, x.k, x.ld, true, x.n, x.dim);
        panel_pack(b.values, x.v, x.ld, true, x.n, x.dim);
        panel_pack(b.key_rows, x.k, x.ld, false, x.dim, x.n);
        for (size_t r = 0; r < x.n; r++) {
            memset(x.dk + r * x.ld, 0, x.dim * sizeof *x.dk);
            memset(x.dv + r * x.ld, 0, x.dim * sizeof *x.dv);
        }
        for (size_t at = 0; at < x.n; at += BLOCK) back_block(&x, &b, at, x.n - at < BLOCK ? x.n - at : BLOCK);
    }
}

void cpu_attention_back(struct accel *a, const struct attention *t, const float *dout, const float *q, const float *k,
                        const float *v, const float *out, const float *lse, float *dq, float *dk, float *dv)
{
    struct task w = { .t = t, .q = q, .k = k, .v = v, .dout = dout, .out_in = out, .lse_in = lse, .dq = dq, .dk = dk,
                      .dv = dv, .size = back_size(t->longest, t->dim) };
    w.scratch = mem_lines((size_t)a->threads * w.size, sizeof *w.scratch);
    par_for(a->threads, t->n_seqs * t->heads, 1, back_run, &w);
    free(w.scratch);
}
