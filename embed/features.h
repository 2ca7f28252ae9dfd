/* features.h - a text as counts of hashed words and character n-grams.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Letters and digits (Unicode categories L, M, N) make words, lower-cased; a word gives itself and, bounded by
 * spaces, its runs of 4 characters; Han, Hiragana, Katakana, Thai and other text without spaces is one
 * long word and lives by its runs, of 1 and 2 characters there. A feature is a hash in [0, 2^FEATURE_BITS).
 */
#ifndef EMBED_FEATURES_H
#define EMBED_FEATURES_H
#include "core/str.h"

enum { FEATURE_BITS = 20, FEATURE_GRAM = 4 };
struct feature { uint32_t bucket; uint32_t count; };

/* scratch: one per thread; zero is empty */
struct features { struct feature *at; size_t n, cap; uint32_t *slots; size_t n_slots; };

void features_of(struct features *f, struct str text);           /* each bucket once, in order of first appearance */
void features_free(struct features *f);

#endif
