/* cpu_rows.c - sums and copies of rows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/cpu.h"
#include "accel/vector.h"
#include "core/arena.h"
#include "core/par.h"

#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 1 << 14, ROWS = 64, COLUMNS = 16 };

struct task { float *y, by; const float *x, *z; const int32_t *ids; size_t n, d; double *sum; };

static void add_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    for (size_t i = begin; i < end; i++) t->y[i] += t->x[i];
}
void cpu_add(struct accel *a, float *y, const float *x, size_t n)
{
    par_for(a->threads, n, NUMBERS, add_run, &(struct task){ .y = y, .x = x });
}

static void scale_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    for (size_t i = begin; i < end; i++) t->y[i] *= t->by;
}
void cpu_scale(struct accel *a, float *x, size_t n, float by)
{
    par_for(a->threads, n, NUMBERS, scale_run, &(struct task){ .y = x, .by = by });
}

VECTOR_INLINE void dot_body(const float *x, const float *y, size_t n, double *sum) { *sum = vector_dot(x, y, n); }
VECTOR_DISPATCH(dot, dot_body, (const float *x, const float *y, size_t n, double *sum), (x, y, n, sum))

static void dot_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)worker;
    const struct task *t = ctx;
    dot(t->x + begin, t->z + begin, end - begin, t->sum + chunk);
}
void cpu_dot(struct accel *a, const float *x, const float *y, size_t n, double *sum)
{
    const size_t chunks = n / NUMBERS + 1;
    double *part = mem_zero(chunks, sizeof *part);
    par_for(a->threads, n, NUMBERS, dot_run, &(struct task){ .x = x, .z = y, .sum = part });
    *sum = 0;
    for (size_t i = 0; i < chunks; i++) *sum += part[i];
    free(part);
}

static void bias_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    for (size_t i = begin; i < end; i++)
        for (size_t j = 0; j < t->d; j++) t->y[i * t->d + j] += t->x[j];
}
void cpu_bias(struct accel *a, float *y, const float *b, size_t n, size_t d)
{
    par_for(a->threads, n, ROWS, bias_run, &(struct task){ .y = y, .x = b, .d = d });
}

static void bias_back_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    for (size_t i = 0; i < t->n; i++)
        for (size_t j = begin; j < end; j++) t->y[j] += t->x[i * t->d + j];
}
void cpu_bias_back(struct accel *a, const float *dy, size_t n, size_t d, float *db)
{
    par_for(a->threads, d, COLUMNS, bias_back_run, &(struct task){ .y = db, .x = dy, .n = n, .d = d });
}

static void gather_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    for (size_t i = begin; i < end; i++) memcpy(t->y + i * t->d, t->x + (size_t)t->ids[i] * t->d, t->d * sizeof *t->y);
}
void cpu_gather(struct accel *a, const float *table, const int32_t *ids, size_t n, size_t d, float *y)
{
    par_for(a->threads, n, ROWS, gather_run, &(struct task){ .y = y, .x = table, .ids = ids, .d = d });
}

/* A thread has some columns of all rows, so equal ids meet in order. */
static void scatter_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    for (size_t i = 0; i < t->n; i++)
        for (size_t j = begin; j < end; j++) t->y[(size_t)t->ids[i] * t->d + j] += t->x[i * t->d + j];
}
void cpu_scatter(struct accel *a, const float *dy, const int32_t *ids, size_t n, size_t d, float *dt)
{
    par_for(a->threads, d, COLUMNS, scatter_run, &(struct task){ .y = dt, .x = dy, .ids = ids, .n = n, .d = d });
}
