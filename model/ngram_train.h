/* ngram_train.h - estimate an n-gram model as KenLM's lmplz does, in bounded memory.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Interpolated modified Kneser-Ney (Chen & Goodman 1998) in four passes of sorted streams (Heafield et al. 2013), with lmplz's choices: n-grams
 * that begin with <s> keep their counts, <unk> shares the uniform part, <s> has probability 1, discounts that cannot be computed
 * fall back to 0.5, 1 and 1.5. The vocabulary is in memory; n-grams are sorted on disk past `memory`.
 *
 *     struct ngram_trainer *t = ngram_trainer_new(&options);
 *     while (...) if (!ngram_trainer_add(t, sentence, e)) ...
 *     if (!ngram_trainer_write(t, "lm.arpa", e)) ...          // ARPA by that suffix, else our binary
 *     ngram_trainer_free(t);
 */
#ifndef MODEL_NGRAM_TRAIN_H
#define MODEL_NGRAM_TRAIN_H
#include "model/ngram.h"

struct ngram_train_options {
    int order;                                    /* 2 .. NGRAM_MAX_ORDER */
    uint64_t prune[NGRAM_MAX_ORDER];              /* n-grams counted this often or less are left out; [0] is 0 and they never fall */
    size_t memory;                                /* bytes */
    int threads;
};

struct ngram_trainer;
struct ngram_trainer *ngram_trainer_new(const struct ngram_train_options *o);
bool ngram_trainer_add(struct ngram_trainer *t, struct str sentence, struct err *e) MUST_CHECK;    /* words between white space */
bool ngram_trainer_write(struct ngram_trainer *t, const char *path, struct err *e) MUST_CHECK;     /* once, at the end */
uint64_t ngram_trainer_words(const struct ngram_trainer *t);                                       /* </s> included */
uint64_t ngram_trainer_spilled(const struct ngram_trainer *t);                                     /* bytes of sorted runs on disk */
void ngram_trainer_free(struct ngram_trainer *t);

#endif
