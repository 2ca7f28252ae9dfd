/* vector.h - exp and erf that a compiler turns into vectors: the same bits in every width.
 * SPDX-License-Identifier: Apache-2.0
 *
 * exp: x = n ln 2 + r, a polynomial of degree 6 in r; relative error below 2e-7 in [-87, 88], clamped outside.
 * erf: Abramowitz and Stegun 7.1.26; absolute error below 4e-7.
 */
#ifndef ACCEL_VECTOR_H
#define ACCEL_VECTOR_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define VECTOR_INLINE static inline __attribute__((always_inline))

VECTOR_INLINE float vector_exp(float x)
{
    x = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
    float n = (x * 1.44269504f + 12582912.0f) - 12582912.0f, r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.0f + r
              * (1.0f + r * (0.5f + r * (0.16666667f + r * (0.041666666f + r * (0.0083333333f + r * 0.0013888889f)))));
    uint32_t u = (uint32_t)((int32_t)n + 127) << 23;
    float scale;
    memcpy(&scale, &u, 4);
    return p * scale;
}

/* The largest of n > 0 numbers; where one is not a number, any. */
VECTOR_INLINE float vector_max(const float *x, size_t n)
{
    enum { LANES_ = 16 };
    float lane[LANES_], top = x[0];
    for (size_t i = 0; i < LANES_; i++) lane[i] = top;
    size_t j = 0;
    for (; j + LANES_ <= n; j += LANES_)
        for (size_t i = 0; i < LANES_; i++) lane[i] = x[j + i] > lane[i] ? x[j + i] : lane[i];
    for (; j < n; j++) top = x[j] > top ? x[j] : top;
    for (size_t i = 0; i < LANES_; i++) top = lane[i] > top ? lane[i] : top;
    return top;
}

/* The sum of x[j] y[j], of 8 lanes in double. */
VECTOR_INLINE double vector_dot(const float *x, const float *y, size_t n)
{
    enum { LANES_ = 8 };
    double lane[LANES_] = { 0 }, sum = 0;
    size_t j = 0;
    for (; j + LANES_ <= n; j += LANES_)
        for (size_t i = 0; i < LANES_; i++) lane[i] += (double)x[j + i] * (double)y[j + i];
    for (; j < n; j++) sum += (double)x[j] * (double)y[j];
    for (size_t i = 0; i < LANES_; i++) sum += lane[i];
    return sum;
}

VECTOR_INLINE float vector_erf(float x)
{
    float a = x < 0 ? -x : x, t = 1.0f / (1.0f + 0.3275911f * a);
    float p = 1.421413741f + t * (-1.453152027f + t * 1.061405429f);
    float y = 1.0f - t * (0.254829592f + t * (-0.284496736f + t * p)) * vector_exp(-a * a);
    return x < 0 ? -y : y;
}

/* Defines `name` (void, of these arguments) as `body` compiled for AVX2 where the machine has it, else plainly; and
 * name_plain, which a test holds equal to it. */
#ifdef __x86_64__
#define VECTOR_DISPATCH(name, body, params, args) \
    static __attribute__((target("avx2"))) void name##_avx2 params { body args; } \
    static void name##_plain params { body args; } \
    static void name params { if (__builtin_cpu_supports("avx2")) name##_avx2 args; else name##_plain args; }
#else
#define VECTOR_DISPATCH(name, body, params, args) \
    static void name##_plain params { body args; } \
    static void name params { name##_plain args; }
#endif

#endif
