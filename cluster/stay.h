/* stay.h - which of semantic duplicates stays: the one with the smallest rank.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CLUSTER_STAY_H
#define CLUSTER_STAY_H
#include "record/doc.h"

enum stay_by { STAY_FAR, STAY_NEAR, STAY_FIRST, STAY_BEST };
struct stay { enum stay_by by; struct str field; };

/* far, near, first, best:FIELD; word is kept */
bool stay_parse(struct stay *s, const char *word, struct err *e) MUST_CHECK;
double stay_rank(const struct stay *s, const struct doc *d);

#endif
