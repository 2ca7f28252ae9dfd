/* keys.c - the keys of one slice, sorted.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/keys.h"
#include "core/sort.h"

#include <stdlib.h>

struct keys_out { struct runs_out *out; struct sort *sort; struct exact exact; uint64_t docs; };

struct cuts_kind keys_cuts(const struct exact *x)
{
    struct buf b = { 0 };
    buf_printf(&b, "%s %d %d %d", x->field, (int)x->by, (int)x->normal, x->wide);
    uint64_t stamp = hash64(buf_str(&b), 0);
    buf_free(&b);
    return (struct cuts_kind){ "exact", exact_pieces(x) ? 4 : 0, !exact_pieces(x), stamp };
}

struct keys_out *keys_create(const struct exact *x, const char *path, size_t memory, int threads, struct err *e)
{
    size_t key = x->wide ? 16 : 8, record = key + (exact_pieces(x) ? 8 : 12);
    struct runs_out *out = runs_create(path, (struct runs_head){ .kind = "keys", .record = record, .cells = RUNS_CELLS,
                                                                 .stamp = keys_cuts(x).stamp }, e);
    if (!out) return NULL;
    struct keys_out *o = mem_zero(1, sizeof *o);
    *o = (struct keys_out){ out, sort_open(record, key, memory, threads), *x, 0 };
    return o;
}

static bool put(struct keys_out *o, struct hash128 key, uint32_t row, const void *tail, size_t n_tail, struct err *e)
{
    char record[32], *p = record;
    be64_put(p, key.lo ? key.lo : 1);                /* as seen.c, so that the same keys are equal */
    p += 8;
    if (o->exact.wide) { be64_put(p, key.hi); p += 8; }
    memcpy(p, &row, 4);
    memcpy(p + 4, tail, n_tail);
    return sort_put(o->sort, record, e);
}

static bool put_pieces(struct keys_out *o, const struct cut_pieces *c, uint32_t row, struct err *e)
{
    bool ok = true;
    for (uint32_t i = 0; ok && i < c->n; i++) if (c->all[i].has_key) ok = put(o, c->all[i].key, row, &i, 4, e);
    return ok;
}

bool keys_doc(struct keys_out *o, const struct doc *d, struct err *e)
{
    if (o->docs == UINT32_MAX) return err_set(e, ERR_DATA, "more than 2^32 documents in one slice");
    uint32_t row = (uint32_t)o->docs++;
    if (!d->note) return true;
    if (exact_pieces(&o->exact)) return put_pieces(o, d->note, row, e);
    struct str id = doc_id(d);
    uint64_t at;
    return runs_text(o->out, id, &at, e) && put(o, *(const struct hash128 *)d->note, row, &at, 8, e);
}

bool keys_done(struct keys_out *o, struct err *e)
{
    bool ok = true;
    for (const void *r; ok && (r = sort_next(o->sort, e)); ) ok = runs_put(o->out, runs_cell(r), r, e);
    if (ok && !e->kind) {
        struct runs_out *out = o->out;
        o->out = NULL;
        ok = runs_done(out, o->docs, e);
    }
    keys_drop(o);
    return ok && !e->kind;
}

void keys_drop(struct keys_out *o)
{
    if (!o) return;
    runs_drop(o->out);
    sort_close(o->sort);
    free(o);
}
