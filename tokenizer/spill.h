/* spill.h - sorted runs of words and their counts, in memory and in a scratch file, and their merge.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   a run in a file:  (u32 bytes, u64 count, the bytes) ...
 *
 * The order is count.h's. Runs are read through windows that together take `memory`; when a file has more runs than
 * that gives windows to, they are merged into one first. (core/sort.h sorts records of one size; words have none.)
 */
#ifndef TOKENIZER_SPILL_H
#define TOKENIZER_SPILL_H
#include "tokenizer/count.h"

struct word { uint64_t count, at; uint32_t size, hash; };                        /* its bytes begin at bytes + at */
struct word_run { struct word *all; size_t n; const char *bytes; size_t mark; };
void word_run_sort(const struct word_run *r);                                    /* in place, no other memory */

struct spill {
    int fd;                                                                      /* -1: nothing written yet */
    size_t mark, memory;
    struct spill_run { uint64_t at, end; } *run;
    size_t n, cap;
    uint64_t size, written;                                                      /* of the file; to all files so far */
};
bool spill_put(struct spill *s, const struct word_run *r, struct err *e) MUST_CHECK;         /* r is sorted */
/* All runs of n spills and of n_runs in memory, sorted, each different word once. */
bool spill_merge(struct spill *const *all, size_t n, const struct word_run *runs, size_t n_runs, count_fn *each,
                 void *with, struct err *e) MUST_CHECK;
void spill_free(struct spill *s);

#endif
