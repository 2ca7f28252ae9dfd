/* simplex.c - weights of domains that sum to 1.
 * SPDX-License-Identifier: Apache-2.0 */
#include "proxy/simplex.h"

#include <math.h>

enum { NAMES_MOST = 5 };             /* in a sentence */

void simplex_uniform(double *weight, size_t k)
{
    for (size_t i = 0; i < k; i++) weight[i] = 1.0 / (double)k;
}

bool simplex_scale(double *weight, size_t k)
{
    double sum = 0;
    for (size_t i = 0; i < k; i++) {
        if (!(weight[i] >= 0)) return false;
        sum += weight[i];
    }
    if (!(sum > 0) || isinf(sum)) return false;
    for (size_t i = 0; i < k; i++) weight[i] /= sum;
    return true;
}

void simplex_step(double *weight, const double *gain, size_t k, double rate, double smoothing)
{
    double most = -INFINITY, sum = 0;
    for (size_t i = 0; i < k; i++) if (weight[i] > 0) most = fmax(most, log(weight[i]) + rate * gain[i]);
    for (size_t i = 0; i < k; i++) {
        weight[i] = weight[i] > 0 ? exp(log(weight[i]) + rate * gain[i] - most) : 0;
        sum += weight[i];
    }
    for (size_t i = 0; i < k; i++) weight[i] = (1 - smoothing) * weight[i] / sum + smoothing / (double)k;
}

void simplex_spread(const double *of, size_t seeds, size_t k, double *mean, double *spread)
{
    for (size_t i = 0; i < k; i++) {
        double sum = 0, squares = 0;
        for (size_t s = 0; s < seeds; s++) sum += of[s * k + i];
        mean[i] = sum / (double)seeds;
        for (size_t s = 0; s < seeds; s++) squares += (of[s * k + i] - mean[i]) * (of[s * k + i] - mean[i]);
        spread[i] = seeds > 1 ? sqrt(squares / (double)(seeds - 1)) : NAN;
    }
}

void simplex_words(const double *start, const double *mean, const double *spread, const struct str *names, size_t seeds,
                   size_t k, struct buf *to)
{
    size_t n = 0;
    if (seeds < 2) { buf_put(to, S("one seed says nothing of the spread: --seeds 3 does")); return; }
    for (size_t i = 0; i < k; i++) n += fabs(mean[i] - start[i]) <= spread[i];
    if (!n) { buf_printf(to, "every domain moved by more than its spread over %zu seeds", seeds); return; }
    buf_printf(to, "%zu of %zu domains moved by no more than their spread over %zu seeds, so another seed may say the opposite of them:", n, k, seeds);
    size_t said = 0;
    for (size_t i = 0; i < k && said < NAMES_MOST; i++) {
        if (fabs(mean[i] - start[i]) > spread[i]) continue;
        buf_put(to, said++ ? S(", ") : S(" "));
        buf_put(to, names[i]);
    }
    if (n > said) buf_printf(to, " and %zu more", n - said);
}
