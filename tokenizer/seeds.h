/* seeds.h - the strings that recur in a set of words: what a unigram model begins from.
 * SPDX-License-Identifier: Apache-2.0
 *
 * All words in a row, a NUL between them, and their suffix array (Yuta Mori's divsufsort) with the lengths of
 * common prefixes (Kasai et al. 2001 by way of phi, Karkkainen et al. 2009). Every inner node of the suffix tree is
 * a string that goes on in two ways or ends: it is a seed with its count, the sum over its occurrences of their
 * words' counts. So each word lies there once, however often it occurs (spm_train sorts the whole text).
 *
 * 9.1 bytes a byte of words, 17 a word. Words are cut at NUL bytes; of more than memory holds, or 2 GB, the commonest
 * are looked at (fit.h).
 */
#ifndef TOKENIZER_SEEDS_H
#define TOKENIZER_SEEDS_H
#include "core/str.h"
#include "tokenizer/fit.h"
#include "tokenizer/wordlist.h"

enum { SEED_CHARS = 16 };                                    /* a seed is 2 to so many characters */
struct seed { struct str text; uint64_t count; uint32_t chars; };

/* How many words of so many bytes memory holds. */
size_t seeds_words(size_t memory, size_t bytes);
/* The `most` seeds with the largest count x chars among those that occur twice, in that order, texts in mem.
   *seen says which words were looked at. */
size_t seeds_find(const struct wordlist *w, size_t most, size_t memory, struct arena *mem, struct seed **seeds,
                  struct seen *seen);

#endif
