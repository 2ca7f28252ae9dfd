/* index.c - see index.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/index.h"
#include "dedup/star.h"

static bool copy_row(struct slice_out *o, const struct slice *s, uint64_t at, const struct slice_row *r,
                     struct buf *mem, struct err *e)
{
    struct proof_of p;
    if (!slice_read_proof(s, at, mem, &p, e)) return false;
    struct slice_doc d = { p.id, r->weight, r->keys, p.items, p.n };
    return slice_put(o, &d, e);
}

static bool copy_slice(struct slice_out *o, const struct slice *s, uint64_t first, struct shelf *verdicts,
                       struct err *e)
{
    struct slice_scan c = { .s = s };
    struct buf mem = { 0 };
    bool ok = true;
    uint64_t at = 0;
    for (const struct slice_row *r; ok && (r = slice_next(&c, e)); at++)
        if (r->proof_at != NO_SKETCH && !((const struct verdict *)shelf_at(verdicts, first + at))->twin)
            ok = copy_row(o, s, at, r, &mem, e);
    buf_free(&mem);
    slice_scan_free(&c);
    return ok && !e->kind;
}

bool index_save(const char *path, const struct slice *slices, size_t n, struct shelf *verdicts, struct err *e)
{
    struct slice_out *o = slice_create(&slices[0].sketch, path, e);
    if (!o) return false;
    uint64_t first = 0;
    for (size_t i = 0; i < n; first += slices[i++].n)
        if (!copy_slice(o, &slices[i], first, verdicts, e)) { slice_drop(o); return false; }
    return slice_done(o, e);
}
