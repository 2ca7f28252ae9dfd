/* silhouette.c - how well rows sit in their clusters, by squared distances.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Rousseeuw 1987, with |x - y|^2 as the distance, so that a mean over a cluster needs its sums only:
 * mean |x - y|^2 = |x|^2 - 2 x.mean(y) + mean |y|^2. scikit-learn's silhouette_score(metric="sqeuclidean"). */
#include "cluster/kmeans.h"
#include "cluster/seed.h"
#include "core/par.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct silhouette {
    const float *x;
    const int32_t *best;
    size_t k, d;
    double *sum, *squares, *norm, *value;
    size_t *count;
};

static double mean_distance(const struct silhouette *s, size_t i, size_t c, double others)
{
    double dot = 0;
    for (size_t t = 0; t < s->d; t++) dot += (double)s->x[i * s->d + t] * s->sum[c * s->d + t];
    return ((double)s->count[c] * s->norm[i] - 2 * dot + s->squares[c]) / others;
}

static void value_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct silhouette *s = ctx;
    for (size_t i = begin; i < end; i++) {
        size_t own = (size_t)s->best[i];
        double other = INFINITY, inside;
        s->value[i] = 0;
        if (s->count[own] < 2) continue;
        inside = mean_distance(s, i, own, (double)s->count[own] - 1);
        for (size_t c = 0; c < s->k; c++) {
            if (c == own || !s->count[c]) continue;
            double m = mean_distance(s, i, c, (double)s->count[c]);
            if (m < other) other = m;
        }
        double most = inside > other ? inside : other;
        if (isfinite(other) && most > 0) s->value[i] = (other - inside) / most;
    }
}

static double mean_value(struct silhouette *s, size_t n, int threads)
{
    double mean = 0;
    for (size_t i = 0; i < n; i++) {
        size_t c = (size_t)s->best[i];
        s->count[c]++;
        for (size_t t = 0; t < s->d; t++) {
            double v = (double)s->x[i * s->d + t];
            s->sum[c * s->d + t] += v;
            s->norm[i] += v * v;
        }
        s->squares[c] += s->norm[i];
    }
    par_for(threads, n, 64, value_run, s);
    for (size_t i = 0; i < n; i++) mean += s->value[i] / (double)n;
    return mean;
}

double kmeans_silhouette(const struct kmeans *km, const struct matrix *x, int threads, size_t sample, uint64_t seed)
{
    size_t n = sample < x->rows ? sample : x->rows, d = km->d, *pick = seed_sample(n, x->rows, seed);
    float *rows = mem_alloc(mem_size(n, d), sizeof *rows), score;
    int32_t *best = mem_alloc(n, sizeof *best);
    struct nearest near;
    nearest_init(&near, km->c, km->k, d, km->spherical, 0);
    for (size_t i = 0; i < n; i++) {
        const float *row = rows + i * d;
        matrix_rows(x, pick[i], pick[i] + 1, rows + i * d);
        nearest_plain(&near, &row, 1, best + i, &score);
    }
    struct silhouette s = { rows, best, km->k, d, mem_zero(mem_size(km->k, d), sizeof(double)),
                            mem_zero(km->k, sizeof(double)),
                            mem_zero(n, sizeof(double)), mem_zero(n, sizeof(double)), mem_zero(km->k, sizeof(size_t)) };
    double value = mean_value(&s, n, threads);
    nearest_free(&near);
    free(s.sum), free(s.squares), free(s.norm), free(s.value), free(s.count), free(pick), free(rows), free(best);
    return value;
}
