/* html.h - what a page is written with: text that cannot break out of it, numbers as people read them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H
#include "core/str.h"

void html_text(struct buf *b, struct str text);                  /* valid UTF-8; &, <, >, quotes escaped; control characters as spaces */
void html_cut(struct buf *b, struct str text, size_t chars);     /* at most so many code points, then an ellipsis; white space runs as one space */
void html_count(struct buf *b, uint64_t n);                      /* 1,234,567 */
void html_short(struct buf *b, double n);                        /* 1.23 M */
void html_bytes(struct buf *b, double n);                        /* 1.2 GB, powers of 1000 */
void html_seconds(struct buf *b, double s);                      /* 0.42 s, 3 min 20 s */
void html_number(struct buf *b, double x);                       /* up to four digits that say something */
size_t html_chars(struct str text);                              /* code points */

/* One after the other: from <!doctype> to </style>. The title follows. */
extern const char html_head[], html_style_page[], html_style_parts[];

#endif
