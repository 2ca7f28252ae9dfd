/* keys.h - exact duplicates among slices: the keys of one, sorted; a range of the keys of all to what goes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A slice's keys are a file of core/runs.h, kind "keys":
 *
 *   heap     documents: for each that has a key, u32 size | its id
 *   record   documents: key | u32 row | u64 place of its id        key: 8 or 16 bytes, big-endian, sorted by it,
 *            pieces:    key | u32 row | u32 piece                   equal keys as they come in the slice
 *
 * What goes of a range of hashes is a file of core/cuts.h, kind "exact", mode --keep: named documents, or pieces by
 * number. The merge reads one file at a time into a sort by key, in memory, then on disk.
 */
#ifndef DEDUP_KEYS_H
#define DEDUP_KEYS_H
#include "core/cuts.h"
#include "dedup/exact.h"

/* its stamp: of the options that decide what a key is */
struct cuts_kind keys_cuts(const struct exact *x);

struct keys_out;
struct keys_out *keys_create(const struct exact *x, const char *path, size_t memory, int threads,
                             struct err *e) MUST_CHECK;
bool keys_doc(struct keys_out *o, const struct doc *d, struct err *e) MUST_CHECK;    /* after exact_keys, in order */
/* whole, under its name; frees o either way */
bool keys_done(struct keys_out *o, struct err *e) MUST_CHECK;
void keys_drop(struct keys_out *o);

struct keys_job {
    /* keys of all slices in order, NULL-terminated; the first n_old of former runs: theirs stay */
    char **files;
    size_t n_old;
    int keep;
    struct range range;
    size_t memory;
    int threads;
};
struct keys_tally { uint64_t keys, cuts; };
bool keys_merge(const struct keys_job *j, const char *path, struct keys_tally *t, struct err *e) MUST_CHECK;

#endif
