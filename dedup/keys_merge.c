/* keys_merge.c - a range of the keys of all slices: which documents or pieces go.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   parts, one after another -> by key -> groups of equal keys -> cuts
 */
#include "core/sort.h"
#include "dedup/keys.h"

#include <stdlib.h>

struct member { uint32_t slice, row; uint64_t tail; };           /* tail: place of the id, or number of the piece */
struct pending { struct member *at; size_t n, cap; };

struct merge {
    const struct keys_job *j;
    struct cuts_out *out;
    struct sort *by_key;
    size_t key, tail;                /* bytes of a key; of a tail: 8 documents, 4 pieces */
    uint64_t stamp, *slices;         /* (slices): documents of each */
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
        if (r->head.record != m->key + 4 + m->tail || (m->tail != 4 && m->tail != 8))
            return err_set(e, ERR_DATA, "its records have %llu bytes", (unsigned long long)r->head.record);
        m->by_key = sort_open(m->key + 8 + m->tail, m->key, m->j->memory / 2, m->j->threads);
    }
    if (r->head.stamp != m->stamp || r->head.record != m->key + 4 + m->tail || r->head.cells != RUNS_CELLS)
        return err_set(e, ERR_DATA, "made with other options than the first");
    m->slices = mem_grow(m->slices, &m->cap_slices, m->n_slices + 1, sizeof *m->slices);
    m->slices[m->n_slices++] = r->head.docs;
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

/* x goes for the sake of first; what is of a former run stays as it is. */
static bool goes(struct merge *m, const struct member *x, const struct member *first, struct err *e)
{
    const uint32_t old = (uint32_t)m->j->n_old, piece = (uint32_t)x->tail;
    if (x->slice < old) return true;
    if (m->tail == 4 || m->j->keep == KEEP_NONE || first->slice < old)
        return cuts_put(m->out, x->slice - old, x->row, &piece, e);
    return cuts_put_twin(m->out, x->slice - old, x->row, NULL, first->slice, first->tail, e);
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

/* ---- the whole ---- */

static bool create(struct merge *m, const char *path, struct err *e)
{
    const struct keys_job *j = m->j;
    if (m->n_slices <= j->n_old)
        return err_set(e, ERR_USAGE, "--old %zu of %zu slices: none is new", j->n_old, m->n_slices);
    m->out = cuts_create(path, &(struct cuts_plan){
        .is = { "exact", m->tail == 4 ? 4 : 0, m->tail == 8, m->stamp }, .range = j->range, .mode = (uint64_t)j->keep,
        .docs = m->slices + j->n_old, .n_slices = m->n_slices - j->n_old, .memory = j->memory / 2,
        .threads = j->threads }, e);
    return m->out;
}

bool keys_merge(const struct keys_job *j, const char *path, struct keys_tally *t, struct err *e)
{
    *t = (struct keys_tally){ 0 };
    struct merge m = { .j = j, .t = t };
    bool ok = read_parts(&m, e) && create(&m, path, e) && find_groups(&m, e);
    sort_close(m.by_key);
    free(m.slices);
    if (ok) return cuts_done(m.out, j->files, "keys", &t->cuts, e);
    cuts_drop(m.out);
    return false;
}
