/* index.h - the sketches of documents that stayed, kept for the next run.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef DEDUP_INDEX_H
#define DEDUP_INDEX_H
#include "dedup/shelf.h"
#include "dedup/slice.h"

/* Writes to path (a slice, see slice.h) the rows of these slices that can be matched and whose verdict is that they
 * stay. */
bool index_save(const char *path, const struct slice *slices, size_t n, struct shelf *verdicts,
                struct err *e) MUST_CHECK;

#endif
