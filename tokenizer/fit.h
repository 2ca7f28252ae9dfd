/* fit.h - which words fit in memory: the commonest.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Words are in classes by count (exact below 64, then sixteen classes a power of two); a class is in 16 parts by
 * the word's hash, so that of equally rare words some may stay. A first look adds what each costs; the cut is where
 * the budget ends: the same words for the same budget, whatever order they come in.
 */
#ifndef TOKENIZER_FIT_H
#define TOKENIZER_FIT_H
#include "core/str.h"

enum { FIT_CLASSES = 64 + 58 * 16, FIT_PARTS = 16 };
struct fit { uint64_t cost[FIT_CLASSES * FIT_PARTS]; uint32_t least; };          /* least: the lowest part that stays */

/* All different words, those that fitted, and how often both occur. */
struct seen { size_t n_words, n_seen; uint64_t total, seen; };

void fit_add(struct fit *f, struct str word, uint64_t count, uint64_t cost);
void fit_cut(struct fit *f, uint64_t budget);                                    /* what stays costs no more */
bool fit_keeps(const struct fit *f, struct str word, uint64_t count);
bool fit_takes(const struct fit *f, struct str word, uint64_t count, struct seen *seen);         /* and counts it */

#endif
