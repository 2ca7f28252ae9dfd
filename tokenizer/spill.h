/* spill.h - sorted runs of words and their counts, in memory and in a scratch file, and their merge.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A run in a file is its records (run.h), one behind the other. Runs are read through windows that together take
 * `memory`; when a file has more runs than that gives windows to, they are merged into one first.
 * (core/sort.h sorts records of one size; words have none.)
 */
#ifndef TOKENIZER_SPILL_H
#define TOKENIZER_SPILL_H
#include "tokenizer/count.h"
#include "tokenizer/run.h"

struct spill {
    int fd;                                                                      /* -1: nothing written yet */
    size_t mark, memory;
    struct spill_run { uint64_t at, end; } *run;
    size_t n, cap;
    uint64_t size, written;                                                      /* of the file; to all files so far */
};
bool spill_put(struct spill *s, const struct run *r, struct err *e) MUST_CHECK;         /* r is sorted */
/* All runs of n spills and of n_runs in memory, sorted, each different word once. */
bool spill_merge(struct spill *const *all, size_t n, const struct run *runs, size_t n_runs, count_fn *each,
                 void *with, struct err *e) MUST_CHECK;
void spill_free(struct spill *s);

#endif
