/* gate.cu - GELU, SwiGLU, their gradients, AdamW: a thread a number.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/cuda/device.h"

static __device__ size_t number(void) { return blockIdx.x * (size_t)BLOCK + threadIdx.x; }

__global__ void gelu_kernel(const float *x, size_t n, float *y)
{
    size_t i = number();
    if (i < n) y[i] = 0.5f * x[i] * (1 + erff(x[i] * 0.70710678f));
}
__global__ void gelu_back_kernel(const float *dy, const float *x, size_t n, float *dx)
{
    size_t i = number();
    if (i >= n) return;
    float v = x[i], cdf = 0.5f * (1 + erff(v * 0.70710678f)), pdf = 0.39894228f * expf(-0.5f * v * v);
    dx[i] = dy[i] * (cdf + v * pdf);
}
/* gu (n, 2 d): number i of y has its g at row i / d, column i % d, its u d further. */
__global__ void swiglu_kernel(const float *gu, size_t n, size_t d, float *y)
{
    size_t i = number();
    if (i >= n * d) return;
    const float *at = gu + i / d * 2 * d + i % d, x = at[0];
    y[i] = x / (1 + expf(-x)) * at[d];
}
__global__ void swiglu_back_kernel(const float *dy, const float *gu, size_t n, size_t d, float *dgu)
{
    size_t i = number();
    if (i >= n * d) return;
    const size_t at = i / d * 2 * d + i % d;
    float x = gu[at], s = 1 / (1 + expf(-x)), y = dy[i], other = gu[at + d];
    dgu[at] = y * other * s * (1 + x * (1 - s));
    dgu[at + d] = y * x * s;
}
__global__ void adamw_kernel(struct adamw o, float rate, float correction, float *p, const float *g, float *m, float *v,
                             size_t n)
{
    size_t i = number();
    if (i >= n) return;
    float x = g[i], a = o.beta1 * m[i] + (1 - o.beta1) * x, b = o.beta2 * v[i] + (1 - o.beta2) * x * x;
    m[i] = a, v[i] = b;
    p[i] -= o.rate * o.decay * p[i] + rate * a / (sqrtf(b * correction) + o.eps);
}

#define RUN(kernel, count, ...) do { \
        struct device *d_ = device_of(a); \
        if ((count) > 0) LAUNCH(kernel, dim3(blocks_for(count, BLOCK)), dim3(BLOCK), 0, d_->stream, __VA_ARGS__); \
        device_check(d_, #kernel); \
    } while (0)

void cuda_gelu(struct accel *a, const float *x, size_t n, float *y) { RUN(gelu_kernel, n, x, n, y); }
void cuda_gelu_back(struct accel *a, const float *dy, const float *x, size_t n, float *dx)
{
    RUN(gelu_back_kernel, n, dy, x, n, dx);
}
void cuda_swiglu(struct accel *a, const float *gu, size_t n, size_t d, float *y)
{
    RUN(swiglu_kernel, n * d, gu, n, d, y);
}
void cuda_swiglu_back(struct accel *a, const float *dy, const float *gu, size_t n, size_t d, float *dgu)
{
    RUN(swiglu_back_kernel, n * d, dy, gu, n, d, dgu);
}
void cuda_adamw(struct accel *a, const struct adamw *o, float *p, const float *g, float *m, float *v, size_t n)
{
    struct adamw s = *o;
    float rate = (float)(o->rate / (1 - pow((double)o->beta1, o->step))),
          correction = (float)(1 / (1 - pow((double)o->beta2, o->step)));
    RUN(adamw_kernel, n, s, rate, correction, p, g, m, v, n);
}
