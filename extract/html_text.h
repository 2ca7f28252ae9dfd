/* html_text.h - blocks to text: plain, or Markdown.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTRACT_HTML_TEXT_H
#define EXTRACT_HTML_TEXT_H
#include "extract/layout.h"

/* The blocks with keep[i], in order: paragraphs with a blank line between, items and rows on lines, cells cut by
 * tabs. */
struct str html_text(const struct layout *l, const bool *keep, bool markdown, struct arena *mem);

#endif
