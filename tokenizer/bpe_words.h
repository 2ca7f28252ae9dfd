/* bpe_words.h - the words that merges are learned from, as symbols.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   one row of records:   count (2) | symbols now (1) | symbols at first (1) | the symbols
 *
 * in units of 4 bytes. A merge shortens a word where it lies; the next one begins where it did.
 *
 *     for (const uint32_t *r = w.row; r < w.row + w.size; r = bpe_word_next(r)) ... r[2] symbols at r + BPE_WORD_HEAD ...
 */
#ifndef TOKENIZER_BPE_WORDS_H
#define TOKENIZER_BPE_WORDS_H
#include "core/str.h"

/* bytes that words and symbols cost, the lists of which words hold a pair included */
enum { BPE_WORD_COST = 16, BPE_SYMBOL_COST = 10, BPE_WORD_HEAD = 4 };
/* size: of row, in uint32_t; total: the sum of the n words' counts */
struct bpe_words { uint32_t *row; size_t size, cap, n; uint64_t total; };

static inline int64_t bpe_word_count(const uint32_t *r)
{
    int64_t n;
    memcpy(&n, r, sizeof n);
    return n;
}
static inline const uint32_t *bpe_word_next(const uint32_t *r) { return r + BPE_WORD_HEAD + r[3]; }

/* A word of one symbol is passed over. */
void bpe_words_add(struct bpe_words *w, const uint32_t *symbols, size_t n, uint64_t count);
void bpe_words_drop(struct bpe_words *w);                    /* the rarest (fit.h): a quarter of what all cost */
void bpe_words_fit(struct bpe_words *w);                     /* gives back what the row does not use */
void bpe_words_free(struct bpe_words *w);

#endif
