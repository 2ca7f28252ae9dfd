/* seen.h - the set of hashes that were seen, each with a number; larger than memory if need be.
 * SPDX-License-Identifier: Apache-2.0
 *
 * An open-addressing table takes three quarters of the memory. When it is full it goes to a scratch
 * file as a sorted run, with a Bloom filter (10 bits a key) and the first key of each block kept in memory:
 * a key that is new costs a Bloom probe per run, one that is there one read of a block. So the answer is
 * the same as with a table without end, and memory holds about ten times the keys. When the filters
 * themselves would pass the ceiling, seen_add says so.
 *
 * Keys are 64 or 128 bits (see hash.h for the odds that two texts share one).
 */
#ifndef DEDUP_SEEN_H
#define DEDUP_SEEN_H
#include "core/file.h"
#include "core/hash.h"

struct seen;
struct seen *seen_open(bool wide, size_t memory);                /* wide: 128-bit keys */
/* *there says whether key was in; then *value is its number, else value's is kept with it. */
bool seen_add(struct seen *s, struct hash128 key, uint64_t *value, bool *there, struct err *e) MUST_CHECK;
bool seen_find(struct seen *s, struct hash128 key, uint64_t *value, bool *there, struct err *e) MUST_CHECK;
/* whether it was in or not */
bool seen_set(struct seen *s, struct hash128 key, uint64_t value, struct err *e) MUST_CHECK;
/* keys added (a key that was set anew after a spill counts twice) */
uint64_t seen_count(const struct seen *s);
void seen_close(struct seen *s);

/* An index file: 16 bytes "tamis seen 1\n\0\0\0", uint64 words a row (2 or 3), uint64 rows, then rows sorted by key:
   key (1 or 2 words), value; all little-endian. */
/* before anything is added; its values read as SEEN_BEFORE */
bool seen_load(struct seen *s, const char *path, struct err *e) MUST_CHECK;
bool seen_save(struct seen *s, const char *path, struct err *e) MUST_CHECK;
#define SEEN_BEFORE UINT64_MAX

#endif
