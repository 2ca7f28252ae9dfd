/* ngram_count.h - count the n-grams of one order: the first step of estimating a model, on one machine or on many.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A key is an n-gram's words as big-endian numbers in suffix order, the last word first; <s> is repeated before a
 * sentence, so that every word ends one n-gram. Words are numbered as they come; 0, 1, 2 are <unk>, <s>, </s>. The
 * vocabulary is in memory; n-grams are sorted on disk past `memory`.
 *
 * What a slice counts is a file of core/runs.h, kind "ngrams": its heap is the words from number 3 on, u32 size and
 * bytes each; a record is the key and a u64 count, by key. Slices loaded in their order number words as one machine
 * does that reads all of them.
 *
 *     struct ngram_counter *c = ngram_counter_new(5, memory, threads);
 *     while (...) if (!ngram_counter_add(c, sentence, e)) ...                  // or ngram_counter_load(c, "0.ngrams", stamp, e)
 *     while (ngram_counter_next(c, key, &count, e)) ...                        // once; each n-gram once, keys rising
 *     ngram_counter_free(c);
 */
#ifndef MODEL_NGRAM_COUNT_H
#define MODEL_NGRAM_COUNT_H
#include "model/fasttext_corpus.h"
#include "model/ngram.h"

/* bytes of a word's number, of the longest key */
enum { NGRAM_UNK, NGRAM_BOS, NGRAM_EOS, NGRAM_WORD = 4, NGRAM_KEY = NGRAM_WORD * NGRAM_MAX_ORDER };

struct ngram_counter {
    int order, threads;
    size_t memory;
    struct ft_lexicon words;
    struct sort *sort;                            /* { key  u32 count }; an n-gram may be there many times */
    unsigned char ahead[NGRAM_KEY];               /* next's: the record that comes after what it gave out */
    uint64_t ahead_count, n_words, spilled;
    bool any_ahead;
};

struct ngram_counter *ngram_counter_new(int order, size_t memory, int threads);
void ngram_counter_free(struct ngram_counter *c);
/* words between white space */
bool ngram_counter_add(struct ngram_counter *c, struct str sentence, struct err *e) MUST_CHECK;
bool ngram_counter_load(struct ngram_counter *c, const char *path, uint64_t stamp, struct err *e) MUST_CHECK;
bool ngram_counter_save(struct ngram_counter *c, const char *path, uint64_t docs, uint64_t stamp,
                        struct err *e) MUST_CHECK;
/* false at the end or with e set */
bool ngram_counter_next(struct ngram_counter *c, unsigned char *key, uint64_t *count, struct err *e) MUST_CHECK;

#endif
