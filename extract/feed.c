/* feed.c - plain bytes from members and frames.
 * SPDX-License-Identifier: Apache-2.0
 *
 * raw[at, end) are the bytes of the file that were not used yet: the mapped file itself, or the
 * window of a pipe. out[pos, n) are the plain bytes that were not read yet. Each step() appends
 * some to out, and notes in marks where a member begins. */
#include "extract/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum {
    PIPE_CHUNK = 1 << 18,            /* read from a pipe at once */
    OUT_CHUNK  = 1 << 18,            /* inflated at once where a member is streamed */
    MEMBER_MAX = 32 << 20,           /* a member that inflates to more is streamed */
    GIVE_BACK  = 8 << 20,            /* mapped pages are given back in such pieces */
    TRIAL      = 1 << 10,            /* a member found behind a corrupt one must inflate so far */
    DICT_MAX   = 64 << 20,
    WINDOW_LOG = 27,                 /* zstd windows above 128 MiB are refused */
};

/* plain byte number `stream` is the first of the member at file offset `at` */
struct mark { uint64_t stream, at; };

struct feed {
    struct map map;
    int fd;                                          /* a pipe, or -1 */
    struct buf pipe;
    const char *raw;
    size_t at, end;
    uint64_t base;                                   /* file offset of raw[0] */
    bool eof;
    enum compression kind;

    bool inside;                                     /* in the middle of a streamed member or frame */
    size_t member;                                   /* raw index where it begins; pipes: may have moved on */
    struct libdeflate_decompressor *whole;
    z_stream gz;
    bool gz_ready;
    ZSTD_DCtx *zstd;

    struct buf out;
    size_t pos;
    uint64_t out_base;                               /* plain bytes before out[0] */
    struct mark *marks;
    size_t n_marks, cap_marks;
    const char *broken;
    size_t given_back;
};

/* ---- raw bytes ---- */

static bool fill(struct feed *f, struct err *e)
{
    if (f->fd < 0 || f->eof) return false;
    if (f->at) {
        memmove(f->pipe.p, f->pipe.p + f->at, f->end - f->at);
        f->base += f->at;
        f->end -= f->at;
        f->member = f->member > f->at ? f->member - f->at : 0;
        f->at = 0;
    }
    f->pipe.n = f->end;
    char *to = buf_room(&f->pipe, PIPE_CHUNK);
    ssize_t n;
    do n = read(f->fd, to, PIPE_CHUNK); while (n < 0 && errno == EINTR);
    if (n < 0) return err_sys(e, "could not read");
    f->raw = f->pipe.p;
    f->eof = n == 0;
    f->end += (size_t)n;
    return n > 0;
}

static bool have(struct feed *f, size_t n, struct err *e)
{
    while (f->end - f->at < n && fill(f, e)) {}
    return f->end - f->at >= n;
}

/* The kernel counts mapped pages as ours: those behind the reader go. */
static void give_back(struct feed *f)
{
    if (!f->map.n || f->at < f->given_back + GIVE_BACK) return;
    size_t to = f->at & ~(size_t)(GIVE_BACK - 1);
    if (to > f->given_back) madvise((void *)(uintptr_t)(f->map.p + f->given_back), to - f->given_back, MADV_DONTNEED);
    f->given_back = to;
}

static bool is_gzip(const struct feed *f, size_t i)
{
    const unsigned char *p = (const unsigned char *)f->raw + i;
    return f->end - i >= 4 && p[0] == 0x1F && p[1] == 0x8B && p[2] == 8 && !(p[3] & 0xE0);
}

static uint32_t le32(const char *p)
{
    uint32_t x;
    memcpy(&x, p, 4);
    return x;
}

static bool is_frame(const struct feed *f, size_t i) { return f->end - i >= 4 && le32(f->raw + i) == ZSTD_MAGICNUMBER; }
static bool is_skippable(const struct feed *f, size_t i)
{
    return f->end - i >= 8 && (le32(f->raw + i) & 0xFFFFFFF0u) == 0x184D2A50u;
}

/* ---- opening ---- */

