/* telling.h - the words that tell a cluster from the others.
 * SPDX-License-Identifier: Apache-2.0
 *
 * c-TF-IDF (Grootendorst 2022, BERTopic): of word w in cluster c, n(w, c) / n(c) * log(1 + A / n(w)); here n counts documents that have the
 * word in their first kilobytes, A is the mean n(c) of a cluster. Words of fewer than three letters (of Latin; two of others) and numbers are left out. */
#ifndef REPORT_TELLING_H
#define REPORT_TELLING_H
#include "core/str.h"

struct telling;
struct telling *telling_new(void);
void telling_add(struct telling *t, uint32_t cluster, struct str text);
size_t telling_words(struct telling *t, struct arena *mem, uint32_t cluster, struct str *words, size_t n);    /* at most n, the most telling first */
void telling_free(struct telling *t);

#endif
