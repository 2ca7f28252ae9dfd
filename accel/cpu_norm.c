/* cpu_norm.c - layer norm, RMS norm and its gradient.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/cpu.h"
#include "core/par.h"

#include <math.h>

enum { ROWS = 64, COLUMNS = 16 };

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

static void rms_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    for (size_t i = begin; i < end; i++) {
        const float *x = t->x + i * t->d;
        double squares = 0;
        for (size_t j = 0; j < t->d; j++) squares += (double)x[j] * (double)x[j];
        float r = (float)(1 / sqrt(squares / (double)t->d + (double)t->eps));
        for (size_t j = 0; j < t->d; j++) t->y[i * t->d + j] = x[j] * r * t->w[j];
        t->rstd[i] = r;
    }
}
void cpu_rmsnorm(struct accel *a, const float *x, const float *w, float eps, size_t n, size_t d, float *y, float *rstd)
{
    par_for(a->threads, n, ROWS, rms_run, &(struct task){ .x = x, .w = w, .eps = eps, .y = y, .rstd = rstd, .d = d });
}

/* y = x r w, r = rstd: dx = r w dy - x r^3 / d * sum(w dy x). */
static void rms_back_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    for (size_t i = begin; i < end; i++) {
        const float *x = t->x + i * t->d, *dy = t->dy + i * t->d;
        float r = t->rstd_in[i];
        double sum = 0;
        for (size_t j = 0; j < t->d; j++) sum += (double)(t->w[j] * dy[j]) * (double)x[j];
        float s = (float)(sum / (double)t->d) * r * r * r;
        for (size_t j = 0; j < t->d; j++) t->y[i * t->d + j] += r * t->w[j] * dy[j] - x[j] * s;
    }
}
static void rms_weight_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    for (size_t i = 0; i < t->n; i++)
        for (size_t j = begin; j < end; j++) t->dw[j] += t->dy[i * t->d + j] * t->x[i * t->d + j] * t->rstd_in[i];
}
void cpu_rmsnorm_back(struct accel *a, const float *dy, const float *x, const float *w, const float *rstd, size_t n,
                      size_t d, float *dx, float *dw)
{
    struct task t = { .x = x, .w = w, .dy = dy, .rstd_in = rstd, .y = dx, .dw = dw, .n = n, .d = d };
    par_for(a->threads, n, ROWS, rms_back_run, &t);
    par_for(a->threads, d, COLUMNS, rms_weight_run, &t);
}
