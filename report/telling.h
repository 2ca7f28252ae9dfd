/* telling.h - the words that tell a cluster from the others.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each word's part of the Kullback-Leibler divergence of a cluster's documents from all: p log(p / q), p the share of
 * the cluster's documents that have the word in their first kilobytes, q that of all. A word of one language's every
 * cluster loses to one of this cluster alone. Words of fewer than three letters (of Latin; two of others) and numbers
 * are left out. */
#ifndef REPORT_TELLING_H
#define REPORT_TELLING_H
#include "core/str.h"

struct telling;
struct telling *telling_new(void);
void telling_add(struct telling *t, uint32_t cluster, struct str text);
/* at most n, the most telling first */
size_t telling_words(struct telling *t, struct arena *mem, uint32_t cluster, struct str *words, size_t n);
void telling_free(struct telling *t);

#endif