/* The dictionary itself, or compressed as one zstd frame. */
static bool load_dictionary(struct feed *f, struct str d, struct err *e)
{
    struct buf plain = { 0 };
    if (d.n >= 4 && le32(d.p) == ZSTD_MAGICNUMBER) {
        unsigned long long size = ZSTD_getFrameContentSize(d.p, d.n);
        if (size > DICT_MAX)
            return err_set(e, ERR_DATA, "its zstd dictionary does not say its size, or a size above %d", DICT_MAX);
        size_t n = ZSTD_decompress(buf_room(&plain, (size_t)size + 1), (size_t)size, d.p, d.n);
        if (ZSTD_isError(n)) { buf_free(&plain); return err_set(e, ERR_DATA, "its zstd dictionary is corrupt"); }
        d = (struct str){ plain.p, n };
    }
    size_t rc = ZSTD_DCtx_loadDictionary(f->zstd, d.p, d.n);
    buf_free(&plain);
    return !ZSTD_isError(rc) || err_set(e, ERR_DATA, "its zstd dictionary cannot be used: %s", ZSTD_getErrorName(rc));
}

static bool open_zstd(struct feed *f, struct err *e)
{
    f->kind = ZSTD;
    f->zstd = ZSTD_createDCtx();
    if (!f->zstd) return err_set(e, ERR_SYSTEM, "could not start zstd");
    ZSTD_DCtx_setParameter(f->zstd, ZSTD_d_windowLogMax, WINDOW_LOG);
    if (!is_skippable(f, f->at) || le32(f->raw + f->at) != 0x184D2A5Du) return true;
    size_t size = le32(f->raw + f->at + 4);
    if (size > DICT_MAX || !have(f, size + 8, e))
        return e->kind ? false : err_set(e, ERR_DATA, "its zstd dictionary is cut off");
    if (!load_dictionary(f, (struct str){ f->raw + f->at + 8, size }, e)) return false;
    f->at += size + 8;
    return true;
}

static bool recognise(struct feed *f, struct err *e)
{
    have(f, 8, e);
    if (e->kind) return false;
    if (is_frame(f, f->at) || is_skippable(f, f->at)) return open_zstd(f, e);
    if (!is_gzip(f, f->at)) return true;
    f->kind = GZIP;
    f->whole = libdeflate_alloc_decompressor();
    f->gz_ready = inflateInit2(&f->gz, 15 + 16) == Z_OK;
    return (f->whole && f->gz_ready) || err_set(e, ERR_SYSTEM, "could not start zlib");
}

static struct feed *finish_open(struct feed *f, struct err *e)
{
    if (!e->kind && recognise(f, e)) return f;
    feed_close(f);
    return NULL;
}

static bool regular(const char *path)
{
    struct stat st;
    return strcmp(path, "-") != 0 && !stat(path, &st) && S_ISREG(st.st_mode);
}

struct feed *feed_open(const char *path, struct err *e)
{
    struct feed *f = mem_zero(1, sizeof *f);
    f->fd = -1;
    if (regular(path)) {
        if (map_open(&f->map, path, e) && f->map.n) madvise((void *)(uintptr_t)f->map.p, f->map.n, MADV_SEQUENTIAL);
        f->raw = f->map.p;
        f->end = f->map.n;
    } else {
        f->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(0);
        if (f->fd < 0) err_sys(e, "could not open file %s", path);
    }
    return finish_open(f, e);
}

struct feed *feed_memory(const char *p, size_t n, struct err *e)
{
    struct feed *f = mem_zero(1, sizeof *f);
    *f = (struct feed){ .fd = -1, .raw = p, .end = n };
    return finish_open(f, e);
}

void feed_close(struct feed *f)
{
    if (!f) return;
    map_close(&f->map);
    if (f->fd >= 0) close(f->fd);
    if (f->gz_ready) inflateEnd(&f->gz);
    libdeflate_free_decompressor(f->whole);
    ZSTD_freeDCtx(f->zstd);
    buf_free(&f->pipe);
    buf_free(&f->out);
    free(f->marks);
    free(f);
}

/* ---- plain bytes ---- */

static void begin_member(struct feed *f)
{
    struct mark m = { f->out_base + f->out.n, f->base + f->at };
    f->member = f->at;
    if (f->n_marks && f->marks[f->n_marks - 1].stream == m.stream) f->n_marks--;
    f->marks = mem_grow(f->marks, &f->cap_marks, f->n_marks + 1, sizeof *f->marks);
    f->marks[f->n_marks++] = m;
}

static bool breaks(struct feed *f, const char *why)
{
    f->broken = why;
    f->inside = false;
    return false;
}

