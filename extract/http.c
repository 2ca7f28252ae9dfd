/* http.c - headers and bodies.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/http.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

enum { STEP = 1 << 16, WINDOW_LOG = 27 };

/* ---- the header ---- */

static bool next_line(struct str *s, struct str *line)
{
    if (!s->n) return false;
    const char *nl = memchr(s->p, '\n', s->n), *end = s->p + s->n;
    *line = str_span(s->p, nl ? nl : end);
    while (line->n && line->p[line->n - 1] == '\r') line->n--;
    *s = str_span(nl ? nl + 1 : end, end);
    return true;
}

/* "HTTP/1.1 200 OK": 200; 0 when it is no status line. */
static int status_of(struct str line)
{
    if (line.n < 5 || !str_eq_nocase((struct str){ line.p, 4 }, S("HTTP"))) return 0;
    const char *p = memchr(line.p, ' ', line.n), *end = line.p + line.n;
    int status = 0, digits = 0;
    while (p && p < end && *p == ' ') p++;
    for (; p && p < end && *p >= '0' && *p <= '9' && digits < 3; p++, digits++) status = status * 10 + (*p - '0');
    return digits == 3 ? status : 0;
}

static void put_header(struct http *h, struct str name, struct str value)
{
    const struct { struct str name; struct str *to; } table[] = {
        { S("Content-Type"), &h->content_type }, { S("Content-Encoding"), &h->content_encoding },
        { S("Transfer-Encoding"), &h->transfer_encoding }, { S("Location"), &h->location },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!table[i].to->p && str_eq_nocase(name, table[i].name)) { *table[i].to = value; return; }
}

void http_parse(struct str block, struct http *h)
{
    *h = (struct http){ .body = block };
    struct str rest = block, line;
    if (!next_line(&rest, &line) || !(h->status = status_of(line))) return;
    while (next_line(&rest, &line) && line.n) {
        const char *colon = memchr(line.p, ':', line.n);
        if (colon) put_header(h, str_trim(str_span(line.p, colon)), str_trim(str_span(colon + 1, line.p + line.n)));
    }
    h->body = rest;
}

/* ---- chunks ---- */

/* "1a3;ext\r\n": its number; false when the line is none. */
static bool chunk_size(struct str *rest, size_t *size)
{
    struct str r = *rest, line;
    if (!next_line(&r, &line)) return false;
    line = str_trim(line);
    size_t n = 0, x = 0;
    for (; n < line.n; n++) {
        char c = line.p[n], low = (char)(c | 32);
        if (c >= '0' && c <= '9') x = x * 16 + (size_t)(c - '0');
        else if (low >= 'a' && low <= 'f') x = x * 16 + (size_t)(low - 'a' + 10);
        else break;
    }
    if (!n || n > 15 || (n < line.n && line.p[n] != ';' && line.p[n] != ' ')) return false;
    *size = x;
    *rest = r;
    return true;
}

/* A body whose first line is no chunk size was stored without its chunks: it is left as it is. */
static bool unchunk(struct str *body, struct buf *to)
{
    struct str rest = *body;
    size_t size;
    if (!chunk_size(&rest, &size)) return true;
    buf_reset(to);
    bool whole = false;
    for (rest = *body; chunk_size(&rest, &size); ) {
        if (!size) { whole = true; break; }
        size_t n = size < rest.n ? size : rest.n;
        buf_put(to, (struct str){ rest.p, n });
        rest = (struct str){ rest.p + n, rest.n - n };
        if (n < size) break;
        if (rest.n && rest.p[0] == '\r') { rest.p++; rest.n--; }
        if (rest.n && rest.p[0] == '\n') { rest.p++; rest.n--; }
    }
    *body = buf_str(to);
    return whole;
}

/* ---- content encodings: each appends to `to` until the end, damage, or more than limit bytes ---- */

enum end { END_WELL, END_BADLY, END_LIMIT };

static enum end un_zlib(struct str in, int window, size_t limit, struct buf *to)
{
    z_stream z = { .next_in = (Bytef *)(uintptr_t)in.p, .avail_in = in.n > UINT32_MAX ? UINT32_MAX : (uInt)in.n };
    if (inflateInit2(&z, window) != Z_OK) return END_BADLY;
    enum end how = END_BADLY;
    for (int rc = Z_OK; rc == Z_OK; ) {
        z.next_out = (Bytef *)buf_room(to, STEP);
        z.avail_out = STEP;
        rc = inflate(&z, Z_NO_FLUSH);
        to->n += STEP - z.avail_out;
        if (rc == Z_STREAM_END) how = END_WELL;
        if (to->n > limit) { how = END_LIMIT; break; }
        bool another = rc == Z_STREAM_END && window > 15 && z.avail_in > 2 && z.next_in[0] == 0x1F
                       && z.next_in[1] == 0x8B;
        if (another) rc = inflateReset(&z);          /* gzip may have several members */
    }
    inflateEnd(&z);
    return how;
}

