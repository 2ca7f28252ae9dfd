/* fasttext_pq.h - product quantisation of a matrix's rows (Jégou, Douze & Schmid 2011) in fastText's layout.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A row is cut into parts of dsub numbers (the last may be shorter); each part becomes the number of the nearest of the
 * part's own
 * FT_CENTROIDS centroids, found by k-means over at most 65,536 rows. With norms, rows are quantised at length 1 and
 * their lengths apart: a part of one number. The result depends on the matrix and the seed, not on threads.
 */
#ifndef MODEL_FASTTEXT_PQ_H
#define MODEL_FASTTEXT_PQ_H
#include "model/fasttext_model.h"

/* what a quantised struct ft_matrix points to */
struct ft_quantised { float *centroids, *norm_centroids; uint8_t *codes, *norm_codes; };

/* x: (rows, cols), its rows brought to length 1 when norms. *to points into *own, which ft_quantised_free() ends. */
void ft_quantise(float *x, size_t rows, size_t cols, size_t dsub, bool norms, uint64_t seed, int threads,
                 struct ft_matrix *to, struct ft_quantised *own);
void ft_quantised_free(struct ft_quantised *own);

#endif
