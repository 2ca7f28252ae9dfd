/* minibatch.h - k-means on random batches (Sculley, WWW 2010), for matrices that are read only in part.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A centroid is the mean of all rows it has had so far: each one's share falls as 1/n. An iteration reads o->batch
 * random rows; o->tolerance and o->restarts are not used.
 */
#ifndef CLUSTER_MINIBATCH_H
#define CLUSTER_MINIBATCH_H
#include "cluster/kmeans.h"

bool minibatch_train(struct kmeans *km, const struct matrix *x, const struct kmeans_opt *o, kmeans_report *report,
                     void *ctx, struct err *e) MUST_CHECK;

#endif
