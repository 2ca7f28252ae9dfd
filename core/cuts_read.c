/* cuts_read.c - the cuts of one slice, from all ranges, by row.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/cuts.h"
#include "core/notes.h"
#include "core/sort.h"

#include <stdlib.h>

enum { R, M, MODE, SLICES, HEAD, PAYLOAD_MAX = 64 };              /* u64s of a heap's head */

struct cuts_state {
    struct cuts_kind is;
    struct sort *by_row;             /* row, big-endian | place of the twin in ours, or NO_TWIN | payload */
    struct notes *twins;
    const char *next;
    uint64_t slice, m;
    bool *seen;                      /* (m): ranges */
    char payload[PAYLOAD_MAX];
};

/* Every file must be of one merge. */
static bool accept(struct cuts *c, const struct runs *r, struct err *e)
{
    struct cuts_state *s = c->state;
    struct buf b = { 0 };
    uint64_t head[HEAD] = { 0 }, docs = 0;
    bool ok = runs_heap_read(r, 0, sizeof head, &b, e);
    if (ok) memcpy(head, b.p, sizeof head);
    buf_reset(&b);
    if (ok && s->slice >= head[SLICES])
        ok = err_set(e, ERR_USAGE, "--slice %llu: there are %llu, from 0", (unsigned long long)s->slice,
                     (unsigned long long)head[SLICES]);
    ok = ok && runs_heap_read(r, sizeof head + s->slice * 8, 8, &b, e);
    if (ok) memcpy(&docs, b.p, 8);
    buf_free(&b);
    if (!ok) return false;
    if (!s->seen) {
        if (!head[M] || head[M] > RUNS_CELLS) return err_set(e, ERR_DATA, "its head is damaged");
        *c = (struct cuts){ head[MODE], docs, s };
        s->m = head[M];
        s->seen = mem_zero(s->m, sizeof *s->seen);
    }
    if (r->head.stamp != s->is.stamp) return err_set(e, ERR_DATA, "made with other options");
    if (head[M] != s->m || head[MODE] != c->mode || docs != c->docs || head[R] >= s->m || s->seen[head[R]])
        return err_set(e, ERR_DATA, "is not of the same merge as the others, or named twice");
    s->seen[head[R]] = true;
    return true;
}

static bool put(struct cuts_state *s, const struct runs *r, const char *record, struct buf *id, struct err *e)
{
    char to[12 + PAYLOAD_MAX];
    uint32_t row;
    uint64_t place = NO_TWIN;
    memcpy(&row, record, 4);
    if (s->is.named) memcpy(&place, record + 4, 8);
    if (place != NO_TWIN && (!runs_text_read(r, place, id, e) || !notes_put(s->twins, buf_str(id), &place, e)))
        return false;
    be32_put(to, row);
    memcpy(to + 4, &place, 8);
    memcpy(to + 12, record + (s->is.named ? 12 : 4), s->is.payload);
    return sort_put(s->by_row, to, e);
}

static bool take(struct cuts *c, const char *path, struct err *e)
{
    struct cuts_state *s = c->state;
    struct runs r;
    struct runs_scan scan = { 0 };
    struct buf id = { 0 };
    if (!runs_open(&r, path, s->is.kind, (s->is.named ? 12U : 4U) + s->is.payload, e)) return false;
    bool ok = accept(c, &r, e) && runs_scan(&scan, &r, s->slice, s->slice + 1, e);
    for (const char *p; ok && (p = runs_next(&scan, e)); ) ok = put(s, &r, p, &id, e);
    runs_scan_free(&scan);
    runs_close(&r);
    buf_free(&id);
    return (ok && !e->kind) || err_in(e, "%s", path);
}

bool cuts_open(struct cuts *c, const char *files, struct cuts_kind is, uint64_t slice, size_t memory, int threads,
               struct err *e)
{
    struct names names = { 0 };
    struct cuts_state *s = c->state = mem_zero(1, sizeof *s);
    *s = (struct cuts_state){ .is = is, .by_row = sort_open(12 + is.payload, 4, memory, threads), .twins = notes_open(),
                              .slice = slice };
    bool ok = names_split(&names, files, e) && (names.n || err_set(e, ERR_USAGE, "--cuts names no file"));
    for (size_t i = 0; ok && i < names.n; i++) ok = take(c, names.all[i], e);
    for (uint64_t i = 0; ok && i < s->m; i++)
        if (!s->seen[i])
            ok = err_set(e, ERR_USAGE, "--cuts: range %llu/%llu is missing", (unsigned long long)i,
                         (unsigned long long)s->m);
    names_free(&names);
    if (ok) { s->next = sort_next(s->by_row, e); ok = !e->kind; }
    if (!ok) cuts_close(c);
    return ok;
}

bool cuts_next(struct cuts *c, uint64_t row, struct arena *mem, struct cut *to, struct err *e)
{
    struct cuts_state *s = c->state;
    uint64_t place;
    /* a run that goes on begins behind some */
    while (s->next && be32_get(s->next) < row) s->next = sort_next(s->by_row, e);
    if (!s->next || be32_get(s->next) != row) return false;
    memcpy(&place, s->next + 4, 8);
    memcpy(s->payload, s->next + 12, s->is.payload);
    *to = (struct cut){ s->payload, { 0 } };
    if (place != NO_TWIN && !notes_get(s->twins, place, mem, &to->twin, e)) return false;
    s->next = sort_next(s->by_row, e);
    return !e->kind;
}

void cuts_close(struct cuts *c)
{
    struct cuts_state *s = c->state;
    if (!s) return;
    sort_close(s->by_row);
    notes_close(s->twins);
    free(s->seen);
    free(s);
    c->state = NULL;
}
