/* group.h - slices in, a verdict for every document out: the search for near-duplicates, out of core.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   keys of all rows -> sort by key -> buckets of two and more -> sort by rank -> star, document by document ->
 *   verdicts
 *
 * A document alone in all its buckets costs nothing after the first sort. Rank is weight, then number:
 * `--keep first` weighs all the same. Documents are numbered over all slices in their order; the first
 * n_old of them, an index of former runs, come before all others.
 *
 * Many machines: group_buckets() writes the buckets of some bands to a file; group_run() takes such
 * files instead of finding buckets itself. The verdicts are the same, since neither the numbers of
 * buckets nor their order matter to star.h.
 *
 * Memory: half for the first sort, a quarter each for the second and for the star's lists and sets.
 */
#ifndef DEDUP_GROUP_H
#define DEDUP_GROUP_H
#include "dedup/star.h"

struct group_job {
    const struct slice *slices;
    size_t n_slices;
    uint64_t n_old;
    char **parts;                     /* files of group_buckets, NULL-terminated, or NULL */
    struct star_rules rules;
    /* share of all documents in one group, beyond GROUP_SMALL documents; 0: no limit */
    double max_group;
    size_t memory;
    int threads;
};
enum { GROUP_SMALL = 10000 };
/* candidates: documents in some bucket */
struct group_tally { uint64_t docs, buckets, candidates, tried, cut, twins; };

/* Finds the buckets of bands [from, to) and writes them to path, as {u32 bucket, u32 document} after a 64-byte
 * header. */
bool group_buckets(const struct group_job *j, size_t from, size_t to, const char *path, struct err *e) MUST_CHECK;

/* verdicts: initialised by group_run, struct verdict for each document; shelf_free it, also after an error. */
bool group_run(const struct group_job *j, struct shelf *verdicts, struct group_tally *t, struct err *e) MUST_CHECK;

#endif
