/* regmix_run.h - RegMix with models: a small one on each of many mixtures.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every run of a seed begins with the same weights, so that runs differ by their mixtures; a run's loss is that of the
 * held-out rows of the target domains, their mean. */
#ifndef PROXY_REGMIX_RUN_H
#define PROXY_REGMIX_RUN_H
#include "proxy/weigh.h"

/* target: names, comma-separated; NULL: all; eval: rows a domain */
struct regmix_opt { const char *target; long runs, eval; };
bool regmix_seed(struct weigh *w, void *regmix_opt, double *weight, struct err *e);      /* a weigh_method's seed */

#endif
