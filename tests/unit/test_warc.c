/* test_warc.c - records from every packing, and from what is left of broken files.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/warc.h"
#include "tests/test.h"

#include <fcntl.h>
#include <zdict.h>
#include <zlib.h>
#include <zstd.h>

static struct buf file;                              /* the file under test */

static struct str warc(const char *id, const char *body)
{
    static struct buf b;
    buf_reset(&b);
    buf_printf(&b, "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <%s>\r\nContent-Length: %zu\r\n\r\n%s\r\n\r\n",
               id, strlen(body), body);
    return buf_str(&b);
}

static void put_gzip(struct str plain)
{
    z_stream z = { 0 };
    deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
    z.next_in = (Bytef *)(uintptr_t)plain.p;
    z.avail_in = (uInt)plain.n;
    z.next_out = (Bytef *)buf_room(&file, plain.n + 1000);
    z.avail_out = (uInt)plain.n + 1000;
    deflate(&z, Z_FINISH);
    file.n += z.total_out;
    deflateEnd(&z);
}

/* What comes of it, as "id:bytes id:bytes !reason ...". A pipe instead of memory: through is true. */
static struct str records(struct str bytes, bool through)
{
    static struct buf out;
    struct arena mem = { 0 };
    struct err e = { 0 };
    struct feed *f;
    buf_reset(&out);
    pid_t child = 0;
    if (through) {
        int fd[2];
        OK(!pipe(fd));
        if (!(child = fork())) {
            for (size_t at = 0; at < bytes.n; ) {
                ssize_t n = write(fd[1], bytes.p + at, bytes.n - at < 1000 ? bytes.n - at : 1000);
                if (n <= 0) break;
                at += (size_t)n;
            }
            _exit(0);
        }
        close(fd[1]);
        dup2(fd[0], 0);
        close(fd[0]);
        f = feed_open("-", &e);
    } else f = feed_memory(bytes.p, bytes.n, &e);
    if (!f) { printf("# %s\n", e.msg); return S("no feed"); }
    struct warc *w = warc_open(f, 1 << 16);
    struct warc_record r;
    for (enum warc_got got; (got = warc_next(w, &mem, &r, &e)) != WARC_END; ) {
        if (got == WARC_BAD) buf_printf(&out, "!%s ", r.why);
        else buf_printf(&out, "%.*s:%zu%s ", (int)r.id.n, r.id.p ? r.id.p : "", r.block.n, r.cut ? "cut" : "");
    }
    EQ(e.kind, ERR_NONE);
    warc_close(w);
    if (child) waitpid(child, NULL, 0);
    arena_free(&mem);
    return str_trim(buf_str(&out));
}

#define BOTH(want) do { STR_EQ(records(buf_str(&file), false), S(want)); STR_EQ(records(buf_str(&file), true), S(want)); } while (0)

TEST(plain_records)
{
    buf_put(&file, warc("a", "one"));
    buf_put(&file, warc("b", ""));
    BOTH("a:3 b:0");
}

TEST(a_member_a_record)
{
    for (int i = 0; i < 300; i++) put_gzip(warc("x", "some text that is repeated, some text that is repeated"));
    struct str got = records(buf_str(&file), false);
    EQ(got.n, 300 * 5 - 1);
    EQ(records(buf_str(&file), true).n, 300 * 5 - 1);
}

TEST(many_records_a_member_and_many_members_a_record)
{
    struct buf plain = { 0 };
    for (int i = 0; i < 3; i++) buf_put(&plain, warc("m", "hello"));
    put_gzip(buf_str(&plain));
    for (size_t i = 0; i < plain.n; i += 7) put_gzip((struct str){ plain.p + i, plain.n - i < 7 ? plain.n - i : 7 });
    put_gzip(S(""));
    BOTH("m:5 m:5 m:5 m:5 m:5 m:5");
    buf_free(&plain);
}

TEST(zstd_frames_with_a_dictionary)
{
    struct buf samples = { 0 };
    size_t sizes[2000], n = 2000;
    for (size_t i = 0; i < n; i++) {
        char text[60];
        snprintf(text, sizeof text, "page number %zu of a site that says the same", i * 7919 % 1000);
        struct str s = warc("d", text);
        buf_put(&samples, s);
        sizes[i] = s.n;
    }
    char dict[4096];
    size_t size = ZDICT_trainFromBuffer(dict, sizeof dict, samples.p, sizes, (unsigned)n);
    OK(!ZDICT_isError(size));
    uint32_t head[2] = { 0x184D2A5D, (uint32_t)size };
    buf_put(&file, (struct str){ (char *)head, 8 });
    buf_put(&file, (struct str){ dict, size });
    ZSTD_CCtx *c = ZSTD_createCCtx();
    for (size_t at = 0, i = 0; i < 3; at += sizes[i++]) {
        size_t room = ZSTD_compressBound(sizes[i]);
        file.n += ZSTD_compress_usingDict(c, buf_room(&file, room), room, samples.p + at, sizes[i], dict, size, 3);
    }
    ZSTD_freeCCtx(c);
    BOTH("d:42 d:44 d:44");
    buf_free(&samples);
}

TEST(a_corrupt_member_costs_its_record_only)
{
    put_gzip(warc("a", "first"));
    put_gzip(warc("b", "second, with some more text in it so that there is something to spoil"));
    size_t end = file.n;
    put_gzip(warc("c", "third"));
    for (size_t i = end - 30; i < end - 20; i++) file.p[i] = (char)~file.p[i];
    STR_EQ(records(buf_str(&file), false), S("a:5 !corrupt-gzip c:5"));
}

