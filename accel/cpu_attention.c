/* cpu_attention.c - rotary positions, softmax attention, its gradient: a task is one head of one sequence.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/cpu.h"
#include "accel/vector.h"
#include "core/arena.h"
#include "core/par.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct task { const struct attention *t; const float *q, *k, *v, *dout, *out_in, *lse_in, *turn; float *out, *lse, *dq, *dk, *dv, *x, sign; };

static void rope_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *k = ctx;
    const struct attention *t = k->t;
    const size_t half = t->dim / 2;
    for (size_t s = begin; s < end; s++)
        for (int32_t at = t->start[s]; at < t->start[s + 1]; at++) {
            const float *c = k->turn + (size_t)(at - t->start[s]) * t->dim, *n = c + half;
            for (size_t h = 0; h < t->heads; h++) {
                float *x = k->x + (size_t)at * t->ld + h * t->dim, *y = x + half;
                for (size_t i = 0; i < half; i++) {
                    float a = x[i], b = y[i], sin = k->sign * n[i];
                    x[i] = a * c[i] - b * sin;
                    y[i] = a * sin + b * c[i];
                }
            }
        }
}
void cpu_rope(struct accel *a, const struct attention *t, float *x, const float *turn, int sign)
{
    par_for(a->threads, t->n_seqs, 1, rope_run, &(struct task){ .t = t, .x = x, .turn = turn, .sign = (float)sign });
}
void accel_turns(size_t length, size_t dim, float base, float *turn)
{
    for (size_t p = 0; p < length; p++)
        for (size_t i = 0; i < dim / 2; i++) {
            double angle = (double)p * pow((double)base, -2.0 * (double)i / (double)dim);
            turn[p * dim + i] = (float)cos(angle);
            turn[p * dim + dim / 2 + i] = (float)sin(angle);
        }
}

/* row[j] = exp(row[j] - its maximum); the maximum and the sum, both of 16 lanes. */
VECTOR_INLINE void exp_body(float *row, size_t n, float *most, float *sum)
{
    enum { LANES = 16 };
    float lane[LANES], top = -INFINITY, all = 0;
    size_t j = 0;
    for (size_t i = 0; i < LANES; i++) lane[i] = -INFINITY;
    for (; j + LANES <= n; j += LANES) for (size_t i = 0; i < LANES; i++) lane[i] = row[j + i] > lane[i] ? row[j + i] : lane[i];
    for (; j < n; j++) top = row[j] > top ? row[j] : top;
    for (size_t i = 0; i < LANES; i++) top = lane[i] > top ? lane[i] : top;
    for (j = 0; j < n; j++) row[j] = vector_exp(row[j] - top);
    for (size_t i = 0; i < LANES; i++) lane[i] = 0;
    for (j = 0; j + LANES <= n; j += LANES) for (size_t i = 0; i < LANES; i++) lane[i] += row[j + i];
    for (; j < n; j++) all += row[j];
    for (size_t i = 0; i < LANES; i++) all += lane[i];
    *most = top, *sum = all;
}
VECTOR_DISPATCH(exp_row, exp_body, (float *row, size_t n, float *most, float *sum), (row, n, most, sum))

/* Rows of scores (n, n) softmaxed; what lies behind the row is 0 when causal. */
static void softmax_rows(const struct attention *t, float *scores, size_t n, float *lse, size_t lse_step)
{
    for (size_t i = 0; i < n; i++) {
        float *row = scores + i * n, most, sum;
        size_t seen = t->causal ? i + 1 : n;
        exp_row(row, seen, &most, &sum);
        for (size_t j = 0; j < seen; j++) row[j] /= sum;
        for (size_t j = seen; j < n; j++) row[j] = 0;
        lse[i * lse_step] = most + logf(sum);
    }
}

static size_t out_ld(const struct attention *t) { return t->out_ld ? t->out_ld : t->ld; }

static struct gemm product(bool ta, bool tb, size_t m, size_t n, size_t k, float alpha, size_t lda, size_t ldb, size_t ldc)
{
    return (struct gemm){ ta, tb, m, n, k, alpha, 0, lda, ldb, ldc };
}

