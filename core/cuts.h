/* cuts.h - what a merge decided about documents of each slice, for the tasks that hold the slices.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A file of core/runs.h for each range of the merge; a cell is a slice, records are by row:
 *
 *   heap     u64 r | u64 m | u64 mode | u64 slices | u64 x slices: documents in each | u32 size | id of a twin ...
 *   record   u32 row | if named: u64 place of the twin's id, or NO_TWIN | payload
 *
 * Writing sorts twice, in memory and then on disk: by the place of the twin, so that each part file is opened once
 * and read in one sweep for the ids, then by slice and row. Reading takes the slice's cell of every range, one
 * file at a time, into a sort by row; every range must be there once.
 */
#ifndef CORE_CUTS_H
#define CORE_CUTS_H
#include "core/names.h"
#include "core/runs.h"

struct cuts_kind { const char *kind; size_t payload; bool named; uint64_t stamp; };      /* payload: bytes, up to 64 */
#define NO_TWIN UINT64_MAX

/* ---- writing ---- */
struct cuts_plan {
    struct cuts_kind is;
    struct range range;
    uint64_t mode;                   /* what apply must know: one number */
    const uint64_t *docs;            /* (slices): documents of each */
    size_t n_slices;
    size_t memory;
    int threads;
};
struct cuts_out;
struct cuts_out *cuts_create(const char *path, const struct cuts_plan *p, struct err *e) MUST_CHECK;
bool cuts_put(struct cuts_out *o, uint32_t slice, uint32_t row, const void *payload, struct err *e) MUST_CHECK;
/* The twin's id is the text at `place` of parts[part], as cuts_done is given them. */
bool cuts_put_twin(struct cuts_out *o, uint32_t slice, uint32_t row, const void *payload, uint32_t part, uint64_t place,
                   struct err *e) MUST_CHECK;
/* frees o either way */
bool cuts_done(struct cuts_out *o, char *const *parts, const char *part_kind, uint64_t *n, struct err *e) MUST_CHECK;
void cuts_drop(struct cuts_out *o);

/* ---- reading ---- */
/* payload: unaligned; twin: a null span when there is none */
struct cut { const void *payload; struct str twin; };
struct cuts { uint64_t mode, docs; struct cuts_state *state; };      /* docs: of the slice, when it was read */
/* "a,b,@list" */
bool cuts_open(struct cuts *c, const char *files, struct cuts_kind is, uint64_t slice, size_t memory, int threads,
               struct err *e) MUST_CHECK;
/* The next cut of `row`, twin in mem, payload until the next call; rows ascend from call to call. False when there is
 * none, or with e set. */
bool cuts_next(struct cuts *c, uint64_t row, struct arena *mem, struct cut *to, struct err *e) MUST_CHECK;
void cuts_close(struct cuts *c);

#endif
