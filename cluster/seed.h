/* seed.h - where centroids begin.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Random distinct rows, or k-means++ (Arthur and Vassilvitskii, SODA 2007) on a random sample of 16 k rows:
 * the next centroid is a row drawn in proportion to its squared distance to the nearest one so far.
 */
#ifndef CLUSTER_SEED_H
#define CLUSTER_SEED_H
#include "cluster/kmeans.h"

void seed_centroids(float *c, const struct matrix *x, const struct kmeans_opt *o, uint64_t seed);
size_t seed_rows(const struct kmeans_opt *o, size_t rows);        /* how many sampled rows seeds are made of */
/* of (n, d) sampled rows */
void seed_from(float *c, const float *rows, size_t n, size_t d, const struct kmeans_opt *o, uint64_t seed);
/* n distinct numbers below `of`, in random order; caller frees */
size_t *seed_sample(size_t n, size_t of, uint64_t seed);

#endif
