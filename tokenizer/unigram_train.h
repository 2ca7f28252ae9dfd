/* unigram_train.h - learn a unigram model: pieces and their log-probabilities.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Kudo 2018, as spm_train does it. From many seeds (seeds.h) and all characters:
 *
 *   twice   E: how often is each piece expected, over all segmentations of all words (forward, backward)?
 *           M: pieces that are expected less than half a time go; log-probability is digamma(expected) - digamma(sum)
 *   prune   what would the likelihood lose without a piece, its occurrences cut into its second-best segmentation?
 *           the quarter that costs least goes, until 1.1 times the wanted number is left
 *   end     every character, what is to be kept, then the likeliest pieces
 *
 * A word of more than 24 characters is learned in parts: no product of its probabilities leaves the range of a double.
 * Sums are kept for 16 slices of the words and added in order: the same for any number of threads.
 *
 * Memory: half is for finding seeds (seeds.h); then a piece takes about 900 bytes, 128 of them for the slices' sums and
 * 600 for its places in the trie: the number of seeds is bounded by that.
 */
#ifndef TOKENIZER_UNIGRAM_TRAIN_H
#define TOKENIZER_UNIGRAM_TRAIN_H
#include "tokenizer/alphabet.h"
#include "tokenizer/fit.h"
#include "tokenizer/wordlist.h"

/* score: natural logarithm; keep: never goes */
struct unigram_piece { struct str text; double score; uint32_t chars; bool keep; };
struct unigram_wish {
    size_t size;                                             /* pieces wanted */
    /* (n_kept): these stay, with a score to begin from, or 0 */
    const struct unigram_piece *kept;
    size_t n_kept;
    int threads;
    size_t memory;                                           /* bytes */
};
struct unigram_learned {
    struct arena mem;
    struct unigram_piece *pieces;                            /* (n), the likeliest first */
    size_t n;
    struct seen words;                                       /* those that seeds come from */
    /* of so many seeds asked for, memory let it have at most n_seeds */
    size_t n_seeds, n_asked;
    double likelihood;                                       /* mean logarithm a character, over all segmentations */
};

/* Words are valid UTF-8 of the alphabet's characters, all of which become pieces. There are fewer than `size` when the
   words do not give more, and more when characters and kept pieces are more. */
void unigram_train(const struct wordlist *w, const struct alphabet *a, const struct unigram_wish *wish,
                   struct unigram_learned *to);
void unigram_learned_free(struct unigram_learned *l);

#endif
