/* cpu_norm.c - layer norm, RMS norm and its gradient.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/cpu.h"
#include "accel/vector.h"
#include "core/par.h"

#include <math.h>

enum { ROWS = 64, COLUMNS = 16, LANES = 8 };

struct task { const float *x, *w, *b, *dy, *rstd_in; float eps, *y, *rstd, *dw; size_t n, d; };

static void layer_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    for (size_t i = begin; i < end; i++) {
        const float *x = t->x + i * t->d;
        double sum = 0, squares = 0;
        for (size_t j = 0; j < t->d; j++) sum += (double)x[j];
        double mean = sum / (double)t->d;
        for (size_t j = 0; j < t->d; j++) squares += ((double)x[j] - mean) * ((double)x[j] - mean);
        float m = (float)mean, r = (float)(1 / sqrt(squares / (double)t->d + (double)t->eps));
        for (size_t j = 0; j < t->d; j++) t->y[i * t->d + j] = (x[j] - m) * r * t->w[j] + t->b[j];
    }
}
void cpu_layernorm(struct accel *a, const float *x, const float *w, const float *b, float eps, size_t n, size_t d,
                   float *y)
{
    par_for(a->threads, n, ROWS, layer_run, &(struct task){ .x = x, .w = w, .b = b, .eps = eps, .y = y, .d = d });
}

VECTOR_INLINE void rms_body(const float *x, const float *w, float eps, size_t d, float *y, float *rstd)
{
    const float r = (float)(1 / sqrt(vector_dot(x, x, d) / (double)d + (double)eps));
    for (size_t j = 0; j < d; j++) y[j] = x[j] * r * w[j];
    *rstd = r;
}
VECTOR_DISPATCH(rms_row, rms_body, (const float *x, const float *w, float eps, size_t d, float *y, float *rstd),
                (x, w, eps, d, y, rstd))

static void rms_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    for (size_t i = begin; i < end; i++) rms_row(t->x + i * t->d, t->w, t->eps, t->d, t->y + i * t->d, t->rstd + i);
}
void cpu_rmsnorm(struct accel *a, const float *x, const float *w, float eps, size_t n, size_t d, float *y, float *rstd)
{
    par_for(a->threads, n, ROWS, rms_run, &(struct task){ .x = x, .w = w, .eps = eps, .y = y, .rstd = rstd, .d = d });
}

/* y = x r w, r = rstd: dx = r w dy - x r^3 / d * sum(w dy x). */
VECTOR_INLINE void rms_back_body(const float *x, const float *w, const float *dy, float r, size_t d, float *dx)
{
    double lane[LANES] = { 0 }, sum = 0;
    size_t j = 0;
    for (; j + LANES <= d; j += LANES)
        for (size_t i = 0; i < LANES; i++) lane[i] += (double)(w[j + i] * dy[j + i]) * (double)x[j + i];
    for (; j < d; j++) sum += (double)(w[j] * dy[j]) * (double)x[j];
    for (size_t i = 0; i < LANES; i++) sum += lane[i];
    const float s = (float)(sum / (double)d) * r * r * r;
    for (j = 0; j < d; j++) dx[j] += r * w[j] * dy[j] - x[j] * s;
}
VECTOR_DISPATCH(rms_back_row, rms_back_body,
                (const float *x, const float *w, const float *dy, float r, size_t d, float *dx), (x, w, dy, r, d, dx))

static void rms_back_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    for (size_t i = begin; i < end; i++)
        rms_back_row(t->x + i * t->d, t->w, t->dy + i * t->d, t->rstd_in[i], t->d, t->y + i * t->d);
}

/* COLUMNS of them at most. */
VECTOR_INLINE void rms_weight_body(const struct task *t, size_t begin, size_t n, float *dw)
{
    float sum[COLUMNS] = { 0 };
    for (size_t i = 0; i < t->n; i++) {
        const float *x = t->x + i * t->d + begin, *dy = t->dy + i * t->d + begin;
        if (n == COLUMNS) for (size_t j = 0; j < COLUMNS; j++) sum[j] += dy[j] * x[j] * t->rstd_in[i];
        else for (size_t j = 0; j < n; j++) sum[j] += dy[j] * x[j] * t->rstd_in[i];
    }
    for (size_t j = 0; j < n; j++) dw[j] += sum[j];
}
VECTOR_DISPATCH(rms_weight, rms_weight_body, (const struct task *t, size_t begin, size_t n, float *dw),
                (t, begin, n, dw))

static void rms_weight_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    rms_weight(t, begin, end - begin, t->dw + begin);
}
void cpu_rmsnorm_back(struct accel *a, const float *dy, const float *x, const float *w, const float *rstd, size_t n,
                      size_t d, float *dx, float *dw)
{
    struct task t = { .x = x, .w = w, .dy = dy, .rstd_in = rstd, .y = dx, .dw = dw, .n = n, .d = d };
    par_for(a->threads, n, ROWS, rms_back_run, &t);
    par_for(a->threads, d, COLUMNS, rms_weight_run, &t);
}
