/* test_http.c - responses as servers really sent them, and what their bodies are.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/http.h"
#include "extract/payload.h"
#include "tests/test.h"

#include <zlib.h>
#include <zstd.h>

static struct http_scratch scratch;

static struct str body_of(struct str block, enum http_fate want)
{
    struct http h;
    struct str body;
    http_parse(block, &h);
    EQ(http_body(&h, 1 << 20, &scratch, &body), want);
    return body;
}

TEST(status_lines)
{
    static const struct { struct str line; int status; } all[] = {
        { { "HTTP/1.1 200 OK\r\n\r\n", 19 }, 200 }, { { "HTTP/1.0 302 \r\n\r\n", 17 }, 302 }, { { "HTTP/2 404\n\n", 12 }, 404 },
        { { "http/1.1  200\n\n", 15 }, 200 }, { { "HTTP/1.1 OK\n\n", 13 }, 0 }, { { "<html>", 6 }, 0 }, { { "", 0 }, 0 },
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct http h;
        http_parse(all[i].line, &h);
        EQ(h.status, all[i].status);
    }
}

TEST(headers_may_be_broken)
{
    struct http h;
    http_parse(S("HTTP/1.1 200\nContent-type :  text/html \nnonsense\ncontent-TYPE: second\n: none\nX:\n\nbody\n\n"),
               &h);
    STR_EQ(h.content_type, S("text/html"));
    STR_EQ(h.body, S("body\n\n"));
    http_parse(S("HTTP/1.1 200 OK\r\nContent-Type: a"), &h);
    STR_EQ(h.content_type, S("a"));
    EQ(h.body.n, 0);
}

#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

TEST(chunks)
{
    STR_EQ(body_of(S(CHUNKED "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"), HTTP_WHOLE),
           S("abc0123456789"));
    STR_EQ(body_of(S(CHUNKED "0\r\n\r\n"), HTTP_WHOLE), S(""));
    STR_EQ(body_of(S(CHUNKED "3\nabc\n000\n"), HTTP_WHOLE), S("abc"));
}

TEST(broken_chunks_give_what_is_there)
{
    STR_EQ(body_of(S(CHUNKED "3\r\nabc\r\n20\r\nonly this"), HTTP_DAMAGED), S("abconly this"));
    STR_EQ(body_of(S(CHUNKED "3\r\nabc\r\nzz\r\nrest"), HTTP_DAMAGED), S("abc"));
    STR_EQ(body_of(S(CHUNKED "ffffffffffffffff\r\nabc"), HTTP_WHOLE), S("ffffffffffffffff\r\nabc"));
    STR_EQ(body_of(S(CHUNKED "<html>stored without chunks"), HTTP_WHOLE), S("<html>stored without chunks"));
}

static struct str packed(const char *coding, int window, struct str plain, bool chunked)
{
    static struct buf b;
    char z[5000];
    z_stream s = { .next_in = (Bytef *)(uintptr_t)plain.p, .avail_in = (uInt)plain.n, .next_out = (Bytef *)z,
                   .avail_out = sizeof z };
    deflateInit2(&s, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
    deflate(&s, Z_FINISH);
    size_t n = s.total_out;
    deflateEnd(&s);
    if (!window) n = ZSTD_compress(z, sizeof z, plain.p, plain.n, 3);
    buf_reset(&b);
    buf_printf(&b, "HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\n%s\r\n", coding,
               chunked ? "Transfer-Encoding: chunked\r\n" : "");
    if (chunked) buf_printf(&b, "%zx\r\n", n);
    buf_put(&b, (struct str){ z, n });
    if (chunked) buf_put(&b, S("\r\n0\r\n\r\n"));
    return buf_str(&b);
}

TEST(codings)
{
    struct str text = S("hello hello hello hello");
    STR_EQ(body_of(packed("gzip", 31, text, false), HTTP_WHOLE), text);
    STR_EQ(body_of(packed("x-GZIP", 31, text, true), HTTP_WHOLE), text);
    STR_EQ(body_of(packed("deflate", 15, text, false), HTTP_WHOLE), text);
    STR_EQ(body_of(packed("deflate", -15, text, false), HTTP_WHOLE), text);
    STR_EQ(body_of(packed("zstd", 0, text, true), HTTP_WHOLE), text);
    STR_EQ(body_of(S("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n\x0b\x02\x80hello\x03"), HTTP_WHOLE), S("hello"));
}

TEST(codings_that_are_not_true)
{
    STR_EQ(body_of(S("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n<html>"), HTTP_WHOLE), S("<html>"));
    STR_EQ(body_of(S("HTTP/1.1 200 OK\r\nContent-Encoding: utf-8\r\n\r\n<html>"), HTTP_WHOLE), S("<html>"));
    STR_EQ(body_of(S("HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\n\r\n<html>"), HTTP_WHOLE), S("<html>"));
}

TEST(a_coding_that_is_cut_off_gives_what_came)
{
    struct str block = packed("gzip", 31, S("hello hello hello hello"), false);
    struct str body = body_of((struct str){ block.p, block.n - 6 }, HTTP_DAMAGED);
    STR_EQ(body, S("hello hello hello hello"));
}

TEST(a_bomb_is_too_large)
{
    struct buf zeros = { 0 };
    memset(buf_room(&zeros, 4 << 20), 0, 4 << 20);
    zeros.n = 4 << 20;
    body_of(packed("gzip", 31, buf_str(&zeros), false), HTTP_TOO_LARGE);
    body_of(packed("zstd", 0, buf_str(&zeros), false), HTTP_TOO_LARGE);
    OK(scratch.a.cap < (3 << 20) && scratch.b.cap < (3 << 20));
    buf_free(&zeros);
}

static enum mime kind(const char *type, struct str body)
{
    return mime_sniff(type ? str_of(type) : (struct str){ 0 }, body).kind;
}

TEST(types_that_are_given_are_believed)
{
    EQ(kind("text/html", S("no tags")), MIME_HTML);
    EQ(kind("TEXT/HTML ; charset=x", S("x")), MIME_HTML);
    EQ(kind("application/xhtml+xml", S("x")), MIME_XHTML);
    EQ(kind("text/plain; charset=utf-16", S("<html>")), MIME_TEXT);
    EQ(kind("image/png", S("<html>")), MIME_OTHER);
    STR_EQ(mime_sniff(S("text/html; Charset=\"utf-8\""), S("")).charset, S("utf-8"));
    OK(!mime_sniff(S("text/html; x=y"), S("")).charset.p);
}

TEST(types_that_are_missing_or_wrong_are_sniffed)
{
    EQ(kind(NULL, S(" \n<!DOCTYPE HTML>")), MIME_HTML);
    EQ(kind("", S("<!-- x -->")), MIME_HTML);
    EQ(kind("html", S("<TITLE>x")), MIME_HTML);
    EQ(kind(NULL, S("<titles>")), MIME_TEXT);
    EQ(kind(NULL, S("just text")), MIME_TEXT);
    EQ(kind(NULL, S("\0\1\2")), MIME_OTHER);
    EQ(kind("*/*", S("<p>x")), MIME_HTML);
    EQ(kind("text/plain", S("a\0b")), MIME_OTHER);
    EQ(kind("text/html", S("%PDF-1.4")), MIME_OTHER);
    STR_EQ(mime_sniff(S("text/html"), S("\x89PNG\r\n\x1A\n....")).essence, S("image/png"));
    EQ(kind("text/html", S("<?xml version='1.0'?><!-- --><rss>")), MIME_FEED);
}

static struct str tidied(struct str s)
{
    static struct buf b;
    buf_reset(&b);
    payload_tidy(s, &b);
    return buf_str(&b);
}

TEST(plain_text_is_tidied)
{
    STR_EQ(tidied(S("\r\n\r\na  b \t\r\n\n\n\n\tc\x01\x7F\f\nd\n\n")), S("a  b\n\n\tc\nd"));
    STR_EQ(tidied(S("")), S(""));
    STR_EQ(tidied(S("\n \n")), S(""));
}
MAIN
