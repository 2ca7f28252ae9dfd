/* revisit.h - "the same as before": which earlier record of these files a revisit means.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Crawlers write a page that did not change as a revisit: who it refers to, by payload digest or by URL and date
 * (WARC 1.1, 6.7), and no body. Every response is remembered by its digest and by its URL and date, some 100 bytes
 * each; a revisit's original is read again from its place, so the input must be files. One thread. */
#ifndef EXTRACT_REVISIT_H
#define EXTRACT_REVISIT_H
#include "extract/crawl.h"

struct revisits;
struct revisits *revisits_open(const struct crawl_options *o);           /* o is borrowed */
void revisits_close(struct revisits *v);

/* A response at `where`. */
void revisits_note(struct revisits *v, const struct warc_record *r, struct str where);
/* The block of what r, a revisit, refers to, in mem; null when it is not among what was noted, or cannot be read. */
struct str revisits_find(struct revisits *v, const struct warc_record *r, struct arena *mem);

#endif
