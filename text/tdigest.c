/* tdigest.c - buffer, sort, merge neighbours while the scale function allows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/tdigest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_mean(const void *a, const void *b)
{
    double x = ((const struct centroid *)a)->mean, y = ((const struct centroid *)b)->mean;
    return (x > y) - (x < y);
}

static double scale(double q)
{
    return TDIGEST_SIZE / (2 * 3.14159265358979323846) * asin(2 * (q > 1 ? 1 : q) - 1);
}

void tdigest_flush(struct tdigest *d)
{
    if (!d->n_buffer) return;
    memcpy(d->buffer + d->n_buffer, d->centroids, d->n * sizeof *d->centroids);
    size_t n = d->n_buffer + d->n;
    qsort(d->buffer, n, sizeof *d->buffer, by_mean);
    struct centroid c = d->buffer[0];
    double before = 0;                                       /* weight of the centroids that are done */
    d->n = 0;
    for (size_t i = 1; i < n; i++) {
        struct centroid next = d->buffer[i];
        double w = c.weight + next.weight;
        if (next.mean == c.mean || scale((before + w) / d->weight) - scale(before / d->weight) <= 1) {
            c.mean += (next.mean - c.mean) * next.weight / w;
            c.weight = w;
            continue;
        }
        before += c.weight;
        d->centroids[d->n++] = c;
        c = next;
    }
    d->centroids[d->n++] = c;
    d->n_buffer = 0;
}

void tdigest_add(struct tdigest *d, double x, double weight)
{
    if (d->n_buffer == TDIGEST_BUFFER) tdigest_flush(d);
    if (!(d->weight > 0) || x < d->min) d->min = x;
    if (!(d->weight > 0) || x > d->max) d->max = x;
    d->buffer[d->n_buffer++] = (struct centroid){ x, weight };
    d->weight += weight;
}

void tdigest_merge(struct tdigest *to, const struct tdigest *from)
{
    double min = from->min, max = from->max;
    for (size_t i = 0; i < from->n; i++) tdigest_add(to, from->centroids[i].mean, from->centroids[i].weight);
    for (size_t i = 0; i < from->n_buffer; i++) tdigest_add(to, from->buffer[i].mean, from->buffer[i].weight);
    if (from->weight > 0 && min < to->min) to->min = min;
    if (from->weight > 0 && max > to->max) to->max = max;
}

/* Between two centroids the weight of their neighbouring halves is spread evenly. A value that many share is one
 * centroid: half below. */
double tdigest_cdf(struct tdigest *d, double x)
{
    tdigest_flush(d);
    if (!d->n) return 0.5;
    if (x < d->min) return 0;
    if (x > d->max) return 1;
    double below = 0, left = d->min, half = 0;               /* half: the right half of the centroid at left */
    for (size_t i = 0; i < d->n; i++) {
        const struct centroid *c = &d->centroids[i];
        if (x == c->mean) return (below + half + c->weight / 2) / d->weight;
        if (x < c->mean) return (below + (half + c->weight / 2) * (x - left) / (c->mean - left)) / d->weight;
        below += half + c->weight / 2;
        half = c->weight / 2;
        left = c->mean;
    }
    return d->max > left ? (below + half * (x - left) / (d->max - left)) / d->weight : 1;
}

double tdigest_quantile(struct tdigest *d, double q)
{
    tdigest_flush(d);
    if (!d->n) return NAN;
    double want = q * d->weight, below = 0, left = d->min, half = 0;
    for (size_t i = 0; i < d->n; i++) {
        const struct centroid *c = &d->centroids[i];
        double step = half + c->weight / 2;
        if (want <= below + step) return step > 0 ? left + (c->mean - left) * (want - below) / step : c->mean;
        below += step;
        half = c->weight / 2;
        left = c->mean;
    }
    return half > 0 ? left + (d->max - left) * fmin(1, (want - below) / half) : d->max;
}
