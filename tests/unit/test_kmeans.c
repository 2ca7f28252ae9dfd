/* test_kmeans.c - bounds against all scores, threads against one, sums against order.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/kmeans.h"
#include "cluster/sums.h"
#include "core/rng.h"
#include "tests/test.h"

enum { N = 3000, D = 20, K = 77 };

/* Rows round 40 centres, some of them equal; unit length when asked. */
static void fill(float *x, size_t n, size_t d, bool unit)
{
    for (size_t i = 0; i < n; i++) {
        struct rng centre = rng_init(1, i * 7 % 40), r = rng_init(2, i / 2);
        double norm = 0;
        for (size_t t = 0; t < d; t++) {
            x[i * d + t] = (float)(rng_normal(&centre) + 0.4 * rng_normal(&r));
            norm += (double)x[i * d + t] * (double)x[i * d + t];
        }
        for (size_t t = 0; unit && t < d; t++) x[i * d + t] /= (float)sqrt(norm);
    }
}

static struct kmeans train(const struct matrix *m, struct kmeans_opt o)
{
    struct kmeans km = { 0 };
    FINE(kmeans_train(&km, m, &o, NULL, NULL, e));
    return km;
}

static void same_answer(bool spherical, size_t k, size_t memory)
{
    float *x = mem_alloc(N * D, sizeof *x);
    fill(x, N, D, spherical);
    struct matrix m = { .type = MATRIX_F32, .rows = N, .cols = D, .data = x };
    struct kmeans_opt o = { .k = k, .iterations = 12, .threads = 1, .spherical = spherical, .plus = k % 2, .seed = 3,
                            .memory = memory };
    struct kmeans bounds = train(&m, o);
    o.plain = true, o.threads = 3;
    struct kmeans plain = train(&m, o);
    OK(!memcmp(bounds.c, plain.c, k * D * sizeof(float)));
    OK(!memcmp(&bounds.objective, &plain.objective, sizeof(double)));
    OK(bounds.computed < plain.computed);
    kmeans_free(&bounds), kmeans_free(&plain), free(x);
}

TEST(bounds_and_threads_change_nothing_spherical) { same_answer(true, K, 1 << 20); }
TEST(bounds_and_threads_change_nothing_euclidean) { same_answer(false, K, 1 << 20); }
TEST(groups_of_several_panels_change_nothing) { same_answer(false, 200, 2 * N * 3 * sizeof(float)); }

/* The rows lie well apart, so another order of adding up changes no label: the centroids are the same bits. */
static void same_on_device(bool spherical)
{
    enum { FEW = 400 };                              /* an emulated thread of a kernel is slow */
    float *x = mem_alloc(FEW * D, sizeof *x);
    fill(x, FEW, D, spherical);
    struct matrix m = { .type = MATRIX_F32, .rows = FEW, .cols = D, .data = x };
    struct kmeans_opt o = { .k = 13, .iterations = 4, .threads = 2, .spherical = spherical, .seed = 3,
                            .memory = 1 << 20 };
    struct kmeans here = train(&m, o);
    o.device = accel_emulated(2);
    struct kmeans there = train(&m, o);
    OK(!memcmp(here.c, there.c, 13 * D * sizeof(float)));
    NEAR(here.objective, there.objective, 1e-5);
    o.device->close(o.device);
    kmeans_free(&here), kmeans_free(&there), free(x);
}

TEST(a_device_finds_the_same_spherical) { same_on_device(true); }
TEST(a_device_finds_the_same_euclidean) { same_on_device(false); }

TEST(the_nearest_of_equal_centroids_is_the_first)
{
    float c[3][2] = { { 1, 0 }, { 0, 1 }, { 0, 1 } }, x[2] = { 0, 2 }, score;
    const float *row = x;
    int32_t best;
    struct nearest s;
    nearest_init(&s, c[0], 3, 2, false, 0);
    nearest_plain(&s, &row, 1, &best, &score);
    EQ(best, 1);
    NEAR(score, 1.5, 0);
    nearest_free(&s);
}

TEST(sums_do_not_depend_on_the_order)
{
    float x[100][3];
    fill(x[0], 100, 3, false);
    struct sums a, b;
    sums_init(&a, 2, 3, 100, 10, 2);
    sums_init(&b, 2, 3, 100, 10, 2);
    for (size_t i = 0; i < 100; i++) {
        sums_move(&a, (int)(i % 2), x[i], -1, 0);
        sums_move(&b, 0, x[99 - i], -1, 1);
    }
    sums_settle(&a, 1);
    sums_settle(&b, 2);
    for (size_t i = 0; i < 100; i++) sums_move(&b, (int)(i / 50), x[i], 1, 0);
    sums_settle(&b, 1);
    OK(!memcmp(a.sum, b.sum, 6 * sizeof(double)));
    EQ(b.count[0], 100);
    EQ(b.count[1], 0);
    NEAR(b.sum[3], 0, 0);
    sums_free(&a), sums_free(&b);
}

TEST(as_many_clusters_as_distinct_rows_leave_no_distance)
{
    float x[12][2];
    for (int i = 0; i < 12; i++) x[i][0] = (float)(i % 4), x[i][1] = (float)(i % 4 * 10);
    struct matrix m = { .type = MATRIX_F32, .rows = 12, .cols = 2, .data = x };
    struct kmeans km =
        train(&m, (struct kmeans_opt){ .k = 4, .iterations = 20, .threads = 2, .plus = true, .memory = 1 << 20 });
    NEAR(km.objective, 0, 1e-6);
    NEAR(kmeans_silhouette(&km, &m, 2, 12, 1), 1, 1e-6);
    kmeans_free(&km);
}

TEST(a_row_that_is_not_finite_is_named)
{
    float x[4] = { 1, 2, NAN, 4 };
    struct matrix m = { .type = MATRIX_F32, .rows = 4, .cols = 1, .data = x };
    struct kmeans km;
    struct err e = { 0 };
    OK(!kmeans_train(&km, &m, &(struct kmeans_opt){ .k = 2, .iterations = 1, .threads = 1 }, NULL, NULL, &e));
    EQ(e.kind, ERR_DATA);
    OK(strstr(e.msg, "row 2"));
}

MAIN
