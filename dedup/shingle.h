/* shingle.h - a text as the set of its n-grams, each a 64-bit hash.
 * SPDX-License-Identifier: Apache-2.0
 *
 * SHINGLE_OWN     n words: a polynomial in the words' XXH3, so one word costs one multiplication whatever
 *                 n is; characters: XXH3 of n code points. A text shorter than n is one shingle.
 * SHINGLE_RPV2    the first 4 bytes of SHA-1 of n words joined by a space, little-endian; fewer words: none
 * SHINGLE_DATATROVE   XXH64 of n words joined by a space; fewer words: none
 *
 * The hashes come in text order with repeats; two equal texts after folding give equal hashes. An
 * empty text has none. shingle_set sorts them and drops repeats, for exact Jaccard similarity:
 *
 *     size_t n = shingle_text(&s, text, &folded, &hashes);
 *     n = shingle_set(hashes, n, other);
 */
#ifndef DEDUP_SHINGLE_H
#define DEDUP_SHINGLE_H
#include "dedup/fold.h"

enum shingle_hash { SHINGLE_OWN, SHINGLE_RPV2, SHINGLE_DATATROVE };
struct shingling { enum fold fold; enum shingle_hash hash; bool chars; size_t n; };

/* Hashes go to *to (in a); folded is scratch, kept between calls. Returns how many. */
size_t shingle_text(const struct shingling *s, struct str text, struct buf *folded, struct arena *a, uint64_t **to);

/* sorts in place; other: n of scratch; distinct ones stay */
size_t shingle_set(uint64_t *h, size_t n, uint64_t *other);
/* of two sorted sets; both empty: 0 */
double shingle_jaccard(const uint64_t *a, size_t n_a, const uint64_t *b, size_t n_b);

#endif
