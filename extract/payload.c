/* payload.c - from a record's block to UTF-8.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/payload.h"

/* Reasons are literals so that they can be counted; the type itself goes with the drop. */
static const char *reason_of(struct mime_type t)
{
    static const struct { const char *prefix, *reason; } table[] = {
        { "image/", "type-image" }, { "video/", "type-video" }, { "audio/", "type-audio" }, { "font/", "type-font" },
        { "application/pdf", "type-pdf" }, { "text/css", "type-css" }, { "text/javascript", "type-javascript" },
        { "application/javascript", "type-javascript" }, { "application/x-javascript", "type-javascript" },
        { "application/json", "type-json" }, { "application/ld+json", "type-json" },
        { "text/xml", "type-xml" }, { "application/xml", "type-xml" }, { "application/rss+xml", "type-feed" },
        { "application/atom+xml", "type-feed" }, { "text/dns", "type-dns" },
    };
    if (t.kind == MIME_FEED) return "type-feed";
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t n = strlen(table[i].prefix);
        if (t.essence.n >= n && str_eq_nocase((struct str){ t.essence.p, n }, str_of(table[i].prefix)))
            return table[i].reason;
    }
    return "type-other";
}

static bool no(struct payload *p, const char *why)
{
    p->why = why;
    return false;
}

static bool decode(struct payload *p, struct str body, struct mime_type t, struct payload_scratch *s)
{
    p->kind = t.kind;
    p->type = t.essence;
    if (t.kind != MIME_HTML && t.kind != MIME_XHTML && t.kind != MIME_TEXT) return no(p, reason_of(t));
    p->charset = charset_pick(body, t.charset, t.kind != MIME_TEXT);
    if (p->charset == CS_REPLACEMENT) return no(p, "charset-unsafe");
    p->text = charset_text(p->charset, body, &s->utf8);
    return true;
}

static bool is_http(const struct warc_record *r)
{
    return r->type == WARC_RESPONSE || (r->type == WARC_RESOURCE && r->content_type.n >= 16
                                        && str_eq_nocase((struct str){ r->content_type.p, 16 }, S("application/http")));
}

static bool open_http(const struct warc_record *r, size_t limit, struct payload_scratch *s, struct payload *p)
{
    struct http h;
    struct str body;
    http_parse(r->block, &h);
    p->status = h.status;
    if (!h.status && !r->arc) return no(p, "no-http");
    if (h.status && (h.status < 200 || h.status > 299)) return no(p, "status");
    enum http_fate fate = http_body(&h, limit, &s->http, &body);
    if (fate == HTTP_TOO_LARGE) return no(p, "too-large");
    p->damaged |= fate == HTTP_DAMAGED;
    if (!body.n) return no(p, "empty");
    return decode(p, body, mime_sniff(h.status ? h.content_type : r->content_type, body), s);
}

bool payload_open(const struct warc_record *r, size_t limit, struct payload_scratch *s, struct payload *p)
{
    *p = (struct payload){ .kind = MIME_OTHER, .charset = CHARSET_NONE, .damaged = r->cut };
    if (r->length > limit) return no(p, "too-large");
    if (is_http(r)) return open_http(r, limit, s, p);
    if (!r->block.n) return no(p, "empty");
    struct mime_type t = mime_sniff(r->content_type, r->block);
    if (r->type == WARC_CONVERSION && t.kind != MIME_HTML && t.kind != MIME_XHTML)
        t = (struct mime_type){ MIME_TEXT, S("text/plain"), S("utf-8") };
    return decode(p, r->block, t, s);
}

void payload_scratch_free(struct payload_scratch *s)
{
    http_scratch_free(&s->http);
    buf_free(&s->utf8);
}

static void put_line(struct str line, struct buf *to)
{
    while (line.n && (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t' || line.p[line.n - 1] == '\r'
                      || line.p[line.n - 1] == '\f'))
        line.n--;
    char *p = buf_room(to, line.n + 1);
    for (size_t i = 0; i < line.n; i++) {
        unsigned char c = (unsigned char)line.p[i];
        if (c >= 0x20 ? c != 0x7F : c == '\t') *p++ = (char)c;
    }
    to->n = (size_t)(p - to->p);
}

void payload_tidy(struct str text, struct buf *to)
{
    size_t blank = 2, start = to->n;
    for (struct str line; str_cut(&text, '\n', &line); ) {
        size_t before = to->n;
        put_line(line, to);
        blank = to->n > before ? 0 : blank + 1;
        if (blank < 2) buf_putc(to, '\n');
    }
    while (to->n > start && to->p[to->n - 1] == '\n') to->n--;
}
