/* prototype.h - which documents are prototypes: those nearest to their centroid (Sorscher et al., NeurIPS 2022).
 * SPDX-License-Identifier: Apache-2.0
 *
 * Of n documents exactly n - round(keep n) are marked: those with the smallest distances (or the largest), of equal
 * ones the first. Per cluster, the same within each.
 */
#ifndef CLUSTER_PROTOTYPE_H
#define CLUSTER_PROTOTYPE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct prototype_opt { double keep; bool far, per_cluster; };

void prototype_mark(const float *distance, const uint32_t *cluster, size_t n, struct prototype_opt o, bool *drop);

#endif
