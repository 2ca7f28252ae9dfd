/* panel.c - packing, and the tile kernels.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/panel.h"

#include <math.h>
#include <string.h>

size_t panel_count(size_t n)
{
    return (n + PANEL - 1) / PANEL;
}

size_t panel_size(size_t n, size_t k)
{
    return panel_count(n) * PANEL * k;
}

void panel_pack(float *to, const float *b, size_t ld, bool transposed, size_t n, size_t k)
{
    for (size_t begin = 0; begin < n; begin += PANEL, to += PANEL * k) {
        size_t width = n - begin < PANEL ? n - begin : PANEL;
        if (width < PANEL) memset(to, 0, PANEL * k * sizeof *to);
        if (transposed)
            for (size_t from = 0, end; from < k; from = end) {       /* 16 lines of the panel at a time stay in the cache */
                end = from + 16 < k ? from + 16 : k;
                for (size_t j = 0; j < width; j++)
                    for (size_t t = from; t < end; t++) to[t * PANEL + j] = b[(begin + j) * ld + t];
            }
        else
            for (size_t t = 0; t < k; t++) memcpy(to + t * PANEL, b + t * ld + begin, width * sizeof *to);
    }
}

void panel_plain(const float *const *rows, size_t n_rows, const float *panel, size_t k, float *out)
{
    for (size_t r = 0; r < n_rows; r++)
        for (size_t j = 0; j < PANEL; j++) {
            float sum = 0;
            for (size_t t = 0; t < k; t++) sum = fmaf(rows[r][t], panel[t * PANEL + j], sum);
            out[r * PANEL + j] = sum;
        }
}

#ifdef __x86_64__
#include <immintrin.h>
#define INLINE static inline __attribute__((always_inline))

/* A tile of n rows by 32 columns: 2n sums, one register each; n is a constant at every call. */
INLINE __attribute__((target("avx512f"))) void tile512(int n, const float *const *rows, const float *panel, size_t k, float *out)
{
    __m512 sum[PANEL_ROWS][2];
#pragma GCC unroll 14
    for (int r = 0; r < n; r++) sum[r][0] = sum[r][1] = _mm512_setzero_ps();
    for (size_t t = 0; t < k; t++) {
        __m512 b0 = _mm512_loadu_ps(panel + t * PANEL), b1 = _mm512_loadu_ps(panel + t * PANEL + 16);
#pragma GCC unroll 14
        for (int r = 0; r < n; r++) {
            __m512 a = _mm512_set1_ps(rows[r][t]);
            sum[r][0] = _mm512_fmadd_ps(a, b0, sum[r][0]);
            sum[r][1] = _mm512_fmadd_ps(a, b1, sum[r][1]);
        }
    }
#pragma GCC unroll 14
    for (int r = 0; r < n; r++) {
        _mm512_storeu_ps(out + r * PANEL, sum[r][0]);
        _mm512_storeu_ps(out + r * PANEL + 16, sum[r][1]);
    }
}

static __attribute__((target("avx512f"))) void kernel512(const float *const *rows, size_t n_rows, const float *panel, size_t k, float *out)
{
    if (n_rows == PANEL_ROWS) { tile512(PANEL_ROWS, rows, panel, k, out); return; }
    for (; n_rows >= 6; n_rows -= 6, rows += 6, out += 6 * PANEL) tile512(6, rows, panel, k, out);
    for (; n_rows >= 2; n_rows -= 2, rows += 2, out += 2 * PANEL) tile512(2, rows, panel, k, out);
    if (n_rows) tile512(1, rows, panel, k, out);
}

/* A tile of n rows by 16 columns: 2n of the 16 registers. */
INLINE __attribute__((target("avx2,fma"))) void tile256(int n, const float *const *rows, const float *panel, size_t k, float *out)
{
    __m256 sum[6][2];
#pragma GCC unroll 6
    for (int r = 0; r < n; r++) sum[r][0] = sum[r][1] = _mm256_setzero_ps();
    for (size_t t = 0; t < k; t++) {
        __m256 b0 = _mm256_loadu_ps(panel + t * PANEL), b1 = _mm256_loadu_ps(panel + t * PANEL + 8);
#pragma GCC unroll 6
        for (int r = 0; r < n; r++) {
            __m256 a = _mm256_broadcast_ss(rows[r] + t);
            sum[r][0] = _mm256_fmadd_ps(a, b0, sum[r][0]);
            sum[r][1] = _mm256_fmadd_ps(a, b1, sum[r][1]);
        }
    }
#pragma GCC unroll 6
    for (int r = 0; r < n; r++) {
        _mm256_storeu_ps(out + r * PANEL, sum[r][0]);
        _mm256_storeu_ps(out + r * PANEL + 8, sum[r][1]);
    }
}

static __attribute__((target("avx2,fma"))) void kernel256(const float *const *rows, size_t n_rows, const float *panel, size_t k, float *out)
{
    for (; n_rows >= 6; n_rows -= 6, rows += 6, out += 6 * PANEL)
        for (int half = 0; half < 2; half++) tile256(6, rows, panel + 16 * half, k, out + 16 * half);
    for (; n_rows; n_rows--, rows++, out += PANEL)
        for (int half = 0; half < 2; half++) tile256(1, rows, panel + 16 * half, k, out + 16 * half);
}

panel_fn *panel_avx512(void) { return __builtin_cpu_supports("avx512f") ? kernel512 : NULL; }
panel_fn *panel_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? kernel256 : NULL; }
#else
panel_fn *panel_avx512(void) { return NULL; }
panel_fn *panel_avx2(void) { return NULL; }
#endif

panel_fn *panel_kernel(void)
{
    panel_fn *best = panel_avx512();
    if (!best) best = panel_avx2();
    return best ? best : panel_plain;
}
