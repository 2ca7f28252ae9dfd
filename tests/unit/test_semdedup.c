/* test_semdedup.c - the slow and obvious version beside the fast one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/semdedup.h"
#include "core/rng.h"
#include "tests/test.h"

enum { N = 6000, D = 9, CLUSTERS = 5 };

static float x[N][D];

static struct matrix some_rows(void)
{
    for (size_t i = 0; i < N; i++) {
        struct rng near = rng_init(1, i / 3), r = rng_init(2, i);
        for (size_t t = 0; t < D; t++) x[i][t] = (float)(rng_normal(&near) + 0.12 * rng_normal(&r));
    }
    return (struct matrix){ .type = MATRIX_F32, .rows = N, .cols = D, .data = x };
}

/* Cluster 0 is larger than what one thread does alone; ranks have ties. */
static void some_members(struct members *m)
{
    for (size_t i = 0; i < N; i++) members_add(m, i, i % 10 < 7 ? 0 : i % CLUSTERS, (double)(rng_at(3, i, 0) % 50));
}

static float cosine(size_t i, size_t j)
{
    float sum = 0, a[D], b[D];
    double na = 0, nb = 0;
    for (size_t t = 0; t < D; t++) na += (double)x[i][t] * (double)x[i][t], nb += (double)x[j][t] * (double)x[j][t];
    for (size_t t = 0; t < D; t++)
        a[t] = (float)((double)x[i][t] / sqrt(na)), b[t] = (float)((double)x[j][t] / sqrt(nb));
    for (size_t t = 0; t < D; t++) sum = fmaf(a[t], b[t], sum);
    return sum;
}

static bool before(const struct member *a, const struct member *b)
{
    return a->rank != b->rank ? a->rank < b->rank : a < b;
}

static void slow(struct members *m, double epsilon, bool chained)
{
    size_t *order = mem_alloc(m->n, sizeof *order);
    for (size_t i = 0; i < m->n; i++) {
        size_t at = i;
        while (at && before(&m->at[i], &m->at[order[at - 1]])) order[at] = order[at - 1], at--;
        order[at] = i;
    }
    for (size_t i = 0; i < m->n; i++) {
        struct member *a = &m->at[order[i]];
        a->twin = -1, a->cosine = (float)(1 - epsilon);
        for (size_t j = 0; j < i; j++) {
            const struct member *b = &m->at[order[j]];
            if (b->cluster != a->cluster || (b->twin >= 0 && !chained)) continue;
            float c = cosine(a->row, b->row);
            if (c > a->cosine) a->cosine = c, a->twin = (int32_t)order[j];
        }
    }
    free(order);
}

static void same_as_slow(double epsilon, bool chained)
{
    struct matrix m = some_rows();
    struct members fast = { 0 }, want = { 0 };
    some_members(&fast), some_members(&want);
    size_t kept = semdedup_run(&(struct semdedup){ &m, epsilon, chained, 3 }, &fast), expected = 0;
    slow(&want, epsilon, chained);
    for (size_t i = 0; i < N; i++) {
        EQ(fast.at[i].twin, want.at[i].twin);
        if (want.at[i].twin >= 0) NEAR(fast.at[i].cosine, want.at[i].cosine, 0);
        expected += want.at[i].twin < 0;
    }
    EQ(kept, expected);
    OK(kept > N / 4 && kept < N);
    members_free(&fast), members_free(&want);
}

TEST(twins_and_cosines_are_those_of_all_pairs) { same_as_slow(0.02, false); }
TEST(chained_too) { same_as_slow(0.02, true); }

TEST(a_chain_does_not_drop_what_is_unlike_all_that_stay)
{
    float a[3][2] = { { 1, 0 }, { 0.9f, 0.43589f }, { 0.62f, 0.7846f } };         /* cosines 0.9, 0.9, 0.62 */
    struct matrix m = { .type = MATRIX_F32, .rows = 3, .cols = 2, .data = a };
    struct members three = { 0 };
    for (size_t i = 0; i < 3; i++) members_add(&three, i, 0, (double)i);
    EQ(semdedup_run(&(struct semdedup){ &m, 0.2, false, 1 }, &three), 2);
    EQ(three.at[1].twin, 0);
    EQ(three.at[2].twin, -1);
    EQ(semdedup_run(&(struct semdedup){ &m, 0.2, true, 1 }, &three), 1);
    EQ(three.at[2].twin, 1);
    members_free(&three);
}

TEST(bisection_finds_the_share)
{
    struct matrix m = some_rows();
    struct members all = { 0 };
    struct semdedup_sample sample;
    some_members(&all);
    semdedup_sample(&sample, &all, N, 1);
    EQ(sample.some.n, N);
    struct semdedup s = { &m, 0, false, 2 };
    s.epsilon = semdedup_bisect(s, &sample, 0.75);
    NEAR(semdedup_share(&s, &sample), 0.75, 0.002);
    members_free(&sample.some), members_free(&all);
}

MAIN
