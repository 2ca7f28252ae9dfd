/* nearest.cu - scores by cuBLAS, then a warp finds the best of a row.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/cuda/device.h"

__global__ void nearest_kernel(const float *scores, const float *half, size_t n, int k, int32_t *best, float *score)
{
    size_t row = blockIdx.x * (size_t)(BLOCK / WARP) + threadIdx.x / WARP;
    int lane = threadIdx.x % WARP, at = -1;
    float most = -INFINITY;
    if (row >= n) return;                            /* the whole warp */
    for (int j = lane; j < k; j += WARP) {
        float s = scores[row * k + j] - half[j];
        if (s > most) { most = s; at = j; }
    }
    for (int o = WARP / 2; o; o >>= 1) {
        float s = __shfl_xor_sync(~0u, most, o);
        int j = __shfl_xor_sync(~0u, at, o);
        if (s > most || (s == most && (unsigned)j < (unsigned)at)) { most = s; at = j; }
    }
    if (lane == 0) { best[row] = at; score[row] = most; }
}

void cuda_nearest(struct accel *a, const float *x, size_t n, const float *c, const float *half, size_t k, size_t d,
                  int32_t *best, float *score)
{
    struct device *v = device_of(a);
    size_t rows = SCORES / k ? SCORES / k : 1;
    if (!v->scores && cudaMalloc((void **)&v->scores, SCORES * sizeof *v->scores) != cudaSuccess) {
        device_check(v, "nearest");
        return;
    }
    for (size_t at = 0; at < n; at += rows) {
        size_t m = n - at < rows ? n - at : rows;
        struct gemm g = { false, true, false, m, k, d, d, d, k };
        cuda_gemm(a, &g, x + at * d, c, v->scores);
        LAUNCH(nearest_kernel, dim3(blocks_for(m, BLOCK / WARP)), dim3(BLOCK), 0, v->stream, v->scores, half, m, (int)k,
               best + at, score + at);
        device_check(v, "nearest");
    }
}
