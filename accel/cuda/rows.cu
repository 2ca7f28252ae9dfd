/* rows.cu - sums and copies of rows. Column sums run down the rows in order: no atomics, the same bits every time.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/cuda/device.h"

__global__ void add_kernel(float *y, const float *x, size_t n)
{
    size_t i = blockIdx.x * (size_t)BLOCK + threadIdx.x;
    if (i < n) y[i] += x[i];
}
__global__ void scale_kernel(float *x, size_t n, float by)
{
    size_t i = blockIdx.x * (size_t)BLOCK + threadIdx.x;
    if (i < n) x[i] *= by;
}
/* One block: every thread sums its own, then a tree. */
__global__ void dot_kernel(const float *x, const float *y, size_t n, double *sum)
{
    __shared__ double part[BLOCK];
    double own = 0;
    for (size_t i = threadIdx.x; i < n; i += BLOCK) own += (double)x[i] * (double)y[i];
    part[threadIdx.x] = own;
    for (unsigned half = BLOCK / 2; half; half /= 2) {
        __syncthreads();
        if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];
    }
    if (threadIdx.x == 0) *sum = part[0];
}
__global__ void bias_kernel(float *y, const float *b, size_t n, size_t d)
{
    size_t i = blockIdx.x * (size_t)BLOCK + threadIdx.x;
    if (i < n * d) y[i] += b[i % d];
}
__global__ void bias_back_kernel(const float *dy, size_t n, size_t d, float *db)
{
    size_t j = blockIdx.x * (size_t)BLOCK + threadIdx.x;
    for (size_t i = 0; j < d && i < n; i++) db[j] += dy[i * d + j];
}
__global__ void gather_kernel(const float *table, const int32_t *ids, size_t n, size_t d, float *y)
{
    size_t i = blockIdx.x * (size_t)BLOCK + threadIdx.x;
    if (i < n * d) y[i] = table[(size_t)ids[i / d] * d + i % d];
}
__global__ void scatter_kernel(const float *dy, const int32_t *ids, size_t n, size_t d, float *dt)
{
    size_t j = blockIdx.x * (size_t)BLOCK + threadIdx.x;
    for (size_t i = 0; j < d && i < n; i++) dt[(size_t)ids[i] * d + j] += dy[i * d + j];
}

#define RUN(kernel, count, ...) do { \
        struct device *v = device_of(a); \
        if ((count) > 0) LAUNCH(kernel, dim3(blocks_for(count, BLOCK)), dim3(BLOCK), 0, v->stream, __VA_ARGS__); \
        device_check(v, #kernel); \
    } while (0)

void cuda_add(struct accel *a, float *y, const float *x, size_t n) { RUN(add_kernel, n, y, x, n); }
void cuda_scale(struct accel *a, float *x, size_t n, float by) { RUN(scale_kernel, n, x, n, by); }
void cuda_dot(struct accel *a, const float *x, const float *y, size_t n, double *sum)
{
    struct device *v = device_of(a);
    LAUNCH(dot_kernel, dim3(1), dim3(BLOCK), 0, v->stream, x, y, n, sum);
    device_check(v, "dot");
}
void cuda_bias(struct accel *a, float *y, const float *b, size_t n, size_t d) { RUN(bias_kernel, n * d, y, b, n, d); }
void cuda_bias_back(struct accel *a, const float *dy, size_t n, size_t d, float *db)
{
    RUN(bias_back_kernel, d, dy, n, d, db);
}
void cuda_gather(struct accel *a, const float *table, const int32_t *ids, size_t n, size_t d, float *y)
{
    RUN(gather_kernel, n * d, table, ids, n, d, y);
}
void cuda_scatter(struct accel *a, const float *dy, const int32_t *ids, size_t n, size_t d, float *dt)
{
    RUN(scatter_kernel, d, dy, ids, n, d, dt);
}
