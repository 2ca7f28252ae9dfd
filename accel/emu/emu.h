/* emu.h - the CUDA and cuBLAS words that accel/cuda uses, run on the CPU: see emu.c.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Streams run at once, so an asynchronous copy is a copy. Device memory is malloc's: AddressSanitizer sees every
 * overrun of a kernel. cublasGemmEx is its definition, column-major, in double. */
#ifndef ACCEL_EMU_H
#define ACCEL_EMU_H
#include "accel/emu/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define __global__ static
#define __device__ inline
#define __shared__ static                            /* blocks run one at a time */
#define __launch_bounds__(...)

struct dim3 {
    unsigned x, y, z;
    dim3(unsigned a = 1, unsigned b = 1, unsigned c = 1) : x(a), y(b), z(c) {}
};
#define threadIdx emu_thread()
#define blockIdx  emu_block()
#define blockDim  emu_block_dim()
#define gridDim   emu_grid_dim()
#define __syncthreads emu_sync_block
#define __syncwarp emu_sync_warp

template <class T> static inline T emu_shfl(T v, int from)
{
    static_assert(sizeof(T) == 4, "shuffles move 32-bit values");
    uint32_t u;
    T r;
    memcpy(&u, &v, 4);
    u = emu_shuffle(u, from);
    memcpy(&r, &u, 4);
    return r;
}
template <class T> static inline T __shfl_xor_sync(unsigned, T v, int mask) { return emu_shfl(v, emu_lane() ^ mask); }
template <class T> static inline T __shfl_sync(unsigned, T v, int from) { return emu_shfl(v, from); }

template <class F> static inline void emu_call(void *f) { (*(F *)f)(); }
template <class F> static inline void emu_run(dim3 g, dim3 b, size_t dynamic, F f)
{
    const unsigned grid[3] = { g.x, g.y, g.z }, block[3] = { b.x, b.y, b.z };
    emu_launch(grid, block, dynamic, emu_call<F>, &f);
}
#define DYN_SHARED(T, name) T *name = (T *)emu_dynamic()
#define LAUNCH(kernel, grid, block, shared, stream, ...) ((void)(stream), emu_run(grid, block, shared, [=] { kernel(__VA_ARGS__); }))

typedef int cudaStream_t, cudaEvent_t, cudaError_t;
enum { cudaSuccess, cudaErrorMemoryAllocation = 2, cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost };
static inline cudaError_t cudaGetDeviceCount(int *n) { *n = 1; return cudaSuccess; }
static inline cudaError_t cudaMalloc(void **p, size_t n)
{
    *p = malloc(n ? n : 1);
    return *p ? cudaSuccess : cudaErrorMemoryAllocation;
}
static inline cudaError_t cudaMallocHost(void **p, size_t n) { return cudaMalloc(p, n); }
static inline cudaError_t cudaFree(void *p) { free(p); return cudaSuccess; }
static inline cudaError_t cudaFreeHost(void *p) { return cudaFree(p); }
static inline cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t n, int, cudaStream_t)
{
    memcpy(to, from, n);
    return cudaSuccess;
}
static inline cudaError_t cudaMemsetAsync(void *p, int v, size_t n, cudaStream_t)
{
    memset(p, v, n);
    return cudaSuccess;
}
static inline cudaError_t cudaStreamCreate(cudaStream_t *s) { *s = 0; return cudaSuccess; }
static inline cudaError_t cudaStreamDestroy(cudaStream_t) { return cudaSuccess; }
static inline cudaError_t cudaStreamSynchronize(cudaStream_t) { return cudaSuccess; }
static inline cudaError_t cudaEventCreate(cudaEvent_t *e) { *e = 0; return cudaSuccess; }
static inline cudaError_t cudaEventDestroy(cudaEvent_t) { return cudaSuccess; }
static inline cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t) { return cudaSuccess; }
static inline cudaError_t cudaEventSynchronize(cudaEvent_t) { return cudaSuccess; }
static inline cudaError_t cudaGetLastError(void) { return cudaSuccess; }
static inline const char *cudaGetErrorString(cudaError_t) { return "emulated"; }

typedef int cublasHandle_t, cublasStatus_t, cublasOperation_t;
enum { CUBLAS_STATUS_SUCCESS, CUBLAS_OP_N = 0, CUBLAS_OP_T };
static inline cublasStatus_t cublasCreate(cublasHandle_t *h) { *h = 0; return CUBLAS_STATUS_SUCCESS; }
static inline cublasStatus_t cublasDestroy(cublasHandle_t) { return CUBLAS_STATUS_SUCCESS; }
static inline cublasStatus_t cublasSetStream(cublasHandle_t, cudaStream_t) { return CUBLAS_STATUS_SUCCESS; }
/* To the nearest bfloat16, ties to even: the upper half of a float. */
static inline float emu_bf16(float x)
{
    uint32_t u;
    memcpy(&u, &x, 4);
    if (x == x) u += 0x7fff + (u >> 16 & 1);
    u &= 0xffff0000;
    memcpy(&x, &u, 4);
    return x;
}
typedef int cudaDataType_t, cublasComputeType_t, cublasGemmAlgo_t;
enum { CUDA_R_32F, CUBLAS_COMPUTE_32F, CUBLAS_COMPUTE_32F_FAST_16BF, CUBLAS_GEMM_DEFAULT };
static inline cublasStatus_t cublasGemmEx(cublasHandle_t, cublasOperation_t ta, cublasOperation_t tb, int m, int n,
                                          int k, const void *alpha, const void *A, cudaDataType_t, int lda,
                                          const void *B, cudaDataType_t, int ldb, const void *beta, void *C,
                                          cudaDataType_t, int ldc, cublasComputeType_t how, cublasGemmAlgo_t)
{
    const float *a = (const float *)A, *b = (const float *)B, by = *(const float *)alpha, keep = *(const float *)beta;
    const bool round = how == CUBLAS_COMPUTE_32F_FAST_16BF;
    for (int j = 0; j < n; j++)
        for (int i = 0; i < m; i++) {
            double sum = 0;
            for (int t = 0; t < k; t++) {
                float x = a[ta ? (size_t)i * lda + t : (size_t)t * lda + i],
                      y = b[tb ? (size_t)t * ldb + j : (size_t)j * ldb + t];
                sum += round ? (double)emu_bf16(x) * (double)emu_bf16(y) : (double)x * (double)y;
            }
            float *to = (float *)C + (size_t)j * ldc + i;
            *to = (float)(by * sum) + (keep != 0 ? keep * *to : 0);
        }
    return CUBLAS_STATUS_SUCCESS;
}
#endif
