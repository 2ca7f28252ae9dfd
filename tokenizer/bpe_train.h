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
 * Memory: 4 bytes a symbol, 16 a word, 6 a place of a pair in a word, 36 to 108 a pair; all of it under `memory`. When
 * pairs would take more, the rarest words leave (fit.h), a quarter of what words take, and pairs are counted anew.
 * No more than 16 GiB are used.
 */
#ifndef TOKENIZER_BPE_TRAIN_H
#define TOKENIZER_BPE_TRAIN_H
#include "model/vocab.h"
#include "tokenizer/bpe_words.h"

struct bpe_learned { uint32_t left, right, id; };

/* Merges until v has `size` tokens or no pair occurs min_count times. v begins as the alphabet; w is used up, and has
   those words at the end that did not have to leave. The merges, *n of them, are freed by free(). */
void bpe_train(struct vocab *v, struct bpe_words *w, size_t size, uint64_t min_count, size_t memory,
               struct bpe_learned **learned, size_t *n);

#endif
