/* exact.h - what an exact duplicate is, and what becomes of the document: shared by one machine and by slices.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   exact_keys    any thread: the document's note becomes its key, or its pieces with theirs
 *   exact_twin, exact_copies, exact_cut     what was decided, told to the document
 */
#ifndef DEDUP_EXACT_H
#define DEDUP_EXACT_H
#include "core/opt.h"
#include "dedup/lines.h"
#include "record/doc.h"

struct exact_options { const char *by; int normal, hash; };
#define EXACT_DEFAULTS { .by = "text" }
#define EXACT_ROWS(o) \
    {  0 , "by",        TEXT(&(o).by),     "WHAT",              "text, url, id, line, paragraph, or a field" }, \
    {  0 , "normalise", PICK(&(o).normal), "none|space|ccnet",  "what is hashed; ccnet: case, digits, punctuation" }, \
    {  0 , "hash",      PICK(&(o).hash),   "64|128",            "bits; 64 confuses two of 10^9 keys with 2.7 %" }

enum exact_by { BY_FIELD, BY_URL, BY_LINE, BY_PARAGRAPH };
/* wide: keys of 128 bits, else their lo */
struct exact { enum exact_by by; enum normal normal; bool wide; const char *field; };
enum { KEEP_FIRST, KEEP_NONE };                                 /* of equal ones */
struct cut_pieces { struct piece *all; size_t n; };

struct exact exact_of(const struct exact_options *o, const char *text_field);
static inline bool exact_pieces(const struct exact *x) { return x->by == BY_LINE || x->by == BY_PARAGRAPH; }

/* d->note: struct cut_pieces, or struct hash128, or NULL: no one's duplicate */
bool exact_keys(const struct exact *x, struct doc *d);
/* null: the twin is in the index */
void exact_twin(const struct exact *x, struct doc *d, struct str twin, bool annotate);
void exact_copies(const struct exact *x, struct doc *d);           /* every copy goes */
/* stays: for each piece of its note */
void exact_cut(const struct exact *x, struct doc *d, const bool *stays, bool annotate);

#endif
