/* doge_run.h - DoGE with a model: a gradient for every domain at every step.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A step has the same number of rows of every domain. Each domain's gradient is shortened to length `clip` before it is
 * aligned or mixed, as in the authors' program. Weights begin uniform over the domains that are weighed: all, or with
 * target domains all others, as the paper has it for a target outside the training set. */
#ifndef PROXY_DOGE_RUN_H
#define PROXY_DOGE_RUN_H
#include "proxy/weigh.h"

/* target: names, comma-separated; NULL: all domains */
struct doge_opt { const char *target; double mu; bool own; };
bool doge_seed(struct weigh *w, void *doge_opt, double *weight, struct err *e);          /* a weigh_method's seed */

#endif
