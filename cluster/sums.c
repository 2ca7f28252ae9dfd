/* sums.c - exact sums in doubles.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/sums.h"

#include "core/arena.h"
#include "core/par.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double sums_magic(double most, size_t n)
{
    int exponent;
    frexp(most * (double)n, &exponent);                          /* every sum is below 2^exponent */
    return ldexp(1.5, exponent + 1);
}

size_t sums_largest(const int64_t *count, size_t k)
{
    size_t largest = 0;
    for (size_t j = 1; j < k; j++) if (count[j] > count[largest]) largest = j;
    return largest;
}

void sums_init(struct sums *s, size_t k, size_t d, size_t n, float longest, int workers)
{
    size_t w = (size_t)workers;
    *s = (struct sums){ .k = k, .d = d, .workers = workers, .magic = sums_magic((double)longest, n) };
    s->sum = mem_alloc(mem_size(k, d), sizeof *s->sum);
    s->count = mem_alloc(k, sizeof *s->count);
    s->part = mem_alloc(mem_size(mem_size(w, k), d), sizeof *s->part);
    s->part_count = mem_alloc(mem_size(w, k), sizeof *s->part_count);
    s->touched = mem_alloc(w, k);
    sums_clear(s);
}

void sums_free(struct sums *s)
{
    free(s->sum), free(s->count), free(s->part), free(s->part_count), free(s->touched);
    *s = (struct sums){ 0 };
}

void sums_clear(struct sums *s)
{
    size_t w = (size_t)s->workers;
    memset(s->sum, 0, s->k * s->d * sizeof *s->sum);
    memset(s->count, 0, s->k * sizeof *s->count);
    memset(s->part, 0, w * s->k * s->d * sizeof *s->part);
    memset(s->part_count, 0, w * s->k * sizeof *s->part_count);
    memset(s->touched, 0, w * s->k);
}

static void add(double *restrict to, const float *restrict row, size_t d, double magic)
{
    for (size_t i = 0; i < d; i++) to[i] += ((double)row[i] + magic) - magic;
}

static void take(double *restrict to, const float *restrict row, size_t d, double magic)
{
    for (size_t i = 0; i < d; i++) to[i] -= ((double)row[i] + magic) - magic;
}

void sums_move(struct sums *s, int worker, const float *row, int32_t from, int32_t to)
{
    size_t at = (size_t)worker * s->k, i = at + (size_t)to;
    add(s->part + i * s->d, row, s->d, s->magic);
    s->part_count[i]++;
    s->touched[i] = true;
    if (from < 0) return;
    i = at + (size_t)from;
    take(s->part + i * s->d, row, s->d, s->magic);
    s->part_count[i]--;
    s->touched[i] = true;
}

static void settle_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    struct sums *s = ctx;
    for (size_t c = begin; c < end; c++)
        for (size_t w = 0; w < (size_t)s->workers; w++) {
            size_t i = w * s->k + c;
            if (!s->touched[i]) continue;
            for (size_t t = 0; t < s->d; t++) s->sum[c * s->d + t] += s->part[i * s->d + t], s->part[i * s->d + t] = 0;
            s->count[c] += s->part_count[i];
            s->part_count[i] = 0;
            s->touched[i] = false;
        }
}

void sums_settle(struct sums *s, int threads)
{
    par_for(threads, s->k, 16, settle_run, s);
}

void sums_mean(const struct sums *s, size_t c, bool unit, float *to)
{
    const double *sum = s->sum + c * s->d;
    double by = (double)s->count[c];
    if (unit) {
        double norm = 0;
        for (size_t t = 0; t < s->d; t++) norm += sum[t] * sum[t];
        if (norm > 0) by = sqrt(norm);
    }
    for (size_t t = 0; t < s->d; t++) to[t] = (float)(sum[t] / by);
}
