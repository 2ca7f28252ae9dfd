/* test_order.c - every row once, and neighbours stand together.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/order.h"
#include "cluster/prototype.h"
#include "tests/test.h"

enum { N = 500 };

TEST(points_on_an_arc_come_out_in_turn_cluster_by_cluster)
{
    static float x[N][2];
    uint32_t rows[N], cluster[N], out[N], again[N];
    bool seen[N] = { false };
    for (uint32_t i = 0; i < N; i++) {
        double angle = (double)(i * 7919 % N) / N * 3;       /* scattered along the arc */
        x[i][0] = (float)(5 * cos(angle)), x[i][1] = (float)(5 * sin(angle));
        rows[i] = i, cluster[i] = i % 2;
    }
    struct matrix m = { .type = MATRIX_F32, .rows = N, .cols = 2, .data = x };
    FINE(order_find(&m, rows, cluster, N, (struct order_opt){ 4, 1, NULL }, out, e));
    FINE(order_find(&m, rows, cluster, N, (struct order_opt){ 4, 3, NULL }, again, e));
    OK(!memcmp(out, again, sizeof out));
    for (size_t i = 0; i < N; i++) {
        OK(!seen[out[i]]);
        seen[out[i]] = true;
    }
    for (size_t i = 0; i < N; i++) EQ(cluster[out[i]], i >= N / 2);
    size_t copies;
    OK(order_similarity(&m, rows, out, N, 0.999, &copies) > 0.99);
    OK(copies > N * 9 / 10);
}

TEST(one_row_and_equal_rows_are_orders_too)
{
    float x[3][2] = { { 1, 0 }, { 1, 0 }, { 1, 0 } };
    uint32_t rows[] = { 0, 1, 2 }, cluster[] = { 4, 9, 4 }, out[3];
    struct matrix m = { .type = MATRIX_F32, .rows = 3, .cols = 2, .data = x };
    FINE(order_find(&m, rows, cluster, 3, (struct order_opt){ 10, 2, NULL }, out, e));
    EQ(out[0] + out[1], 2);
    EQ(out[2], 1);
}

TEST(prototypes_are_exactly_the_share_and_the_first_of_equal_ones)
{
    float distance[] = { 0.5f, 0.1f, 0.3f, 0.1f, 0.9f, 0.1f };
    uint32_t cluster[] = { 0, 0, 0, 1, 1, 1 };
    bool drop[6];
    prototype_mark(distance, cluster, 6, (struct prototype_opt){ .keep = 0.7 }, drop);      /* round(4.2) stay */
    EQ(drop[1] && drop[3] && !drop[5] && !drop[0] && !drop[2] && !drop[4], true);
    prototype_mark(distance, cluster, 6, (struct prototype_opt){ .keep = 0.7, .far = true }, drop);
    EQ(drop[4] && drop[0] && !drop[2], true);
    prototype_mark(distance, cluster, 6, (struct prototype_opt){ .keep = 0.67, .per_cluster = true }, drop);
    EQ(drop[1] && drop[3] && !drop[5], true);
}

MAIN
