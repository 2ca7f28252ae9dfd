/* crawl.h - the records of many files, one after the other: WARC, ARC, WACZ, or bare HTML.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A WACZ (a zip) gives the records of its members archive/...; a folder of HTML files gives a record
 * a file, in order of their paths. One thread.
 */
#ifndef EXTRACT_CRAWL_H
#define EXTRACT_CRAWL_H
#include "extract/warc.h"

struct crawl_options {
    char **files;                    /* NULL-terminated; "-" is standard input */
    bool html;                       /* files and folders are pages, not crawls */
    size_t max_block;                /* larger records are handed out without their block */
    /* only the records that begin in this part of each file; pages: this part of their list; 0/0: all */
    long shard, shards;
    const char *from;                /* "FILE@OFFSET" or "FILE@OFFSET+SKIP": begin there; NULL */
};

struct crawl;
struct crawl *crawl_open(const struct crawl_options *o, struct err *e) MUST_CHECK;

/* As warc_next; *where: "FILE@OFFSET", in mem. A bare page is a WARC_RESOURCE with its path as id. */
enum warc_got crawl_next(struct crawl *c, struct arena *mem, struct warc_record *r, struct str *where, struct err *e);
/* What was read of each file that holds records with a place, in order; valid until the next crawl_next. */
struct crawl_read { const char *name; uint64_t records; struct feed_place first, last; };
const struct crawl_read *crawl_was_read(const struct crawl *c, size_t *n);
struct str crawl_place(const char *name, struct feed_place at, struct arena *mem);     /* "NAME@OFFSET" */
uint64_t crawl_consumed(struct crawl *c);                  /* bytes of files since it was last asked */

/* Where the last record that crawl_next gave lies, after crawl_consumed; false when nothing could go on from there to
 * the same records:
   a bare page, or a file that was gone back in. crawl_seek reads that record once more: the next one follows. */
struct crawl_mark { uint64_t file, member, at, skip, told; };
bool crawl_mark(const struct crawl *c, struct crawl_mark *p);
bool crawl_seek(struct crawl *c, const struct crawl_mark *p, struct err *e) MUST_CHECK;
void crawl_close(struct crawl *c);

#endif
