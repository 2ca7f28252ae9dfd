/* file_in.c - reading: plain, gzip and zstd streams behind one call.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   file -> raw[RAW] -> decoder (none, inflate, zstd) -> the caller's buffer
 *
 * The kind is decided by the first bytes of the file, whatever its name. Members of a gzip
 * file and frames of a zstd file follow each other until the end; a file that stops inside
 * one is ERR_DATA. */
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { RAW = 1 << 17, WINDOW_LOG_MAX = 27 };         /* windows above 128 MiB are refused: a bomb, not a file */

struct input {
    int fd;
    char *name;
    enum compression kind;
    bool at_eof, inside;                             /* inside a member or frame: the end may not come now */
    size_t pos, end;                                 /* raw[pos, end) is unread */
    uint64_t consumed;
    z_stream gz;
    ZSTD_DStream *zstd;
    char raw[RAW];
};

/* More raw bytes behind those there are; false at the end or with e set. */
static bool fill(struct input *in, struct err *e)
{
    if (in->at_eof) return false;
    memmove(in->raw, in->raw + in->pos, in->end - in->pos);
    in->end -= in->pos;
    in->pos = 0;
    ssize_t n;
    do n = read(in->fd, in->raw + in->end, RAW - in->end); while (n < 0 && errno == EINTR);
    if (n < 0) return err_sys(e, "could not read file %s", in->name);
    in->at_eof = n == 0;
    in->end += (size_t)n;
    in->consumed += (uint64_t)n;
    return n > 0;
}

static bool starts(const struct input *in, const char *magic, size_t n)
{
    return in->end - in->pos >= n && !memcmp(in->raw + in->pos, magic, n);
}

static bool is_zstd(const struct input *in)
{
    return starts(in, "\x28\xB5\x2F\xFD", 4)
        || (in->end - in->pos >= 4 && (in->raw[in->pos] & 0xF0) == 0x50
            && !memcmp(in->raw + in->pos + 1, "\x2A\x4D\x18", 3));
}

