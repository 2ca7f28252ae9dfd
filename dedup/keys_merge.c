/* keys_merge.c - a range of the keys of all slices: which documents or pieces go.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   parts, one after another -> by key -> groups of equal keys -> (by the twin's place: its id) -> by slice and row -> cuts
 */
#include "core/sort.h"
#include "dedup/keys.h"

#include <stdlib.h>

struct member { uint32_t slice, row; uint64_t tail; };           /* tail: place of the id, or number of the piece */
struct pending { struct member *at; size_t n, cap; };

struct merge {
    const struct keys_job *j;
    struct runs_out *out;
    struct sort *by_key, *by_twin, *by_place;
    size_t key, tail;                /* bytes of a key; of a tail: 8 documents, 4 pieces */
    uint64_t stamp, docs, *slices;   /* (slices): documents of each */
    size_t n_slices, cap_slices;
    struct keys_tally *t;
};

/* ---- in ---- */

static bool accept(struct merge *m, const struct runs *r, size_t slice, struct err *e)
{
    if (!slice) {
        m->key = r->head.record >= 24 ? 16 : 8;
        m->tail = r->head.record - m->key - 4;
        m->stamp = r->head.stamp;
        if (r->head.record != m->key + 4 + m->tail || (m->tail != 4 && m->tail != 8)) return err_set(e, ERR_DATA, "its records have %llu bytes", (unsigned long long)r->head.record);
        m->by_key = sort_open(m->key + 8 + m->tail, m->key, m->j->memory / 2, m->j->threads);
    }
    if (r->head.stamp != m->stamp || r->head.record != m->key + 4 + m->tail || r->head.cells != RUNS_CELLS)
        return err_set(e, ERR_DATA, "made with other options than the first");
    m->slices = mem_grow(m->slices, &m->cap_slices, m->n_slices + 1, sizeof *m->slices);
    m->slices[m->n_slices++] = r->head.docs;
    m->docs += r->head.docs;
    return true;
}

static bool take(struct merge *m, const struct runs *r, uint32_t slice, struct err *e)
{
    struct runs_scan s;
    char to[40];
    bool ok = runs_scan(&s, r, range_from(m->j->range, RUNS_CELLS), range_to(m->j->range, RUNS_CELLS), e);
    for (const char *from; ok && (from = runs_next(&s, e)); ) {
        memcpy(to, from, m->key);
        memcpy(to + m->key, &slice, 4);
        memcpy(to + m->key + 4, from + m->key, 4 + m->tail);
        ok = sort_put(m->by_key, to, e);
    }
    runs_scan_free(&s);
    return ok && !e->kind;
}

static bool read_parts(struct merge *m, struct err *e)
{
    for (size_t i = 0; m->j->files[i]; i++) {
        struct runs r;
        if (!runs_open(&r, m->j->files[i], "keys", 0, e)) return false;
        bool ok = accept(m, &r, i, e) && take(m, &r, (uint32_t)i, e);
        runs_close(&r);
        if (!ok) return err_in(e, "%s", m->j->files[i]);
    }
    return true;
}

/* ---- groups ---- */

static bool place(struct merge *m, uint32_t slice, uint32_t row, uint64_t tail, struct err *e)
{
    char record[16];
    be32_put(record, slice - (uint32_t)m->j->n_old);
    be32_put(record + 4, row);
    be64_put(record + 8, tail);
    m->t->cuts++;
    return sort_put(m->by_place, record, e);
}

/* x goes for the sake of first; what is of a former run stays as it is. */
static bool goes(struct merge *m, const struct member *x, const struct member *first, struct err *e)
{
    if (x->slice < m->j->n_old) return true;
    if (!m->by_twin) return place(m, x->slice, x->row, m->tail == 4 ? x->tail : 0, e);
    if (first->slice < m->j->n_old) return place(m, x->slice, x->row, IN_INDEX, e);
    char record[20];
    be32_put(record, first->slice);
    be64_put(record + 4, first->tail);
    memcpy(record + 12, &x->slice, 4);
    memcpy(record + 16, &x->row, 4);
    return sort_put(m->by_twin, record, e);
}

/* --keep none: what one document alone has stays once; p holds that document's until another comes. */
static bool alone(struct merge *m, struct pending *p, const struct member *x, struct err *e)
{
    const struct member first = p->n ? p->at[0] : *x;
    if (p->n ? first.slice == x->slice && first.row == x->row : x->slice >= m->j->n_old) {
        p->at = mem_grow(p->at, &p->cap, p->n + 1, sizeof *p->at);
        p->at[p->n++] = *x;
        return true;
    }
    for (size_t i = 0; i < p->n; i++) if (!goes(m, &p->at[i], &first, e)) return false;
    p->n = 0;
    return goes(m, x, &first, e);
}

static bool close_group(struct merge *m, struct pending *p, struct err *e)
{
    for (size_t i = 1; i < p->n; i++) if (!goes(m, &p->at[i], &p->at[0], e)) return false;
    p->n = 0;
    return true;
}

