/* runs.c - see runs.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/runs.h"
#include "core/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FLUSH = 1 << 20, WINDOW = 1 << 18 };
_Static_assert(sizeof(struct runs_head) == 64, "the header is 64 bytes");

/* ---- writing ---- */

/* next: the first cell without a place */
struct runs_out { struct output *out; struct runs_head head; struct buf buf; uint64_t *table, next; };

struct runs_out *runs_create(const char *path, struct runs_head h, struct err *e)
{
    struct output *out = output_open(path, e);
    if (!out) return NULL;
    struct runs_out *o = mem_zero(1, sizeof *o);
    memcpy(h.magic, "TAMRUN1\n", 8);
    *o = (struct runs_out){ .out = out, .head = h, .table = mem_alloc(mem_size(h.cells + 1, 1), 8) };
    buf_put(&o->buf, (struct str){ (const char *)&h, sizeof h });
    return o;
}

static bool put(struct runs_out *o, const void *p, size_t n, struct err *e)
{
    buf_put(&o->buf, (struct str){ p, n });
    if (o->buf.n < FLUSH) return true;
    bool ok = output_write(o->out, buf_str(&o->buf), e);
    buf_reset(&o->buf);
    return ok;
}

bool runs_heap(struct runs_out *o, struct str bytes, uint64_t *at, struct err *e)
{
    if (at) *at = o->head.heap;
    o->head.heap += bytes.n;
    return put(o, bytes.p, bytes.n, e);
}

bool runs_text(struct runs_out *o, struct str s, uint64_t *at, struct err *e)
{
    uint32_t size = (uint32_t)s.n;
    return runs_heap(o, (struct str){ (const char *)&size, 4 }, at, e)
        && runs_heap(o, (struct str){ s.p, size }, NULL, e);
}

bool runs_put(struct runs_out *o, uint64_t cell, const void *record, struct err *e)
{
    if (cell >= o->head.cells || cell + 1 < o->next)
        return err_set(e, ERR_SYSTEM, "cell %llu is out of order", (unsigned long long)cell);
    while (o->next <= cell) o->table[o->next++] = o->head.n;
    o->head.n++;
    return put(o, record, o->head.record, e);
}

bool runs_done(struct runs_out *o, uint64_t docs, struct err *e)
{
    struct output *out = o->out;
    o->head.docs = docs;
    while (o->next <= o->head.cells) o->table[o->next++] = o->head.n;
    bool ok = put(o, o->table, (o->head.cells + 1) * 8, e) && output_write(out, buf_str(&o->buf), e)
           && output_patch(out, 0, (struct str){ (const char *)&o->head, sizeof o->head }, e);
    if (!ok) { runs_drop(o); return false; }
    o->out = NULL;
    runs_drop(o);
    return output_done(out, e);
}

void runs_drop(struct runs_out *o)
{
    if (!o) return;
    if (o->out) output_drop(o->out);
    buf_free(&o->buf);
    free(o->table);
    free(o);
}

/* ---- reading ---- */

static bool read_at(const struct runs *r, void *to, size_t n, uint64_t at, struct err *e)
{
    return file_read_at(r->fd, to, n, at, "sorted records", e);
}

static uint64_t records_at(const struct runs *r) { return sizeof r->head + r->head.heap; }
static uint64_t table_at(const struct runs *r) { return records_at(r) + r->head.n * r->head.record; }

static bool check(struct runs *r, const char *kind, uint64_t record, struct err *e)
{
    struct stat st;
    struct runs_head *h = &r->head;
    if (fstat(r->fd, &st)) return err_sys(e, "could not look at it");
    uint64_t size = (uint64_t)st.st_size;
    if (size < sizeof *h || !read_at(r, h, sizeof *h, 0, e) || memcmp(h->magic, "TAMRUN1\n", 8))
        return err_set(e, ERR_DATA, "no part of a global step");
    char expected[8] = { 0 };
    memcpy(expected, kind, strlen(kind));
    if (memcmp(h->kind, expected, 8)) return err_set(e, ERR_DATA, "holds \"%.8s\", not \"%s\"", h->kind, kind);
    if (!h->record || (record && h->record != record)) return err_set(e, ERR_DATA, "made with other options");
    if (h->heap > size || h->n > size / h->record || h->cells > size / 8 || table_at(r) + (h->cells + 1) * 8 != size)
        return err_set(e, ERR_DATA, "cut short, or longer than its head says");
    return true;
}

bool runs_open(struct runs *r, const char *path, const char *kind, uint64_t record, struct err *e)
{
    r->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (r->fd < 0) return err_sys(e, "could not open %s", path);
    if (check(r, kind, record, e)) return true;
    runs_close(r);
    return err_in(e, "%s", path);
}

void runs_close(struct runs *r)
{
    if (r->fd >= 0) close(r->fd);
    r->fd = -1;
}

bool runs_heap_read(const struct runs *r, uint64_t at, size_t n, struct buf *to, struct err *e)
{
    if (at > r->head.heap || n > r->head.heap - at) return err_set(e, ERR_DATA, "a place in the heap is out of range");
    if (!read_at(r, buf_room(to, n), n, sizeof r->head + at, e)) return false;
    to->n += n;
    return true;
}

bool runs_text_read(const struct runs *r, uint64_t at, struct buf *to, struct err *e)
{
    uint32_t size;
    buf_reset(to);
    if (!runs_heap_read(r, at, 4, to, e)) return false;
    memcpy(&size, to->p, 4);
    buf_reset(to);
    return runs_heap_read(r, at + 4, size, to, e);
}

bool runs_scan(struct runs_scan *s, const struct runs *r, uint64_t from, uint64_t to, struct err *e)
{
    *s = (struct runs_scan){ .r = r };
    if (to > r->head.cells) to = r->head.cells;
    if (from >= to) return true;
    if (!read_at(r, &s->at, 8, table_at(r) + from * 8, e) || !read_at(r, &s->end, 8, table_at(r) + to * 8, e))
        return false;
    return (s->at <= s->end && s->end <= r->head.n) || err_set(e, ERR_DATA, "the table of cells is damaged");
}

const void *runs_next(struct runs_scan *s, struct err *e)
{
    const size_t size = s->r->head.record;
    if (s->pos == s->window.n) {
        uint64_t n = WINDOW / size + 1;
        if (n > s->end - s->at) n = s->end - s->at;
        if (!n) return NULL;
        buf_reset(&s->window);
        if (!read_at(s->r, buf_room(&s->window, n * size), n * size, records_at(s->r) + s->at * size, e))
            return NULL;
        s->window.n = n * size;
        s->pos = 0;
        s->at += n;
    }
    s->pos += size;
    return s->window.p + s->pos - size;
}

void runs_scan_free(struct runs_scan *s)
{
    buf_free(&s->window);
}

/* ---- ranges ---- */

bool range_parse(struct range *to, const char *text, struct err *e)
{
    char rest;
    unsigned long r = 0, m = 1;
    if (text && (sscanf(text, "%lu/%lu%c", &r, &m, &rest) != 2 || r >= m || m > RUNS_CELLS))
        return err_set(e, ERR_USAGE, "--range: \"%s\" is not R/M with 0 <= R < M <= %d", text, RUNS_CELLS);
    *to = (struct range){ r, m };
    return true;
}
