/* file_out.c - writing whole or not at all.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A .zst is a row of frames and then a seek table (zstd's "seekable format", contrib/seekable_format):
 *
 *   frame frame ... | 5E 2A 4D 18  size(4) | compressed size(4) raw size(4), per frame | frames(4) flags(1)=1 B1 EA 92 8F |
 *
 * The lowest bit of flags is free for users of the format: 1 says that every frame ends where a
 * record ends, so that a reader may hand frames to threads.
 *
 * Temporary names live in one list, so that exit() and signals can remove them. */
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

/* ---- temporary names ---- */

enum { TEMP_MAX = 256 };
static char *volatile temps[TEMP_MAX];
static pthread_mutex_t temps_lock = PTHREAD_MUTEX_INITIALIZER;

static bool temp_add(char *name)
{
    bool added = false;
    pthread_mutex_lock(&temps_lock);
    for (int i = 0; i < TEMP_MAX && !added; i++)
        if (!temps[i]) { temps[i] = name; added = true; }
    pthread_mutex_unlock(&temps_lock);
    return added;
}

static void temp_forget(const char *name)
{
    pthread_mutex_lock(&temps_lock);
    for (int i = 0; i < TEMP_MAX; i++) if (temps[i] == name) temps[i] = NULL;
    pthread_mutex_unlock(&temps_lock);
}

void file_cleanup(void)                              /* async-signal-safe: unlink only */
{
    for (int i = 0; i < TEMP_MAX; i++) if (temps[i]) unlink(temps[i]);
}

int file_scratch(struct err *e)
{
    const char *dir = getenv("TMPDIR");
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/tamis-XXXXXX", dir && *dir ? dir : "/tmp");
    if (n < 0 || (size_t)n >= sizeof path) { err_set(e, ERR_SYSTEM, "TMPDIR is too long"); return -1; }
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0) { err_sys(e, "could not make a scratch file %s", path); return -1; }
    unlink(path);
    return fd;
}

bool file_folder(const char *path, struct err *e)
{
    struct stat st;
    return (!stat(path, &st) && S_ISDIR(st.st_mode)) || !mkdir(path, 0777)
        || err_sys(e, "could not make folder %s", path);
}

/* ---- packing one frame ---- */

struct packer { enum compression kind; ZSTD_CCtx *zstd; struct libdeflate_compressor *gz; int level; };

struct packer *packer_open(enum compression c, int level)
{
    struct packer *p = mem_zero(1, sizeof *p);
    *p = (struct packer){ .kind = c, .level = level };
    if (c == ZSTD) p->zstd = ZSTD_createCCtx();
    if (c == GZIP) p->gz = libdeflate_alloc_compressor(level);
    return p;
}

bool packer_pack(struct packer *p, struct str raw, struct buf *to, struct err *e)
{
    if (p->kind == PLAIN) { buf_put(to, raw); return true; }
    if (p->kind == ZSTD ? !p->zstd : !p->gz) return err_set(e, ERR_SYSTEM, "could not start the compressor");
    size_t room = p->kind == ZSTD ? ZSTD_compressBound(raw.n) : libdeflate_gzip_compress_bound(p->gz, raw.n);
    char *at = buf_room(to, room);
    size_t n = p->kind == ZSTD ? ZSTD_compressCCtx(p->zstd, at, room, raw.p, raw.n, p->level)
                               : libdeflate_gzip_compress(p->gz, raw.p, raw.n, at, room);
    if (p->kind == ZSTD ? ZSTD_isError(n) : !n) return err_set(e, ERR_SYSTEM, "could not compress %zu bytes", raw.n);
    to->n += n;
    return true;
}

void packer_close(struct packer *p)
{
    if (!p) return;
    ZSTD_freeCCtx(p->zstd);
    if (p->gz) libdeflate_free_compressor(p->gz);
    free(p);
}

/* ---- output ---- */

struct output {
    int fd;
    char *path, *temp;                               /* temp NULL: standard output, or a device */
    enum compression kind;
    struct packer *packer;
    bool stays;                                      /* temp is a part: not removed unless it is whole */
    struct buf packed, seek;
    uint32_t n_frames;
};

