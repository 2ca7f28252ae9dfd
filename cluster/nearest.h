/* nearest.h - the nearest of k centroids, and rows that can prove that theirs still is.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The score of row x and centroid c is x.c - |c|^2/2, or x.c when spherical; the greatest wins, of equal
 * ones the centroid with the lowest number. |x - c|^2 = |x|^2 - 2 score (+ 1 when spherical).
 *
 * nearest_plain() computes all scores: the definition. nearest_bounded() remembers, for each row and each group
 * of centroids, a distance below which no centroid of the group can lie (Yinyang, Ding et al., ICML 2015). When
 * centroids have moved, the bound sinks by the longest move in the group; a group is looked at only when its bound lies
 * below the row's distance to its own centroid. Here a group is a run of whole panels (accel/panel.h) of centroids that
 * lie close together, and rows that still need a panel are multiplied with it 14 at a time. The bounds carry the
 * rounding error of the sums, so the answer is that of nearest_plain(), bit for bit.
 */
#ifndef CLUSTER_NEAREST_H
#define CLUSTER_NEAREST_H
#include "accel/panel.h"
#include "core/arena.h"

#include <stdint.h>

struct nearest {
    size_t k, d;
    bool spherical;
    const float *c;                  /* (k, d): the caller's, row-major */
    float *panels;                   /* the same, packed by column */
    uint32_t *order;                 /* column -> centroid, similar ones side by side; NONE in the last panel's rest */
    uint32_t *column;                /* centroid -> column */
    float *half;                     /* by column: |c|^2 / 2, or 0 */
    float longest;                   /* max |c|^2 */
    size_t group, n_groups;          /* panels in a group */
    panel_fn *kernel;
};
enum { NEAREST_CHUNK = 32 * PANEL_ROWS };            /* rows of one call at most */

/* memory: floats of bounds that a row may have; 0: no groups, for nearest_plain only. c is kept. */
void nearest_init(struct nearest *s, const float *c, size_t k, size_t d, bool spherical, size_t bounds);
void nearest_free(struct nearest *s);
/* order by closeness: before the first nearest_bounded, not after */
void nearest_sort(struct nearest *s);
void nearest_pack(struct nearest *s);                /* c has changed */

/* best[i], score[i] of n <= NEAREST_CHUNK rows. */
void nearest_plain(const struct nearest *s, const float *const *rows, size_t n, int32_t *best, float *score);

/* The same for rows that had best[i] (or -1) before the centroids moved by at most moved[g] in group g.
 * norms: |x|^2 by rows_dot. low: (n, n_groups), kept by the caller from call to call. Returns how many scores were computed. */
uint64_t nearest_bounded(const struct nearest *s, const float *const *rows, const float *norms, size_t n,
                         const float *moved, float *low, int32_t *best, float *score);

#endif
