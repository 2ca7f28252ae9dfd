/* svd.h - the first singular vectors of a sparse matrix.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Halko, Martinsson and Tropp (SIAM Review 2011), algorithms 4.4 and 5.1: a random block of dim + 10 columns is
 * multiplied by A and by its transpose `rounds` times, made orthonormal in between; the small matrix that is left is
 * solved by Jacobi's rotations. Sums run in a fixed order: the same bits for any number of threads.
 */
#ifndef EMBED_SVD_H
#define EMBED_SVD_H
#include <stddef.h>
#include <stdint.h>

/* row r: [start[r], start[r+1]) */
struct sparse { size_t rows, cols; uint64_t *start; uint32_t *col; float *value; };

/* right (cols, dim), values (dim), greatest first. dim <= min(rows, cols); columns past the rank are zero. */
void svd_right(const struct sparse *a, size_t dim, int rounds, uint64_t seed, int threads, float *right, float *values);
void sparse_free(struct sparse *a);

#endif
