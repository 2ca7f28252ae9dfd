/* panel.h - dot products of rows with columns kept in panels: the one float kernel on the CPU.
 * SPDX-License-Identifier: Apache-2.0
 *
 * B (k, n) is packed into panels of 32 columns, each (k, 32), the last filled up with zeros:
 *
 *     panel p:  B[0][32p..32p+31]  B[1][32p..32p+31]  ...  B[k-1][32p..32p+31]
 *
 * Rows of A stay where they are and are given by pointer, so any choice of them costs the same:
 * k-means multiplies just those rows that still need a panel.
 *
 * Every sum runs over t = 0 .. k-1 in this order by fused multiply-adds, from zero. So its bits do
 * not depend on the tile, the vector width, the batch, the threads or the machine; a BLAS blocks
 * the sum as it likes. Speed on one Zen 5 core, 1024 x 384 x 1000: 186 GFLOP/s with AVX-512 (Debian's OpenBLAS
 * 0.3.21 takes its Haswell kernel there: 60).
 */
#ifndef ACCEL_PANEL_H
#define ACCEL_PANEL_H
#include <stdbool.h>
#include <stddef.h>

enum { PANEL = 32, PANEL_ROWS = 14 };                /* columns of a panel; rows that one call takes at most */

size_t panel_count(size_t n);                        /* panels for n columns */
size_t panel_size(size_t n, size_t k);               /* floats for all panels of B (k, n) */

/* Packs B (k, n), B[t][j] = b[t*ld + j], or with transposed b[j*ld + t]. `to` is panel_size() floats, 64-byte aligned
 * for speed. */
void panel_pack(float *to, const float *b, size_t ld, bool transposed, size_t n, size_t k);

/* out[r*PANEL + j] = sum over t of rows[r][t] * panel[t*PANEL + j], for r < n_rows <= PANEL_ROWS. */
typedef void panel_fn(const float *const *rows, size_t n_rows, const float *panel, size_t k, float *out);
panel_fn *panel_kernel(void);                        /* the fastest on this machine */
panel_fn panel_plain;                                /* the definition */
panel_fn *panel_avx2(void), *panel_avx512(void);     /* NULL where there is none: for tests */

/* The same for rows[r][t*step] into out[r*ld + j], or with add on top of it: columns of a matrix are rows that begin
 * side by side, its leading dimension the step. */
typedef void panel_into_fn(const float *const *rows, size_t step, size_t n_rows, const float *panel, size_t k,
                           bool add, float *out, size_t ld);
panel_into_fn *panel_into_kernel(void), panel_into_plain, *panel_into_avx2(void), *panel_into_avx512(void);
/* The fastest of them, into the first `cols` columns only where these are fewer than PANEL. */
void panel_into(const float *const *rows, size_t step, size_t n_rows, const float *panel, size_t k, size_t cols,
                bool add, float *out, size_t ld);

#endif
