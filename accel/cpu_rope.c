/* cpu_rope.c - rotary positions.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/cpu.h"
#include "accel/vector.h"
#include "core/par.h"

#include <math.h>

struct task { const struct attention *t; const float *turn; float *x, sign; };

/* One head of one token. */
VECTOR_INLINE void turn_body(float *restrict x, float *restrict y, const float *c, const float *n, float sign,
                             size_t half)
{
    for (size_t i = 0; i < half; i++) {
        const float a = x[i], b = y[i], sin = sign * n[i];
        x[i] = a * c[i] - b * sin;
        y[i] = a * sin + b * c[i];
    }
}
VECTOR_DISPATCH(turn, turn_body, (float *x, float *y, const float *c, const float *n, float sign, size_t half),
                (x, y, c, n, sign, half))

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
                float *x = k->x + (size_t)at * t->ld + h * t->dim;
                turn(x, x + half, c, n, k->sign, half);
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
