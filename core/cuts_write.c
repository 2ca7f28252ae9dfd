/* cuts_write.c - what goes, by twin, then by slice and row.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   by_twin    part, place, big-endian | slice, row, big-endian | payload
 *   by_place   slice, row, big-endian | place of the id in our heap | payload */
#include "core/cuts.h"
#include "core/sort.h"

#include <stdlib.h>

enum { TWIN_KEY = 12, PLACE_KEY = 8, PAYLOAD_MAX = 64 };

struct cuts_out {
    struct runs_out *out;
    struct sort *by_twin, *by_place;
    size_t payload;
    bool named;
    uint64_t docs, n;
};

static bool put_u64s(struct runs_out *o, const uint64_t *x, size_t n, struct err *e)
{
    return runs_heap(o, (struct str){ (const char *)x, n * sizeof *x }, NULL, e);
}

struct cuts_out *cuts_create(const char *path, const struct cuts_plan *p, struct err *e)
{
    const uint64_t head[] = { p->range.r, p->range.m, p->mode, p->n_slices };
    struct runs_head h = { .record = (p->is.named ? 12U : 4U) + p->is.payload, .cells = p->n_slices,
                           .stamp = p->is.stamp };
    memcpy(h.kind, p->is.kind, strlen(p->is.kind));
    struct runs_out *out = runs_create(path, h, e);
    if (!out) return NULL;
    struct cuts_out *o = mem_zero(1, sizeof *o);
    *o = (struct cuts_out){ .out = out, .payload = p->is.payload, .named = p->is.named };
    o->by_place = sort_open(PLACE_KEY + 8 + p->is.payload, PLACE_KEY, p->memory / 2, p->threads);
    if (p->is.named) o->by_twin = sort_open(TWIN_KEY + PLACE_KEY + p->is.payload, TWIN_KEY, p->memory / 2, p->threads);
    for (size_t i = 0; i < p->n_slices; i++) o->docs += p->docs[i];
    if (put_u64s(out, head, sizeof head / sizeof *head, e) && put_u64s(out, p->docs, p->n_slices, e)) return o;
    cuts_drop(o);
    return NULL;
}

/* who: slice and row, big-endian, then the payload */
static bool put(struct cuts_out *o, const char *who, uint64_t place, struct err *e)
{
    char record[PLACE_KEY + 8 + PAYLOAD_MAX];
    memcpy(record, who, PLACE_KEY);
    memcpy(record + PLACE_KEY, &place, 8);
    memcpy(record + PLACE_KEY + 8, who + PLACE_KEY, o->payload);
    o->n++;
    return sort_put(o->by_place, record, e);
}

static void who_is(const struct cuts_out *o, char *to, uint32_t slice, uint32_t row, const void *payload)
{
    be32_put(to, slice);
    be32_put(to + 4, row);
    if (o->payload) memcpy(to + PLACE_KEY, payload, o->payload);
}

bool cuts_put(struct cuts_out *o, uint32_t slice, uint32_t row, const void *payload, struct err *e)
{
    char who[PLACE_KEY + PAYLOAD_MAX];
    who_is(o, who, slice, row, payload);
    return put(o, who, NO_TWIN, e);
}

bool cuts_put_twin(struct cuts_out *o, uint32_t slice, uint32_t row, const void *payload, uint32_t part, uint64_t place,
                   struct err *e)
{
    char record[TWIN_KEY + PLACE_KEY + PAYLOAD_MAX];
    be32_put(record, part);
    be64_put(record + 4, place);
    who_is(o, record + TWIN_KEY, slice, row, payload);
    return sort_put(o->by_twin, record, e);
}

/* Twins in the order of their places: each part is opened once, each id copied once. */
static bool name_twins(struct cuts_out *o, char *const *parts, const char *kind, struct err *e)
{
    struct runs r = { .fd = -1 };
    struct buf id = { 0 };
    char last[TWIN_KEY];
    uint32_t open = UINT32_MAX;
    uint64_t at = 0;
    bool ok = true, any = false;
    for (const char *t; ok && (t = sort_next(o->by_twin, e)); any = true) {
        uint32_t part = be32_get(t);
        if (part != open) {
            runs_close(&r);
            ok = runs_open(&r, parts[part], kind, 0, e);
            open = part;
        }
        if (ok && (!any || memcmp(last, t, TWIN_KEY) != 0))
            ok = runs_text_read(&r, be64_get(t + 4), &id, e) && runs_text(o->out, buf_str(&id), &at, e);
        ok = ok && put(o, t + TWIN_KEY, at, e);
        memcpy(last, t, TWIN_KEY);
    }
    runs_close(&r);
    buf_free(&id);
    return ok && !e->kind;
}

static bool write_all(struct cuts_out *o, struct err *e)
{
    bool ok = true;
    for (const char *r; ok && (r = sort_next(o->by_place, e)); ) {
        char record[12 + PAYLOAD_MAX];
        uint32_t row = be32_get(r + 4);
        memcpy(record, &row, 4);
        if (o->named) memcpy(record + 4, r + PLACE_KEY, 8);
        memcpy(record + (o->named ? 12 : 4), r + PLACE_KEY + 8, o->payload);
        ok = runs_put(o->out, be32_get(r), record, e);
    }
    return ok && !e->kind;
}

bool cuts_done(struct cuts_out *o, char *const *parts, const char *part_kind, uint64_t *n, struct err *e)
{
    bool ok = (!o->named || name_twins(o, parts, part_kind, e)) && write_all(o, e);
    struct runs_out *out = o->out;
    uint64_t docs = o->docs;
    *n = o->n;
    if (ok) o->out = NULL;
    cuts_drop(o);
    return ok && runs_done(out, docs, e);
}

void cuts_drop(struct cuts_out *o)
{
    if (!o) return;
    runs_drop(o->out);
    sort_close(o->by_twin);
    sort_close(o->by_place);
    free(o);
}
