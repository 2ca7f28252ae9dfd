/* gpt.c - training steps of the proxy transformer on made-up tokens: seconds of wall and of CPU a step, peak memory.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     gpt SIZE VOCAB ROWS LENGTH STEPS THREADS [plain]
 *
 * plain: products and attention in plain loops over rows, as llm.c's CPU program writes them (compiled for speed, on
 * all threads): what the panels and strips of accel are worth.
 */
#include "core/mem.h"
#include "core/par.h"
#include "core/rng.h"
#include "model/gpt.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- plain loops ---- */

#ifdef __clang__
#define FAST
#else
#define FAST __attribute__((optimize("O3,fast-math"), target("avx2,fma")))
#endif

struct product { const struct gemm *g; const float *a, *b; float *c; };

FAST static void product_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct product *p = ctx;
    const struct gemm *g = p->g;
    for (size_t i = begin; i < end; i++) {
        float *restrict c = p->c + i * g->ldc;
        for (size_t j = 0; j < g->n; j++) c[j] = g->add ? c[j] : 0;
        if (g->tb) for (size_t j = 0; j < g->n; j++) {
            const float *restrict a = p->a + i * g->lda, *restrict b = p->b + j * g->ldb;
            float sum = 0;
            for (size_t t = 0; t < g->k; t++) sum += a[t] * b[t];
            c[j] += sum;
        }
        else for (size_t t = 0; t < g->k; t++) {
            const float *restrict b = p->b + t * g->ldb,
                        a = g->ta ? p->a[t * g->lda + i] : p->a[i * g->lda + t];
            for (size_t j = 0; j < g->n; j++) c[j] += a * b[j];
        }
    }
}
static void plain_gemm(struct accel *a, const struct gemm *g, const float *A, const float *B, float *C)
{
    par_for(a->threads, g->m, 16, product_run, &(struct product){ g, A, B, C });
}

struct heads { const struct attention *t; const float *q, *k, *v, *dout; float *out, *lse, *dq, *dk, *dv; };

FAST static float dot(const float *a, const float *b, size_t n)
{
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}
FAST static void add(float *restrict to, float by, const float *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i++) to[i] += by * x[i];
}
/* p[0 .. i]: what query i of the head gives each key. */
FAST static void weigh(const struct heads *w, const float *q, const float *k, size_t i, float *p)
{
    const struct attention *t = w->t;
    float most = -INFINITY, sum = 0;
    for (size_t j = 0; j <= i; j++) {
        p[j] = dot(q, k + j * t->ld, t->dim) * t->scale;
        if (p[j] > most) most = p[j];
    }
    for (size_t j = 0; j <= i; j++) sum += p[j] = expf(p[j] - most);
    for (size_t j = 0; j <= i; j++) p[j] /= sum;
}
FAST static void head_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct heads *w = ctx;
    const struct attention *t = w->t;
    float *p = mem_alloc(2 * t->longest, sizeof *p), *dp = p + t->longest;
    for (size_t task = begin; task < end; task++) {
        const size_t from = (size_t)t->start[task / t->heads], n = (size_t)t->start[task / t->heads + 1] - from,
                     h = task % t->heads * t->dim;
        const size_t in = from * t->ld + h, out = from * t->out_ld + h;
        for (size_t i = 0; w->dq && i < n; i++)
            memset(w->dk + in + i * t->ld, 0, t->dim * 4), memset(w->dv + in + i * t->ld, 0, t->dim * 4);
        for (size_t i = 0; i < n; i++) {
            const size_t row = in + i * t->ld;
            weigh(w, w->q + row, w->k + in, i, p);
            if (!w->dq) {
                memset(w->out + out + i * t->out_ld, 0, t->dim * 4);
                for (size_t j = 0; j <= i; j++) add(w->out + out + i * t->out_ld, p[j], w->v + in + j * t->ld, t->dim);
                continue;
            }
            const float *dout = w->dout + out + i * t->out_ld;
            float own = 0;
            for (size_t j = 0; j <= i; j++) {
                dp[j] = dot(dout, w->v + in + j * t->ld, t->dim);
                own += p[j] * dp[j];
                add(w->dv + in + j * t->ld, p[j], dout, t->dim);
            }
            memset(w->dq + row, 0, t->dim * 4);
            for (size_t j = 0; j <= i; j++) {
                const float ds = p[j] * (dp[j] - own) * t->scale;
                add(w->dq + row, ds, w->k + in + j * t->ld, t->dim);
                add(w->dk + in + j * t->ld, ds, w->q + row, t->dim);
            }
        }
    }
    free(p);
}
static void plain_attention(struct accel *a, const struct attention *t, const float *q, const float *k, const float *v,
                            float *out, float *lse)
{
    par_for(a->threads, t->n_seqs * t->heads, 1, head_run,
            &(struct heads){ .t = t, .q = q, .k = k, .v = v, .out = out, .lse = lse });
}
static void plain_attention_back(struct accel *a, const struct attention *t, const float *dout, const float *q,
                                 const float *k, const float *v, const float *out, const float *lse, float *dq,
                                 float *dk, float *dv)
{
    (void)out, (void)lse;
    par_for(a->threads, t->n_seqs * t->heads, 1, head_run,
            &(struct heads){ .t = t, .q = q, .k = k, .v = v, .dout = dout, .dq = dq, .dk = dk, .dv = dv });
}

