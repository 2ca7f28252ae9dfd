/* ngram_rows.h - n-grams and numbers in a scratch file, one after the other: what the steps of estimating a model hand
 * on.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A row is a key (ngram_count.h) of `words` words and `extra` bytes. Rows are written, then read in that order as often
 * as needed.
 */
#ifndef MODEL_NGRAM_ROWS_H
#define MODEL_NGRAM_ROWS_H
#include "model/ngram_train.h"

#include <stdio.h>

/* row: what next read, if any */
struct ngram_rows {
    FILE *f;
    size_t key, extra;
    uint64_t n;
    unsigned char row[NGRAM_KEY + 2 * sizeof(uint64_t)];
    bool any;
};

bool ngram_rows_open(struct ngram_rows *r, int words, size_t extra, struct err *e) MUST_CHECK;
bool ngram_rows_put(struct ngram_rows *r, const void *key, const void *extra, struct err *e) MUST_CHECK;
void ngram_rows_rewind(struct ngram_rows *r);                                 /* the first next is yet to come */
/* false only with e set; any says whether there was one */
bool ngram_rows_next(struct ngram_rows *r, struct err *e) MUST_CHECK;
void ngram_rows_close(struct ngram_rows *r);

struct ngram_log { float p, backoff; };                                       /* log10 */
/* done[n - 1]: the n-grams of order n with their struct ngram_log, in suffix order. */
bool ngram_rows_write(struct ngram_rows *done, int order, const struct ft_lexicon *words, const char *path,
                      struct err *e) MUST_CHECK;

#endif
