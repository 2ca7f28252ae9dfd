/* simplex.h - weights of k domains that sum to 1: steps, averages, and what several seeds make of them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef PROXY_SIMPLEX_H
#define PROXY_SIMPLEX_H
#include "core/str.h"

void simplex_uniform(double *weight, size_t k);
/* to the sum 1; false: they sum to 0, or one is negative or no number */
bool simplex_scale(double *weight, size_t k);

/* An exponentiated gradient step: weight[i] *= exp(rate * gain[i]), scaled to the sum 1, then mixed with the uniform
   weights: (1 - smoothing) * weight + smoothing / k. No overflow, whatever the gains. */
void simplex_step(double *weight, const double *gain, size_t k, double rate, double smoothing);

/* ---- several seeds ---- */

/* of (seeds, k): mean (k), and spread (k): the standard deviation over seeds (n - 1), NAN for one seed. */
void simplex_spread(const double *of, size_t seeds, size_t k, double *mean, double *spread);

/* In words: which domains moved from start by less than their spread, so that another seed may say the opposite.
   Names are (k). One sentence, without a line's end, appended to `to`. */
void simplex_words(const double *start, const double *mean, const double *spread, const struct str *names, size_t seeds,
                   size_t k, struct buf *to);

#endif
