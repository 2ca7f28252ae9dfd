/* fasttext_pq.c - k-means of every part of the rows, and the codes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Parts are learned side by side, each by one thread from its own stream of random numbers. Nearly all time is
 * distances of one point to all centroids, so those lie number by number: (d, FT_CENTROIDS), and a point's 256
 * distances are summed in a loop that the compiler vectorises.
 */
#include "model/fasttext_pq.h"

#include "accel/vector.h"
#include "core/par.h"
#include "core/rng.h"

#include <stdlib.h>

/* fastText's: rows that k-means looks at, its rounds, and how far apart the halves of a split cluster are put. */
enum { SAMPLE = 256 * FT_CENTROIDS, ROUNDS = 25 };
static const float SPLIT = 1e-7f;

/* *code: the nearest centroid, the first of equals; centroids: (d, FT_CENTROIDS). Distances are not negative, so their
 * bits compare as they do. */
VECTOR_INLINE void nearest_body(const float *point, size_t d, const float *centroids, uint8_t *code)
{
    float distance[FT_CENTROIDS] = { 0 };
    uint32_t bits[FT_CENTROIDS], least = UINT32_MAX;
    for (size_t j = 0; j < d; j++)
        for (size_t k = 0; k < FT_CENTROIDS; k++) {
            const float apart = point[j] - centroids[j * FT_CENTROIDS + k];
            distance[k] += apart * apart;
        }
    memcpy(bits, distance, sizeof bits);
    for (size_t k = 0; k < FT_CENTROIDS; k++) least = bits[k] < least ? bits[k] : least;
    uint8_t best = 0;
    while (bits[best] != least) best++;
    *code = best;
}
VECTOR_DISPATCH(nearest, nearest_body, (const float *point, size_t d, const float *centroids, uint8_t *code),
                (point, d, centroids, code))

/* An empty cluster takes half of another, which is drawn with a chance that grows with its size. */
static void split_into(float *centroids, size_t d, size_t empty, uint32_t *sizes, size_t n, struct rng *rng)
{
    size_t from = 0;
    while (rng_real(rng) * (double)(n - FT_CENTROIDS) >= (double)sizes[from] - 1) from = (from + 1) % FT_CENTROIDS;
    for (size_t j = 0; j < d; j++) {
        float *c = centroids + j * FT_CENTROIDS, step = j % 2 ? SPLIT : -SPLIT;
        c[empty] = c[from] + step;
        c[from] -= step;
    }
    sizes[empty] = sizes[from] / 2;
    sizes[from] -= sizes[empty];
}

static void move_centroids(const float *x, size_t n, size_t d, const uint8_t *codes, float *centroids, struct rng *rng)
{
    uint32_t sizes[FT_CENTROIDS] = { 0 };
    memset(centroids, 0, d * FT_CENTROIDS * sizeof *centroids);
    for (size_t i = 0; i < n; i++) {
        sizes[codes[i]]++;
        for (size_t j = 0; j < d; j++) centroids[j * FT_CENTROIDS + codes[i]] += x[i * d + j];
    }
    for (size_t j = 0; j < d; j++)
        for (size_t k = 0; k < FT_CENTROIDS; k++) if (sizes[k]) centroids[j * FT_CENTROIDS + k] /= (float)sizes[k];
    for (size_t k = 0; k < FT_CENTROIDS; k++) if (!sizes[k]) split_into(centroids, d, k, sizes, n, rng);
}

/* x: (n, d) in random order. Up to FT_CENTROIDS points are each a centroid. */
static void learn(const float *x, size_t n, size_t d, float *centroids, struct rng *rng)
{
    for (size_t j = 0; j < d; j++)
        for (size_t k = 0; k < FT_CENTROIDS; k++) centroids[j * FT_CENTROIDS + k] = x[k % n * d + j];
    if (n <= FT_CENTROIDS) return;
    uint8_t *codes = mem_alloc(n, 1);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < n; i++) nearest(x + i * d, d, centroids, &codes[i]);
        move_centroids(x, n, d, codes, centroids, rng);
    }
    free(codes);
}

