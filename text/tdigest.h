/* tdigest.h - quantiles of a stream in a few kilobytes, finest at both ends; digests of parts merge to one of the
 * whole.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Dunning & Ertl 2019, the merging variant with scale function k1: a centroid that covers the quantiles from p to q has
 * k(q) - k(p) <= 1, k(q) = TDIGEST_SIZE / (2 pi) * asin(2q - 1): at q it is 2 pi sqrt(q(1-q)) / 200 wide. Ranks are off
 * by less than
 * 0.016 sqrt(q(1-q)) + 5e-5 (tests/unit/test_tdigest.c), half a centroid. The digest of the same values in the
 * same order is always the same.
 *
 *     struct tdigest d = { 0 };
 *     tdigest_add(&d, 3.5, 1);
 *     double p = tdigest_cdf(&d, 3.5), median = tdigest_quantile(&d, 0.5);
 */
#ifndef TEXT_TDIGEST_H
#define TEXT_TDIGEST_H
#include <stddef.h>

/* centroids stay below TDIGEST_MAX */
enum { TDIGEST_SIZE = 200, TDIGEST_BUFFER = 1024, TDIGEST_MAX = TDIGEST_SIZE + 10 };

struct centroid { double mean, weight; };
struct tdigest {
    struct centroid centroids[TDIGEST_MAX], buffer[TDIGEST_BUFFER + TDIGEST_MAX];
    size_t n, n_buffer;
    double weight, min, max;
};

void tdigest_add(struct tdigest *d, double x, double weight);            /* x finite, weight > 0 */
void tdigest_merge(struct tdigest *to, const struct tdigest *from);
void tdigest_flush(struct tdigest *d);                                   /* before centroids are read or saved */
/* share of weight below x, half of that at x; 0.5 when empty */
double tdigest_cdf(struct tdigest *d, double x);
double tdigest_quantile(struct tdigest *d, double q);                    /* q in [0, 1]; NaN when empty */

#endif
