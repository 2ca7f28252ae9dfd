/* learn.h - from word counts to a tokenizer, by three algorithms.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   bytes     BPE that begins from 256 bytes (bpe_train.h)
 *   chars     BPE that begins from an alphabet of characters (alphabet.h); others are spelled in bytes, <0x00> ... <0xFF>
 *   unigram   pieces with probabilities (unigram_train.h), over the same alphabet
 *
 * The tokenizer given has its special tokens, normaliser and splits, which made the words. When it has a vocabulary
 * beyond the special tokens (it was read from a file), learning goes on from that: its tokens keep their ids, new
 * ones follow; a unigram model's scores are learned anew.
 */
#ifndef TOKENIZER_LEARN_H
#define TOKENIZER_LEARN_H
#include "model/tokenizer_model.h"
#include "tokenizer/gather.h"

enum learn_algorithm { LEARN_BYTES, LEARN_CHARS, LEARN_UNIGRAM };
struct learn {
    struct tokenizer *t;
    enum learn_algorithm algorithm;
    bool more;                                               /* t was read from a file */
    size_t vocab;                                            /* tokens in all */
    uint64_t min_count;                                      /* of a pair that is merged */
    bool all_bytes;                                          /* bytes: the alphabet is all 256, not those that occur */
    bool fallback;                                           /* chars, unigram */
    size_t space_runs;                                       /* runs of 2 to so many spaces are tokens */
    double coverage;                                         /* of the alphabet */
    struct str exemplars;
    int threads;
    size_t memory;                                           /* bytes, over what the caller has */
};
enum { LEARN_LIST = 8 };                                     /* one in so many of them is for the list of words */
struct learned {
    struct seen words;                                       /* those that merges, or seeds, come from */
    /* unigram: of so many asked for, memory let it have at most n_seeds */
    size_t n_seeds, n_asked;
};

/* How many different words of so many bytes (unigram) or symbols are learnt from, about. */
size_t learn_words(const struct learn *l, size_t symbols);
/* g is made ready for the words (gather_word). */
void learn_gather(const struct learn *l, struct gather *g);
/* Uses up the words. t is a whole tokenizer then. */
bool learn(const struct learn *l, struct gather *g, struct learned *to, struct err *e) MUST_CHECK;

#endif
