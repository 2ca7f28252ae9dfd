/* pairs.h - every verified pair as a JSON line: {"a":ID,"b":ID,"similarity":0.9636}, a before b in rank.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef DEDUP_PAIRS_H
#define DEDUP_PAIRS_H
#include "dedup/likeness.h"

struct pairs;
struct pairs *pairs_open(const char *path, const struct slice *slices, size_t n, struct err *e) MUST_CHECK;
/* a pair_fn of star.h */
bool pairs_put(void *pairs, uint32_t a, uint32_t b, double similarity, struct err *e) MUST_CHECK;
bool pairs_done(struct pairs *p, struct err *e) MUST_CHECK;      /* whole, under its name; frees p either way */
void pairs_drop(struct pairs *p);

#endif
