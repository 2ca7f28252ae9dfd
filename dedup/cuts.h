/* cuts.h - exact duplicates among slices, apply: what goes of one slice, in its order.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Reads the slice's cell of the cuts of every range (dedup/keys.h), one file at a time, into a sort by row. */
#ifndef DEDUP_CUTS_H
#define DEDUP_CUTS_H
#include "core/names.h"
#include "dedup/keys.h"

struct cuts;
struct cuts *cuts_open(const struct exact *x, const struct names *files, uint64_t slice, size_t memory, int threads, struct err *e) MUST_CHECK;
int cuts_keep(const struct cuts *c);                              /* KEEP_FIRST or KEEP_NONE, as merged */
uint64_t cuts_docs(const struct cuts *c);                         /* documents of the slice when it was read */

/* The next cut of document `row`; rows ascend from call to call. False when there is none, or with e set.
   piece: its number; twin: the id of the document that stays, in mem; a null span when it is of a former run. */
bool cuts_next(struct cuts *c, uint64_t row, uint32_t *piece, struct arena *mem, struct str *twin, struct err *e) MUST_CHECK;
void cuts_close(struct cuts *c);

#endif
