/* regmix.h - RegMix's arithmetic: random mixtures, a regression of loss on weights, the mixture it would choose.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Liu et al. 2024, "RegMix: Data Mixture as Regression for Language Model Pre-training". Mixture i is drawn from
 * Dirichlet(k s_i p) with p the prior's square root scaled to the sum 1 (the paper's temperature 0.5) and s_i
 * log-uniform in [0.3, 3]. The regression is ridge on 2k standardised features,
 *
 *     loss = b + sum over i of u[i] w[i] + v[i] log(w[i] + 0.01)
 *
 * its penalty the one of a ladder with the least leave-one-out error. (The paper fits gradient-boosted trees to 512
 * runs; for the tens of runs of a small machine a form that knows diminishing returns does more.) The answer is the
 * mean of the 100 mixtures with the least predicted loss among 100,000 drawn as the runs were.
 */
#ifndef PROXY_REGMIX_H
#define PROXY_REGMIX_H
#include <stddef.h>
#include <stdint.h>

/* weight (k), sums to 1 */
void regmix_draw(const double *prior, size_t k, uint64_t seed, uint64_t i, double *weight);

struct regmix_fit {
    size_t k;
    double *coefficient;             /* (2k + 1): of w, of log(w + 0.01), the constant */
    double penalty;                  /* chosen; of standardised features, times the number of runs */
    /* leave one out: root mean square error, Spearman's correlation of predicted and real */
    double error, rank;
};
/* weight (n, k), loss (n); n of 3 or more. */
void regmix_fit(const double *weight, const double *loss, size_t n, size_t k, struct regmix_fit *fit);
void regmix_fit_free(struct regmix_fit *fit);
double regmix_predict(const struct regmix_fit *fit, const double *weight);
void regmix_best(const struct regmix_fit *fit, const double *prior, uint64_t seed, double *weight);

#endif
