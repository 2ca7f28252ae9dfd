/* verdicts.c - see verdicts.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/verdicts.h"
#include "core/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FLUSH = 1 << 20, LONGEST_NAME = 1 << 24 };

struct head { char magic[8]; uint64_t docs, slices, slices_at, rows_at, old, zero[2]; };
struct row { struct verdict v; uint64_t name_at; };
_Static_assert(sizeof(struct head) == 64 && sizeof(struct row) == 16, "the layout in verdicts.h");

/* ---- saving ---- */

struct writer { struct output *out; struct buf buf; uint64_t at; };

static bool put(struct writer *w, const void *bytes, size_t n, struct err *e)
{
    buf_put(&w->buf, (struct str){ bytes, n });
    w->at += n;
    if (w->buf.n < FLUSH) return true;
    bool ok = output_write(w->out, buf_str(&w->buf), e);
    buf_reset(&w->buf);
    return ok;
}

static bool put_names(struct writer *w, struct likeness *l, uint64_t docs, struct shelf *verdicts, struct shelf *places,
                      struct err *e)
{
    struct buf name = { 0 };
    bool ok = true;
    for (uint64_t i = 0; ok && i < docs; i++) {
        const struct verdict *v = shelf_at(verdicts, i);
        if (!v->twin) continue;
        buf_reset(&name);
        *(uint64_t *)shelf_at(places, i) = w->at;
        ok = likeness_name(l, v->twin - 1, &name, e);
        uint32_t size = (uint32_t)name.n;
        ok = ok && put(w, &size, sizeof size, e) && put(w, name.p, name.n, e);
    }
    buf_free(&name);
    return ok;
}

static bool put_rows(struct writer *w, uint64_t docs, struct shelf *verdicts, struct shelf *places, struct err *e)
{
    for (uint64_t i = 0; i < docs; i++) {
        struct row r = { *(const struct verdict *)shelf_at(verdicts, i), *(const uint64_t *)shelf_at(places, i) };
        if (!put(w, &r, sizeof r, e)) return false;
    }
    return true;
}

static bool put_all(struct writer *w, const struct slice *slices, size_t n, size_t old, struct likeness *l,
                    struct shelf *verdicts, struct shelf *places, struct err *e)
{
    struct head h = { .magic = "TAMGRP1", .slices = n, .old = old };
    h.magic[7] = '\n';
    for (size_t i = 0; i < n; i++) h.docs += slices[i].n;
    if (!shelf_grow(places, h.docs, e) || !put(w, &h, sizeof h, e) || !put_names(w, l, h.docs, verdicts, places, e))
        return false;
    h.slices_at = w->at;
    for (size_t i = 0; i < n; i++) if (!put(w, &slices[i].n, sizeof slices[i].n, e)) return false;
    h.rows_at = w->at;
    return put_rows(w, h.docs, verdicts, places, e) && output_write(w->out, buf_str(&w->buf), e)
        && output_patch(w->out, 0, (struct str){ (const char *)&h, sizeof h }, e);
}

bool verdicts_save(const char *path, const struct slice *slices, size_t n, size_t old, struct shelf *verdicts,
                   size_t memory, struct err *e)
{
    struct writer w = { .out = output_open(path, e) };
    if (!w.out) return false;
    struct likeness *l = likeness_open(slices, n, memory / 8);
    struct shelf places;
    shelf_init(&places, sizeof(uint64_t), memory / 8);
    bool ok = put_all(&w, slices, n, old, l, verdicts, &places, e);
    shelf_free(&places);
    likeness_close(l);
    buf_free(&w.buf);
    if (ok) return output_done(w.out, e);
    output_drop(w.out);
    return false;
}

/* ---- reading ---- */

static bool find_slice(struct verdicts *v, uint64_t slice, struct err *e)
{
    struct head h;
    struct stat st;
    if (fstat(v->fd, &st)) return err_sys(e, "could not look at groups");
    v->size = (uint64_t)st.st_size;
    if (v->size < sizeof h || !file_read_at(v->fd, &h, sizeof h, 0, "groups", e) || memcmp(h.magic, "TAMGRP1\n", 8))
        return err_set(e, ERR_DATA, "no groups of tamis fuzzy group");
    if (h.slices > v->size / 8 || h.docs > v->size / 16 || h.rows_at > v->size
        || v->size - h.rows_at != h.docs * sizeof(struct row) || h.slices_at > h.rows_at || h.old > h.slices
        || h.rows_at - h.slices_at != h.slices * 8)
        return err_set(e, ERR_DATA, "groups are cut short");
    if (slice >= h.slices - h.old)
        return err_set(e, ERR_USAGE, "--slice %llu: there are %llu, from 0", (unsigned long long)slice,
                       (unsigned long long)(h.slices - h.old));
    slice += h.old;
    for (uint64_t i = 0; i <= slice; i++) {
        v->base += v->n;
        if (!file_read_at(v->fd, &v->n, sizeof v->n, h.slices_at + i * 8, "groups", e)) return false;
    }
    v->at = h.rows_at + v->base * sizeof(struct row);
    return v->base + v->n <= h.docs || err_set(e, ERR_DATA, "groups disagree with their slices");
}

bool verdicts_open(struct verdicts *v, const char *path, uint64_t slice, struct err *e)
{
    *v = (struct verdicts){ .fd = open(path, O_RDONLY | O_CLOEXEC) };
    if (v->fd < 0) return err_sys(e, "could not open %s", path);
    if (find_slice(v, slice, e)) return true;
    verdicts_close(v);
    return err_in(e, "%s", path);
}

bool verdicts_read(const struct verdicts *v, uint64_t row, struct verdict *to, struct buf *name, struct err *e)
{
    struct row r;
    uint32_t size;
    if (row >= v->n)
        return err_set(e, ERR_DATA, "the slice had %llu documents when it was signed, and has more now",
                       (unsigned long long)v->n);
    if (!file_read_at(v->fd, &r, sizeof r, v->at + row * sizeof r, "groups", e)) return false;
    *to = r.v;
    buf_reset(name);
    if (!r.v.twin) return true;
    if (!file_read_at(v->fd, &size, sizeof size, r.name_at, "groups", e)) return false;
    if (size > LONGEST_NAME || size > v->size) return err_set(e, ERR_DATA, "a name in the groups is too long");
    if (!file_read_at(v->fd, buf_room(name, size), size, r.name_at + sizeof size, "groups", e)) return false;
    name->n = size;
    return true;
}

void verdicts_close(struct verdicts *v)
{
    if (v->fd >= 0) close(v->fd);
    v->fd = -1;
}

/* ---- telling ---- */

void verdict_apply(struct doc *d, struct verdict v, uint64_t number, struct str name, bool annotate)
{
    if (annotate) {
        if (v.twin || v.members) doc_put_int(d, "group", v.twin ? (int64_t)v.twin - 1 : (int64_t)number);
        return;
    }
    if (!v.twin) return;
    if (v.similarity > 0)
        doc_drop(d, "near-duplicate", "\"twin\":%.*s,\"similarity\":%.4f", (int)name.n, name.p, (double)v.similarity);
    else doc_drop(d, "near-duplicate", "\"twin\":%.*s", (int)name.n, name.p);
}
