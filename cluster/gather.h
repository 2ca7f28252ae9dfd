/* gather.h - semantic duplicates among slices: the vectors of one by cluster, and all of some clusters together.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A slice's members are a file of core/runs.h, kind "members", by cell, cluster and row; a cluster's cell is a hash, so
 * that
 * ranges have like numbers of clusters whatever their numbers:
 *
 *   heap     u64 columns | u64 type of the matrix | u32 size, id of a document ...
 *   record   u16 cell | u32 cluster, both big-endian | u32 row in the slice | u64 "row" | f32 rank | u64 place of its id, or NO_TWIN | vector
 *
 * The merge sorts its range by cluster, in memory, then on disk, and compares some clusters at a time: as many as fit a
 * quarter of the memory. Every cluster is visited in the order of semdedup_run() with all in one array. What goes is a
 * file of
 * core/cuts.h, kind "semantic", payload u32 cluster | f32 cosine | u64 "row" of the twin.
 */
#ifndef CLUSTER_GATHER_H
#define CLUSTER_GATHER_H
#include "cluster/semdedup.h"
#include "core/cuts.h"

enum { SEMANTIC_PAYLOAD = 16 };
static inline struct cuts_kind gather_cuts(void) { return (struct cuts_kind){ "semantic", SEMANTIC_PAYLOAD, true, 0 }; }

struct gather_out;
struct gather_out *gather_create(const char *path, const struct matrix *x, size_t memory, int threads,
                                 struct err *e) MUST_CHECK;
struct gathered { uint32_t cluster, at; uint64_t row; float rank; struct str id; };      /* at: its row in x */
bool gather_put(struct gather_out *o, const struct gathered *g, struct err *e) MUST_CHECK;   /* documents in order */
bool gather_done(struct gather_out *o, struct err *e) MUST_CHECK;                        /* frees o either way */
void gather_drop(struct gather_out *o);

struct gather_job {
    char **files;
    struct range range;
    struct semdedup how;             /* x: not used */
    /* above 0: epsilon is found on a sample of whole clusters of at least `sample` members */
    double keep;
    size_t sample, memory;
    uint64_t seed;
};
struct gather_tally { double epsilon; uint64_t members, go; };
/* reads all members once */
bool gather_epsilon(const struct gather_job *j, double *epsilon, struct err *e) MUST_CHECK;
bool gather_merge(const struct gather_job *j, const char *path, struct gather_tally *t, struct err *e) MUST_CHECK;

#endif