static bool is_zlib(struct str in)
{
    const unsigned char *p = (const unsigned char *)in.p;
    return in.n >= 2 && (p[0] & 15) == 8 && p[0] >> 4 <= 7 && (p[0] * 256 + p[1]) % 31 == 0;
}

static enum end un_deflate(struct str in, size_t limit, struct buf *to)
{
    return un_zlib(in, is_zlib(in) ? 15 : -15, limit, to);
}

static enum end un_brotli(struct str in, size_t limit, struct buf *to)
{
    BrotliDecoderState *d = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    if (!d) return END_BADLY;
    const uint8_t *next = (const uint8_t *)in.p;
    size_t left = in.n;
    BrotliDecoderResult rc;
    do {
        uint8_t *out = (uint8_t *)buf_room(to, STEP);
        size_t room = STEP;
        rc = BrotliDecoderDecompressStream(d, &left, &next, &room, &out, NULL);
        to->n += STEP - room;
    } while (rc == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT && to->n <= limit);
    BrotliDecoderDestroyInstance(d);
    return to->n > limit ? END_LIMIT : rc == BROTLI_DECODER_RESULT_SUCCESS ? END_WELL : END_BADLY;
}

static enum end un_zstd(struct str in, size_t limit, struct buf *to)
{
    ZSTD_DCtx *d = ZSTD_createDCtx();
    if (!d) return END_BADLY;
    ZSTD_DCtx_setParameter(d, ZSTD_d_windowLogMax, WINDOW_LOG);
    ZSTD_inBuffer src = { in.p, in.n, 0 };
    size_t rc = 1, made = 1;
    while (!ZSTD_isError(rc) && to->n <= limit && (src.pos < src.size || made == STEP)) {
        ZSTD_outBuffer dst = { buf_room(to, STEP), STEP, 0 };
        rc = ZSTD_decompressStream(d, &dst, &src);
        made = dst.pos;
        to->n += made;
    }
    ZSTD_freeDCtx(d);
    return to->n > limit ? END_LIMIT : rc == 0 ? END_WELL : END_BADLY;
}

static bool starts_with(struct str s, const char *magic, size_t n)
{
    return s.n >= n && !memcmp(s.p, magic, n);
}

static enum end decode(struct str coding, struct str in, size_t limit, struct buf *to)
{
    buf_reset(to);
    if (str_eq_nocase(coding, S("br"))) return un_brotli(in, limit, to);
    if (str_eq_nocase(coding, S("deflate"))) return un_deflate(in, limit, to);
    if (str_eq_nocase(coding, S("zstd")) && starts_with(in, "\x28\xB5\x2F\xFD", 4)) return un_zstd(in, limit, to);
    bool gzip = str_eq_nocase(coding, S("gzip")) || str_eq_nocase(coding, S("x-gzip"));
    if (gzip && starts_with(in, "\x1F\x8B", 2)) return un_zlib(in, 15 + 16, limit, to);
    /* unknown, or not true: nothing made, the bytes stay as they are */
    return END_BADLY;
}

/* The last coding in the list was applied last. A body that its coding gives nothing of was stored decoded. */
static enum http_fate undo_codings(struct str codings, size_t limit, struct http_scratch *s, struct str *body)
{
    enum http_fate fate = HTTP_WHOLE;
    while (codings.n) {
        const char *comma = memrchr(codings.p, ',', codings.n);
        struct str last = str_trim(comma ? str_span(comma + 1, codings.p + codings.n) : codings);
        codings.n = comma ? (size_t)(comma - codings.p) : 0;
        if (!last.n || str_eq_nocase(last, S("identity"))) continue;
        struct buf *to = body->p == s->a.p ? &s->b : &s->a;
        enum end how = decode(last, *body, limit, to);
        if (how == END_LIMIT) return HTTP_TOO_LARGE;
        if (to->n || how == END_WELL) *body = buf_str(to);
        if (to->n && how == END_BADLY) fate = HTTP_DAMAGED;
    }
    return fate;
}

static bool has_token(struct str list, struct str token)
{
    for (struct str item; str_cut(&list, ',', &item); ) if (str_eq_nocase(str_trim(item), token)) return true;
    return false;
}

enum http_fate http_body(const struct http *h, size_t limit, struct http_scratch *s, struct str *body)
{
    *body = h->body;
    bool whole = !has_token(h->transfer_encoding, S("chunked")) || unchunk(body, &s->a);
    enum http_fate fate = undo_codings(h->content_encoding, limit, s, body);
    if (body->n > limit) return HTTP_TOO_LARGE;
    return fate == HTTP_WHOLE && !whole ? HTTP_DAMAGED : fate;
}

void http_scratch_free(struct http_scratch *s)
{
    buf_free(&s->a);
    buf_free(&s->b);
}
