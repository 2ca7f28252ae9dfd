/* test_gemm.c - kernels against the definition, products against sums in double.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/gemm.h"
#include "accel/panel.h"
#include "core/rng.h"
#include "tests/test.h"

static void fill(float *x, size_t n, uint64_t id)
{
    struct rng r = rng_init(7, id);
    for (size_t i = 0; i < n; i++) x[i] = (float)rng_normal(&r);
}

static void same(const float *got, const float *want, size_t n)
{
    for (size_t i = 0; i < n; i++) OK(isnan(want[i]) ? isnan(got[i]) : !memcmp(&got[i], &want[i], sizeof got[i]));
}

static void kernel_is_plain(panel_fn *kernel, panel_into_fn *into)
{
    enum { K = 67, STEP = 3, LD = PANEL + 5, SIZE = PANEL_ROWS * LD };
    float a[PANEL_ROWS * K], panel[K * PANEL], got[SIZE], want[SIZE];
    const float *rows[PANEL_ROWS];
    fill(a, PANEL_ROWS * K, 1);
    fill(panel, K * PANEL, 2);
    a[5] = NAN, panel[9] = INFINITY;
    for (size_t r = 0; r < PANEL_ROWS; r++) rows[r] = a + (PANEL_ROWS - 1 - r) * K;
    for (size_t n = 1; n <= PANEL_ROWS; n++) {
        memset(got, 0x55, sizeof got);
        memset(want, 0x55, sizeof want);
        kernel(rows, n, panel, K, got);
        panel_plain(rows, n, panel, K, want);
        same(got, want, SIZE);
        for (int add = 0; add < 2; add++) {
            into(rows, STEP, n, panel, K / STEP, add, got, LD);
            panel_into_plain(rows, STEP, n, panel, K / STEP, add, want, LD);
            same(got, want, SIZE);
        }
    }
}

TEST(the_avx2_kernel_gives_the_bits_of_the_plain_one)
{
    if (!panel_avx2()) SKIP("no AVX2");
    kernel_is_plain(panel_avx2(), panel_into_avx2());
}

TEST(the_avx512_kernel_gives_the_bits_of_the_plain_one)
{
    if (!panel_avx512()) SKIP("no AVX-512");
    kernel_is_plain(panel_avx512(), panel_into_avx512());
}

static void product_is_right(bool ta, bool tb, bool add, size_t m, size_t n, size_t k)
{
    struct gemm g = { ta, tb, add, m, n, k, (ta ? m : k) + 3, (tb ? k : n) + 1, n + 2 };
    size_t size_a = g.lda * (ta ? k : m), size_b = g.ldb * (tb ? n : k), size_c = g.ldc * m;
    float *a = mem_alloc(size_a, 4), *b = mem_alloc(size_b, 4), *c = mem_alloc(size_c, 4), *was = mem_alloc(size_c, 4),
          *four = mem_alloc(size_c, 4);
    fill(a, size_a, 3), fill(b, size_b, 4), fill(was, size_c, 5);
    memcpy(c, was, size_c * 4), memcpy(four, was, size_c * 4);
    gemm_cpu(1, &g, a, b, c);
    gemm_cpu(4, &g, a, b, four);
    OK(!memcmp(c, four, size_c * 4));
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t t = 0; t < k; t++)
                sum += (double)(ta ? a[t * g.lda + i] : a[i * g.lda + t])
                    * (double)(tb ? b[j * g.ldb + t] : b[t * g.ldb + j]);
            NEAR(c[i * g.ldc + j], sum + (add ? (double)was[i * g.ldc + j] : 0), 1e-4);
        }
    OK(!memcmp(c + n, was + n, 2 * sizeof *c));                  /* nothing beyond the columns is touched */
    free(a), free(b), free(c), free(was), free(four);
}

TEST(products_of_odd_sizes_are_right_in_every_transposition)
{
    size_t sizes[][3] = { { 1, 1, 1 }, { 13, 33, 5 }, { 15, 31, 64 }, { 130, 65, 17 }, { 3, 2, 0 }, { 40, 35, 1300 },
                          { 300, 200, 9 } };
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int t = 0; t < 8; t++) product_is_right(t & 1, t & 2, t & 4, sizes[s][0], sizes[s][1], sizes[s][2]);
}

TEST(a_product_that_is_not_added_does_not_read_what_was_there)
{
    float a = 2, b = 3, c = NAN;
    gemm_cpu(1, &(struct gemm){ .m = 1, .n = 1, .k = 1, .lda = 1, .ldb = 1, .ldc = 1 }, &a, &b, &c);
    NEAR(c, 6, 0);
}

MAIN
