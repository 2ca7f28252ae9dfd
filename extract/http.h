/* http.h - a stored HTTP response: its header, its body as it was before transport, what it is.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Takes what servers sent, not what RFC 9112 says: no status text, LF alone, header lines without
 * colon, chunks that stop in the middle, Content-Encoding that is not true. What can be had of a
 * body is had; `damaged` counts that something was amiss.
 *
 *     struct http h;
 *     http_parse(block, &h);
 *     if (http_body(&h, limit, &scratch, &body)) ... mime_sniff(h.content_type, body) ...
 */
#ifndef EXTRACT_HTTP_H
#define EXTRACT_HTTP_H
#include "core/str.h"

struct http {
    int status;                      /* 0: there is no status line, the whole block is body */
    struct str content_type, content_encoding, transfer_encoding, location;   /* the first of each; null: absent */
    struct str body;                 /* as sent */
};
void http_parse(struct str block, struct http *h);         /* spans of the block */

struct http_scratch { struct buf a, b; };                  /* kept by a thread, freed with http_scratch_free */
void http_scratch_free(struct http_scratch *s);

/* damaged: cut off or corrupt, *body is what came before */
enum http_fate { HTTP_WHOLE, HTTP_DAMAGED, HTTP_TOO_LARGE };
/* Takes chunks apart and undoes gzip, deflate (zlib or raw), br, zstd. At most limit bytes are made at any step. *body:
 * a span of h->body or scratch. */
enum http_fate http_body(const struct http *h, size_t limit, struct http_scratch *s, struct str *body);

/* What a body is, as the WHATWG MIME Sniffing standard decides it: by the type given, or by its bytes
   where none or an unknown one is given. */
enum mime { MIME_HTML, MIME_XHTML, MIME_TEXT, MIME_FEED, MIME_OTHER };
/* essence: "image/png", a literal or a span of content_type; charset: null when not said */
struct mime_type { enum mime kind; struct str essence, charset; };
struct mime_type mime_sniff(struct str content_type, struct str body);

#endif