/* The whole member at f->at; false when it must be streamed: too large, cut off or corrupt. */
static bool inflate_whole(struct feed *f)
{
    for (size_t room = 1 << 20; room <= MEMBER_MAX; room *= 4) {
        if (f->out.cap - f->out.n > room) room = f->out.cap - f->out.n;
        char *to = buf_room(&f->out, room);
        size_t used, made;
        enum libdeflate_result rc = libdeflate_gzip_decompress_ex(f->whole, f->raw + f->at, f->end - f->at, to,
                                                                  f->out.cap - f->out.n, &used, &made);
        if (rc == LIBDEFLATE_INSUFFICIENT_SPACE) continue;
        if (rc != LIBDEFLATE_SUCCESS) return false;
        f->at += used;
        f->out.n += made;
        return true;
    }
    return false;
}

static bool inflate_some(struct feed *f)
{
    size_t n = f->end - f->at;
    f->gz.next_in = (Bytef *)(uintptr_t)(f->raw + f->at);
    f->gz.avail_in = n > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uInt)n;
    f->gz.next_out = (Bytef *)buf_room(&f->out, OUT_CHUNK);
    f->gz.avail_out = OUT_CHUNK;
    int rc = inflate(&f->gz, Z_NO_FLUSH);
    f->at = (size_t)((const char *)f->gz.next_in - f->raw);
    f->out.n += OUT_CHUNK - f->gz.avail_out;
    if (rc == Z_STREAM_END) f->inside = false;
    else if (rc != Z_OK && rc != Z_BUF_ERROR) return breaks(f, "corrupt-gzip");
    return true;
}

static bool step_gzip(struct feed *f, struct err *e)
{
    if (f->inside) {
        if (!have(f, 1, e)) return e->kind ? false : breaks(f, "ends-inside-gzip");
        return inflate_some(f);
    }
    if (!have(f, 4, e) && (e->kind || f->at == f->end)) return false;
    begin_member(f);
    if (!is_gzip(f, f->at)) return breaks(f, "not-gzip");
    if (f->fd < 0 && inflate_whole(f)) return true;
    inflateReset(&f->gz);
    f->inside = true;
    return true;
}

static bool step_zstd(struct feed *f, struct err *e)
{
    if (!f->inside) {
        if (!have(f, 8, e) && (e->kind || f->at == f->end)) return false;
        begin_member(f);
        if (is_skippable(f, f->at)) {
            size_t size = le32(f->raw + f->at + 4);
            if (!have(f, size + 8, e)) return e->kind ? false : breaks(f, "ends-inside-zstd");
            f->at += size + 8;
            return true;
        }
        if (!is_frame(f, f->at)) return breaks(f, "not-zstd");
        ZSTD_DCtx_reset(f->zstd, ZSTD_reset_session_only);
    } else if (!have(f, 1, e)) return e->kind ? false : breaks(f, "ends-inside-zstd");
    ZSTD_inBuffer in = { f->raw, f->end, f->at };
    ZSTD_outBuffer out = { buf_room(&f->out, OUT_CHUNK), OUT_CHUNK, 0 };
    size_t rc = ZSTD_decompressStream(f->zstd, &out, &in);
    f->at = in.pos;
    f->out.n += out.pos;
    f->inside = rc != 0;
    return !ZSTD_isError(rc) || breaks(f, "corrupt-zstd");
}

/* Room behind the unread bytes, by moving them to the front when half of the window was read. */
static void compact(struct feed *f)
{
    if (f->pos < f->out.n && f->pos < f->out.n / 2) return;
    memmove(f->out.p, f->out.p + f->pos, f->out.n - f->pos);
    f->out_base += f->pos;
    f->out.n -= f->pos;
    f->pos = 0;
}

size_t feed_peek(struct feed *f, size_t want, const char **p, struct err *e)
{
    if (f->kind == PLAIN) {
        have(f, want, e);
        give_back(f);
        *p = f->raw + f->at;
        return e->kind ? 0 : f->end - f->at;
    }
    while (f->out.n - f->pos < want && !f->broken) {
        if (f->pos) compact(f);
        if (!(f->kind == GZIP ? step_gzip(f, e) : step_zstd(f, e))) break;
        give_back(f);
    }
    *p = buf_str(&f->out).p + f->pos;
    return e->kind ? 0 : f->out.n - f->pos;
}

void feed_skip(struct feed *f, size_t n)
{
    if (f->kind == PLAIN) f->at += n;
    else f->pos += n;
}

struct feed_place feed_place(struct feed *f)
{
    if (f->kind == PLAIN) return (struct feed_place){ f->base + f->at, 0 };
    uint64_t here = f->out_base + f->pos;
    size_t i = 0;
    while (i + 1 < f->n_marks && f->marks[i + 1].stream <= here) i++;
    if (i) memmove(f->marks, f->marks + i, (f->n_marks -= i) * sizeof *f->marks);
    if (!f->n_marks) return (struct feed_place){ f->base + f->at, 0 };
    return (struct feed_place){ f->marks[0].at, here - f->marks[0].stream };
}

