/* warc.h - the records of a WARC or ARC file, one after the other, whatever is wrong with some.
 * SPDX-License-Identifier: Apache-2.0
 *
 * WARC 0.17 to 1.1 (ISO 28500) and ARC 1.0 and 1.1 (Internet Archive), told apart by their first
 * bytes. Lines may end in LF alone, header names have any case, values may continue on the next
 * line. What is no record is handed out once as WARC_BAD with its place and reason, and reading
 * goes on at the next record: after a length that is too long, that record may lie inside what
 * the length claimed.
 *
 *     struct warc *w = warc_open(feed, 16 << 20);
 *     while ((got = warc_next(w, &mem, &r, e)) != WARC_END) ...
 */
#ifndef EXTRACT_WARC_H
#define EXTRACT_WARC_H
#include "extract/feed.h"

enum warc_type { WARC_RESPONSE, WARC_RESOURCE, WARC_CONVERSION, WARC_REVISIT, WARC_INFO, WARC_REQUEST, WARC_METADATA,
                 WARC_CONTINUATION, WARC_OTHER, WARC_TYPES };
extern const char *const warc_type_name[WARC_TYPES];       /* as in WARC-Type */

enum warc_got { WARC_END, WARC_RECORD, WARC_BAD };         /* the end: of the file, or e is set */

/* Null spans: the record does not say. Header fields lie in the arena; block until the next call. */
struct warc_record {
    enum warc_type type;
    struct str id;                   /* WARC-Record-ID without <>; none in ARC */
    struct str url, date, content_type, digest, refers_id, refers_url, refers_date;   /* date: YYYY-MM-DDThh:mm:ssZ */
    struct str block;                /* null when length is above the limit, or the type is not one of the first four */
    uint64_t length;                 /* Content-Length; of the block when cut */
    struct feed_place place;
    bool arc, cut;                   /* cut: the file ends inside the block */
    const char *why;                 /* WARC_BAD: a literal, [a-z-] */
};

struct warc;
/* takes the feed; blocks above the limit are passed over unread */
struct warc *warc_open(struct feed *f, size_t max_block);
enum warc_got warc_next(struct warc *w, struct arena *mem, struct warc_record *r, struct err *e);
struct feed *warc_feed(const struct warc *w);
/* lengths were wrong and it went back: a bounded number of times, so places before count */
bool warc_rewound(const struct warc *w);
void warc_close(struct warc *w);                           /* and the feed */

#endif
