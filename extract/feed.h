/* feed.h - the bytes of a crawl file in order, whatever packs them, and where each came from.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   file -> gzip members | zstd frames | plain -> a window of bytes -> warc.c
 *
 * A regular file is mapped, and its gzip members are inflated whole by libdeflate, straight
 * into the window; a pipe, a member larger than MEMBER_MAX and a corrupt one go through zlib.
 * A .warc.zst may begin with a skippable frame that holds the dictionary of all others (IIPC's
 * "WARC compression with Zstandard"). Memory: the window, which is as large as the caller's
 * largest peek and one member; mapped pages that were read are given back.
 *
 * A place is the file offset where a member begins and how many of its inflated bytes come
 * before; for plain files the offset alone. Reading can begin at any place again (feed_seek).
 *
 *     for (const char *p; (n = feed_peek(f, 1, &p, e)) > 0; ) feed_skip(f, n);
 *     if (feed_broken(f)) ... the bytes end here for a reason ... feed_mend(f);
 */
#ifndef EXTRACT_FEED_H
#define EXTRACT_FEED_H
#include "core/file.h"

struct feed_place { uint64_t at, skip; };
struct feed;

/* "-" is standard input; NULL with e set */
struct feed *feed_open(const char *path, struct err *e) MUST_CHECK;
struct feed *feed_memory(const char *p, size_t n, struct err *e) MUST_CHECK;           /* p is borrowed */
void feed_close(struct feed *f);

/* *p: the unread bytes, at least `want` of them unless the stream ends or breaks before; returns how many there are.
   Valid until the next call. 0 at the end, at a break, or with e set. */
size_t feed_peek(struct feed *f, size_t want, const char **p, struct err *e) MUST_CHECK;
void feed_skip(struct feed *f, size_t n);                                              /* n: not more than peek gave */
struct feed_place feed_place(struct feed *f);                                          /* of the first unread byte */
/* To the first member or frame that begins at or after `at`; plain files stay where they are. A gzip member is known by
 * its first bytes
   and by inflating to what the file's first one begins with. False with e set for a pipe. */
bool feed_cut(struct feed *f, uint64_t at, struct err *e) MUST_CHECK;
/* false without e: there is no such place, or it is a pipe */
bool feed_seek(struct feed *f, struct feed_place to, struct err *e) MUST_CHECK;

/* why no bytes follow the unread ones; NULL: they end, or go on */
const char *feed_broken(const struct feed *f);
/* drops unread bytes; goes on at the next member that can be read */
void feed_mend(struct feed *f);
uint64_t feed_consumed(const struct feed *f);                                          /* bytes of the file */
/* the mapped file; null for a pipe */
struct str feed_raw(const struct feed *f);

#endif