TEST(a_file_that_is_cut_off_says_so)
{
    put_gzip(warc("a", "first"));
    put_gzip(warc("b", "second, with some more text in it so that there is something to cut"));
    file.n -= 20;
    BOTH("a:5 !ends-inside-gzip");
    file.n = 0;
    buf_put(&file, warc("p", "plain text"));
    file.n -= 7;
    BOTH("p:7cut");
}

TEST(a_length_that_is_too_long_hides_no_other_record)
{
    buf_put(&file, S("WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 150\r\n\r\nshort\r\n\r\n"));
    buf_put(&file, warc("b", "there, whole"));
    buf_put(&file, warc("c", "there, whole"));
    BOTH("!content-length-too-long b:12 c:12");
    file.n = 0;
    buf_put(&file, S("WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 99999999999\r\n\r\nshort\r\n\r\n"));
    buf_put(&file, warc("b", "there"));
    STR_EQ(records(buf_str(&file), false), S("!truncated b:5"));
}

TEST(garbage_is_one_bad_record)
{
    buf_put(&file, S("garbage\nmore garbage\n\nWARC\nWARC/x\n"));
    buf_put(&file, warc("a", "text"));
    buf_put(&file, S("\0\0\0\0\r\n"));
    buf_put(&file, warc("b", "text"));
    BOTH("!not-a-record a:4 !not-a-record b:4");
}

TEST(headers_of_all_kinds)
{
    buf_put(&file, S("WARC/0.17\nwarc-type: RESPONSE\nWARC-Record-ID:\n  <folded\n id>\nno colon here\ncontent-length:4\n\nbody\n\n"));
    buf_put(&file, S("WARC/1.1\r\nWARC-Type: response\r\n\r\nno length\r\n\r\n"));
    buf_put(&file, S("WARC/1.1\r\nWARC-Type: response\r\nContent-Length: -1\r\n\r\n\r\n\r\n"));
    buf_put(&file, S("WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <m>\r\nContent-Length: 3\r\n\r\nx:y\r\n\r\n"));
    BOTH("folded id:4 !no-content-length !bad-content-length m:0");
}

TEST(arc_records)
{
    buf_put(&file, S("filedesc://x.arc 0.0.0.0 20080613185437 text/plain 16\n1 0 somebody\nU I\n\n"));
    buf_put(&file, S("http://a.example/a b 1.2.3.4 20080613185437 text/html 5\nhello\n"));
    buf_put(&file, S("http://a.example/2 1.2.3.4 19961104142103 text/html 200 fac0 - 0 x.arc 2\nhi\n"));
    buf_put(&file, S("http://a.example/3 1.2.3.4 nodate text/html x\nhi\n"));
    buf_put(&file, S("http://a.example/4 1.2.3.4 20080613185437 text/html 2\nho\n"));
    BOTH(":0 :5 :2 !not-an-arc-record :2");
    struct err e = { 0 };
    struct arena mem = { 0 };
    struct warc_record r;
    struct warc *w = warc_open(feed_memory(file.p, file.n, &e), 1 << 16);
    EQ(warc_next(w, &mem, &r, &e), WARC_RECORD);
    EQ(r.type, WARC_INFO);
    EQ(warc_next(w, &mem, &r, &e), WARC_RECORD);
    EQ(r.type, WARC_RESPONSE);
    STR_EQ(r.url, S("http://a.example/a b"));
    STR_EQ(r.date, S("2008-06-13T18:54:37Z"));
    STR_EQ(r.content_type, S("text/html"));
    warc_close(w);
    arena_free(&mem);
}

TEST(a_record_can_be_found_again_by_its_place)
{
    struct buf three = { 0 };
    put_gzip(warc("a", "one"));
    buf_put(&three, warc("b", "two"));
    buf_put(&three, warc("c", "three"));
    put_gzip(buf_str(&three));
    put_gzip(warc("d", "four"));
    struct err e = { 0 };
    struct arena mem = { 0 };
    struct warc_record all[4], r;
    struct feed *f = feed_memory(file.p, file.n, &e);
    struct warc *w = warc_open(f, 1 << 16);
    for (int i = 0; i < 4; i++) EQ(warc_next(w, &mem, &all[i], &e), WARC_RECORD);
    EQ(warc_next(w, &mem, &r, &e), WARC_END);
    OK(all[1].place.skip == 0 && all[2].place.skip > 0 && all[1].place.at == all[2].place.at);
    for (int i = 3; i >= 0; i--) {
        OK(feed_seek(f, all[i].place, &e));
        EQ(warc_next(w, &mem, &r, &e), WARC_RECORD);
        STR_EQ(r.id, all[i].id);
        EQ(r.place.at, all[i].place.at);
        EQ(r.place.skip, all[i].place.skip);
    }
    OK(!feed_seek(f, (struct feed_place){ file.n + 1, 0 }, &e));
    warc_close(w);
    arena_free(&mem);
    buf_free(&three);
}

TEST(a_block_above_the_limit_is_not_held)
{
    struct buf body = { 0 };
    while (body.n < 100000) buf_put(&body, S("0123456789"));
    buf_putc(&body, 0);
    buf_put(&file, warc("large", body.p));
    buf_put(&file, warc("small", "x"));
    BOTH("large:0 small:1");
    buf_free(&body);
}
MAIN
