/* limits.h - the thresholds that a stage of a run had, and what they measure.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Of rules: its sets as tables (quality/rules.h) with --limit in place. They measure a text anew, so that a document
 * that was kept can be shown beside the limit that it passed. */
#ifndef REPORT_LIMITS_H
#define REPORT_LIMITS_H
#include "quality/rules.h"
#include "report/trail.h"

enum { LIMITS_MAX = 200 };
struct limit { const char *set; const struct rule *rule; double limit; };
struct limits { struct limit all[LIMITS_MAX]; size_t n; struct measures *measures; enum words_by by; };

void limits_init(struct limits *l, const struct trail_stage *rules);
void limits_text(struct limits *l, struct str text);             /* borrowed until the next */
double limits_value(struct limits *l, size_t i);                 /* of that text; NaN when it cannot be measured */
/* How far it is inside the limit, by the limit's size: 0 at the border, below 0 outside. */
double limits_room(const struct limits *l, size_t i, double value);
void limits_free(struct limits *l);

#endif
