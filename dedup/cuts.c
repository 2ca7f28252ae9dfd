/* cuts.c - see cuts.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/cuts.h"
#include "core/notes.h"
#include "core/sort.h"

#include <stdlib.h>

enum { HEAD = 4 };                                                /* r, m, keep, slices */

struct cuts {
    struct sort *by_row;
    struct notes *twins;
    const char *next;
    bool pieces, *seen;                                           /* seen (m): ranges */
    uint64_t stamp, slice, docs, keep, m;
};

static bool put(struct cuts *c, const struct runs *r, const char *record, struct err *e)
{
    char to[12];
    uint32_t row;
    uint64_t tail = 0;
    memcpy(&row, record, 4);
    memcpy(&tail, record + 4, c->pieces ? 4 : 8);
    if (!c->pieces && c->keep == KEEP_FIRST && tail != IN_INDEX) {
        struct buf b = { 0 };
        uint32_t size = 0;
        bool ok = runs_heap_read(r, tail, 4, &b, e);
        if (ok) memcpy(&size, b.p, 4);
        ok = ok && runs_heap_read(r, tail + 4, size, &b, e) && notes_put(c->twins, (struct str){ b.p + 4, size }, &tail, e);
        buf_free(&b);
        if (!ok) return false;
    }
    be32_put(to, row);
    be64_put(to + 4, tail);
    return sort_put(c->by_row, to, e);
}

/* Every file must be of one merge, and every range of it be there once. */
static bool accept(struct cuts *c, const struct runs *r, bool first, struct err *e)
{
    struct buf b = { 0 };
    uint64_t head[HEAD] = { 0 }, docs = 0;
    bool ok = runs_heap_read(r, 0, sizeof head, &b, e);
    if (ok) memcpy(head, b.p, sizeof head);
    buf_reset(&b);
    if (ok && c->slice >= head[3]) ok = err_set(e, ERR_USAGE, "--slice %llu: there are %llu, from 0", (unsigned long long)c->slice, (unsigned long long)head[3]);
    ok = ok && runs_heap_read(r, sizeof head + c->slice * 8, 8, &b, e);
    if (ok) memcpy(&docs, b.p, 8);
    buf_free(&b);
    if (!ok) return false;
    if (first) {
        c->docs = docs;
        c->m = head[1];
        c->keep = head[2];
        if (!c->m || c->m > RUNS_CELLS || c->keep > KEEP_NONE) return err_set(e, ERR_DATA, "its head is damaged");
        c->seen = mem_zero(c->m, sizeof *c->seen);
    }
    if (r->head.stamp != c->stamp) return err_set(e, ERR_DATA, "made with another --by, --normalise or --hash");
    if (head[1] != c->m || head[2] != c->keep || docs != c->docs || head[0] >= c->m || c->seen[head[0]])
        return err_set(e, ERR_DATA, "is not of the same merge as the others, or named twice");
    c->seen[head[0]] = true;
    return true;
}

static bool take(struct cuts *c, const char *path, bool first, struct err *e)
{
    struct runs r;
    struct runs_scan s = { 0 };
    if (!runs_open(&r, path, "cuts", c->pieces ? 8 : 12, e)) return false;
    bool ok = accept(c, &r, first, e) && runs_scan(&s, &r, c->slice, c->slice + 1, e);
    for (const char *p; ok && (p = runs_next(&s, e)); ) ok = put(c, &r, p, e);
    runs_scan_free(&s);
    runs_close(&r);
    return (ok && !e->kind) || err_in(e, "%s", path);
}

struct cuts *cuts_open(const struct exact *x, const struct names *files, uint64_t slice, size_t memory, int threads, struct err *e)
{
    struct cuts *c = mem_zero(1, sizeof *c);
    *c = (struct cuts){ .by_row = sort_open(12, 12, memory, threads), .twins = notes_open(), .pieces = exact_pieces(x), .stamp = keys_stamp(x), .slice = slice };
    bool ok = files->n || err_set(e, ERR_USAGE, "--cuts names no file");
    for (size_t i = 0; ok && i < files->n; i++) ok = take(c, files->all[i], !i, e);
    for (uint64_t i = 0; ok && i < c->m; i++)
        if (!c->seen[i]) ok = err_set(e, ERR_USAGE, "--cuts: range %llu/%llu is missing", (unsigned long long)i, (unsigned long long)c->m);
    if (ok) { c->next = sort_next(c->by_row, e); ok = !e->kind; }
    if (ok) return c;
    cuts_close(c);
    return NULL;
}

int cuts_keep(const struct cuts *c) { return (int)c->keep; }
uint64_t cuts_docs(const struct cuts *c) { return c->docs; }

bool cuts_next(struct cuts *c, uint64_t row, uint32_t *piece, struct arena *mem, struct str *twin, struct err *e)
{
    if (!c->next || be32_get(c->next) != row) return false;
    uint64_t tail = be64_get(c->next + 4);
    *piece = (uint32_t)tail;
    *twin = (struct str){ 0 };
    if (!c->pieces && c->keep == KEEP_FIRST && tail != IN_INDEX && !notes_get(c->twins, tail, mem, twin, e)) return false;
    c->next = sort_next(c->by_row, e);
    return !e->kind;
}

void cuts_close(struct cuts *c)
{
    if (!c) return;
    sort_close(c->by_row);
    notes_close(c->twins);
    free(c->seen);
    free(c);
}