static bool recognise(struct input *in, struct err *e)
{
    while (in->end < 4 && fill(in, e)) {}
    if (e->kind) return false;
    if (starts(in, "\x1F\x8B", 2)) {
        in->kind = GZIP;
        if (inflateInit2(&in->gz, 15 + 16) != Z_OK) return err_set(e, ERR_SYSTEM, "could not start zlib");
    } else if (is_zstd(in)) {
        in->kind = ZSTD;
        in->zstd = ZSTD_createDStream();
        if (!in->zstd) return err_set(e, ERR_SYSTEM, "could not start zstd");
        ZSTD_DCtx_setParameter(in->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    }
    return true;
}

struct input *input_open(const char *path, struct err *e)
{
    struct input *in = mem_zero(1, sizeof *in);
    in->name = strcpy(mem_alloc(strlen(path) + 1, 1), path);
    in->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(0);
    if (in->fd < 0) err_sys(e, "could not open file %s", path);
    else if (recognise(in, e)) return in;
    input_close(in);
    return NULL;
}

static bool read_gzip(struct input *in, char *to, size_t n, size_t *got, struct err *e)
{
    if (!in->inside) {                               /* between members */
        while (in->end - in->pos < 2 && fill(in, e)) {}
        if (in->pos == in->end) return false;
        if (!starts(in, "\x1F\x8B", 2))
            return err_set(e, ERR_DATA, "%s: bytes that are no gzip after a member", in->name);
        inflateReset(&in->gz);
        in->inside = true;
    }
    in->gz.next_in = (Bytef *)(in->raw + in->pos);
    in->gz.avail_in = (uInt)(in->end - in->pos);
    in->gz.next_out = (Bytef *)to;
    in->gz.avail_out = n > UINT32_MAX ? UINT32_MAX : (uInt)n;
    uInt room = in->gz.avail_out;
    int rc = inflate(&in->gz, Z_NO_FLUSH);
    in->pos = in->end - in->gz.avail_in;
    *got = room - in->gz.avail_out;
    if (rc == Z_STREAM_END) in->inside = false;
    else if (rc != Z_OK && rc != Z_BUF_ERROR)
        return err_set(e, ERR_DATA, "%s: corrupt gzip near byte %llu", in->name,
                       (unsigned long long)input_consumed(in));
    return true;
}

static bool read_zstd(struct input *in, char *to, size_t n, size_t *got, struct err *e)
{
    ZSTD_inBuffer src = { in->raw, in->end, in->pos };
    ZSTD_outBuffer dst = { to, n, 0 };
    size_t rc = ZSTD_decompressStream(in->zstd, &dst, &src);
    if (ZSTD_isError(rc) && ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation) mem_out(0);
    if (ZSTD_isError(rc))
        return err_set(e, ERR_DATA, "%s: corrupt zstd near byte %llu: %s", in->name,
                       (unsigned long long)input_consumed(in), ZSTD_getErrorName(rc));
    in->inside = rc != 0;
    in->pos = src.pos;
    *got = dst.pos;
    return true;
}

size_t input_read(struct input *in, void *to, size_t n, struct err *e)
{
    size_t got = 0;
    while (!got && n) {
        if (in->pos == in->end && !fill(in, e)) {
            if (e->kind) return 0;
            if (in->inside && in->kind != ZSTD) {
                err_set(e, ERR_DATA, "%s: ends inside a gzip member", in->name);
                return 0;
            }
            if (!in->inside) return 0;
        }
        if (in->kind == PLAIN) {
            got = in->end - in->pos < n ? in->end - in->pos : n;
            memcpy(to, in->raw + in->pos, got);
            in->pos += got;
            return got;
        }
        bool ok = in->kind == GZIP ? read_gzip(in, to, n, &got, e) : read_zstd(in, to, n, &got, e);
        if (!ok) return 0;
        if (!got && in->at_eof && in->pos == in->end && in->inside) {
            err_set(e, ERR_DATA, "%s: ends inside a compressed frame", in->name);
            return 0;
        }
    }
    return got;
}

static bool seek_plain(struct input *in, uint64_t n, struct err *e)
{
    uint64_t at = input_consumed(in) + n;
    if (lseek(in->fd, (off_t)at, SEEK_SET) < 0) return err_sys(e, "could not seek in file %s", in->name);
    in->pos = in->end = 0;
    in->consumed = at;
    return true;
}

bool input_skip(struct input *in, uint64_t n, struct err *e)
{
    if (in->kind == PLAIN) return seek_plain(in, n, e);
    char *past = mem_alloc(RAW, 1);
    for (size_t got; n && (got = input_read(in, past, n < RAW ? (size_t)n : RAW, e)) > 0; ) n -= got;
    free(past);
    return !e->kind && (!n || err_set(e, ERR_DATA, "%s became shorter", in->name));
}

uint64_t input_consumed(const struct input *in)
{
    return in->consumed - (in->end - in->pos);
}

void input_close(struct input *in)
{
    if (!in) return;
    if (in->fd >= 0) close(in->fd);
    if (in->kind == GZIP) inflateEnd(&in->gz);
    ZSTD_freeDStream(in->zstd);
    free(in->name);
    free(in);
}

bool file_slurp(const char *path, struct buf *to, size_t limit, struct err *e)
{
    struct input *in = input_open(path, e);
    if (!in) return false;
    for (size_t n; (n = input_read(in, buf_room(to, RAW), RAW, e)) > 0; ) {
        to->n += n;
        if (to->n > limit) { err_set(e, ERR_DATA, "%s is larger than %zu bytes", path, limit); break; }
    }
    input_close(in);
    return e->kind == ERR_NONE;
}

void file_many(void)
{
    struct rlimit most;
    if (getrlimit(RLIMIT_NOFILE, &most)) return;
    most.rlim_cur = most.rlim_max;
    setrlimit(RLIMIT_NOFILE, &most);
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool file_size(const char *path, uint64_t *size, struct err *e)
{
    struct stat st;
    if (stat(path, &st)) return err_sys(e, "could not stat file %s", path);
    *size = (uint64_t)st.st_size;
    return true;
}

/* ---- frames of our own .zst files ---- */

enum { FOOTER = 9, ROW = 8, FRAME_MAX = 1 << 30 };

static bool table_parse(struct frames *f, const char *p, uint32_t n, uint64_t end, struct err *e)
{
    uint64_t at = 0;
    f->all = mem_alloc(n, sizeof *f->all);
    for (; f->n < n; p += ROW, f->n++) {
        struct file_frame *r = &f->all[f->n];
        r->at = at;
        memcpy(&r->size, p, 4);
        memcpy(&r->raw_size, p + 4, 4);
        at += r->size;
        if (r->raw_size > FRAME_MAX || at > end) return err_set(e, ERR_DATA, "its seek table is corrupt");
    }
    return true;
}

/* Reads the table at the end of a file of that size, if it is one of ours; f->n stays 0 if not. */
static bool table_read(struct frames *f, uint64_t size, struct err *e)
{
    char footer[FOOTER];
    uint32_t n;
    if (size < FOOTER + 8) return true;
    if (!file_read_at(f->fd, footer, FOOTER, size - FOOTER, "frames", e)) return false;
    if (memcmp(footer + 4, "\1\xB1\xEA\x92\x8F", 5) != 0) return true;
    memcpy(&n, footer, 4);
    uint64_t table = (uint64_t)n * ROW + FOOTER;
    if (table + 8 > size) return err_set(e, ERR_DATA, "its seek table does not fit in it");
    char *rows = mem_alloc(n, ROW);
    bool ok = file_read_at(f->fd, rows, (size_t)n * ROW, size - table, "frames", e)
              && table_parse(f, rows, n, size - table - 8, e);
    free(rows);
    return ok;
}

bool frames_open(struct frames *f, const char *path, struct err *e)
{
    struct stat st;
    *f = (struct frames){ .fd = -1 };
    if (stat(path, &st) || !S_ISREG(st.st_mode)) return true;        /* a pipe, or not there: input_open will say so */
    f->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (f->fd < 0) return err_sys(e, "could not open file %s", path);
    if (!table_read(f, (uint64_t)st.st_size, e)) err_in(e, "%s", path);
    if (e->kind || !f->n) frames_close(f);
    return !e->kind;
}

bool frames_get(const struct frames *f, size_t i, struct buf *to, struct err *e)
{
    if (!file_read_at(f->fd, buf_room(to, f->all[i].size), f->all[i].size, f->all[i].at, "frames", e)) return false;
    to->n += f->all[i].size;
    return true;
}

void frames_close(struct frames *f)
{
    if (f->fd >= 0) close(f->fd);
    free(f->all);
    *f = (struct frames){ .fd = -1 };
}
