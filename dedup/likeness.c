/* likeness.c - sorted sets in a direct-mapped cache with a clock hand that frees.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/likeness.h"
#include "core/hash.h"
#include "dedup/shingle.h"
#include "record/json.h"

#include <stdlib.h>

enum { SLOTS = 1 << 16 };

struct set { uint32_t doc; bool full; size_t n; uint64_t *items; };
struct likeness {
    const struct slice *slices;
    size_t n_slices, memory, used, hand;
    struct buf raw, other;
    /* passing: too large for the cache, good until the next one */
    struct set held, passing, *slots;
};

struct likeness *likeness_open(const struct slice *slices, size_t n, size_t memory)
{
    struct likeness *l = mem_zero(1, sizeof *l);
    l->slices = slices;
    l->n_slices = n;
    l->memory = memory;
    l->slots = mem_zero(SLOTS, sizeof *l->slots);
    return l;
}

static void set_free(struct set *s)
{
    free(s->items);
    *s = (struct set){ 0 };
}

void likeness_close(struct likeness *l)
{
    if (!l) return;
    for (size_t i = 0; i < SLOTS; i++) set_free(&l->slots[i]);
    set_free(&l->held);
    set_free(&l->passing);
    free(l->slots);
    buf_free(&l->raw);
    buf_free(&l->other);
    free(l);
}

static bool read_proof(struct likeness *l, uint32_t doc, struct proof_of *p, struct err *e)
{
    uint64_t row = doc;
    const struct slice *s = l->slices;
    for (; row >= s->n; s++) row -= s->n;
    return slice_read_proof(s, row, &l->raw, p, e);
}

/* Shingle hashes as a sorted set of mixed ones (a peer's 32-bit hashes are uniform in their low bits only). */
static bool set_load(struct likeness *l, uint32_t doc, struct set *s, struct err *e)
{
    struct proof_of p;
    if (!read_proof(l, doc, &p, e)) return false;
    uint64_t *items = mem_alloc(p.n + 1, sizeof *items);
    *s = (struct set){ doc, true, p.n, items };
    if (l->slices->sketch.proof == PROOF_SIGNATURE) { memcpy(items, p.items, p.n * sizeof *items); return true; }
    for (size_t i = 0; i < p.n; i++) items[i] = hash_mix(p.items[i]);
    buf_reset(&l->other);
    s->n = shingle_set(items, p.n, (uint64_t *)(void *)buf_room(&l->other, p.n * sizeof *items + 1));
    return true;
}

static size_t set_size(const struct set *s) { return s->n * sizeof *s->items + 64; }

static void slot_clear(struct likeness *l, struct set *s)
{
    if (s->full) l->used -= set_size(s);
    set_free(s);
}

/* Takes s over; returns where it lies now. */
static struct set *cache(struct likeness *l, struct set s)
{
    if (set_size(&s) > l->memory / 8) {
        set_free(&l->passing);
        l->passing = s;
        return &l->passing;
    }
    struct set *slot = &l->slots[hash_mix(s.doc) % SLOTS];
    slot_clear(l, slot);
    while (l->used + set_size(&s) > l->memory) slot_clear(l, &l->slots[l->hand++ % SLOTS]);
    l->used += set_size(&s);
    *slot = s;
    return slot;
}

bool likeness_hold(struct likeness *l, uint32_t doc, struct err *e)
{
    if (l->held.full && l->held.doc == doc) return true;
    if (l->held.full) cache(l, l->held);
    l->held = (struct set){ 0 };
    return set_load(l, doc, &l->held, e);
}

/* Minima lie two in a word; an odd last half is zero in both. */
static double same_minima(const struct set *a, const struct set *b, size_t k)
{
    const uint32_t *x = (const void *)a->items, *y = (const void *)b->items;
    size_t same = 0;
    for (size_t i = 0; i < k; i++) same += x[i] == y[i];
    return (double)same / (double)k;
}

bool likeness_with(struct likeness *l, uint32_t doc, double *jaccard, struct err *e)
{
    const struct sketch *k = &l->slices->sketch;
    struct set *s = &l->slots[hash_mix(doc) % SLOTS], fresh;
    if (!s->full || s->doc != doc) {
        if (!set_load(l, doc, &fresh, e)) return false;
        s = cache(l, fresh);
    }
    if (k->proof == PROOF_SIGNATURE) {
        size_t words = (k->permutations + 1) / 2;
        *jaccard = l->held.n < words || s->n < words ? 0 : same_minima(&l->held, s, k->permutations);
    } else *jaccard = shingle_jaccard(l->held.items, l->held.n, s->items, s->n);
    return true;
}

bool likeness_id(struct likeness *l, uint32_t doc, struct str *id, struct err *e)
{
    struct proof_of p;
    if (!read_proof(l, doc, &p, e)) return false;
    *id = p.id;
    return true;
}

bool likeness_name(struct likeness *l, uint32_t doc, struct buf *to, struct err *e)
{
    struct str id;
    if (!likeness_id(l, doc, &id, e)) return false;
    if (id.p) json_put_string(to, id);
    else buf_printf(to, "%lu", (unsigned long)doc);
    return true;
}
