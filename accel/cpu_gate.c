/* cpu_gate.c - GELU, SwiGLU, their gradients.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/cpu.h"
#include "accel/vector.h"
#include "core/par.h"

#include <math.h>

enum { NUMBERS = 1 << 13, ROWS = 32 };

struct task { const float *x, *dy; float *y; size_t d; };

VECTOR_INLINE void gelu_body(const float *x, float *y, size_t n)
{
    for (size_t i = 0; i < n; i++) y[i] = 0.5f * x[i] * (1 + vector_erf(x[i] * 0.70710678f));
}
VECTOR_DISPATCH(gelu, gelu_body, (const float *x, float *y, size_t n), (x, y, n))

static void gelu_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    gelu(t->x + begin, t->y + begin, end - begin);
}
void cpu_gelu(struct accel *a, const float *x, size_t n, float *y)
{
    par_for(a->threads, n, NUMBERS, gelu_run, &(struct task){ .x = x, .y = y });
}

static void gelu_back_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    for (size_t i = begin; i < end; i++) {
        float x = t->x[i], cdf = 0.5f * (1 + erff(x * 0.70710678f)), pdf = 0.39894228f * expf(-0.5f * x * x);
        t->y[i] = t->dy[i] * (cdf + x * pdf);
    }
}
void cpu_gelu_back(struct accel *a, const float *dy, const float *x, size_t n, float *dx)
{
    par_for(a->threads, n, NUMBERS, gelu_back_run, &(struct task){ .x = x, .dy = dy, .y = dx });
}

VECTOR_INLINE void swiglu_body(const float *g, const float *u, float *y, size_t n)
{
    for (size_t i = 0; i < n; i++) y[i] = g[i] / (1 + vector_exp(-g[i])) * u[i];
}
VECTOR_DISPATCH(swiglu, swiglu_body, (const float *g, const float *u, float *y, size_t n), (g, u, y, n))

static void swiglu_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    for (size_t i = begin; i < end; i++) {
        const float *gu = t->x + i * 2 * t->d;
        swiglu(gu, gu + t->d, t->y + i * t->d, t->d);
    }
}
void cpu_swiglu(struct accel *a, const float *gu, size_t n, size_t d, float *y)
{
    par_for(a->threads, n, ROWS, swiglu_run, &(struct task){ .x = gu, .y = y, .d = d });
}

VECTOR_INLINE void swiglu_back_body(const float *dy, const float *g, const float *u, float *dg, float *du, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float s = 1 / (1 + vector_exp(-g[i])), y = dy[i];
        dg[i] = y * u[i] * s * (1 + g[i] * (1 - s));
        du[i] = y * g[i] * s;
    }
}
VECTOR_DISPATCH(swiglu_back, swiglu_back_body, (const float *dy, const float *g, const float *u, float *dg, float *du,
                                                size_t n), (dy, g, u, dg, du, n))

static void swiglu_back_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    for (size_t i = begin; i < end; i++) {
        const float *gu = t->x + i * 2 * t->d;
        float *dgu = t->y + i * 2 * t->d;
        swiglu_back(t->dy + i * t->d, gu, gu + t->d, dgu, dgu + t->d, t->d);
    }
}
void cpu_swiglu_back(struct accel *a, const float *dy, const float *gu, size_t n, size_t d, float *dgu)
{
    par_for(a->threads, n, ROWS, swiglu_back_run, &(struct task){ .x = gu, .dy = dy, .y = dgu, .d = d });
}
