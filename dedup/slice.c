/* slice.c - rows of fixed size by number, proofs by place.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/slice.h"
#include "core/file.h"
#include "core/hash.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOW = 1 << 20, GUESS = 4096 };

_Static_assert(sizeof(struct sketch) == 64, "the header of a slice is 64 bytes");

static size_t row_size(const struct sketch *k)
{
    return sizeof(struct slice_row) + k->bands * sizeof(uint64_t);
}

/* ---- a file under a name, or a scratch file ---- */

struct spool { struct output *out; int fd; uint64_t size; struct buf buf; };

static bool spool_open(struct spool *p, const char *path, struct err *e)
{
    p->fd = -1;
    if (path) return (p->out = output_open(path, e)) != NULL;
    return (p->fd = file_scratch(e)) >= 0;
}

static bool spool_flush(struct spool *p, struct err *e)
{
    struct str s = buf_str(&p->buf);
    buf_reset(&p->buf);
    if (p->out) return output_write(p->out, s, e);
    return file_write_at(p->fd, s, p->size - s.n, "signatures", e);
}

static bool spool_put(struct spool *p, const void *bytes, size_t n, struct err *e)
{
    buf_put(&p->buf, (struct str){ bytes, n });
    p->size += n;
    return p->buf.n < WINDOW || spool_flush(p, e);
}

static void spool_free(struct spool *p)
{
    if (p->out) output_drop(p->out);
    if (p->fd >= 0) close(p->fd);
    buf_free(&p->buf);
}

/* ---- writing ---- */

struct slice_out { struct sketch sketch; struct spool rows, proofs; uint64_t n, stamp; };

struct slice_out *slice_create(const struct sketch *k, const char *path, struct err *e)
{
    if (path && compression_of(path) != PLAIN) {
        err_set(e, ERR_USAGE, "signatures are read in place: %s must not be compressed", path);
        return NULL;
    }
    struct slice_out *o = mem_zero(1, sizeof *o);
    o->sketch = *k;
    o->rows.fd = o->proofs.fd = -1;
    struct buf name = { 0 };
    if (path) buf_printf(&name, "%s.proof%c", path, 0);
    bool ok = spool_open(&o->rows, path, e) && spool_open(&o->proofs, path ? name.p : NULL, e)
           && spool_put(&o->rows, k, sizeof *k, e);
    buf_free(&name);
    if (ok) return o;
    slice_drop(o);
    return NULL;
}

static bool put_proof(struct slice_out *o, const struct slice_doc *d, struct err *e)
{
    static const char zero[8];
    uint32_t head[2] = { d->id.p ? (uint32_t)d->id.n : NO_ID, (uint32_t)d->n };
    size_t pad = (8 - d->id.n % 8) % 8;
    return spool_put(&o->proofs, head, sizeof head, e) && spool_put(&o->proofs, d->id.p, d->id.n, e)
        && spool_put(&o->proofs, zero, pad, e) && spool_put(&o->proofs, d->items, d->n * sizeof *d->items, e);
}

bool slice_put(struct slice_out *o, const struct slice_doc *d, struct err *e)
{
    if (d->id.n >= NO_ID || d->n > UINT32_MAX) return err_set(e, ERR_DATA, "a document has more than 2^32 shingles");
    size_t size = row_size(&o->sketch);
    union {
        struct slice_row row;
        uint64_t room[2];
    } head = { .room = { d->keys ? o->proofs.size : NO_SKETCH, d->weight } };
    uint64_t keys[4096] = { 0 };
    size_t n_keys = size / 8 - 2;
    if (d->keys) memcpy(keys, d->keys, n_keys * 8);
    o->stamp = hash64((struct str){ (const char *)keys, n_keys * 8 }, o->stamp + d->weight);
    o->n++;
    return spool_put(&o->rows, &head, 16, e) && spool_put(&o->rows, keys, n_keys * 8, e)
        && (!d->keys || put_proof(o, d, e));
}

bool slice_flush(struct slice_out *o, struct err *e)
{
    return spool_flush(&o->rows, e) && spool_flush(&o->proofs, e);
}

struct slice slice_of(const struct slice_out *o)
{
    return (struct slice){ o->sketch, o->rows.fd, o->proofs.fd, o->n, o->proofs.size, o->stamp };
}

static bool spool_done(struct spool *p, struct err *e)
{
    struct output *out = p->out;
    if (!spool_flush(p, e)) return false;
    p->out = NULL;
    return output_done(out, e);
}

bool slice_done(struct slice_out *o, struct err *e)
{
    uint64_t end[3] = { o->n, o->proofs.size, o->stamp };
    bool ok = spool_put(&o->rows, end, sizeof end, e) && spool_done(&o->proofs, e) && spool_done(&o->rows, e);
    slice_drop(o);
    return ok;
}

void slice_drop(struct slice_out *o)
{
    if (!o) return;
    spool_free(&o->rows);
    spool_free(&o->proofs);
    free(o);
}

