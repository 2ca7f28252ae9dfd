/* bpe_train.h - learn byte pair merges from word counts.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Sennrich et al. 2016, as Hugging Face's BpeTrainer does it, merge for merge: of the pairs with the largest
 * count the one with the smallest ids (left, then right) is merged next; a pair that makes a string which is
 * a token already gives that token. Counts are 64-bit (there: 32).
 *
 *   words    one row of records: count, how many symbols, the symbols
 *   pairs    hash table: pair -> count
 *   queue    heap of (count, pair, the words that hold it); counts are brought up to date when they come up
 *
 * Memory: 4 bytes a symbol, 12 a word and 4 a place of a pair in a word, in rows that move to a mapped file past
 * `limit` bytes (core/roomy.h) and are put out of memory whenever merges have touched so much; 48 to 96 a pair.
 */
#ifndef TOKENIZER_BPE_TRAIN_H
#define TOKENIZER_BPE_TRAIN_H
#include "core/roomy.h"
#include "model/vocab.h"

struct bpe_words { struct roomy row; size_t n; };
/* A word of one symbol is passed over. More than 16 GiB of words is an error. */
bool bpe_words_add(struct bpe_words *w, const uint32_t *symbols, size_t n, uint64_t count, struct err *e) MUST_CHECK;
void bpe_words_free(struct bpe_words *w);

struct bpe_learned { uint32_t left, right, id; };

/* Merges until v has `size` tokens or no pair occurs min_count times. v begins as the alphabet; w is used up.
   The merges, *n of them, are freed by free(). */
bool bpe_train(struct vocab *v, struct bpe_words *w, size_t size, uint64_t min_count, struct bpe_learned **learned, size_t *n, struct err *e) MUST_CHECK;

#endif
