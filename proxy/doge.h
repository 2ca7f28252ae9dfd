/* doge.h - DoGE's arithmetic: how well each domain's gradient serves the target.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Fan, Pagliardini, Jaggi 2024, "DoGE: Domain Reweighting with Generalization Estimation", Algorithm 1. With g[j] the
 * gradient of the mean loss of domain j's rows in this step, and T the target domains (all of them, unless told):
 *
 *     align[j] = < g[j], sum over i in T of g[i] >
 *     weight   = simplex_step(weight, align, rate / mu, smoothing 0)          rate: the optimiser's at this step
 *     the proxy's gradient: sum over j of weight[j] * g[j]
 *
 * and the result is the mean of weight over the steps. With own = false a domain's own gradient is left out of its
 * target, as the authors' program does: < g[j], g[j] > is mostly the noise of one minibatch, and rewards noise.
 */
#ifndef PROXY_DOGE_H
#define PROXY_DOGE_H
#include <stdbool.h>
#include <stddef.h>

/* gradient: k pointers to n floats; target (k): is it one; align (k): the answer. The same bits for any threads. */
void doge_align(int threads, const float *const *gradient, const bool *target, size_t k, size_t n, bool own,
                double *align);
/* to (n) = sum of weight[j] * gradient[j], added in the order of j. */
void doge_mix(int threads, const float *const *gradient, const double *weight, size_t k, size_t n, float *to);

#endif
