/* gemm.h - C = A B, or C += A B, on the CPU, the same bits for any number of threads.
 * SPDX-License-Identifier: Apache-2.0
 *
 * All row-major with leading dimensions. op(A) is (m, k), op(B) is (k, n), C is (m, n);
 * a transposed A is stored (k, m), a transposed B (n, k). Without `add` C is not read.
 */
#ifndef ACCEL_GEMM_H
#define ACCEL_GEMM_H
#include <stdbool.h>
#include <stddef.h>

struct gemm { bool ta, tb, add; size_t m, n, k, lda, ldb, ldc; };

void gemm_cpu(int threads, const struct gemm *g, const float *a, const float *b, float *c);

#endif