bool feed_seek(struct feed *f, struct feed_place to, struct err *e)
{
    if (f->fd >= 0 || to.at > f->end) return false;
    f->at = f->given_back = (size_t)to.at;
    f->given_back &= ~(size_t)(GIVE_BACK - 1);
    f->out.n = f->pos = f->n_marks = 0;
    f->out_base = 0;
    f->inside = false;
    f->broken = NULL;
    while (to.skip) {
        const char *p;
        size_t n = feed_peek(f, 1, &p, e);
        if (!n) return false;
        if (n > to.skip) n = (size_t)to.skip;
        feed_skip(f, n);
        to.skip -= n;
    }
    return true;
}

/* ---- breaks ---- */

const char *feed_broken(const struct feed *f)
{
    return f->broken;
}

/* The first bytes that the member at i inflates to; how many, 0 when it is none. */
static size_t try_member(struct feed *f, size_t i, char to[TRIAL])
{
    size_t n = f->end - i;
    inflateReset(&f->gz);
    f->gz.next_in = (Bytef *)(uintptr_t)(f->raw + i);
    f->gz.avail_in = n > 2 * TRIAL ? 2 * TRIAL : (uInt)n;
    f->gz.next_out = (Bytef *)to;
    f->gz.avail_out = TRIAL;
    int rc = inflate(&f->gz, Z_NO_FLUSH);
    return rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR ? TRIAL - f->gz.avail_out : 0;
}

static bool member_works(struct feed *f, size_t i)
{
    char to[TRIAL];
    return try_member(f, i, to) > 0;
}

static bool restarts(struct feed *f, size_t i)
{
    return f->kind == GZIP ? is_gzip(f, i) && member_works(f, i) : is_frame(f, i);
}

/* A mapped file is searched from behind the start of the corrupt member, a pipe from where it broke. */
void feed_mend(struct feed *f)
{
    struct err ignored = { 0 };
    f->broken = NULL;
    f->inside = false;
    f->out_base += f->out.n;
    f->out.n = f->pos = f->n_marks = 0;
    if (f->fd < 0) f->at = f->member;
    if (f->at < f->end) f->at++;
    int first = f->kind == GZIP ? 0x1F : 0x28;
    while (have(f, 4, &ignored)) {
        const char *hit = memchr(f->raw + f->at, first, f->end - f->at);
        if (!hit) { f->at = f->end; continue; }
        f->at = (size_t)(hit - f->raw);
        if (have(f, 2 * TRIAL, &ignored), restarts(f, f->at)) return;
        f->at++;
    }
    f->at = f->end;
}

/* ---- a part of a file ---- */

static size_t next_gzip(struct feed *f, size_t at)
{
    enum { ALIKE = 5 };                                          /* "WARC/" */
    char first[TRIAL] = "", here[TRIAL];
    size_t n = try_member(f, 0, first);
    for (; at < f->end; at++) {
        const char *hit = memchr(f->raw + at, 0x1F, f->end - at);
        if (!hit) return f->end;
        at = (size_t)(hit - f->raw);
        if (is_gzip(f, at) && try_member(f, at, here) >= ALIKE && n >= ALIKE
            && (!memcmp(first, here, ALIKE) || first[0] != 'W'))
            return at;
    }
    return f->end;
}

static size_t next_frame(const struct feed *f, size_t at)
{
    size_t i = 0;
    while (i < at) {
        size_t n = ZSTD_findFrameCompressedSize(f->raw + i, f->end - i);
        if (ZSTD_isError(n) || n == 0) return f->end;
        i += n;
    }
    return i;
}

bool feed_cut(struct feed *f, uint64_t at, struct err *e)
{
    if (f->fd >= 0) return err_set(e, ERR_USAGE, "--shard: a pipe cannot be cut");
    if (f->kind == PLAIN || at == 0) return true;
    size_t to = f->kind == GZIP ? next_gzip(f, (size_t)at) : next_frame(f, (size_t)at);
    return feed_seek(f, (struct feed_place){ to, 0 }, e);
}

uint64_t feed_consumed(const struct feed *f)
{
    return f->base + f->at;
}

struct str feed_raw(const struct feed *f)
{
    return f->fd < 0 ? (struct str){ f->raw, f->end } : (struct str){ 0 };
}
