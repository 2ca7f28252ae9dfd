/* rank.h - prototypes among slices: the distances of each, and where all of them are cut.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Files of core/runs.h with one cell. A slice's distances, kind "far", in the order of its documents:
 *
 *   record   u32 cluster | f32 distance
 *
 * Where they are cut, kind "cut": of each cluster (or of all, as cluster 0) the last document that goes, by cluster:
 *
 *   heap     u64 far | u64 per cluster | u64 slices | u64 x slices: documents in each
 *   record   u32 cluster | u32 distance, as rank_of makes it | u32 slice | u32 row
 *
 * What is not behind that document, by distance, slice and row, goes: exactly what prototype_mark() marks when it
 * has all in one array. The merge sorts 16 bytes a document in memory, then on disk, and counts 8 bytes a cluster.
 */
#ifndef CLUSTER_RANK_H
#define CLUSTER_RANK_H
#include "cluster/prototype.h"
#include "core/runs.h"

struct rank_out;
struct rank_out *rank_create(const char *path, struct err *e) MUST_CHECK;
bool rank_put(struct rank_out *o, uint32_t cluster, float distance, struct err *e) MUST_CHECK;
bool rank_done(struct rank_out *o, struct err *e) MUST_CHECK;         /* frees o either way */
void rank_drop(struct rank_out *o);

struct rank_job { char **files; struct prototype_opt how; size_t memory; int threads; };
bool rank_merge(const struct rank_job *j, const char *path, uint64_t *docs, uint64_t *go, struct err *e) MUST_CHECK;

struct rank_cut;                                     /* of one slice */
struct rank_cut *rank_open(const char *path, uint64_t slice, struct err *e) MUST_CHECK;
uint64_t rank_docs(const struct rank_cut *c);        /* documents of the slice when it was read */
bool rank_goes(const struct rank_cut *c, uint32_t row, uint32_t cluster, float distance);
void rank_close(struct rank_cut *c);

#endif
