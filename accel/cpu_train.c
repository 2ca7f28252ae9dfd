/* cpu_train.c - cross-entropy with its gradient, AdamW.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/cpu.h"
#include "core/par.h"

#include <math.h>

enum { NUMBERS = 1 << 14, ROWS = 8 };

struct task { const float *x, *scale, *g; const int32_t *target; const struct adamw *o; size_t d; float *loss, *y, *m, *v, rate, correction; };

static void xent_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    for (size_t i = begin; i < end; i++) {
        const float *x = t->x + i * t->d;
        float most = x[0];
        double sum = 0;
        for (size_t j = 1; j < t->d; j++) if (x[j] > most) most = x[j];
        for (size_t j = 0; j < t->d; j++) sum += (double)expf(x[j] - most);
        float lse = most + (float)log(sum), scale = t->target[i] < 0 ? 0 : t->scale[i];
        t->loss[i] = t->target[i] < 0 ? 0 : lse - x[t->target[i]];
        if (!t->y) continue;
        float *dx = t->y + i * t->d;
        for (size_t j = 0; j < t->d; j++) dx[j] = (expf(x[j] - lse) - ((int32_t)j == t->target[i] ? 1.0f : 0.0f)) * scale;
    }
}
void cpu_xent(struct accel *a, const float *logits, const int32_t *target, const float *scale, size_t n, size_t V, float *loss, float *dlogits)
{
    par_for(a->threads, n, ROWS, xent_run, &(struct task){ .x = logits, .target = target, .scale = scale, .d = V, .loss = loss, .y = dlogits });
}

static void adamw_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    const struct adamw *o = t->o;
    for (size_t i = begin; i < end; i++) {
        float g = t->g[i];
        t->m[i] = o->beta1 * t->m[i] + (1 - o->beta1) * g;
        t->v[i] = o->beta2 * t->v[i] + (1 - o->beta2) * g * g;
        t->y[i] -= o->rate * o->decay * t->y[i] + t->rate * t->m[i] / (sqrtf(t->v[i] * t->correction) + o->eps);
    }
}
void cpu_adamw(struct accel *a, const struct adamw *o, float *p, const float *g, float *m, float *v, size_t n)
{
    float rate = (float)((double)o->rate / (1 - pow((double)o->beta1, o->step))), correction = (float)(1 / (1 - pow((double)o->beta2, o->step)));
    par_for(a->threads, n, NUMBERS, adamw_run, &(struct task){ .o = o, .y = p, .g = g, .m = m, .v = v, .rate = rate, .correction = correction });
}
