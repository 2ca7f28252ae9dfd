/* device.h - what every kernel file includes: CUDA, or its emulation; the device's state; sums over a warp and a block.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef ACCEL_CUDA_DEVICE_H
#define ACCEL_CUDA_DEVICE_H
#include "accel/accel.h"

#ifdef __CUDACC__
#  include <cublas_v2.h>
#  include <cuda_runtime.h>
#  define DYN_SHARED(T, name) extern __shared__ char name##_raw[]; T *name = (T *)name##_raw
#  define LAUNCH(kernel, grid, block, shared, stream, ...) kernel<<<grid, block, shared, stream>>>(__VA_ARGS__)
#else
#  include "accel/emu/emu.h"
#endif
#include <float.h>

enum { WARP = 32, BLOCK = 128, STAGES = 2 };
static const size_t STAGE_SIZE = 8 << 20;            /* bytes of a pinned buffer: above it PCIe runs at full speed */
static const size_t SCORES = 64 << 20;               /* floats of nearest's scratch */

struct device {
    struct accel api;                /* first: an accel is a device */
    cudaStream_t stream;
    cublasHandle_t blas;
    void *stage[STAGES];             /* pinned */
    cudaEvent_t staged[STAGES];      /* its last copy is done */
    int next;
    float *scores;                   /* made when first needed */
    const char *failed;              /* what failed since the last sync, or NULL */
    cudaError_t why;
};

static inline struct device *device_of(struct accel *a) { return (struct device *)a; }
static inline void device_check(struct device *d, const char *what)
{
    cudaError_t e = cudaGetLastError();
    if (e != cudaSuccess && !d->failed) { d->failed = what; d->why = e; }
}
static inline unsigned blocks_for(size_t n, size_t each) { return (unsigned)((n + each - 1) / each); }

static __device__ float warp_sum(float x)
{
    for (int o = WARP / 2; o; o >>= 1) x += __shfl_xor_sync(~0u, x, o);
    return x;
}
static __device__ float warp_max(float x)
{
    for (int o = WARP / 2; o; o >>= 1) x = fmaxf(x, __shfl_xor_sync(~0u, x, o));
    return x;
}

/* One value for the block of BLOCK threads; part is BLOCK / WARP floats of shared memory, free again when it
 * returns. */
static __device__ float block_sum(float x, float *part)
{
    x = warp_sum(x);
    if (threadIdx.x % WARP == 0) part[threadIdx.x / WARP] = x;
    __syncthreads();
    x = 0;
    for (int w = 0; w < BLOCK / WARP; w++) x += part[w];
    __syncthreads();
    return x;
}
static __device__ float block_max(float x, float *part)
{
    x = warp_max(x);
    if (threadIdx.x % WARP == 0) part[threadIdx.x / WARP] = x;
    __syncthreads();
    x = part[0];
    for (int w = 1; w < BLOCK / WARP; w++) x = fmaxf(x, part[w]);
    __syncthreads();
    return x;
}

/* Kernel files, by what they offer to backend.cu. */
#pragma GCC visibility push(hidden)
void cuda_gemm(struct accel *a, const struct gemm *g, const float *A, const float *B, float *C);
void cuda_nearest(struct accel *a, const float *x, size_t n, const float *c, const float *half, size_t k, size_t d,
                  int32_t *best, float *score);
void cuda_add(struct accel *a, float *y, const float *x, size_t n);
void cuda_scale(struct accel *a, float *x, size_t n, float by);
void cuda_dot(struct accel *a, const float *x, const float *y, size_t n, double *sum);
void cuda_bias(struct accel *a, float *y, const float *b, size_t n, size_t d);
void cuda_bias_back(struct accel *a, const float *dy, size_t n, size_t d, float *db);
void cuda_gather(struct accel *a, const float *table, const int32_t *ids, size_t n, size_t d, float *y);
void cuda_scatter(struct accel *a, const float *dy, const int32_t *ids, size_t n, size_t d, float *dt);
void cuda_layernorm(struct accel *a, const float *x, const float *w, const float *b, float eps, size_t n, size_t d,
                    float *y);
void cuda_rmsnorm(struct accel *a, const float *x, const float *w, float eps, size_t n, size_t d, float *y,
                  float *rstd);
void cuda_rmsnorm_back(struct accel *a, const float *dy, const float *x, const float *w, const float *rstd, size_t n,
                       size_t d, float *dx, float *dw);
void cuda_gelu(struct accel *a, const float *x, size_t n, float *y);
void cuda_gelu_back(struct accel *a, const float *dy, const float *x, size_t n, float *dx);
void cuda_swiglu(struct accel *a, const float *gu, size_t n, size_t d, float *y);
void cuda_swiglu_back(struct accel *a, const float *dy, const float *gu, size_t n, size_t d, float *dgu);
void cuda_rope(struct accel *a, const struct attention *t, float *x, const float *turn, int sign);
void cuda_attention(struct accel *a, const struct attention *t, const float *q, const float *k, const float *v,
                    float *out, float *lse);
void cuda_attention_back(struct accel *a, const struct attention *t, const float *dout, const float *q, const float *k,
                         const float *v, const float *out, const float *lse, float *dq, float *dk, float *dv);
void cuda_xent(struct accel *a, const float *logits, const int32_t *target, const float *scale, size_t n, size_t V,
               float *loss, float *dlogits);
void cuda_adamw(struct accel *a, const struct adamw *o, float *p, const float *g, float *m, float *v, size_t n);
#pragma GCC visibility pop

#endif
