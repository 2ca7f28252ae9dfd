/* gemm.cu - row-major products by cuBLAS: C' = B' A' is the same memory, column-major.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/cuda/device.h"

void cuda_gemm(struct accel *a, const struct gemm *g, const float *A, const float *B, float *C)
{
    struct device *d = device_of(a);
    if (!g->m || !g->n) return;
    const float one = 1, beta = g->add;
    cublasComputeType_t how = a->bf16 ? CUBLAS_COMPUTE_32F_FAST_16BF : CUBLAS_COMPUTE_32F;
    cublasStatus_t s = cublasGemmEx(d->blas, g->tb ? CUBLAS_OP_T : CUBLAS_OP_N, g->ta ? CUBLAS_OP_T : CUBLAS_OP_N,
                                    (int)g->n, (int)g->m, (int)g->k, &one, B, CUDA_R_32F, (int)g->ldb, A,
                                    CUDA_R_32F, (int)g->lda, &beta, C, CUDA_R_32F, (int)g->ldc, how,
                                    CUBLAS_GEMM_DEFAULT);
    if (s != CUBLAS_STATUS_SUCCESS && !d->failed) d->failed = "gemm";
}
