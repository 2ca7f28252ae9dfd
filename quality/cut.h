/* cut.h - which score keeps how many tokens, by group.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Documents of a group are sorted by score, best first, and taken until they hold the share of tokens: the score of the
 * last is the threshold. 16 bytes a document.
 *
 *     struct cut c = { 0 };
 *     cut_add(&c, S("en"), 0.7, 120);
 *     cut_sort(&c);
 *     double least = cut_threshold(&c.all[0], 0.4);
 *     struct cut_kept kept = cut_at(&c.all[0], least);
 *     cut_free(&c);
 */
#ifndef QUALITY_CUT_H
#define QUALITY_CUT_H
#include "core/str.h"

struct cut_item { double score, tokens; };
struct cut_group { struct str name; struct cut_item *items; size_t n, cap; double tokens; };
struct cut { struct cut_group *all; size_t n, cap; struct arena mem; };          /* groups as they came */
struct cut_kept { double docs, tokens; };

void cut_add(struct cut *c, struct str group, double score, double tokens);
void cut_sort(struct cut *c);                                                   /* before what follows */
/* the highest that keeps at least this share of the tokens */
double cut_threshold(const struct cut_group *g, double share);
struct cut_kept cut_at(const struct cut_group *g, double least);
void cut_free(struct cut *c);

#endif