/* ---- reading ---- */

static bool read_at(int fd, void *to, size_t n, uint64_t at, struct err *e)
{
    return file_read_at(fd, to, n, at, "signatures", e);
}

static bool sketch_sane(const struct sketch *k)
{
    return !memcmp(k->magic, "TAMSIG1\n", 8) && k->bands && k->bands <= 4096 && k->rows && k->ngram
        && k->permutations <= 4096 && (uint64_t)k->bands * k->rows <= k->permutations && k->proof <= PROOF_NONE;
}

static bool check(struct slice *s, struct err *e)
{
    struct stat st, proof;
    uint64_t end[3];
    if (fstat(s->fd, &st) || fstat(s->proof_fd, &proof)) return err_sys(e, "could not look at signatures");
    if ((uint64_t)st.st_size < sizeof s->sketch + sizeof end || !read_at(s->fd, &s->sketch, sizeof s->sketch, 0, e)
        || !sketch_sane(&s->sketch)) return err_set(e, ERR_DATA, "no signatures of tamis fuzzy sign");
    uint64_t rows = (uint64_t)st.st_size - sizeof s->sketch - sizeof end;
    if (!read_at(s->fd, end, sizeof end, sizeof s->sketch + rows, e)) return false;
    s->n = end[0];
    s->proof_size = end[1];
    s->stamp = end[2];
    if (rows % row_size(&s->sketch) || rows / row_size(&s->sketch) != s->n)
        return err_set(e, ERR_DATA, "signatures are cut short");
    if (s->proof_size != (uint64_t)proof.st_size)
        return err_set(e, ERR_DATA, "its .proof is of another run, or cut short");
    return true;
}

bool slice_open(struct slice *s, const char *path, struct err *e)
{
    struct buf name = { 0 };
    buf_printf(&name, "%s.proof%c", path, 0);
    s->fd = open(path, O_RDONLY | O_CLOEXEC);
    s->proof_fd = s->fd < 0 ? -1 : open(name.p, O_RDONLY | O_CLOEXEC);
    buf_free(&name);
    if (s->proof_fd < 0) err_sys(e, "could not open %s%s", path, s->fd < 0 ? "" : ".proof");
    else if (check(s, e)) return true;
    else err_in(e, "%s", path);
    slice_close(s);
    return false;
}

void slice_close(struct slice *s)
{
    if (s->fd >= 0) close(s->fd);
    if (s->proof_fd >= 0) close(s->proof_fd);
    s->fd = s->proof_fd = -1;
}

bool slice_read_row(const struct slice *s, uint64_t row, struct slice_row *to, struct err *e)
{
    return read_at(s->fd, to, sizeof *to, sizeof s->sketch + row * row_size(&s->sketch), e);
}

bool slice_read_proof(const struct slice *s, uint64_t row, struct buf *mem, struct proof_of *to, struct err *e)
{
    struct slice_row r;
    if (!slice_read_row(s, row, &r, e)) return false;
    if (r.proof_at > s->proof_size || s->proof_size - r.proof_at < 8)
        return err_set(e, ERR_DATA, "row %llu has no proof", (unsigned long long)row);
    uint64_t left = s->proof_size - r.proof_at;
    size_t got = left < GUESS ? (size_t)left : GUESS;
    buf_reset(mem);
    if (!read_at(s->proof_fd, buf_room(mem, got), got, r.proof_at, e)) return false;
    uint32_t head[2];
    memcpy(head, mem->p, sizeof head);
    size_t id = head[0] == NO_ID ? 0 : head[0], padded = (id + 7) / 8 * 8, need = 8 + padded + (size_t)head[1] * 8;
    if (need > left)
        return err_set(e, ERR_DATA, "the proof of row %llu is longer than its file", (unsigned long long)row);
    mem->n = got;
    if (need > got && !read_at(s->proof_fd, buf_room(mem, need - got), need - got, r.proof_at + got, e)) return false;
    *to = (struct proof_of){ { head[0] == NO_ID ? NULL : mem->p + 8, id },
                             (const uint64_t *)(const void *)(mem->p + 8 + padded), head[1] };
    return true;
}

const struct slice_row *slice_next(struct slice_scan *c, struct err *e)
{
    size_t size = row_size(&c->s->sketch);
    if (c->row == c->s->n) return NULL;
    if (c->at == c->window.n) {
        uint64_t rows = c->s->n - c->row, most = WINDOW / size + 1;
        if (rows > most) rows = most;
        buf_reset(&c->window);
        buf_room(&c->window, (size_t)rows * size);
        if (!read_at(c->s->fd, c->window.p, (size_t)rows * size, sizeof c->s->sketch + c->row * size, e)) return NULL;
        c->window.n = (size_t)rows * size;
        c->at = 0;
    }
    const struct slice_row *r = (const void *)(c->window.p + c->at);
    c->at += size;
    c->row++;
    return r;
}

void slice_scan_free(struct slice_scan *c)
{
    buf_free(&c->window);
}
