/* doremi_run.h - DoReMi with models: a reference, a proxy, rounds of both.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Rows come by turns: row i of step t is of domain (t * batch + i) mod k, so the proxy sees every domain alike, as the
 * paper's uniform sampling does, with less noise. Weights begin uniform. The reference model is sampled by the
 * reference weights. */
#ifndef PROXY_DOREMI_RUN_H
#define PROXY_DOREMI_RUN_H
#include "proxy/weigh.h"

/* mean: the answer is the mean of the weights over this share of the steps, the last ones */
struct doremi_opt { const char *reference; double eta, smoothing, mean; long rounds; };
bool doremi_seed(struct weigh *w, void *doremi_opt, double *weight, struct err *e);      /* a weigh_method's seed */

#endif
