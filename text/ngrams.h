/* ngrams.h - which n-grams of a row of words occur more than once, for n = 2, 3, 4 ... in turn.
 * SPDX-License-Identifier: Apache-2.0
 *
 * An n-gram occurs twice only where both (n-1)-grams inside it do, and it is those two: so each step looks at the
 * positions that the step before left, and its key is a pair of numbers, exact, never a hash that stands for the words.
 * In prose a third of all 2-grams repeat, a tenth of all 3-grams, next to none of all 5-grams.
 *
 *     ngrams_start(&g, distinct.id, distinct.count, words.n);
 *     while (g.k < 10) {
 *         ngrams_next(&g);                                          // now of g.k words
 *         for (size_t i = 0; i < g.n; i++) ... g.at[i], g.group[i] ...
 *     }
 */
#ifndef TEXT_NGRAMS_H
#define TEXT_NGRAMS_H
#include "core/str.h"

struct ngrams {
    unsigned k;                      /* words in a gram */
    /* (n) positions of grams that occur at least twice, ascending; which gram it is: numbered as they come, single
     * words by id */
    uint32_t *at, *group;
    size_t n;
    /* (n_groups) how often it occurs, overlaps included: never below 2; not of single words */
    uint32_t *count;
    size_t n_groups;
    size_t cap, slot_cap;
    uint32_t *slot, *fresh;
    struct pair { uint32_t a, b; } *pair;
};

void ngrams_start(struct ngrams *g, const uint32_t *id, const uint32_t *count, size_t n);    /* k = 1 */
void ngrams_next(struct ngrams *g);
void ngrams_free(struct ngrams *g);

#endif
