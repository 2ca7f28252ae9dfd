/* lloyd.h - k-means over many matrices on many machines: the centroids of one machine, bit for bit.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   part  M.npy ...              rows and the longest of them                      (no state yet)
 *   merge of all parts           -> state 0: seeds
 *   part  --state i, M.npy ...   labels, counts and sums of its rows, objective
 *   merge of all parts           -> state i + 1: the centroids moved, or done
 *
 * Sums of rows and of distances are exact (sums.h), so it does not matter which part a row is in. Little-endian:
 *
 *   state    "TAMKMS1\n" | u64 k, d, rows, iteration, iterations, seed | u64 spherical | u64 done | f64 tolerance | f64 objective | f64 longest | f32 centroids (k, d)
 *   part     "TAMKMP1\n" | u64 stamp of the state, or 0 | u64 matrices, rows, d, changed, labels at | f64 longest | f64 objective, a sum |
 *            u64 rows of each matrix | u32 size, name of each matrix | zeros up to a multiple of 8 | i64 counts (k) | f64 sums (k, d) | i32 labels (rows)
 *
 * A part names its matrices, since a merge reads single rows of them: seeds, and one for a cluster that lost all of its
 * own. A task may take many matrices. Memory: k x d x (12 + 8 x threads) bytes and one matrix in runs; a merge k x d x
 * 12 bytes and one part, mapped.
 */
#ifndef CLUSTER_LLOYD_H
#define CLUSTER_LLOYD_H
#include "cluster/kmeans.h"

struct lloyd_head {
    char magic[8];
    uint64_t k, d, rows, iteration, iterations, seed, spherical, done;
    double tolerance, objective, longest;
};
struct lloyd { struct lloyd_head head; float *c; uint64_t stamp; };

bool lloyd_read(struct lloyd *s, const char *path, struct err *e) MUST_CHECK;
bool lloyd_write(struct lloyd *s, const char *path, struct err *e) MUST_CHECK;
void lloyd_free(struct lloyd *s);

/* s: NULL for the first part. before: the part of the same matrices at the state before, from state 1 on. */
struct lloyd_part_job {
    char *const *matrices;
    size_t n;
    const struct lloyd *s;
    const char *before;
    int threads;
    size_t memory;
};
bool lloyd_part(const struct lloyd_part_job *j, const char *path, struct err *e) MUST_CHECK;

struct lloyd_tally { uint64_t rows, changed; };
/* state 0 */
bool lloyd_seed(struct lloyd *s, char *const *parts, const struct kmeans_opt *o, struct err *e) MUST_CHECK;
/* s becomes the next state */
bool lloyd_step(struct lloyd *s, char *const *parts, struct lloyd_tally *t, struct err *e) MUST_CHECK;

/* ---- a part, mapped ---- */
struct lloyd_part_head {
    char magic[8];
    uint64_t stamp, matrices, rows, d, changed, labels_at;
    double longest, objective;
};
struct lloyd_part {
    struct map map;
    const struct lloyd_part_head *head;
    const uint64_t *rows;
    const char *names;
    const int64_t *count;
    const double *sum;
    const int32_t *labels;
};
/* k: 0 for a first part */
bool lloyd_part_open(struct lloyd_part *p, const char *path, uint64_t stamp, uint64_t k, uint64_t d,
                     struct err *e) MUST_CHECK;
void lloyd_part_close(struct lloyd_part *p);
/* Row `row` of the part's matrices. */
bool lloyd_part_row(const struct lloyd_part *p, uint64_t row, float *to, struct err *e) MUST_CHECK;

#endif
