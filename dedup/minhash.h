/* minhash.h - a set of hashes as k minima under k permutations: equal minima estimate Jaccard similarity.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   P(minimum i of A = minimum i of B) = |A and B| / |A or B|        (Broder 1997)
 *
 * Families:
 *   MINHASH_OWN        ((h ^ x_i) * m_i) mod 2^32, m_i odd: a bijection of 32 bits, eight a vector in AVX2
 *   MINHASH_RPV2       ((h*a_i + b_i mod 2^64) mod 2^61-1) mod 2^32, NumPy's MT19937 of seed 42, a and b drawn in turn
 *   MINHASH_DATATROVE  (h*a_i + b_i mod 2^64) mod 2^61-1, seed 1, all a before all b
 *
 * minhash_sign is the fastest the processor has, minhash_sign_plain the definition; tests hold them
 * equal. Threads may share a struct minhash. A set of none has no signature: do not ask.
 */
#ifndef DEDUP_MINHASH_H
#define DEDUP_MINHASH_H
#include <stddef.h>
#include <stdint.h>

enum minhash_family { MINHASH_OWN, MINHASH_RPV2, MINHASH_DATATROVE };
enum { MINHASH_MAX = 4096 };                              /* permutations */

struct minhash { enum minhash_family family; size_t k; uint64_t *a, *b; uint32_t *m, *x; };

/* seed: MINHASH_OWN only */
void minhash_init(struct minhash *mh, enum minhash_family family, size_t k, uint64_t seed);
void minhash_free(struct minhash *mh);
void minhash_sign(const struct minhash *mh, const uint64_t *h, size_t n, uint64_t *minima);         /* minima: k */
void minhash_sign_plain(const struct minhash *mh, const uint64_t *h, size_t n, uint64_t *minima);

#endif
