/* kmeans.h - Lloyd's k-means over a mapped matrix: exact pruning, the same bits for any number of threads.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each iteration assigns every row to its nearest centroid (nearest.h) and puts each centroid at the
 * mean of its rows, scaled to length 1 when spherical. Only rows that changed their centroid are added and subtracted:
 * the sums are multiples of one power of two, small enough that no addition rounds, so neither the order of the rows
 * nor the threads can change them. A centroid that lost all rows takes a random row of the largest cluster.
 *
 * Memory: rows x (12 + 4 x groups) bytes for bounds, k x cols x (16 + 8 x threads) for sums. The matrix is
 * read through the page cache in runs, and a float16 matrix is widened run by run.
 */
#ifndef CLUSTER_KMEANS_H
#define CLUSTER_KMEANS_H
#include "accel/accel.h"
#include "cluster/nearest.h"
#include "cluster/rows.h"

struct kmeans_opt {
    size_t k;
    int iterations, restarts, threads;
    bool spherical, plus;            /* plus: k-means++ on a sample, else random rows */
    bool plain;                      /* no bounds: the definition */
    size_t batch;                    /* rows of a mini-batch; 0: all */
    double tolerance;                /* stop when the objective falls by less than this share */
    size_t memory;                   /* bytes for bounds and for pages of the matrix */
    uint64_t seed;
    struct accel *device;            /* that finds the nearest centroids (offload.h); NULL: here, with bounds */
};

struct kmeans {
    size_t k, d;
    bool spherical;
    float *c;                        /* (k, d) */
    double objective;                /* mean |x - c|^2, or mean 1 - x.c when spherical, at the last assignment */
    int iterations;
    uint64_t computed, all;          /* scores computed, and what they would be without bounds, both by whole panels */
};
typedef void kmeans_report(void *ctx, int restart, int iteration, double objective, double share, size_t changed);

bool kmeans_train(struct kmeans *km, const struct matrix *x, const struct kmeans_opt *o, kmeans_report *report,
                  void *ctx, struct err *e) MUST_CHECK;
/* What a row adds to the objective: its distance to its centroid, squared, or 1 - cosine. Sums of it are exact: see
 * sums_magic(). */
static inline double kmeans_far(bool spherical, float norm, float score)
{
    double far = spherical ? 1.0 - (double)score : (double)norm - 2.0 * (double)score;
    return !spherical && far < 0 ? 0 : far;
}
static inline double kmeans_farthest(float longest) { return 1 + 4 * (double)longest * (double)longest; }

void kmeans_free(struct kmeans *km);

/* Nearest centroid of every row: best (rows), distance (rows) or NULL: |x - c|, or 1 - x.c when spherical. Returns the
 * objective. */
double kmeans_assign(const struct nearest *s, const struct matrix *x, int threads, size_t memory, int32_t *best,
                     float *distance);

double kmeans_silhouette(const struct kmeans *km, const struct matrix *x, int threads, size_t sample, uint64_t seed);

#endif
