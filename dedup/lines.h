/* lines.h - the pieces of a text (documents, paragraphs, lines) as keys for exact dedup.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A key is the 128-bit hash of the normalised piece. A piece that is blank after normalising has no key and is
 * never a duplicate, except with NORMAL_CCNET, which treats the empty line as any other (as cc_net does).
 */
#ifndef DEDUP_LINES_H
#define DEDUP_LINES_H
#include "core/hash.h"

enum normal { NORMAL_NONE, NORMAL_SPACE, NORMAL_CCNET };
struct piece { struct str text; struct hash128 key; bool has_key; };

struct hash128 piece_key(struct str text, enum normal how, struct buf *scratch);    /* scratch: overwritten */

/* Cuts at every newline, or at every run of blank lines (paragraphs); pieces live in mem, point into text. */
struct piece *pieces_cut(struct str text, bool paragraphs, enum normal how, struct arena *mem, size_t *n);

#endif
