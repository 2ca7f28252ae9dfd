/* border.h - a threshold of the run: all values, and the documents that were just kept and just dropped.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_BORDER_H
#define REPORT_BORDER_H
#include "frame/stage.h"
#include "report/chart.h"
#include "report/trail.h"

enum { BORDER_DOCS = 20, EXCERPT = 320 };                        /* code points */
struct border_doc { double value, far; struct buf id, url, text, twin; };      /* far: from the border, 0 and more */
struct border {
    struct str stage, name;                                      /* "rules", "top_3_gram" */
    double limit;                                                /* NaN: another one for every cluster, or none */
    struct values kept, dropped;
    struct border_doc near[2][BORDER_DOCS];                      /* kept, dropped; the nearest first */
    size_t n_near[2];
};
struct borders { struct border *all; size_t n, cap; };

/* What the filters of a run measured of the documents that came to them (a replay of each), one border a threshold that
 * dropped some. */
bool borders_find(struct borders *b, const struct run *r, const struct trail *t, struct err *e) MUST_CHECK;
void borders_free(struct borders *b);

#endif