/* ---- steps ---- */

int main(int argc, char **argv)
{
    struct err e = { 0 };
    const struct gpt_shape *shape = argc > 6 ? gpt_shape_named(str_of(argv[1])) : NULL;
    if (!shape) { fputs("gpt SIZE VOCAB ROWS LENGTH STEPS THREADS [plain]\n", stderr); return 2; }
    const size_t vocab = strtoul(argv[2], NULL, 10), rows = strtoul(argv[3], NULL, 10),
                 length = strtoul(argv[4], NULL, 10), n = rows * length;
    const int steps = atoi(argv[5]);
    struct accel *a = accel_cpu(atoi(argv[6]));
    if (argc > 7 && !strcmp(argv[7], "plain"))
        a->gemm = plain_gemm, a->attention = plain_attention, a->attention_back = plain_attention_back;
    const struct gpt_spec s = gpt_spec(shape, vocab, rows, length);
    struct gpt *g = gpt_open(&s, GPT_TRAIN, a, &e);
    if (!g) { fprintf(stderr, "%s\n", e.msg); return 1; }
    int32_t *tokens = mem_alloc(n + rows, sizeof *tokens);
    float *weight = mem_alloc(n, sizeof *weight), *loss = mem_alloc(n, sizeof *loss);
    for (size_t i = 0; i < n + rows; i++) tokens[i] = (int32_t)(rng_at(1, 0, i) % vocab);
    for (size_t i = 0; i < n; i++) weight[i] = 1 / (float)n;
    gpt_seed(g, 1);
    double wall = 0, cpu = 0;
    for (int step = 0; step <= steps; step++) {      /* the first is not counted */
        if (step == 1) wall = time_now(), cpu = time_cpu();
        gpt_zero(g);
        gpt_learn(g, (struct gpt_rows){ tokens, rows, length }, weight, loss);
        const double norm = gpt_norm(g);
        if (norm > 1) gpt_scale(g, (float)(1 / norm));
        gpt_adamw(g, &(struct adamw){ 1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, step + 1 });
    }
    wall = time_now() - wall, cpu = time_cpu() - cpu;
    printf("%.4f %.4f %zu  seconds of wall and of cpu a step of %zu tokens, MiB at most; loss %.4f; memory plan %zu MiB\n", wall / steps, cpu / steps, mem_peak() >> 20, n,
           (double)loss[0], gpt_used(g) >> 20);
    gpt_close(g), a->close(a), free(tokens), free(weight), free(loss);
    return 0;
}
