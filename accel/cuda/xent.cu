/* xent.cu - cross-entropy and its gradient: a block a row.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/cuda/device.h"

__global__ void xent_kernel(const float *logits, const int32_t *target, const float *scale, size_t V, float *loss,
                            float *dlogits)
{
    __shared__ float part[BLOCK / WARP];
    const float *x = logits + blockIdx.x * V;
    float most = -INFINITY, sum = 0;
    int32_t want = target[blockIdx.x];
    for (size_t j = threadIdx.x; j < V; j += BLOCK) most = fmaxf(most, x[j]);
    most = block_max(most, part);
    for (size_t j = threadIdx.x; j < V; j += BLOCK) sum += expf(x[j] - most);
    float lse = most + logf(block_sum(sum, part)), by = want < 0 ? 0 : scale[blockIdx.x];
    if (threadIdx.x == 0) loss[blockIdx.x] = want < 0 ? 0 : lse - x[want];
    __syncthreads();                                 /* dlogits may be logits: x[want] is read before it is written */
    if (!dlogits) return;
    float *dx = dlogits + blockIdx.x * V;
    for (size_t j = threadIdx.x; j < V; j += BLOCK)
        dx[j] = (expf(x[j] - lse) - ((int32_t)j == want ? 1.0f : 0.0f)) * by;
}

void cuda_xent(struct accel *a, const float *logits, const int32_t *target, const float *scale, size_t n, size_t V,
               float *loss, float *dlogits)
{
    struct device *v = device_of(a);
    if (n) LAUNCH(xent_kernel, dim3((unsigned)n), dim3(BLOCK), 0, v->stream, logits, target, scale, V, loss, dlogits);
    device_check(v, "xent");
}
