/* lines.h - a text cut into lines or paragraphs, as spans like words; and lowercase of a text.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     LINES_BREAKS        str.splitlines(): \n \r \r\n and nine more; no empty line after the last break
 *     LINES_NEWLINE       split("\n"): n newlines make n + 1 lines
 *     LINES_RUNS          re.split("\n+"): the same, but a run of newlines is one
 *     LINES_PARAGRAPHS    re.split("\n{2,}")
 */
#ifndef TEXT_LINES_H
#define TEXT_LINES_H
#include "text/words.h"

enum lines_by { LINES_BREAKS, LINES_NEWLINE, LINES_RUNS, LINES_PARAGRAPHS };
void lines_cut(struct words *w, struct str text, enum lines_by by);      /* resets w, then adds the lines */
void lines_add(struct words *w, const char *begin, const char *end);          /* one more, of w->base */

struct str text_strip(struct str s);                                     /* Python's strip(), lstrip(), rstrip() */
struct str text_lstrip(struct str s);
struct str text_rstrip(struct str s);
void text_lower(struct str s, struct buf *out);                          /* str.lower(); appends */

struct line_count { size_t chars, upper; };                              /* code points, and those that are UC_UPPER */
struct line_count line_count(struct str s);
struct line_count line_count_portable(struct str s);                     /* character by character: the definition */
size_t text_count(struct str s, char c);                                 /* how often a byte occurs */

#endif
