/* fetch.h - many files over HTTP, each whole or not there at all.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A file grows as DIR/.NAME.part and is renamed to DIR/NAME when its length is what the server
 * said, it begins like gzip if NAME ends in .gz, and it is on the disk. A part that is there, from
 * a cut connection or an earlier run, is continued by Range (with If-Range where the server gave an
 * ETag in this run). A server that cannot do that begins again.
 *
 * Tried again: connections that break, stall or end early, 408 429 500 502 503 504, wrong lengths,
 * wrong first bytes; after backoff * 2^k seconds (at most 60), or what Retry-After says. An attempt
 * that brought bytes starts the count again. Not tried again: every other status.
 */
#ifndef EXTRACT_FETCH_H
#define EXTRACT_FETCH_H
#include "core/str.h"

struct fetch_item {
    const char *url, *path;          /* path: DIR/NAME */
    uint64_t size;                   /* bytes it has */
    int attempts;                    /* over the network; 0: it was there */
    bool done;
    char why[120];                   /* of the last failure; "" when there was none */
};

/* fresh: of this run; expected: of all, a guess */
struct fetch_progress { size_t n, done, failed; uint64_t bytes, fresh, expected; double seconds; };

struct fetch_options {
    int parallel, tries;             /* tries: attempts in a row that bring nothing */
    double backoff, stall;           /* seconds; stall: without 1000 bytes a second */
    void (*tell)(void *with, const struct fetch_progress *p);       /* about once a second; may be NULL */
    void (*finished)(void *with, const struct fetch_item *item);    /* may be NULL */
    void *with;
};

/* Fetches all items; false with e set when the system failed. Items that failed have done == false. */
bool fetch_all(struct fetch_item *items, size_t n, const struct fetch_options *o, struct err *e) MUST_CHECK;

#endif