/* The first n of a random order of rows, of which there are `rows`. */
static void draw(uint32_t *order, size_t rows, size_t n, struct rng *rng)
{
    for (size_t i = 0; i < rows; i++) order[i] = (uint32_t)i;
    for (size_t i = 0; i < n; i++) {
        const size_t j = i + rng_below(rng, rows - i);
        const uint32_t swap = order[i];
        order[i] = order[j];
        order[j] = swap;
    }
}

struct job { const float *x; size_t rows; const struct ft_pq *q; float *centroids; uint8_t *codes; uint64_t seed; };

static void quantise_part(void *ctx, size_t part, size_t begin, size_t end, int worker)
{
    (void)begin; (void)end; (void)worker;
    const struct job *job = ctx;
    const struct ft_pq *q = job->q;
    const size_t parts = (size_t)q->parts, dsub = (size_t)q->dsub, cols = (size_t)q->dim;
    const size_t d = part + 1 == parts ? (size_t)q->lastdsub : dsub, n = job->rows < SAMPLE ? job->rows : SAMPLE;
    struct rng rng = rng_init(job->seed, part);
    uint32_t *order = mem_alloc(job->rows, sizeof *order);
    float *sample = mem_alloc(n * d, sizeof *sample), *own = mem_alloc(d * FT_CENTROIDS, sizeof *own);
    draw(order, job->rows, n, &rng);
    for (size_t i = 0; i < n; i++) memcpy(sample + i * d, job->x + order[i] * cols + part * dsub, d * sizeof *sample);
    learn(sample, n, d, own, &rng);
    for (size_t i = 0; i < job->rows; i++)
        nearest(job->x + i * cols + part * dsub, d, own, &job->codes[i * parts + part]);
    float *to = job->centroids + part * dsub * FT_CENTROIDS;
    for (size_t k = 0; k < FT_CENTROIDS; k++)
        for (size_t j = 0; j < d; j++) to[k * d + j] = own[j * FT_CENTROIDS + k];
    free(order);
    free(sample);
    free(own);
}

static struct ft_pq quantise(const float *x, size_t rows, size_t cols, size_t dsub, uint64_t seed, int threads,
                             float **centroids, uint8_t **codes)
{
    const size_t parts = (cols + dsub - 1) / dsub;
    *centroids = mem_alloc(mem_size(cols, FT_CENTROIDS), sizeof **centroids);
    *codes = mem_alloc(mem_size(rows, parts), 1);
    const struct ft_pq q = { (int32_t)cols, (int32_t)parts, (int32_t)dsub, (int32_t)(cols - (parts - 1) * dsub),
                             *centroids };
    struct job job = { x, rows, &q, *centroids, *codes, seed };
    par_for(threads, parts, 1, quantise_part, &job);
    return q;
}

/* Brings every row to length 1; norms[row] is what it was. */
static void normalise(float *x, size_t rows, size_t cols, float *norms)
{
    for (size_t r = 0; r < rows; r++) {
        float *row = x + r * cols;
        norms[r] = sqrtf(ft_dot(row, row, cols));
        for (size_t i = 0; norms[r] > 0 && i < cols; i++) row[i] /= norms[r];
    }
}

void ft_quantise(float *x, size_t rows, size_t cols, size_t dsub, bool norms, uint64_t seed, int threads,
                 struct ft_matrix *to, struct ft_quantised *own)
{
    *own = (struct ft_quantised){ 0 };
    *to = (struct ft_matrix){ .rows = rows, .cols = cols };
    if (norms) {
        float *length = mem_alloc(rows, sizeof *length);
        normalise(x, rows, cols, length);
        to->norm = quantise(length, rows, 1, 1, seed + 1, threads, &own->norm_centroids, &own->norm_codes);
        to->norm_codes = own->norm_codes;
        free(length);
    }
    to->pq = quantise(x, rows, cols, dsub, seed, threads, &own->centroids, &own->codes);
    to->codes = own->codes;
}

void ft_quantised_free(struct ft_quantised *own)
{
    free(own->centroids);
    free(own->norm_centroids);
    free(own->codes);
    free(own->norm_codes);
}
