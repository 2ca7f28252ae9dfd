/* fasttext_quantise.h - make a trained model small: fastText's .ftz.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Joulin et al. 2016, FastText.zip: keep the `cutoff` rows of the greatest length, train them again on the corpus when
 * one is given, and write every row as codes of a product quantiser. The fasttext tool loads the file; the bytes depend
 * on model, corpus, options and seed alone. It is not byte for byte what fasttext quantize writes: that draws its
 * k-means from a generator of its own.
 */
#ifndef MODEL_FASTTEXT_QUANTISE_H
#define MODEL_FASTTEXT_QUANTISE_H
#include "model/fasttext_train.h"

struct fasttext_quantise_options {
    long cutoff, dsub;                            /* rows that stay, 0: all; numbers in one part of a row */
    bool norms, output;                           /* lengths apart (-qnorm); the output matrix too (-qout) */
    struct fasttext_options train;                /* its epochs, rate, seed and threads */
};

/* c: NULL, or what the rows that stay are trained on again. m is a .bin: neither quantised nor pruned. */
bool fasttext_quantise(const struct fasttext *m, const struct fasttext_corpus *c,
                       const struct fasttext_quantise_options *o, const char *path, struct err *e) MUST_CHECK;

#endif
