/* fasttext_train.h - train a supervised fastText model, the same bytes for any number of threads.
 * SPDX-License-Identifier: Apache-2.0
 *
 * fastText's threads update one matrix at once and never make the same model twice. Here a step takes a few examples,
 * computes all their gradients against the same weights, and then adds them in the order of the examples: the first
 * half is shared among threads by example, the second by row. Epochs go through the examples in an order drawn from the
 * seed. Text is split and looked up once, not once an epoch: 4 bytes a word stay in memory.
 *
 *     struct fasttext_corpus *c = fasttext_corpus_new();
 *     struct str good = S("good");
 *     fasttext_corpus_add(c, text, &good, 1);
 *     struct fasttext_options o = FASTTEXT_DEFAULTS;
 *     if (!fasttext_train(c, &o, "model.bin", e)) ...
 *     fasttext_corpus_free(c);
 */
#ifndef MODEL_FASTTEXT_TRAIN_H
#define MODEL_FASTTEXT_TRAIN_H
#include "model/fasttext.h"

enum fasttext_loss { FASTTEXT_SOFTMAX, FASTTEXT_HS, FASTTEXT_NS, FASTTEXT_OVA };
struct fasttext_options {
    int loss;                                     /* enum fasttext_loss */
    long dim, epochs, min_count, word_ngrams, minn, maxn, bucket, negatives;
    double rate;                                  /* of the first step; falls in a straight line to 0 */
    uint64_t seed;
    int threads;
};
#define FASTTEXT_DEFAULTS { .dim = 100, .epochs = 5, .min_count = 1, .word_ngrams = 1, .bucket = 2000000, .negatives = 5, .rate = 0.1, .threads = 1 }

struct fasttext_corpus;
struct fasttext_corpus *fasttext_corpus_new(void);
/* Labels without "__label__". An example of several labels learns one of them each epoch, drawn from the seed (OVA:
 * all). */
void fasttext_corpus_add(struct fasttext_corpus *c, struct str text, const struct str *labels, size_t n);
size_t fasttext_corpus_words(const struct fasttext_corpus *c);
void fasttext_corpus_free(struct fasttext_corpus *c);

/* Writes the model as fastText's .bin; *seconds, if not NULL, is the time of the epochs alone. */
bool fasttext_train(const struct fasttext_corpus *c, const struct fasttext_options *o, const char *path,
                    double *seconds, struct err *e) MUST_CHECK;

#endif
