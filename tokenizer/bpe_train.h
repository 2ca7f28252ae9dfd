/* bpe_train.h - learn byte pair merges from word counts.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Sennrich et al. 2016, as Hugging Face's BpeTrainer does it, merge for merge: of the pairs with the largest
 * count the one with the smallest ids (left, then right) is merged next; a pair that makes a string which is
 * a token already gives that token. Counts are 64-bit (there: 32).
 *
 *   words    symbols of all words in one row, a count a word
 *   pairs    hash table: pair -> count
 *   queue    heap of (count, pair, the words that hold it); counts are brought up to date when they come up
 *
 * Memory: 4 bytes a symbol, 20 a word, 4 a place of a pair in a word, 48 to 96 a pair.
 */
#ifndef TOKENIZER_BPE_TRAIN_H
#define TOKENIZER_BPE_TRAIN_H
#include "model/vocab.h"

struct bpe_words {
    uint32_t *symbol;
    size_t n_symbols, cap_symbols;
    uint64_t *begin;                                         /* (n): where a word's symbols begin */
    uint32_t *size;                                          /* (n): how many it has now */
    uint64_t *count;                                         /* (n) */
    size_t n, cap_begin, cap_size, cap_count;
};
void bpe_words_add(struct bpe_words *w, const uint32_t *symbols, size_t n, uint64_t count);    /* words of one symbol are passed over */
void bpe_words_free(struct bpe_words *w);

struct bpe_learned { uint32_t left, right, id; };

/* Merges until v has `size` tokens or no pair occurs min_count times. v begins as the alphabet; w is used up.
   The merges, *n of them, are freed by free(). */
struct bpe_learned *bpe_train(struct vocab *v, struct bpe_words *w, size_t size, uint64_t min_count, size_t *n);

#endif
