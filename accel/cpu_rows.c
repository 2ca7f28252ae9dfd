/* cpu_rows.c - sums and copies of rows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/cpu.h"
#include "core/par.h"

#include <string.h>

enum { NUMBERS = 1 << 14, ROWS = 64, COLUMNS = 16 };

struct task { float *y; const float *x; const int32_t *ids; size_t n, d; };

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