static void attention_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *k = ctx;
    const struct attention *t = k->t;
    float *scores = mem_alloc(t->longest * t->longest, sizeof *scores);
    for (size_t i = begin; i < end; i++) {
        size_t s = i / t->heads, h = i % t->heads, from = (size_t)t->start[s], n = (size_t)t->start[s + 1] - from, at = from * t->ld + h * t->dim;
        struct gemm qk = product(false, true, n, n, t->dim, t->scale, t->ld, t->ld, n), pv = product(false, false, n, t->dim, n, 1, n, t->ld, out_ld(t));
        gemm_cpu(1, &qk, k->q + at, k->k + at, scores);
        softmax_rows(t, scores, n, k->lse + from * t->heads + h, t->heads);
        gemm_cpu(1, &pv, scores, k->v + at, k->out + from * out_ld(t) + h * t->dim);
    }
    free(scores);
}
void cpu_attention(struct accel *a, const struct attention *t, const float *q, const float *k, const float *v, float *out, float *lse)
{
    par_for(a->threads, t->n_seqs * t->heads, 1, attention_run, &(struct task){ .t = t, .q = q, .k = k, .v = v, .out = out, .lse = lse });
}

/* p = exp(scale q k' - lse); dv = p' dout; dp = dout v'; ds = p (dp - sum(dout out)); dq = scale ds k; dk = scale ds' q. */
static void scores_back(const struct task *k, size_t from, size_t h, size_t n, float *p, float *ds)
{
    const struct attention *t = k->t;
    for (size_t i = 0; i < n; i++) {
        size_t row = (from + i) * out_ld(t) + h * t->dim;
        double own = 0;
        for (size_t j = 0; j < t->dim; j++) own += (double)k->dout[row + j] * (double)k->out_in[row + j];
        for (size_t j = 0; j < n; j++) {
            bool seen = !t->causal || j <= i;
            p[i * n + j] = seen ? expf(p[i * n + j] - k->lse_in[(from + i) * t->heads + h]) : 0;
            ds[i * n + j] = seen ? p[i * n + j] * (ds[i * n + j] - (float)own) : 0;
        }
    }
}

static void attention_back_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *k = ctx;
    const struct attention *t = k->t;
    float *p = mem_alloc(t->longest * t->longest, sizeof *p), *ds = mem_alloc(t->longest * t->longest, sizeof *ds);
    for (size_t i = begin; i < end; i++) {
        size_t s = i / t->heads, h = i % t->heads, from = (size_t)t->start[s], n = (size_t)t->start[s + 1] - from, at = from * t->ld + h * t->dim;
        const float *dout = k->dout + from * out_ld(t) + h * t->dim;
        struct gemm qk = product(false, true, n, n, t->dim, t->scale, t->ld, t->ld, n), dp = product(false, true, n, n, t->dim, 1, out_ld(t), t->ld, n);
        struct gemm dv = product(true, false, n, t->dim, n, 1, n, out_ld(t), t->ld), dq = product(false, false, n, t->dim, n, t->scale, n, t->ld, t->ld);
        struct gemm dk = product(true, false, n, t->dim, n, t->scale, n, t->ld, t->ld);
        gemm_cpu(1, &qk, k->q + at, k->k + at, p);
        gemm_cpu(1, &dp, dout, k->v + at, ds);
        scores_back(k, from, h, n, p, ds);
        gemm_cpu(1, &dv, p, dout, k->dv + at);
        gemm_cpu(1, &dq, ds, k->k + at, k->dq + at);
        gemm_cpu(1, &dk, ds, k->q + at, k->dk + at);
    }
    free(p), free(ds);
}
void cpu_attention_back(struct accel *a, const struct attention *t, const float *dout, const float *q, const float *k, const float *v,
                        const float *out, const float *lse, float *dq, float *dk, float *dv)
{
    struct task w = { .t = t, .q = q, .k = k, .v = v, .dout = dout, .out_in = out, .lse_in = lse, .dq = dq, .dk = dk, .dv = dv };
    par_for(a->threads, t->n_seqs * t->heads, 1, attention_back_run, &w);
}
