/* semdedup.h - semantic duplicates inside clusters (Abbas et al. 2023, arXiv:2303.09540).
 * SPDX-License-Identifier: Apache-2.0
 *
 * The members of a cluster are visited by rank, smallest first, equal ranks in the order in which they were added. One
 * is a duplicate when its cosine to a member that stays is above 1 - epsilon; its twin is the most similar
 * of those (of equal ones the first visited). With `chained`, as in the paper's code, likeness to any earlier
 * member counts, kept or not: a chain can then drop a document that is unlike all that stay.
 *
 * Rows are scaled to length 1 first; sums run in the order of accel/panel.h. Memory: 32 bytes a member, and
 * the floats of the largest cluster's kept rows; blocks of 224 rows are multiplied with them at a time.
 */
#ifndef CLUSTER_SEMDEDUP_H
#define CLUSTER_SEMDEDUP_H
#include "cluster/rows.h"

/* twin: a member's number, or -1 when it stays */
struct member { uint32_t row, cluster; float rank; int32_t twin; float cosine; };
struct members { struct member *at; size_t n, cap; };

void members_add(struct members *m, size_t row, size_t cluster, double rank);
void members_free(struct members *m);

struct semdedup { const struct matrix *x; double epsilon; bool chained; int threads; };

/* sets twin and cosine of all; returns how many stay */
size_t semdedup_run(const struct semdedup *s, struct members *m);

/* Share of members that stay, over a sample of whole clusters of at least `rows` members (all when there are fewer). */
struct semdedup_sample { struct members some; };
void semdedup_sample(struct semdedup_sample *to, const struct members *m, size_t rows, uint64_t seed);
/* a cluster whose random number is at most this is in it, */
uint64_t semdedup_sample_share(size_t rows, uint64_t n);
uint64_t semdedup_sample_more(uint64_t share);                          /* or, when none was, this */
double semdedup_share(const struct semdedup *s, struct semdedup_sample *on);
/* the epsilon that keeps this share */
double semdedup_bisect(struct semdedup s, struct semdedup_sample *on, double keep);

#endif
