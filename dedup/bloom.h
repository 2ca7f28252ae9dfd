/* bloom.h - an ageing Bloom filter: for streams without end, in memory that is fixed.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Two filters share the memory, each sized for its capacity at half of the false-positive rate. Keys go into
 * the newer; when it holds its capacity the older one is emptied and becomes the newer. So a key is
 * remembered for at least one capacity of new keys, and an unseen key is taken for seen with
 * probability at most fpr. Bloom 1970; two generations: Yoon 2010.
 */
#ifndef DEDUP_BLOOM_H
#define DEDUP_BLOOM_H
#include "core/hash.h"

struct bloom { uint64_t *bits[2]; size_t n_bits; int probes; uint64_t capacity, n; };

void bloom_init(struct bloom *b, size_t memory, double fpr);     /* 0 < fpr < 1 */
bool bloom_add(struct bloom *b, struct hash128 key);             /* whether it was (taken to be) there */
void bloom_free(struct bloom *b);

#endif
