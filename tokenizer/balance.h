/* balance.h - how much each language (or any group of documents) shall count.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   temperature T   a group of n bytes counts as n^T (Conneau & Lample 2019): 1 as it is, 0 all the same
 *   unimax N        all bytes are dealt out evenly, but no group's more than N times (Chung et al. 2023);
 *                   what small groups leave is dealt out among the others
 *
 * Weights are over the least one: they are 1 or more, and no word vanishes by rounding.
 * A word is counted with its group behind it, two bytes, and weighed at the end, when its groups come in a row.
 */
#ifndef TOKENIZER_BALANCE_H
#define TOKENIZER_BALANCE_H
#include "tokenizer/count.h"

enum { BALANCE_MARK = 2, BALANCE_MAX = 65536 };              /* bytes behind a word; groups */
struct balance;
struct balance *balance_new(void);
void balance_free(struct balance *b);
/* Any thread. Adds a document of so many bytes; mark: what goes behind its words. */
bool balance_add(struct balance *b, struct str group, size_t bytes, char mark[BALANCE_MARK], struct err *e) MUST_CHECK;
void balance_weigh(struct balance *b, double temperature, double epochs);        /* epochs 0: by temperature */
size_t balance_groups(const struct balance *b);
static inline size_t balance_number(const char mark[BALANCE_MARK])               /* of the group */
{
    return (uint8_t)mark[0] | (size_t)(uint8_t)mark[1] << 8;
}
void balance_sorted(const struct balance *b, uint32_t *groups);                  /* (balance_groups), by name */
/* its name, and how much text it has */
struct str balance_group(const struct balance *b, size_t i, uint64_t *bytes);
double balance_weight(const struct balance *b, struct str group);                /* 0: no such group */
/* What count_all gives, of n counters of words with marks: words without, weighed. */
bool balance_all(const struct balance *b, struct count **marked, size_t n, count_fn *each, void *with,
                 struct err *e) MUST_CHECK;

#endif
