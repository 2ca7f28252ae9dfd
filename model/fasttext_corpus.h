/* fasttext_corpus.h - the inside of a corpus, for the trainer.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_FASTTEXT_CORPUS_H
#define MODEL_FASTTEXT_CORPUS_H
#include "model/fasttext_model.h"
#include "model/fasttext_train.h"

struct ft_list { uint32_t *at; size_t n, cap; };
struct ft_lexicon {                                           /* distinct strings, numbered as they came */
    struct arena text;
    struct ft_entry *entries;
    int64_t *counts;
    size_t cap;
    uint32_t n, *slots, mask;
};
/* where they begin in tokens and label_of */
struct ft_example { size_t words, labels; uint32_t n_words, n_labels; };
struct fasttext_corpus {
    struct ft_lexicon words, labels;
    struct ft_list tokens, label_of;
    struct ft_example *examples;
    size_t n, cap;
};

uint32_t ft_lexicon_add(struct ft_lexicon *x, struct str s);
void ft_lexicon_free(struct ft_lexicon *x);

/*
 * Trains m, whose matrices are its own and dense, on c for o's epochs, rate, seed and threads; the shape is m's.
 * word_id: (corpus words) place among m's words, or UINT32_MAX; label_id: (corpus labels) place among m's labels.
 * Returns the seconds of the epochs.
 */
double ft_descend(struct fasttext *m, const struct fasttext_corpus *c, const uint32_t *word_id,
                  const uint32_t *label_id, const struct fasttext_options *o);

bool ft_write(const struct fasttext *m, const char *path, struct err *e) MUST_CHECK;   /* in the form of its matrices */

#endif
