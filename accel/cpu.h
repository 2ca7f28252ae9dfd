/* cpu.h - the CPU's operations, a file each; what they do is in accel.h.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every one splits rows, sequences or numbers by par_for, and each result is made by one thread in one order: the same
 * bits for any threads. */
#ifndef ACCEL_CPU_H
#define ACCEL_CPU_H
#include "accel/accel.h"

void cpu_nearest(struct accel *a, const float *x, size_t n, const float *c, const float *half, size_t k, size_t d,
                 int32_t *best, float *score);
void cpu_add(struct accel *a, float *y, const float *x, size_t n);
void cpu_scale(struct accel *a, float *x, size_t n, float by);
void cpu_dot(struct accel *a, const float *x, const float *y, size_t n, double *sum);
void cpu_bias(struct accel *a, float *y, const float *b, size_t n, size_t d);
void cpu_bias_back(struct accel *a, const float *dy, size_t n, size_t d, float *db);
void cpu_gather(struct accel *a, const float *table, const int32_t *ids, size_t n, size_t d, float *y);
void cpu_scatter(struct accel *a, const float *dy, const int32_t *ids, size_t n, size_t d, float *dt);
void cpu_layernorm(struct accel *a, const float *x, const float *w, const float *b, float eps, size_t n, size_t d,
                   float *y);
void cpu_rmsnorm(struct accel *a, const float *x, const float *w, float eps, size_t n, size_t d, float *y, float *rstd);
void cpu_rmsnorm_back(struct accel *a, const float *dy, const float *x, const float *w, const float *rstd, size_t n,
                      size_t d, float *dx, float *dw);
void cpu_gelu(struct accel *a, const float *x, size_t n, float *y);
void cpu_gelu_back(struct accel *a, const float *dy, const float *x, size_t n, float *dx);
void cpu_swiglu(struct accel *a, const float *gu, size_t n, size_t d, float *y);
void cpu_swiglu_back(struct accel *a, const float *dy, const float *gu, size_t n, size_t d, float *dgu);
void cpu_rope(struct accel *a, const struct attention *t, float *x, const float *turn, int sign);
void cpu_attention(struct accel *a, const struct attention *t, const float *q, const float *k, const float *v,
                   float *out, float *lse);
void cpu_attention_back(struct accel *a, const struct attention *t, const float *dout, const float *q, const float *k,
                        const float *v, const float *out, const float *lse, float *dq, float *dk, float *dv);
void cpu_xent(struct accel *a, const float *logits, const int32_t *target, const float *scale, size_t n, size_t V,
              float *loss, float *dlogits);
void cpu_adamw(struct accel *a, const struct adamw *o, float *p, const float *g, float *m, float *v, size_t n);

#endif
