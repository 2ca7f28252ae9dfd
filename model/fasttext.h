/* fasttext.h - classify text with a supervised fastText model, .bin or .ftz.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The model is the mean of one vector per feature (word, its character n-grams, word n-grams),
 * times an output matrix, through softmax, hierarchical softmax or sigmoids (Joulin et al. 2016, 2017).
 * Labels and probabilities are those of fastText 0.9.2, its 1e-5 added to every probability included.
 *
 * A model is mapped, not copied, and never written: any number of threads share it. Each brings its own
 * scratch, which remembers the summed vectors of frequent words; what it remembers never changes an answer.
 *
 *     struct fasttext *m = fasttext_open("lid.176.ftz", e);
 *     struct fasttext_scratch *s = fasttext_scratch_new(m);
 *     struct fasttext_hit top[3];
 *     size_t n = fasttext_predict(m, s, text, 3, 0, top);
 *     for (size_t i = 0; i < n; i++) ... fasttext_label(m, top[i].label), top[i].p ...
 *
 * A file is believed in nothing: a corrupt or truncated one is an ERR_DATA line, never a crash.
 */
#ifndef MODEL_FASTTEXT_H
#define MODEL_FASTTEXT_H
#include "core/str.h"

struct fasttext;
struct fasttext_scratch;
struct fasttext_hit { uint32_t label; float p; };      /* p = probability + 1e-5, as fastText has it: up to 1.00001 */

struct fasttext *fasttext_open(const char *path, struct err *e) MUST_CHECK;       /* NULL with e set */
/* the same of bytes that must outlive it */
struct fasttext *fasttext_parse(struct str file, struct err *e) MUST_CHECK;
void fasttext_close(struct fasttext *m);

size_t fasttext_labels(const struct fasttext *m);                                 /* how many; at least 1 */
/* as stored, valid UTF-8: "__label__en" */
struct str fasttext_label(const struct fasttext *m, uint32_t label);
struct str fasttext_label_short(const struct fasttext *m, uint32_t label);        /* "en" */

struct fasttext_scratch *fasttext_scratch_new(const struct fasttext *m);          /* one per thread */
void fasttext_scratch_free(struct fasttext_scratch *s);

/*
 * The k likeliest labels of one text, best first, those of a probability of at least `least`; returns how many,
 * 0 when no feature of the text is known to the model. Words end at space, \t \n \v \f \r and NUL, so a text of many
 * lines is read as if its newlines were spaces; an end of line is added after the last word. Bytes need not be valid
 * UTF-8.
 */
size_t fasttext_predict(const struct fasttext *m, struct fasttext_scratch *s, struct str text, size_t k, float least,
                        struct fasttext_hit *top);

#endif
