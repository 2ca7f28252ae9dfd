/* ngram_train.h - estimate an n-gram model from counts as KenLM's lmplz does, in bounded memory.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Interpolated modified Kneser-Ney (Chen & Goodman 1998) by streams of sorted n-grams (Heafield et al. 2013), with
 * lmplz's choices: n-grams that begin with <s> keep their counts, <unk> shares the uniform part, <s> has probability 1,
 * discounts that cannot be computed fall back to 0.5, 1 and 1.5. One order after the other, so that the memory is that
 * of the largest; past `memory` they are sorted on disk.
 *
 *     struct ngram_counter *c = ...;                                           // ngram_count.h
 *     if (!ngram_train(c, &options, "lm.arpa", e)) ...                         // ARPA by that suffix, else our binary
 */
#ifndef MODEL_NGRAM_TRAIN_H
#define MODEL_NGRAM_TRAIN_H
#include "model/ngram_count.h"

struct ngram_train_options {
    int order;                                    /* 2 .. NGRAM_MAX_ORDER */
    /* n-grams counted this often or less are left out; [0] is 0 and they never fall */
    uint64_t prune[NGRAM_MAX_ORDER];
    size_t memory;                                /* bytes */
    int threads;
};

/* Uses the counter up; its n_words and spilled (bytes of sorted runs on disk) are those of the whole at the end. */
bool ngram_train(struct ngram_counter *c, const struct ngram_train_options *o, const char *path,
                 struct err *e) MUST_CHECK;

#endif