enum compression compression_of(const char *path)
{
    struct str s = str_of(path);
    return str_ends(s, S(".zst")) ? ZSTD : str_ends(s, S(".gz")) ? GZIP : PLAIN;
}

char *file_hidden(const char *path, const char *suffix)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t room = strlen(path) + strlen(suffix) + 3;
    char *t = mem_alloc(room, 1);
    snprintf(t, room, "%.*s.%s.%s", (int)(name - path), path, name, suffix);
    return t;
}

/* ".name.tmp-HOST-PID": machines that share a file system may have the same process ids. */
static char *temp_name(const char *path)
{
    char host[65] = "", suffix[sizeof host + 32];
    if (gethostname(host, sizeof host - 1) != 0) strcpy(host, "host");
    snprintf(suffix, sizeof suffix, "tmp-%s-%ld", host, (long)getpid());
    return file_hidden(path, suffix);
}

/* A pipe, a terminal or /dev/null is written in place: there is nothing to rename. */
static bool in_place(const char *path)
{
    return !strcmp(path, "-") || str_starts(str_of(path), S("/dev/"));
}

static struct output *output_new(const char *path)
{
    struct output *o = mem_zero(1, sizeof *o);
    o->path = strcpy(mem_alloc(strlen(path) + 1, 1), path);
    o->kind = compression_of(path);
    o->packer = packer_open(o->kind, o->kind == ZSTD ? ZSTD_LEVEL : GZIP_LEVEL);
    return o;
}

