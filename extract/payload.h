/* payload.h - what a record holds, as UTF-8, or why it is no page.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   record -> HTTP header off -> chunks and codings off -> MIME type -> charset -> UTF-8
 */
#ifndef EXTRACT_PAYLOAD_H
#define EXTRACT_PAYLOAD_H
#include "extract/charset.h"
#include "extract/http.h"
#include "extract/warc.h"

struct payload_scratch { struct http_scratch http; struct buf utf8; };     /* one per thread */

struct payload {
    enum mime kind;                  /* MIME_HTML, MIME_XHTML or MIME_TEXT when it is a page */
    /* UTF-8: HTML, or plain text; lives as long as the record, and scratch is not used again */
    struct str text;
    enum charset charset;
    /* the record, its chunks or codings were cut off or corrupt: this is what came before */
    bool damaged;
    const char *why;                 /* NULL, or why there is no page: a literal */
    int status;                      /* of HTTP; 0: there is no HTTP */
    struct str type;                 /* the MIME type, as given or sniffed */
};

/* r must have a block. At most limit bytes are decoded. False: p->why. */
bool payload_open(const struct warc_record *r, size_t limit, struct payload_scratch *s, struct payload *p);
void payload_scratch_free(struct payload_scratch *s);

/* Appends plain text in tamis' form: LF, no control characters but tab, no white space at line ends, one blank line at
 * most. */
void payload_tidy(struct str text, struct buf *to);

#endif
