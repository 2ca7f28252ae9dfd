/* ngram.h - score text with a back-off n-gram language model: ARPA, our mapped binary, KenLM's probing and trie
 * binaries.
 * SPDX-License-Identifier: Apache-2.0
 *
 * p(w | context) is the probability of the longest n-gram that the model holds, times the back-off of each longer context that
 * it does not extend (Katz 1987). All logarithms are to base 10. Words are what lies between white space; one that is
 * not in the vocabulary is <unk>. N-grams are found by 64-bit hashes of their words, as KenLM does (Heafield 2011): two
 * of 10^9 n-grams share one with a probability of 3 %.
 *
 *     struct ngram *m = ngram_open("en.arpa.bin", e);
 *     struct ngram_sum sum = { 0 };
 *     ngram_score(m, S("a sentence of words"), true, &sum);
 *     ... ngram_perplexity(&sum) ...
 *
 * A model is never written after it is open: any number of threads share it. Binaries are mapped; an ARPA file is read
 * into memory. A broken file is an ERR_DATA line.
 */
#ifndef MODEL_NGRAM_H
#define MODEL_NGRAM_H
#include "core/str.h"

#include <math.h>

enum { NGRAM_MAX_ORDER = 10 };

struct ngram;
struct ngram *ngram_open(const char *path, struct err *e) MUST_CHECK;             /* NULL with e set */
/* either binary, in bytes that must outlive it */
struct ngram *ngram_parse(struct str binary, struct err *e) MUST_CHECK;
/* our binary, of a model read from ARPA */
bool ngram_write(const struct ngram *m, const char *path, struct err *e) MUST_CHECK;
void ngram_close(struct ngram *m);

int ngram_order(const struct ngram *m);
uint64_t ngram_count(const struct ngram *m, int order);                           /* n-grams of this order */
uint32_t ngram_word(const struct ngram *m, struct str word);                      /* 0: <unk> */

/* What a text has come to so far. ngram_score adds to it: start with { 0 }. */
struct ngram_sum {
    double log10;
    float log10_single;              /* the same, summed in single precision as KenLM's Python module does */
    uint64_t words, unknown;         /* scored words, with one </s> a sentence; how many of them were <unk> */
};

/* One sentence. marks: it begins after <s> and ends with </s>. */
void ngram_score(const struct ngram *m, struct str sentence, bool marks, struct ngram_sum *sum);

/* The same of words looked up before. */
void ngram_score_ids(const struct ngram *m, const uint32_t *words, size_t n, bool marks, struct ngram_sum *sum);

static inline double ngram_perplexity(const struct ngram_sum *s)
{
    return s->words ? pow(10, -s->log10 / (double)s->words) : 1;
}

#endif
