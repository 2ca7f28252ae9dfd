/* panel.c - packing, and the tile kernels.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/panel.h"

#include "accel/vector.h"

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

/* Columns of b that lie as rows: 32 of them side by side, blocks of 8 x 8 turned in registers where there is AVX2. */
static void turn_plain(float *to, const float *b, size_t ld, size_t width, size_t k)
{
    for (size_t j = 0; j < width; j++)
        for (size_t t = 0; t < k; t++) to[t * PANEL + j] = b[j * ld + t];
}

#ifdef __x86_64__
#include <immintrin.h>
#define INLINE static inline __attribute__((always_inline))

INLINE __attribute__((target("avx2"))) void turn8(float *to, const float *b, size_t ld)
{
    __m256 r[8], s[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) r[i] = _mm256_loadu_ps(b + (size_t)i * ld);
#pragma GCC unroll 4
    for (int i = 0; i < 8; i += 2)
        s[i] = _mm256_unpacklo_ps(r[i], r[i + 1]), s[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
#pragma GCC unroll 2
    for (int i = 0; i < 8; i += 4)
        for (int h = 0; h < 2; h++) {
            r[i + 2 * h] = _mm256_shuffle_ps(s[i + h], s[i + h + 2], 0x44);
            r[i + 2 * h + 1] = _mm256_shuffle_ps(s[i + h], s[i + h + 2], 0xee);
        }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        _mm256_storeu_ps(to + i * PANEL, _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
        _mm256_storeu_ps(to + (i + 4) * PANEL, _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
    }
}
static __attribute__((target("avx2"))) void turn_avx2(float *to, const float *b, size_t ld, size_t width, size_t k)
{
    enum { STRETCH = 64 };                           /* four lines of a row, before the next eight rows */
    const size_t whole = k / 8 * 8;
    for (size_t from = 0; from < whole; from += STRETCH)
        for (size_t j = 0; j + 8 <= width; j += 8)
            for (size_t t = from; t < whole && t < from + STRETCH; t += 8)
                turn8(to + t * PANEL + j, b + j * ld + t, ld);
    turn_plain(to + whole * PANEL, b + whole, ld, width / 8 * 8, k - whole);
    turn_plain(to + width / 8 * 8, b + width / 8 * 8 * ld, ld, width % 8, k);
}
static void turn(float *to, const float *b, size_t ld, size_t width, size_t k)
{
    if (__builtin_cpu_supports("avx2")) turn_avx2(to, b, ld, width, k);
    else turn_plain(to, b, ld, width, k);
}
#else
static void turn(float *to, const float *b, size_t ld, size_t width, size_t k) { turn_plain(to, b, ld, width, k); }
#endif

typedef float eight __attribute__((vector_size(32), aligned(4)));    /* a loop over floats becomes a call of memcpy */

/* Rows that lie as rows: each in its pieces, the one AHEAD of it on its way. */
VECTOR_INLINE void lay_body(float *to, const float *b, size_t ld, size_t n, size_t k)
{
    enum { AHEAD = 8 };
    for (size_t t = 0; t < k; t++, b += ld)
        for (size_t j = 0; j < n; j += PANEL) {
            float *at = to + j * k + t * PANEL;
            __builtin_prefetch(b + AHEAD * ld + j), __builtin_prefetch(b + AHEAD * ld + j + 16);
            if (n - j < PANEL) memcpy(at, b + j, (n - j) * sizeof *at);
            else for (size_t i = 0; i < PANEL; i += 8) *(eight *)(at + i) = *(const eight *)(b + j + i);
        }
}
VECTOR_DISPATCH(lay, lay_body, (float *to, const float *b, size_t ld, size_t n, size_t k), (to, b, ld, n, k))

void panel_pack(float *to, const float *b, size_t ld, bool transposed, size_t n, size_t k)
{
    const size_t whole = n / PANEL * PANEL;
    if (whole < n) memset(to + whole * k, 0, PANEL * k * sizeof *to);
    if (!transposed) { lay(to, b, ld, n, k); return; }
    for (size_t j = 0; j < n; j += PANEL) turn(to + j * k, b + j * ld, ld, n - j < PANEL ? n - j : PANEL, k);
}

void panel_into_plain(const float *const *rows, size_t step, size_t n_rows, const float *panel, size_t k, bool add,
                      float *out, size_t ld)
{
    for (size_t r = 0; r < n_rows; r++)
        for (size_t j = 0; j < PANEL; j++) {
            float sum = 0;
            for (size_t t = 0; t < k; t++) sum = fmaf(rows[r][t * step], panel[t * PANEL + j], sum);
            out[r * ld + j] = add ? out[r * ld + j] + sum : sum;
        }
}
void panel_plain(const float *const *rows, size_t n_rows, const float *panel, size_t k, float *out)
{
    panel_into_plain(rows, 1, n_rows, panel, k, false, out, PANEL);
}

#ifdef __x86_64__
/* A tile of n rows by 32 columns: 2n sums, one register each; n is a constant at every call. What the sums go to is
 * fetched while they are made. */
INLINE __attribute__((target("avx512f"))) void tile512(int n, const float *const *rows, size_t step, const float *panel,
                                                       size_t k, bool add, float *out, size_t ld)
{
    __m512 sum[PANEL_ROWS][2];
#pragma GCC unroll 14
    for (int r = 0; r < n; r++) {
        sum[r][0] = sum[r][1] = _mm512_setzero_ps();
        __builtin_prefetch(out + (size_t)r * ld, 1), __builtin_prefetch(out + (size_t)r * ld + 16, 1);
    }
    for (size_t t = 0, at = 0; t < k; t++, at += step) {
        __m512 b0 = _mm512_loadu_ps(panel + t * PANEL), b1 = _mm512_loadu_ps(panel + t * PANEL + 16);
#pragma GCC unroll 14
        for (int r = 0; r < n; r++) {
            __m512 a = _mm512_set1_ps(rows[r][at]);
            sum[r][0] = _mm512_fmadd_ps(a, b0, sum[r][0]);
            sum[r][1] = _mm512_fmadd_ps(a, b1, sum[r][1]);
        }
    }
#pragma GCC unroll 14
    for (int r = 0; r < n; r++, out += ld)
        for (int h = 0; h < 2; h++)
            _mm512_storeu_ps(out + 16 * h, add ? _mm512_add_ps(_mm512_loadu_ps(out + 16 * h), sum[r][h]) : sum[r][h]);
}

INLINE __attribute__((target("avx512f"))) void rows512(const float *const *rows, size_t step, size_t n_rows,
                                                       const float *panel, size_t k, bool add, float *out, size_t ld)
{
    if (n_rows == PANEL_ROWS) { tile512(PANEL_ROWS, rows, step, panel, k, add, out, ld); return; }
    for (; n_rows >= 6; n_rows -= 6, rows += 6, out += 6 * ld) tile512(6, rows, step, panel, k, add, out, ld);
    for (; n_rows >= 2; n_rows -= 2, rows += 2, out += 2 * ld) tile512(2, rows, step, panel, k, add, out, ld);
    if (n_rows) tile512(1, rows, step, panel, k, add, out, ld);
}

/* A tile of n rows by 16 columns: 2n of the 16 registers. */
INLINE __attribute__((target("avx2,fma"))) void tile256(int n, const float *const *rows, size_t step,
                                                        const float *panel, size_t k, bool add, float *out, size_t ld)
{
    __m256 sum[6][2];
#pragma GCC unroll 6
    for (int r = 0; r < n; r++) sum[r][0] = sum[r][1] = _mm256_setzero_ps();
    for (size_t t = 0, at = 0; t < k; t++, at += step) {
        __m256 b0 = _mm256_loadu_ps(panel + t * PANEL), b1 = _mm256_loadu_ps(panel + t * PANEL + 8);
#pragma GCC unroll 6
        for (int r = 0; r < n; r++) {
            __m256 a = _mm256_broadcast_ss(rows[r] + at);
            sum[r][0] = _mm256_fmadd_ps(a, b0, sum[r][0]);
            sum[r][1] = _mm256_fmadd_ps(a, b1, sum[r][1]);
        }
    }
#pragma GCC unroll 6
    for (int r = 0; r < n; r++, out += ld)
        for (int h = 0; h < 2; h++)
            _mm256_storeu_ps(out + 8 * h, add ? _mm256_add_ps(_mm256_loadu_ps(out + 8 * h), sum[r][h]) : sum[r][h]);
}

INLINE __attribute__((target("avx2,fma"))) void rows256(const float *const *rows, size_t step, size_t n_rows,
                                                        const float *panel, size_t k, bool add, float *out, size_t ld)
{
    for (; n_rows >= 6; n_rows -= 6, rows += 6, out += 6 * ld)
        for (int h = 0; h < 2; h++) tile256(6, rows, step, panel + 16 * h, k, add, out + 16 * h, ld);
    for (; n_rows; n_rows--, rows++, out += ld)
        for (int h = 0; h < 2; h++) tile256(1, rows, step, panel + 16 * h, k, add, out + 16 * h, ld);
}

#define KERNELS(name, rows_, isa) \
    static __attribute__((target(isa))) void \
    name(const float *const *rows, size_t n, const float *panel, size_t k, float *out) \
    { \
        rows_(rows, 1, n, panel, k, false, out, PANEL); \
    } \
    static __attribute__((target(isa))) void \
    name##_into(const float *const *rows, size_t step, size_t n, const float *panel, size_t k, bool add, float *out, \
                size_t ld) \
    { \
        rows_(rows, step, n, panel, k, add, out, ld); \
    }
KERNELS(kernel512, rows512, "avx512f")
KERNELS(kernel256, rows256, "avx2,fma")

static bool has_avx512(void) { return __builtin_cpu_supports("avx512f"); }
static bool has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
panel_fn *panel_avx512(void) { return has_avx512() ? kernel512 : NULL; }
panel_fn *panel_avx2(void) { return has_avx2() ? kernel256 : NULL; }
panel_into_fn *panel_into_avx512(void) { return has_avx512() ? kernel512_into : NULL; }
panel_into_fn *panel_into_avx2(void) { return has_avx2() ? kernel256_into : NULL; }
#else
panel_fn *panel_avx512(void) { return NULL; }
panel_fn *panel_avx2(void) { return NULL; }
panel_into_fn *panel_into_avx512(void) { return NULL; }
panel_into_fn *panel_into_avx2(void) { return NULL; }
#endif

panel_fn *panel_kernel(void)
{
    panel_fn *best = panel_avx512();
    if (!best) best = panel_avx2();
    return best ? best : panel_plain;
}
panel_into_fn *panel_into_kernel(void)
{
    panel_into_fn *best = panel_into_avx512();
    if (!best) best = panel_into_avx2();
    return best ? best : panel_into_plain;
}
void panel_into(const float *const *rows, size_t step, size_t n_rows, const float *panel, size_t k, size_t cols,
                bool add, float *out, size_t ld)
{
    panel_into_fn *kernel = panel_into_kernel();
    if (cols >= PANEL) { kernel(rows, step, n_rows, panel, k, add, out, ld); return; }
    float tile[PANEL_ROWS * PANEL];
    kernel(rows, step, n_rows, panel, k, false, tile, PANEL);
    for (size_t r = 0; r < n_rows; r++)
        for (size_t j = 0; j < cols; j++) out[r * ld + j] = (add ? out[r * ld + j] : 0) + tile[r * PANEL + j];
}
