/* runs.h - sorted records in a file, found by cell: what one task of a global step hands to the next.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Records of one size lie sorted; each is in a cell (the top bits of its hash, a cluster, a slice), and a table
 * says where each cell begins, so that a range is read alone. Before them a heap of bytes that records name by
 * place. Little-endian:
 *
 *   head     64 bytes: "TAMRUN1\n" | kind, 8 characters | u64 record size | u64 cells | u64 records | u64 docs | u64 stamp | u64 heap size
 *   heap     bytes
 *   records  record size x records
 *   table    u64 x (cells + 1): the number of the first record of each cell; the last is records
 *
 * docs is how many documents the file is about; stamp a hash of the options that made it. Files are compared
 * only when kind, record size and stamp agree.
 *
 *     struct runs_out *o = runs_create("0.keys", (struct runs_head){ .kind = "keys", .record = 20, .cells = RUNS_CELLS
 *     }, e); while ((r = sort_next(s, e))) if (!runs_put(o, runs_cell(r), r, e)) ...
 *     if (!runs_done(o, n_docs, e)) ...
 */
#ifndef CORE_RUNS_H
#define CORE_RUNS_H
#include "core/str.h"

enum { RUNS_CELLS = 4096 };                          /* of records sorted by hash: its first 12 bits */
struct runs_head { char magic[8], kind[8]; uint64_t record, cells, n, docs, stamp, heap; };

/* ---- writing ---- */
struct runs_out;
struct runs_out *runs_create(const char *path, struct runs_head h, struct err *e) MUST_CHECK;
/* before the first record; at: may be NULL */
bool runs_heap(struct runs_out *o, struct str bytes, uint64_t *at, struct err *e) MUST_CHECK;
/* the same: u32 size, the bytes */
bool runs_text(struct runs_out *o, struct str s, uint64_t *at, struct err *e) MUST_CHECK;
bool runs_put(struct runs_out *o, uint64_t cell, const void *record, struct err *e) MUST_CHECK;    /* cells ascend */
/* whole, under its name; frees o either way */
bool runs_done(struct runs_out *o, uint64_t docs, struct err *e) MUST_CHECK;
void runs_drop(struct runs_out *o);

/* ---- reading ---- */
struct runs { int fd; struct runs_head head; };
/* record: its size, or 0: any. */
bool runs_open(struct runs *r, const char *path, const char *kind, uint64_t record, struct err *e) MUST_CHECK;
void runs_close(struct runs *r);
/* appends */
bool runs_heap_read(const struct runs *r, uint64_t at, size_t n, struct buf *to, struct err *e) MUST_CHECK;
/* what runs_text put; overwrites */
bool runs_text_read(const struct runs *r, uint64_t at, struct buf *to, struct err *e) MUST_CHECK;

/* The records of cells [from, to) in order, a window at a time. */
struct runs_scan { const struct runs *r; uint64_t at, end; struct buf window; size_t pos; };
bool runs_scan(struct runs_scan *s, const struct runs *r, uint64_t from, uint64_t to, struct err *e) MUST_CHECK;
/* NULL at the end or with e set; good until the next call */
const void *runs_next(struct runs_scan *s, struct err *e) MUST_CHECK;
void runs_scan_free(struct runs_scan *s);

/* ---- ranges ---- */
struct range { uint64_t r, m; };                     /* part r of m <= RUNS_CELLS; cells < 2^48 */
bool range_parse(struct range *to, const char *text, struct err *e) MUST_CHECK;    /* "R/M"; NULL: 0/1 */
static inline uint64_t range_from(struct range a, uint64_t cells) { return cells * a.r / a.m; }
static inline uint64_t range_to(struct range a, uint64_t cells) { return cells * (a.r + 1) / a.m; }
static inline uint64_t runs_cell(const void *hash)   /* of RUNS_CELLS; hash: big-endian */
{
    const unsigned char *p = hash;
    return (uint64_t)p[0] << 4 | p[1] >> 4;
}

#endif
