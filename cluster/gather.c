/* gather.c - the vectors of one slice, by cluster.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/gather_record.h"
#include "core/sort.h"

#include <stdlib.h>

struct gather_out {
    struct runs_out *out;
    struct sort *sort;
    const struct matrix *x;
    char *record;
    size_t vector;
    uint64_t docs;
};

struct gather_out *gather_create(const char *path, const struct matrix *x, size_t memory, int threads, struct err *e)
{
    const size_t vector = x->cols * matrix_size(x->type);
    const uint64_t head[] = { x->cols, (uint64_t)x->type };
    struct runs_out *out = runs_create(path, (struct runs_head){ .kind = "members", .record = MEMBER_HEAD + vector,
                                                                 .cells = RUNS_CELLS }, e);
    if (!out) return NULL;
    struct gather_out *o = mem_zero(1, sizeof *o);
    *o = (struct gather_out){ out, sort_open(MEMBER_HEAD + vector, MEMBER_KEY, memory, threads), x,
                              mem_alloc(MEMBER_HEAD + vector, 1), vector, 0 };
    if (runs_heap(out, (struct str){ (const char *)head, sizeof head }, NULL, e)) return o;
    gather_drop(o);
    return NULL;
}

bool gather_put(struct gather_out *o, const struct gathered *g, struct err *e)
{
    uint64_t place = NO_TWIN;
    char *p = o->record;
    if (o->docs == UINT32_MAX) return err_set(e, ERR_DATA, "more than 2^32 documents in one slice");
    const uint32_t row = (uint32_t)o->docs++;
    if (g->id.p && !runs_text(o->out, g->id, &place, e)) return false;
    be16_put(p, member_cell(g->cluster));
    be32_put(p + AT_CLUSTER, g->cluster);
    memcpy(p + AT_ROW, &row, 4);
    memcpy(p + AT_GLOBAL, &g->row, 8);
    memcpy(p + AT_RANK, &g->rank, 4);
    memcpy(p + AT_PLACE, &place, 8);
    memcpy(p + MEMBER_HEAD, (const char *)o->x->data + g->at * o->vector, o->vector);
    return sort_put(o->sort, p, e);
}

bool gather_done(struct gather_out *o, struct err *e)
{
    bool ok = true;
    for (const char *r; ok && (r = sort_next(o->sort, e)); ) ok = runs_put(o->out, be16_get(r), r, e);
    struct runs_out *out = o->out;
    uint64_t docs = o->docs;
    ok = ok && !e->kind;
    if (ok) o->out = NULL;
    gather_drop(o);
    return ok && runs_done(out, docs, e);
}

void gather_drop(struct gather_out *o)
{
    if (!o) return;
    runs_drop(o->out);
    sort_close(o->sort);
    free(o->record);
    free(o);
}
