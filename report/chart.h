/* chart.h - charts as inline SVG: no script, colours from the page, a name that a screen reader says.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_CHART_H
#define REPORT_CHART_H
#include "core/str.h"

struct values { float *at; size_t n, cap; };
void values_add(struct values *v, double x);                     /* what is not finite is passed over */
void values_free(struct values *v);

/* Bars of two kinds, one on the other, and a line at the limit (NaN: none). A bar's height is the square root of its
 * count, so that the few
   beside the many are seen. The outermost values (kept: half a per cent, dropped: five) are in the end bars. A log axis
   when all are above 0 and spread over two powers of ten. */
void chart_histogram(struct buf *b, const char *name, struct values *kept, struct values *dropped, double limit);

/* Circles of an area like size, labelled with up to two words each where there is room. x, y in any unit. */
struct bubble { double x, y, size; struct str label, words; };
void chart_map(struct buf *b, const char *name, const struct bubble *all, size_t n);

/* One line a series over x; kind 0 or 1 is its colour. */
struct series { struct str name; struct values x, y; int kind; };
void chart_lines(struct buf *b, const char *name, const struct series *all, size_t n);

/* A row of .rows: a label, a bar of share (0 to 1) and beside it another of share2, a number. */
void chart_row(struct buf *b, struct str label, double share, double share2, const char *number);
/* the other one below it, thin */
void chart_pair(struct buf *b, struct str label, double share, double share2, const char *number);

#endif
