/* slice.h - what the search for near-duplicates needs of some documents, on disk.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Two files, NAME and NAME.proof, or two unlinked scratch files when there is no name. Little-endian.
 *
 *   NAME        sketch            64 bytes, struct sketch
 *               a row a document  u64 where its proof lies, or NO_SKETCH | u64 weight | u64 key x bands
 *               end               u64 rows | u64 size of NAME.proof | u64 stamp: a hash of all rows
 *   NAME.proof  a record each     u32 size of id, or NO_ID | u32 items | id, padded to 8 | u64 x items
 *
 * The items prove likeness: the hashes of all shingles in text order (8 bytes a word: about 1.3 times
 * the text), or the minima, two a u64 (4 bytes a permutation). Rows with the smaller weight stay.
 * Keys are small and read once through; proofs are only read for candidates. Keeping the hashes
 * beats a third reading of the texts: candidates are then verified in any order, when they come from a
 * pipe too, and on another machine than the one that holds the texts.
 */
#ifndef DEDUP_SLICE_H
#define DEDUP_SLICE_H
#include "core/str.h"

enum proof { PROOF_SHINGLES, PROOF_SIGNATURE, PROOF_NONE };
struct sketch {                                           /* slices are compared only when theirs are the same bytes */
    char magic[8];                                        /* "TAMSIG1\n" */
    uint32_t bands, rows, permutations, ngram;
    uint8_t fold, hash, family, chars, proof, keep, zero[2];
    uint32_t zero4;
    uint64_t seed, field;                                 /* field: hash of FIELD in best:FIELD */
    double similarity;
};

struct slice_row { uint64_t proof_at, weight, keys[]; };
/* keys NULL: no sketch */
struct slice_doc { struct str id; uint64_t weight; const uint64_t *keys, *items; size_t n; };
struct proof_of { struct str id; const uint64_t *items; size_t n; };
struct slice { struct sketch sketch; int fd, proof_fd; uint64_t n, proof_size, stamp; };
#define NO_SKETCH UINT64_MAX
#define NO_ID UINT32_MAX

/* ---- writing ---- */
struct slice_out;
/* path NULL: scratch */
struct slice_out *slice_create(const struct sketch *k, const char *path, struct err *e) MUST_CHECK;
bool slice_put(struct slice_out *o, const struct slice_doc *d, struct err *e) MUST_CHECK;
/* scratch: what was put can be read by slice_of */
bool slice_flush(struct slice_out *o, struct err *e) MUST_CHECK;
struct slice slice_of(const struct slice_out *o);                                  /* scratch: borrows its files */
/* named: whole, under its name; frees o either way */
bool slice_done(struct slice_out *o, struct err *e) MUST_CHECK;
void slice_drop(struct slice_out *o);                                              /* frees o and its scratch */

/* ---- reading ---- */
bool slice_open(struct slice *s, const char *path, struct err *e) MUST_CHECK;
void slice_close(struct slice *s);
/* without keys */
bool slice_read_row(const struct slice *s, uint64_t row, struct slice_row *to, struct err *e) MUST_CHECK;
/* spans lie in mem */
bool slice_read_proof(const struct slice *s, uint64_t row, struct buf *mem, struct proof_of *to,
                      struct err *e) MUST_CHECK;

struct slice_scan { const struct slice *s; uint64_t row; struct buf window; size_t at; };   /* start as { .s = s } */
const struct slice_row *slice_next(struct slice_scan *c, struct err *e) MUST_CHECK;  /* NULL at the end or with e set */
void slice_scan_free(struct slice_scan *c);

#endif
