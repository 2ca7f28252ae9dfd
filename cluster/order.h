/* order.h - related rows side by side, each once (in-context pre-training, Shi et al., ICLR 2024).
 * SPDX-License-Identifier: Apache-2.0
 *
 * The paper walks from document to nearest unvisited neighbour. Here the most similar pairs are joined first: edges to
 * the k nearest neighbours, greatest cosine first, become part of the answer when both ends still have fewer than two
 * edges and no ring would close. What comes out is a set of paths; their ends are searched for neighbours anew, until
 * one
 * path is left. Clusters are kept apart and follow each other by number. Neighbours are exact, or what an index of
 * FAISS finds: as long as a cluster has more than ORDER_EXACT ends and the index still finds edges to take.
 */
#ifndef CLUSTER_ORDER_H
#define CLUSTER_ORDER_H
#include "cluster/ann.h"
#include "cluster/rows.h"

enum { ORDER_EXACT = 2048 };
struct order_opt { size_t neighbours; int threads; struct ann *ann; };   /* ann NULL: all pairs */

/* n rows of x and their clusters; out: a permutation of 0 .. n-1. Memory: floats of the largest cluster, n * (16 k +
 * 24) bytes. Fails only when the index does. */
bool order_find(const struct matrix *x, const uint32_t *rows, const uint32_t *cluster, size_t n, struct order_opt o,
                uint32_t *out, struct err *e) MUST_CHECK;

/* Mean cosine of rows that stand side by side, and how many such pairs are above `same`. */
double order_similarity(const struct matrix *x, const uint32_t *rows, const uint32_t *order, size_t n, double same,
                        size_t *copies);

#endif
