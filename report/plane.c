/* plane.c - the second direction is found beside the first by taking it out at every step.
 * SPDX-License-Identifier: Apache-2.0 */
#include "report/plane.h"
#include "core/arena.h"

#include <math.h>
#include <stdlib.h>

enum { ROUNDS = 100 };

static double dot(const double *a, const double *b, size_t d)
{
    double sum = 0;
    for (size_t i = 0; i < d; i++) sum += a[i] * b[i];
    return sum;
}

static void scale(double *a, size_t d, double by)
{
    for (size_t i = 0; i < d; i++) a[i] *= by;
}

/* to = X'X v, x: (n, d) centred. */
static void multiply(const double *x, size_t n, size_t d, const double *v, double *to)
{
    for (size_t i = 0; i < d; i++) to[i] = 0;
    for (size_t k = 0; k < n; k++) {
        const double p = dot(x + k * d, v, d);
        for (size_t i = 0; i < d; i++) to[i] += p * x[k * d + i];
    }
}

/* The direction of most variance beside `other` (NULL: of all), into v; returns that variance. */
static double direction(const double *x, size_t n, size_t d, const double *other, double *v)
{
    double *next = mem_alloc(d, sizeof *next), length = 0;
    for (size_t i = 0; i < d; i++) v[i] = cos((double)i * 1.7 + 0.3);
    for (int round = 0; round < ROUNDS; round++) {
        multiply(x, n, d, v, next);
        const double along = other ? dot(next, other, d) : 0;
        for (size_t i = 0; i < d; i++) v[i] = next[i] - (other ? along * other[i] : 0);
        length = sqrt(dot(v, v, d));
        if (length < 1e-12) break;
        scale(v, d, 1 / length);
    }
    free(next);
    return length;
}

double plane_place(const float *rows, size_t n, size_t d, double *xy)
{
    double *x = mem_alloc(n * d, sizeof *x), *v = mem_alloc(2 * d, sizeof *v), all = 0;
    for (size_t i = 0; i < d; i++) {
        double mean = 0;
        for (size_t k = 0; k < n; k++) mean += (double)rows[k * d + i] / (double)n;
        for (size_t k = 0; k < n; k++) x[k * d + i] = (double)rows[k * d + i] - mean;
    }
    all = dot(x, x, n * d);
    const double held = direction(x, n, d, NULL, v) + direction(x, n, d, v, v + d);
    for (size_t k = 0; k < n; k++) {
        xy[2 * k] = dot(x + k * d, v, d);
        xy[2 * k + 1] = dot(x + k * d, v + d, d);
    }
    free(x);
    free(v);
    return all > 0 ? held / all : 0;
}
