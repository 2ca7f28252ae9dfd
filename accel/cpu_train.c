/* cpu_train.c - cross-entropy with its gradient, AdamW.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/cpu.h"
#include "accel/vector.h"
#include "core/par.h"

#include <math.h>
#include <string.h>

enum { NUMBERS = 1 << 14, ROWS = 8, STRETCH = 512, LANES = 16 };

struct task {
    const float *x, *scale, *g;
    const int32_t *target;
    const struct adamw *o;
    size_t d;
    float *loss, *y, *m, *v, rate, correction;
};

/* to = exp(x - the largest x), or not kept when `to` is NULL; their sum: of lanes, in double every STRETCH. to may be
 * x. */
VECTOR_INLINE void exp_body(const float *x, size_t n, float *to, float *most, double *sum)
{
    const float top = vector_max(x, n);
    double all = 0;
    for (size_t at = 0; at < n; at += STRETCH) {
        const size_t m = n - at < STRETCH ? n - at : STRETCH;
        float e[STRETCH], lane[LANES] = { 0 }, rest = 0;
        for (size_t j = 0; j < m; j++) e[j] = vector_exp(x[at + j] - top);
        size_t j = 0;
        for (; j + LANES <= m; j += LANES) for (size_t i = 0; i < LANES; i++) lane[i] += e[j + i];
        for (; j < m; j++) rest += e[j];
        for (size_t i = 0; i < LANES; i++) rest += lane[i];
        all += (double)rest;
        if (to) memcpy(to + at, e, m * sizeof *e);
    }
    *most = top, *sum = all;
}
VECTOR_DISPATCH(exp_row, exp_body, (const float *x, size_t n, float *to, float *most, double *sum),
                (x, n, to, most, sum))

static void xent_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    for (size_t i = begin; i < end; i++) {
        const float *x = t->x + i * t->d;
        const int32_t want = t->target[i];
        const float at = want < 0 ? 0 : x[want];     /* y may be x */
        float *dx = t->y ? t->y + i * t->d : NULL, most;
        double sum;
        exp_row(x, t->d, dx, &most, &sum);
        t->loss[i] = want < 0 ? 0 : most + (float)log(sum) - at;
        if (!dx) continue;
        const float scale = want < 0 ? 0 : t->scale[i], by = (float)((double)scale / sum);
        for (size_t j = 0; j < t->d; j++) dx[j] *= by;
        if (want >= 0) dx[want] -= scale;
    }
}
void cpu_xent(struct accel *a, const float *logits, const int32_t *target, const float *scale, size_t n, size_t V,
              float *loss, float *dlogits)
{
    par_for(a->threads, n, ROWS, xent_run,
            &(struct task){ .x = logits, .target = target, .scale = scale, .d = V, .loss = loss, .y = dlogits });
}

VECTOR_INLINE void adamw_body(const struct adamw *o, float rate, float correction, float *restrict p,
                              const float *restrict g, float *restrict m, float *restrict v, size_t n)
{
    const float beta1 = o->beta1, beta2 = o->beta2, eps = o->eps, decay = o->rate * o->decay;
    for (size_t i = 0; i < n; i++) {
        m[i] = beta1 * m[i] + (1 - beta1) * g[i];
        v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
        p[i] -= decay * p[i] + rate * m[i] / (sqrtf(v[i] * correction) + eps);
    }
}
VECTOR_DISPATCH(adamw, adamw_body, (const struct adamw *o, float rate, float correction, float *p, const float *g,
                                    float *m, float *v, size_t n), (o, rate, correction, p, g, m, v, n))

static void adamw_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    adamw(t->o, t->rate, t->correction, t->y + begin, t->g + begin, t->m + begin, t->v + begin, end - begin);
}
void cpu_adamw(struct accel *a, const struct adamw *o, float *p, const float *g, float *m, float *v, size_t n)
{
    float rate = (float)((double)o->rate / (1 - pow((double)o->beta1, o->step))),
          correction = (float)(1 / (1 - pow((double)o->beta2, o->step)));
    par_for(a->threads, n, NUMBERS, adamw_run,
            &(struct task){ .o = o, .y = p, .g = g, .m = m, .v = v, .rate = rate, .correction = correction });
}
