/* packing.h - documents' tokens to sequences, sequences to files, and a word on each of both.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   none      a document is a sequence
 *   concat    documents end to end, a row every `length` tokens; the row's end cuts a document
 *   best-fit  rows of whole documents where they fit (Ding et al. 2024): documents longer than a row are cut into
 *             rows; then, the longest piece first, each goes into the fullest row that has room; what stays
 *             free is padded. Done for WINDOW tokens at a time, rows in the order of their first document
 *
 *   PREFIX.docs.jsonl.zst   where each document went: {"id":"...","at":123,"tokens":45}, a line a piece; at: in
 *                           the sequences end to end, padding included
 *   PREFIX.json             what was written: counts, and per format tokens and XXH3-64 of all tokens as uint32
 */
#ifndef SHARD_PACKING_H
#define SHARD_PACKING_H
#include "shard/format.h"

enum packing_how { PACKING_CONCAT, PACKING_NONE, PACKING_BEST_FIT };
enum { FORMATS_MAX = 8 };
struct packing_spec {
    struct shard_spec shard;
    enum packing_how how;
    const struct shard_format *format[FORMATS_MAX];
    size_t n_formats;
    uint32_t pad;
};
/* cut: documents in more than one row; padded: tokens */
struct packing_totals { uint64_t documents, tokens, rows, cut, padded; };

struct packing;
struct packing *packing_open(const struct packing_spec *s, struct err *e) MUST_CHECK;
/* id: raw JSON, or null */
bool packing_put(struct packing *p, struct str id, const uint32_t *tokens, size_t n, struct err *e) MUST_CHECK;
/* frees p either way */
bool packing_close(struct packing *p, struct packing_totals *totals, struct err *e) MUST_CHECK;
void packing_drop(struct packing *p);

/* Reads all that PREFIX.json speaks of and compares; says how many tokens agreed. */
bool packing_verify(const char *prefix, uint64_t *tokens, struct err *e) MUST_CHECK;

#endif
