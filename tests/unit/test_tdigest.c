/* test_tdigest.c - how far the digest's quantiles are from the sorted values'.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/rng.h"
#include "tests/test.h"
#include "text/tdigest.h"

enum { N = 100000 };

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double *draw(int kind, uint64_t seed)
{
    struct rng r = rng_init(seed, 0);
    double *x = mem_alloc(N, sizeof *x);
    for (size_t i = 0; i < N; i++)
        x[i] = kind == 0 ? rng_real(&r) : kind == 1 ? rng_normal(&r) : exp(3 * rng_normal(&r));
    return x;
}

static void check(struct tdigest *d, double *x)
{
    qsort(x, N, sizeof *x, by_value);
    static const double qs[] = { 0.0001, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999 };
    for (size_t i = 0; i < sizeof qs / sizeof *qs; i++) {
        double v = x[(size_t)(qs[i] * N)], allowed = 0.016 * sqrt(qs[i] * (1 - qs[i])) + 5e-5;
        NEAR(tdigest_cdf(d, v), qs[i], allowed);
        double back = tdigest_quantile(d, qs[i]);
        size_t at = 0;
        while (at < N && x[at] < back) at++;
        NEAR((double)at / N, qs[i], allowed);
    }
    EQ(tdigest_quantile(d, 0) == x[0], 1);
    EQ(tdigest_quantile(d, 1) == x[N - 1], 1);
    OK(d->n < TDIGEST_MAX);
}

TEST(quantiles_are_close_and_closest_at_the_ends)
{
    for (int kind = 0; kind < 3; kind++) {
        struct tdigest *d = mem_zero(1, sizeof *d);
        double *x = draw(kind, 1);
        for (size_t i = 0; i < N; i++) tdigest_add(d, x[i], 1);
        check(d, x);
        free(x);
        free(d);
    }
}

TEST(merged_parts_are_as_good_as_the_whole)
{
    struct tdigest *d = mem_zero(1, sizeof *d), *part = mem_alloc(1, sizeof *part);
    double *x = draw(1, 2);
    for (size_t p = 0; p < 10; p++) {
        memset(part, 0, sizeof *part);
        for (size_t i = p; i < N; i += 10) tdigest_add(part, x[i], 1);
        tdigest_flush(part);
        tdigest_merge(d, part);
    }
    check(d, x);
    NEAR(d->weight, N, 1e-6);
    free(x);
    free(d);
    free(part);
}

TEST(a_sorted_stream_is_no_worse)
{
    struct tdigest *d = mem_zero(1, sizeof *d);
    double *x = draw(2, 3);
    qsort(x, N, sizeof *x, by_value);
    for (size_t i = 0; i < N; i++) tdigest_add(d, x[i], 1);
    check(d, x);
    free(x);
    free(d);
}

TEST(equal_values_are_one_place)
{
    struct tdigest *d = mem_zero(1, sizeof *d);
    NEAR(tdigest_cdf(d, 1), 0.5, 0);
    for (int i = 0; i < 3000; i++) tdigest_add(d, i % 3 ? 0 : 1, 1);
    NEAR(tdigest_cdf(d, 0), 1.0 / 3, 1e-9);
    NEAR(tdigest_cdf(d, 1), 5.0 / 6, 1e-9);
    NEAR(tdigest_cdf(d, -1), 0, 0);
    NEAR(tdigest_cdf(d, 2), 1, 0);
    free(d);
}

MAIN