static bool find_groups(struct merge *m, struct err *e)
{
    char last[16] = { 0 };
    struct member first = { 0 };
    struct pending p = { 0 };
    bool ok = true, shared = false;                  /* shared: --keep none, and two documents have this key */
    for (const char *r; ok && (r = sort_next(m->by_key, e)); m->t->keys++) {
        struct member x = { 0 };
        memcpy(&x.slice, r + m->key, 4);
        memcpy(&x.row, r + m->key + 4, 4);
        memcpy(&x.tail, r + m->key + 8, m->tail);
        bool begins = !m->t->keys || memcmp(last, r, m->key) != 0;
        if (begins) { ok = close_group(m, &p, e); shared = false; first = x; memcpy(last, r, m->key); }
        if (!ok) break;
        if (m->j->keep == KEEP_FIRST) ok = begins || goes(m, &x, &first, e);
        else if (shared) ok = goes(m, &x, &first, e);
        else { ok = alone(m, &p, &x, e); shared = !p.n; }
    }
    ok = ok && !e->kind && close_group(m, &p, e);
    free(p.at);
    return ok;
}

/* ---- out ---- */

static bool put_u64(struct runs_out *o, uint64_t x, struct err *e) { return runs_heap(o, (struct str){ (const char *)&x, 8 }, NULL, e); }

static bool put_head(struct merge *m, struct err *e)
{
    const struct keys_job *j = m->j;
    size_t n = m->n_slices - j->n_old;
    bool ok = put_u64(m->out, j->range.r, e) && put_u64(m->out, j->range.m, e) && put_u64(m->out, (uint64_t)j->keep, e) && put_u64(m->out, n, e);
    for (size_t i = 0; ok && i < n; i++) ok = put_u64(m->out, m->slices[j->n_old + i], e);
    return ok;
}

static bool copy_id(struct merge *m, const struct runs *r, uint64_t at, uint64_t *to, struct err *e)
{
    struct buf b = { 0 };
    uint32_t size = 0;
    bool ok = runs_heap_read(r, at, 4, &b, e);
    if (ok) memcpy(&size, b.p, 4);
    ok = ok && runs_heap_read(r, at + 4, size, &b, e) && runs_heap(m->out, buf_str(&b), to, e);
    buf_free(&b);
    return ok;
}

/* Twins in the order of their places: each file is opened once, each id copied once. */
static bool name_twins(struct merge *m, struct err *e)
{
    struct runs r = { .fd = -1 };
    char last[12] = { 0 };
    uint32_t open = UINT32_MAX;
    uint64_t to = 0;
    bool ok = true;
    for (const char *t; ok && (t = sort_next(m->by_twin, e)); memcpy(last, t, 12)) {
        uint32_t slice = be32_get(t), x_slice, x_row;
        memcpy(&x_slice, t + 12, 4);
        memcpy(&x_row, t + 16, 4);
        bool same = open == slice && !memcmp(last, t, 12);
        if (open != slice) {
            runs_close(&r);
            ok = runs_open(&r, m->j->files[slice], "keys", 0, e);
            open = slice;
        }
        ok = ok && (same || copy_id(m, &r, be64_get(t + 4), &to, e)) && place(m, x_slice, x_row, to, e);
    }
    runs_close(&r);
    return ok && !e->kind;
}

static bool put_cuts(struct merge *m, struct err *e)
{
    bool ok = true;
    for (const char *r; ok && (r = sort_next(m->by_place, e)); ) {
        char record[12];
        uint32_t row = be32_get(r + 4);
        uint64_t tail = be64_get(r + 8);
        memcpy(record, &row, 4);
        memcpy(record + 4, &tail, m->tail);          /* little-endian: a piece is its low half */
        ok = runs_put(m->out, be32_get(r), record, e);
    }
    return ok && !e->kind;
}

static bool merge(struct merge *m, const char *path, struct err *e)
{
    const struct keys_job *j = m->j;
    if (!read_parts(m, e)) return false;
    if (m->n_slices <= j->n_old) return err_set(e, ERR_USAGE, "--old %zu of %zu slices: none is new", j->n_old, m->n_slices);
    m->by_place = sort_open(16, m->tail == 4 ? 16 : 8, j->memory / 4, j->threads);
    if (m->tail == 8 && j->keep == KEEP_FIRST) m->by_twin = sort_open(20, 12, j->memory / 4, j->threads);
    m->out = runs_create(path, (struct runs_head){ .kind = "cuts", .record = 4 + m->tail, .cells = m->n_slices - j->n_old, .stamp = m->stamp }, e);
    return m->out && put_head(m, e) && find_groups(m, e) && (!m->by_twin || name_twins(m, e)) && put_cuts(m, e);
}

bool keys_merge(const struct keys_job *j, const char *path, struct keys_tally *t, struct err *e)
{
    *t = (struct keys_tally){ 0 };
    struct merge m = { .j = j, .t = t };
    bool ok = merge(&m, path, e);
    sort_close(m.by_key);
    sort_close(m.by_twin);
    sort_close(m.by_place);
    free(m.slices);
    if (ok) return runs_done(m.out, m.docs, e);
    runs_drop(m.out);
    return false;
}