struct output *output_open(const char *path, struct err *e)
{
    struct output *o = output_new(path);
    if (!strcmp(path, "-")) o->fd = dup(1);
    else if (in_place(path)) o->fd = open(path, O_WRONLY | O_CLOEXEC);
    else {
        o->temp = temp_name(path);
        if (!temp_add(o->temp)) {
            free(o->temp);
            o->temp = NULL;
            o->fd = -1;
            errno = EMFILE;
        } else o->fd = open(o->temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    }
    if (o->fd >= 0) return o;
    err_sys(e, "could not write file %s", path);
    output_drop(o);
    return NULL;
}

struct output *output_fd(int fd, enum compression c, struct err *e)
{
    struct output *o = mem_zero(1, sizeof *o);
    o->path = strcpy(mem_alloc(32, 1), "the scratch file");
    o->kind = c;
    o->packer = packer_open(c, 1);
    o->fd = dup(fd);
    if (o->fd >= 0) return o;
    err_sys(e, "could not write the scratch file");
    output_drop(o);
    return NULL;
}

static bool write_all(struct output *o, struct str s, struct err *e)
{
    while (s.n) {
        ssize_t n = write(o->fd, s.p, s.n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return err_sys(e, "could not write %s", strcmp(o->path, "-") ? o->path : "to standard output");
        s.p += n;
        s.n -= (size_t)n;
    }
    return true;
}

bool output_frame(struct output *o, struct str packed, size_t raw_size, struct err *e)
{
    if (o->kind == ZSTD && packed.n) {
        uint32_t row[2] = { (uint32_t)packed.n, (uint32_t)raw_size };
        buf_put(&o->seek, (struct str){ (const char *)row, sizeof row });
        o->n_frames++;
    }
    return write_all(o, packed, e);
}

bool output_write(struct output *o, struct str bytes, struct err *e)
{
    if (o->kind == PLAIN) return write_all(o, bytes, e);
    buf_reset(&o->packed);
    return packer_pack(o->packer, bytes, &o->packed, e) && output_frame(o, buf_str(&o->packed), bytes.n, e);
}

bool output_patch(struct output *o, uint64_t at, struct str bytes, struct err *e)
{
    ssize_t n = pwrite(o->fd, bytes.p, bytes.n, (off_t)at);
    return n == (ssize_t)bytes.n || err_sys(e, "could not write into %s", o->path);
}

static bool seek_table(struct output *o, struct err *e)
{
    uint32_t head[2] = { 0x184D2A5E, (uint32_t)o->seek.n + 9 };
    buf_put(&o->seek, (struct str){ (const char *)&o->n_frames, 4 });
    buf_put(&o->seek, (struct str){ "\1\xB1\xEA\x92\x8F", 5 });
    return write_all(o, (struct str){ (const char *)head, sizeof head }, e) && write_all(o, buf_str(&o->seek), e);
}

static bool finish(struct output *o, struct err *e)
{
    /* an empty file is one empty frame */
    if (o->kind == ZSTD && !o->n_frames && !output_write(o, S(""), e)) return false;
    if (o->kind == GZIP && lseek(o->fd, 0, SEEK_CUR) == 0 && !output_write(o, S(""), e)) return false;
    if (o->kind == ZSTD && !seek_table(o, e)) return false;
    if (o->temp && fsync(o->fd)) return err_sys(e, "could not flush %s", o->path);
    if (o->temp && rename(o->temp, o->path)) return err_sys(e, "could not rename %s to %s", o->temp, o->path);
    int fd = o->fd;
    o->fd = -1;                                      /* closed last: a part is locked until it has its name */
    return !close(fd) || err_sys(e, "could not close %s", o->path);
}

bool output_done(struct output *o, struct err *e)
{
    bool ok = e->kind == ERR_NONE && finish(o, e);
    if (ok && o->temp) {
        temp_forget(o->temp);
        free(o->temp);
        o->temp = NULL;
    }
    output_drop(o);
    return ok;
}

void output_drop(struct output *o)
{
    if (!o) return;
    bool stays = o->stays && (o->fd < 0 || lseek(o->fd, 0, SEEK_END) > 0);      /* an empty part is as good as none */
    if (o->temp && !stays) {
        unlink(o->temp);
        temp_forget(o->temp);
    }
    if (o->fd >= 0) close(o->fd);
    free(o->temp);
    packer_close(o->packer);
    buf_free(&o->packed);
    buf_free(&o->seek);
    free(o->path);
    free(o);
}

/* ---- parts ---- */

/* -1 with EWOULDBLOCK: no lock. Who had it may have renamed it between our open and our lock: then it is another file
 * by now. */
static int open_locked(const char *path)
{
    for (;;) {
        struct stat ours, named;
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
        if (fd < 0) return fd;
        bool locked = !flock(fd, LOCK_EX | LOCK_NB);
        if (locked && !fstat(fd, &ours) && !stat(path, &named) && ours.st_ino == named.st_ino
            && ours.st_dev == named.st_dev)
            return fd;
        close(fd);
        errno = EWOULDBLOCK;
        if (!locked) return -1;
    }
}

struct output *output_part(const char *path, struct err *e)
{
    if (in_place(path)) { err_set(e, ERR_USAGE, "%s is no file that a run could go on with", path); return NULL; }
    struct output *o = output_new(path);
    o->stays = true;
    o->temp = file_hidden(path, "part");
    o->fd = open_locked(o->temp);
    if (o->fd >= 0) return o;
    if (errno != EWOULDBLOCK) err_sys(e, "could not write file %s", path);
    output_drop(o);
    return NULL;
}

bool output_mark(struct output *o, uint64_t *size, struct buf *frames, struct err *e)
{
    off_t at = lseek(o->fd, 0, SEEK_CUR);
    if (at < 0 || fsync(o->fd)) return err_sys(e, "could not flush %s", o->path);
    *size = (uint64_t)at;
    buf_put(frames, buf_str(&o->seek));
    return true;
}

bool output_return(struct output *o, uint64_t size, struct str frames, struct err *e)
{
    struct stat st;
    if (fstat(o->fd, &st)) return err_sys(e, "could not stat %s", o->temp);
    if ((uint64_t)st.st_size < size) return false;
    if (ftruncate(o->fd, (off_t)size) || lseek(o->fd, (off_t)size, SEEK_SET) < 0)
        return err_sys(e, "could not cut %s", o->temp);
    buf_reset(&o->seek);
    buf_put(&o->seek, frames);
    o->n_frames = (uint32_t)(frames.n / sizeof(uint32_t[2]));
    return true;
}

bool file_write(const char *path, struct str all, struct err *e)
{
    struct output *o = output_open(path, e);
    if (!o) return false;
    if (output_write(o, all, e)) return output_done(o, e);
    output_drop(o);
    return false;
}
