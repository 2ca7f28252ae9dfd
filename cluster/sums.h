/* sums.h - sums of rows that come out the same in any order.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every number is rounded to a multiple of one power of two, `step`, before it is added, and step is so
 * large that n numbers as large as the longest row stay below 2^52 steps: a double holds every partial sum
 * exactly. With a million rows of length 1 a step is 2^-32.
 */
#ifndef CLUSTER_SUMS_H
#define CLUSTER_SUMS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sums {
    size_t k, d;
    int workers;
    double magic;                    /* x + magic - magic rounds x to a step */
    double *sum;                     /* (k, d) */
    int64_t *count;                  /* (k) */
    double *part;                    /* (workers, k, d): moves since the last settle */
    int64_t *part_count;             /* (workers, k) */
    bool *touched;                   /* (workers, k) */
};

/* For sums of n numbers up to `most` each: x + magic - magic is x rounded to a step, and no such sum rounds. */
double sums_magic(double most, size_t n);
/* the first of the largest clusters */
size_t sums_largest(const int64_t *count, size_t k);

void sums_init(struct sums *s, size_t k, size_t d, size_t n, float longest, int workers);
void sums_free(struct sums *s);
void sums_clear(struct sums *s);
/* from < 0: it was nowhere */
void sums_move(struct sums *s, int worker, const float *row, int32_t from, int32_t to);
void sums_settle(struct sums *s, int threads);                                              /* parts into sums */
/* unit: scaled to length 1 */
void sums_mean(const struct sums *s, size_t c, bool unit, float *to);

#endif
