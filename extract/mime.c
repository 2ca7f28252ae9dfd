/* mime.c - what a body is (WHATWG MIME Sniffing, sections 5, 7 and 8).
 * SPDX-License-Identifier: Apache-2.0
 *
 * A type that is given is believed, with three exceptions: text/plain as a misconfigured Apache
 * sends it may be binary, text/html may be a feed, and either may be one of the binary formats
 * below, which no text begins with. Crawls are full of the latter. */
#include "extract/http.h"

enum { LOOK = 1445 };                                /* the resource header */

#define BYTES(s) { s, sizeof s - 1 }
struct magic { struct str bytes; const char *essence; };
static const struct magic binary[] = {
    { BYTES("%PDF-"), "application/pdf" }, { BYTES("%!PS-Adobe-"), "application/postscript" },
    { BYTES("GIF87a"), "image/gif" }, { BYTES("GIF89a"), "image/gif" }, { BYTES("\x89PNG\r\n\x1A\n"), "image/png" },
    { BYTES("\xFF\xD8\xFF"), "image/jpeg" }, { BYTES("\x1F\x8B\x08"), "application/gzip" }, { BYTES("PK\x03\x04"), "application/zip" },
    { BYTES("Rar!\x1A\x07"), "application/x-rar-compressed" }, { BYTES("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "application/x-ole-storage" },
    { BYTES("ID3"), "audio/mpeg" }, { BYTES("OggS\0"), "application/ogg" }, { BYTES("wOFF"), "font/woff" }, { BYTES("wOF2"), "font/woff2" },
    { BYTES("CWS"), "application/x-shockwave-flash" }, { BYTES("FWS"), "application/x-shockwave-flash" },
};

/* After white space, in any case, and then a space or ">". */
static const char *const html_starts[] = {
    "<!doctype html", "<html", "<head", "<script", "<iframe", "<h1", "<div", "<font", "<table", "<a", "<style",
    "<title", "<b",
    "<body", "<br", "<p",
};

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

static struct str space_off(struct str s)
{
    while (s.n && is_space(*s.p)) { s.p++; s.n--; }
    return s;
}

static bool is_html(struct str s)
{
    s = space_off(s);
    if (str_starts(s, S("<!--"))) return true;
    for (size_t i = 0; i < sizeof html_starts / sizeof *html_starts; i++) {
        struct str tag = str_of(html_starts[i]);
        if (s.n > tag.n && str_eq_nocase((struct str){ s.p, tag.n }, tag) && (s.p[tag.n] == ' ' || s.p[tag.n] == '>'))
            return true;
    }
    return false;
}

static const char *binary_type(struct str s)
{
    for (size_t i = 0; i < sizeof binary / sizeof *binary; i++)
        if (str_starts(s, binary[i].bytes)) return binary[i].essence;
    return NULL;
}

static bool has_bom(struct str s)
{
    return str_starts(s, S("\xFE\xFF")) || str_starts(s, S("\xFF\xFE")) || str_starts(s, S("\xEF\xBB\xBF"));
}

static bool has_binary_byte(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= 8 || c == 0xB || (c >= 0xE && c <= 0x1A) || (c >= 0x1C && c <= 0x1F)) return true;
    }
    return false;
}

static struct mime_type type(enum mime kind, const char *essence)
{
    return (struct mime_type){ .kind = kind, .essence = str_of(essence) };
}

static struct mime_type text_or_binary(struct str s)
{
    const char *known = binary_type(s);
    if (has_bom(s) || !has_binary_byte(s)) return type(MIME_TEXT, "text/plain");
    return type(MIME_OTHER, known ? known : "application/octet-stream");
}

static struct mime_type sniff_unknown(struct str s)
{
    if (is_html(s)) return type(MIME_HTML, "text/html");
    if (str_starts(space_off(s), S("<?xml"))) return type(MIME_OTHER, "text/xml");
    const char *known = binary_type(s);
    return known ? type(MIME_OTHER, known) : text_or_binary(s);
}

/* A feed has <rss, <feed or <rdf:RDF as its first element, behind comments and declarations. */
static bool is_feed(struct str s)
{
    if (str_starts(s, S("\xEF\xBB\xBF"))) s = (struct str){ s.p + 3, s.n - 3 };
    for (;;) {
        s = space_off(s);
        if (!s.n || *s.p != '<') return false;
        if (str_starts(s, S("<rss")) || str_starts(s, S("<feed")) || str_starts(s, S("<rdf:RDF"))) return true;
        if (s.n < 2 || (s.p[1] != '!' && s.p[1] != '?')) return false;
        struct str end = str_starts(s, S("<!--")) ? S("-->") : S(">");
        const char *p = memmem(s.p + 2, s.n - 2, end.p, end.n);
        if (!p) return false;
        s = str_span(p + end.n, s.p + s.n);
    }
}

static bool is_token(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] == 127 || strchr("\"(),/:;<=>?@[\\]{}", s.p[i])) return false;
    return s.n > 0;
}

/* "text/html; charset=\"utf-8\"" */
static bool parse_type(struct str s, struct mime_type *t)
{
    struct str essence, part, name;
    *t = (struct mime_type){ .kind = MIME_OTHER };
    if (!str_cut(&s, ';', &essence)) return false;
    essence = str_trim(essence);
    struct str sub = essence, top;
    if (!str_cut(&sub, '/', &top) || !sub.p || !is_token(top) || !is_token(sub)) essence = (struct str){ 0 };
    t->essence = essence;
    while (str_cut(&s, ';', &part)) {
        if (!str_cut(&part, '=', &name) || !part.p || !str_eq_nocase(str_trim(name), S("charset")) || t->charset.p)
            continue;
        part = str_trim(part);
        if (part.n >= 2 && (part.p[0] == '"' || part.p[0] == '\'') && part.p[part.n - 1] == part.p[0])
            part = str_trim((struct str){ part.p + 1, part.n - 2 });
        t->charset = part;
    }
    return essence.p != NULL;
}

static bool is_unknown(struct str essence)
{
    return str_eq_nocase(essence, S("unknown/unknown")) || str_eq_nocase(essence, S("application/unknown")) || str_eq_nocase(essence, S("*/*"));
}

/* The four forms that old Apaches gave to whatever they did not know. */
static bool is_apache_default(struct str content_type)
{
    return str_eq(content_type, S("text/plain")) || str_eq(content_type, S("text/plain; charset=ISO-8859-1"))
        || str_eq(content_type, S("text/plain; charset=iso-8859-1"))
            || str_eq(content_type, S("text/plain; charset=UTF-8"));
}

struct mime_type mime_sniff(struct str content_type, struct str body)
{
    struct str head = { body.p, body.n < LOOK ? body.n : LOOK };
    struct mime_type t;
    if (!parse_type(content_type, &t) || is_unknown(t.essence)) {
        struct mime_type by_bytes = sniff_unknown(head);
        by_bytes.charset = t.charset;
        return by_bytes;
    }
    bool html = str_eq_nocase(t.essence, S("text/html")), plain = str_eq_nocase(t.essence, S("text/plain"));
    if (plain && is_apache_default(content_type)) {
        struct mime_type by_bytes = text_or_binary(head);
        by_bytes.charset = t.charset;
        return by_bytes;
    }
    const char *known = html || plain ? binary_type(head) : NULL;
    if (known) return type(MIME_OTHER, known);
    if (html) t.kind = is_feed(head) ? MIME_FEED : MIME_HTML;
    else if (str_eq_nocase(t.essence, S("application/xhtml+xml"))) t.kind = MIME_XHTML;
    else if (plain) t.kind = MIME_TEXT;
    return t;
}
