/* offload.h - the nearest centroid of every row, found on a device.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Rows are put on the device once and stay there when they fit; else they pass through it in runs, at every call. All
 * k x rows scores are computed: a device has flops to spare and bounds would make its rows unequal. A device adds up a
 * dot product in an order of its own, so rows that lie between two centroids within rounding may be labelled otherwise
 * than on the CPU.
 */
#ifndef CLUSTER_OFFLOAD_H
#define CLUSTER_OFFLOAD_H
#include "accel/accel.h"
#include "cluster/nearest.h"
#include "cluster/rows.h"

struct offload;

/* both are kept */
struct offload *offload_open(struct accel *a, const struct matrix *x, size_t k, struct err *e) MUST_CHECK;
void offload_close(struct offload *o);                                        /* not the device */

/* best (rows), score (rows) as nearest_plain() gives them, to rounding. s: k centroids of x's columns. */
bool offload_nearest(struct offload *o, const struct nearest *s, int32_t *best, float *score, struct err *e) MUST_CHECK;

#endif
