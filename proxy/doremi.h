/* doremi.h - DoReMi's arithmetic: excess losses to domain weights to the weight of each token's gradient.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Xie et al. 2023, "DoReMi: Optimizing Data Mixtures Speeds Up Language Model Pretraining", Algorithm 1. At step t,
 * over the rows of the minibatch, all of them `length` tokens:
 *
 *     excess[i] = mean over the tokens of domain i of max(loss(proxy) - loss(reference), 0)
 *     weight    = simplex_step(weight, excess, rate 1, smoothing 1e-3)
 *     the proxy's gradient: sum over domains of weight[i] * mean over its tokens of the gradient of loss(proxy)
 *
 * and the result is the mean of weight over the steps, all of them or the later ones. A domain that has no row in a
 * batch keeps its last excess, as in the authors' program. Losses are in nats.
 */
#ifndef PROXY_DOREMI_H
#define PROXY_DOREMI_H
#include <stddef.h>

struct doremi_rows { const size_t *domain; size_t rows, length, k; };         /* domain (rows): below k */

/* proxy, reference: (rows, length); excess (k) in and out. */
void doremi_excess(const struct doremi_rows *r, const float *proxy, const float *reference, double *excess);
/* to (rows, length): weight[domain] / the domain's tokens in the batch. */
void doremi_token_weights(const struct doremi_rows *r, const double *weight, float *to);

#endif
