/* keys.h - exact duplicates among slices, part and merge: keys of one slice, sorted; a range of all keys to cuts.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Files of core/runs.h. A slice's keys, kind "keys":
 *
 *   heap     documents: for each that has a key, u32 size | its id
 *   record   documents: key | u32 row | u64 place of its id        key: 8 or 16 bytes, big-endian, sorted by it,
 *            pieces:    key | u32 row | u32 piece                   equal keys as they come in the slice
 *
 * What goes, kind "cuts", a file a range of hashes:
 *
 *   heap     u64 r | u64 m | u64 keep | u64 slices | u64 x slices: documents in each | u32 size | id of a twin ...
 *   record   documents: u32 row | u64 place of the twin's id, or IN_INDEX         a cell is a slice
 *            pieces:    u32 row | u32 piece
 *
 * The merge reads one file at a time into a sort by key (memory, then disk); what goes is sorted by
 * the twin's place, so that its id is read from each file in one sweep, then by slice and row.
 */
#ifndef DEDUP_KEYS_H
#define DEDUP_KEYS_H
#include "core/runs.h"
#include "dedup/exact.h"

#define IN_INDEX UINT64_MAX

uint64_t keys_stamp(const struct exact *x);                       /* of the options that decide what a key is */

struct keys_out;
struct keys_out *keys_create(const struct exact *x, const char *path, size_t memory, int threads, struct err *e) MUST_CHECK;
bool keys_doc(struct keys_out *o, const struct doc *d, struct err *e) MUST_CHECK;    /* after exact_keys, in order */
bool keys_done(struct keys_out *o, struct err *e) MUST_CHECK;                        /* whole, under its name; frees o either way */
void keys_drop(struct keys_out *o);

struct keys_job {
    char **files;                    /* keys of all slices in order, NULL-terminated; the first n_old of former runs: theirs stay */
    size_t n_old;
    int keep;
    struct range range;
    size_t memory;
    int threads;
};
struct keys_tally { uint64_t keys, cuts; };
bool keys_merge(const struct keys_job *j, const char *path, struct keys_tally *t, struct err *e) MUST_CHECK;

#endif
