/* seed.c - random rows, k-means++.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/seed.h"

#include "core/hash.h"
#include "core/par.h"
#include "core/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE = 16, CHUNK = 1024 };                  /* k-means++ looks at 16 k rows */

/* Positions whose number was swapped away: a Fisher-Yates shuffle that remembers only what it touched. */
struct swapped { size_t at, value; };                /* at + 1; 0: an empty place */

static struct swapped *place_of(struct swapped *map, size_t mask, size_t at)
{
    size_t i = hash_mix(at) & mask;
    while (map[i].at && map[i].at != at + 1) i = (i + 1) & mask;
    return &map[i];
}

size_t *seed_sample(size_t n, size_t of, uint64_t seed)
{
    size_t *pick = mem_alloc(n, sizeof *pick), cap = 64;
    while (cap < 2 * n) cap *= 2;
    struct swapped *map = mem_zero(cap, sizeof *map);
    struct rng r = rng_init(seed, 0x5eed);
    for (size_t i = 0; i < n; i++) {
        size_t j = i + rng_below(&r, of - i);
        const struct swapped *mine = place_of(map, cap - 1, i);
        size_t value = mine->at ? mine->value : i;
        struct swapped *other = place_of(map, cap - 1, j);
        pick[i] = other->at ? other->value : j;
        *other = (struct swapped){ j + 1, value };
    }
    free(map);
    return pick;
}

/* far: squared distance to the nearest centroid so far */
struct plus { const float *rows, *c; float *far; size_t d; };

static void plus_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct plus *p = ctx;
    for (size_t i = begin; i < end; i++) {
        const float *x = p->rows + i * p->d;
        float lane[8] = { 0 }, sum = 0;
        size_t t = 0;
        for (; t + 8 <= p->d; t += 8)
            for (size_t j = 0; j < 8; j++) lane[j] += (x[t + j] - p->c[t + j]) * (x[t + j] - p->c[t + j]);
        for (; t < p->d; t++) sum += (x[t] - p->c[t]) * (x[t] - p->c[t]);
        for (size_t j = 0; j < 8; j++) sum += lane[j];
        if (sum < p->far[i]) p->far[i] = sum;
    }
}

static size_t draw(const float *far, size_t n, double at)
{
    double all = 0, sum = 0;
    for (size_t i = 0; i < n; i++) all += (double)far[i];
    for (size_t i = 0; i < n; i++) {
        sum += (double)far[i];
        if (sum > at * all) return i;
    }
    return (size_t)(at * (double)n);                 /* all rows are centroids already */
}

/* A random row brings many pages of a mapped file with it: they go again before they add up. */
static void read_row(const struct matrix *x, size_t row, float *to, size_t memory)
{
    matrix_rows(x, row, row + 1, to);
    if (row % 16 == 0) rows_done(x, 0, x->rows, memory);
}

static void plus_plus(float *c, const float *rows, size_t n, size_t d, const struct kmeans_opt *o, uint64_t seed)
{
    float *far = mem_alloc(n, sizeof *far);
    for (size_t i = 0; i < n; i++) far[i] = INFINITY;
    memcpy(c, rows, d * sizeof *c);
    for (size_t j = 1; j < o->k; j++) {
        struct plus p = { rows, c + (j - 1) * d, far, d };
        par_for(o->threads, n, CHUNK, plus_run, &p);
        memcpy(c + j * d, rows + draw(far, n, rng_unit(rng_at(seed, 1, j))) * d, d * sizeof *c);
    }
    free(far);
}

size_t seed_rows(const struct kmeans_opt *o, size_t rows)
{
    return o->plus && rows / SAMPLE > o->k ? SAMPLE * o->k : o->plus ? rows : o->k;
}

void seed_from(float *c, const float *rows, size_t n, size_t d, const struct kmeans_opt *o, uint64_t seed)
{
    if (o->plus) plus_plus(c, rows, n, d, o, seed);
    else memcpy(c, rows, o->k * d * sizeof *c);
}

void seed_centroids(float *c, const struct matrix *x, const struct kmeans_opt *o, uint64_t seed)
{
    size_t n = seed_rows(o, x->rows), d = x->cols, *pick = seed_sample(n, x->rows, seed);
    float *rows = mem_alloc(mem_size(n, d), sizeof *rows);
    for (size_t i = 0; i < n; i++) read_row(x, pick[i], rows + i * d, o->memory);
    seed_from(c, rows, n, d, o, seed);
    free(rows);
    free(pick);
}
