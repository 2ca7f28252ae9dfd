/* likeness.h - how alike two documents of some slices are, from their proofs.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One document is held, many are compared with it. Documents have one number over all slices, in
 * the order of the slices. Sets that were read stay in a cache of `memory` bytes, since the copy
 * that stays is asked for again and again.
 *
 *     likeness_hold(l, d, e) && likeness_with(l, other, &j, e)
 */
#ifndef DEDUP_LIKENESS_H
#define DEDUP_LIKENESS_H
#include "dedup/slice.h"

struct likeness;
/* slices: kept, may grow in n rows */
struct likeness *likeness_open(const struct slice *slices, size_t n, size_t memory);
bool likeness_hold(struct likeness *l, uint32_t doc, struct err *e) MUST_CHECK;
bool likeness_with(struct likeness *l, uint32_t doc, double *jaccard, struct err *e) MUST_CHECK;
/* until the next call; null: it has none */
bool likeness_id(struct likeness *l, uint32_t doc, struct str *id, struct err *e) MUST_CHECK;
void likeness_close(struct likeness *l);

/* The id as JSON, for people: its string, or the number of the document where it has none. */
bool likeness_name(struct likeness *l, uint32_t doc, struct buf *to, struct err *e) MUST_CHECK;

#endif
