/* bpe_long.h - merging a piece of many symbols.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The places of each rank are a list, and lists are done from the lowest rank on: linear where places come in order, as
 * they mostly do. Where lists had to be sorted too often, what is left waits in a heap: n log n, whatever the text.
 */
#ifndef MODEL_BPE_LONG_H
#define MODEL_BPE_LONG_H
#include "model/bpe.h"

struct bpe_long;                                                     /* one per thread; grows to the longest piece */
struct bpe_long *bpe_long_new(void);
void bpe_long_free(struct bpe_long *s);

/* (n) ids of symbols become those that are left; returns how many. */
size_t bpe_merge_long(const struct bpe *b, struct bpe_long *s, uint32_t *id, size_t n);

#endif
