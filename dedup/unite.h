/* unite.h - union-find over numbers 0 .. n-1 on a shelf: 4 bytes each, in memory or out.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The smallest number of a set is its root, so the result does not depend on the order of joins.
 * Paths are halved on the way (Tarjan & van Leeuwen 1984): O(log n) amortised.
 */
#ifndef DEDUP_UNITE_H
#define DEDUP_UNITE_H
#include "dedup/shelf.h"

#include <stdint.h>

struct unite { struct shelf up; };                        /* uint32_t: parent + 1, or 0 for a root */

void unite_init(struct unite *u, size_t budget);
bool unite_grow(struct unite *u, size_t n, struct err *e) MUST_CHECK;    /* new numbers are alone */
uint32_t unite_find(struct unite *u, uint32_t i);
uint32_t unite_join(struct unite *u, uint32_t a, uint32_t b);            /* the root of both */
void unite_free(struct unite *u);

#endif
