/* markup.h - what a page is written with: text that cannot break out of it, numbers as people read them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_MARKUP_H
#define REPORT_MARKUP_H
#include "core/str.h"

/* valid UTF-8; &, <, >, quotes escaped; control characters as spaces */
void markup_text(struct buf *b, struct str text);
/* at most so many code points, then an ellipsis; white space runs as one space */
void markup_cut(struct buf *b, struct str text, size_t chars);
void markup_count(struct buf *b, uint64_t n);                      /* 1,234,567 */
void markup_short(struct buf *b, double n);                        /* 1.23 M */
void markup_bytes(struct buf *b, double n);                        /* 1.2 GB, powers of 1000 */
void markup_seconds(struct buf *b, double s);                      /* 0.42 s, 3 min 20 s */
void markup_number(struct buf *b, double x);                       /* up to four digits that say something */
size_t markup_chars(struct str text);                              /* code points */

/* One after the other: from <!doctype> to </style>. The title follows. */
extern const char markup_head[], markup_style_page[], markup_style_parts[];

#endif
