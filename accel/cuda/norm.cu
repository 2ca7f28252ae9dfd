/* norm.cu - layer norm, RMS norm: a block a row; the weights' gradient: a thread a column.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/cuda/device.h"

__global__ void layernorm_kernel(const float *x, const float *w, const float *b, float eps, size_t d, float *y)
{
    __shared__ float part[BLOCK / WARP];
    float sum = 0, squares = 0;
    x += blockIdx.x * d, y += blockIdx.x * d;
    for (size_t j = threadIdx.x; j < d; j += BLOCK) sum += x[j];
    float mean = block_sum(sum, part) / (float)d;
    for (size_t j = threadIdx.x; j < d; j += BLOCK) squares += (x[j] - mean) * (x[j] - mean);
    float r = 1 / sqrtf(block_sum(squares, part) / (float)d + eps);
    for (size_t j = threadIdx.x; j < d; j += BLOCK) y[j] = (x[j] - mean) * r * w[j] + b[j];
}

__global__ void rmsnorm_kernel(const float *x, const float *w, float eps, size_t d, float *y, float *rstd)
{
    __shared__ float part[BLOCK / WARP];
    float squares = 0;
    x += blockIdx.x * d, y += blockIdx.x * d;
    for (size_t j = threadIdx.x; j < d; j += BLOCK) squares += x[j] * x[j];
    float r = 1 / sqrtf(block_sum(squares, part) / (float)d + eps);
    for (size_t j = threadIdx.x; j < d; j += BLOCK) y[j] = x[j] * r * w[j];
    if (threadIdx.x == 0) rstd[blockIdx.x] = r;
}

__global__ void rmsnorm_back_kernel(const float *dy, const float *x, const float *w, const float *rstd, size_t d,
                                    float *dx)
{
    __shared__ float part[BLOCK / WARP];
    float sum = 0, r = rstd[blockIdx.x];
    x += blockIdx.x * d, dy += blockIdx.x * d, dx += blockIdx.x * d;
    for (size_t j = threadIdx.x; j < d; j += BLOCK) sum += w[j] * dy[j] * x[j];
    float s = block_sum(sum, part) / (float)d * r * r * r;
    for (size_t j = threadIdx.x; j < d; j += BLOCK) dx[j] += r * w[j] * dy[j] - x[j] * s;
}

__global__ void rmsnorm_weight_kernel(const float *dy, const float *x, const float *rstd, size_t n, size_t d, float *dw)
{
    size_t j = blockIdx.x * (size_t)BLOCK + threadIdx.x;
    for (size_t i = 0; j < d && i < n; i++) dw[j] += dy[i * d + j] * x[i * d + j] * rstd[i];
}

void cuda_layernorm(struct accel *a, const float *x, const float *w, const float *b, float eps, size_t n, size_t d,
                    float *y)
{
    struct device *v = device_of(a);
    if (n) LAUNCH(layernorm_kernel, dim3((unsigned)n), dim3(BLOCK), 0, v->stream, x, w, b, eps, d, y);
    device_check(v, "layernorm");
}

void cuda_rmsnorm(struct accel *a, const float *x, const float *w, float eps, size_t n, size_t d, float *y, float *rstd)
{
    struct device *v = device_of(a);
    if (n) LAUNCH(rmsnorm_kernel, dim3((unsigned)n), dim3(BLOCK), 0, v->stream, x, w, eps, d, y, rstd);
    device_check(v, "rmsnorm");
}

void cuda_rmsnorm_back(struct accel *a, const float *dy, const float *x, const float *w, const float *rstd, size_t n,
                       size_t d, float *dx, float *dw)
{
    struct device *v = device_of(a);
    if (!n) return;
    LAUNCH(rmsnorm_back_kernel, dim3((unsigned)n), dim3(BLOCK), 0, v->stream, dy, x, w, rstd, d, dx);
    LAUNCH(rmsnorm_weight_kernel, dim3(blocks_for(d, BLOCK)), dim3(BLOCK), 0, v->stream, dy, x, rstd, n, d, dw);
    device_check(v, "rmsnorm_back");
}
