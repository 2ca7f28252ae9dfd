/* revisit.c - places by digest, and by URL and date.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/revisit.h"
#include "core/hash.h"

#include <stdlib.h>

struct slot { uint64_t key; const char *where; };            /* key 0: free */
struct revisits { const struct crawl_options *from; struct slot *slots; size_t n, size; struct arena mem; };

struct revisits *revisits_open(const struct crawl_options *o)
{
    struct revisits *v = mem_zero(1, sizeof *v);
    v->from = o;
    v->size = 1 << 10;
    v->slots = mem_zero(v->size, sizeof *v->slots);
    return v;
}

void revisits_close(struct revisits *v)
{
    if (!v) return;
    free(v->slots);
    arena_free(&v->mem);
    free(v);
}

static uint64_t key_of(struct str a, struct str b)
{
    return a.n ? hash64(a, b.n ? hash64(b, 1) : 0) | 1 : 0;
}

static struct slot *slot_of(const struct revisits *v, uint64_t key)
{
    size_t at = hash_mix(key) & (v->size - 1);
    while (v->slots[at].key && v->slots[at].key != key) at = (at + 1) & (v->size - 1);
    return &v->slots[at];
}

static void put(struct revisits *v, uint64_t key, const char *where)
{
    if (!key) return;
    struct slot *s = slot_of(v, key);
    if (s->key) return;                                      /* the first stays */
    *s = (struct slot){ key, where };
    if (++v->n * 2 < v->size) return;
    struct slot *old = v->slots;
    size_t n = v->size;
    v->size *= 2;
    v->slots = mem_zero(v->size, sizeof *v->slots);
    for (size_t i = 0; i < n; i++) if (old[i].key) *slot_of(v, old[i].key) = old[i];
    free(old);
}

void revisits_note(struct revisits *v, const struct warc_record *r, struct str where)
{
    const char *place = str_c(&v->mem, where);
    put(v, key_of(r->digest, (struct str){ 0 }), place);
    if (r->date.n) put(v, key_of(r->url, r->date), place);
}

static struct str read_at(struct revisits *v, const char *where, struct arena *mem)
{
    struct err e = { 0 };
    struct crawl_options o = *v->from;
    struct warc_record r;
    struct str at, block = { 0 };
    o.from = where;
    o.shards = 0;
    struct crawl *c = crawl_open(&o, &e);
    if (!c) return block;
    if (crawl_next(c, mem, &r, &at, &e) == WARC_RECORD && r.block.p) block = str_copy(mem, r.block);
    crawl_close(c);
    return block;
}

struct str revisits_find(struct revisits *v, const struct warc_record *r, struct arena *mem)
{
    uint64_t exact = key_of(r->refers_url, r->refers_date), same = key_of(r->digest, (struct str){ 0 });
    const struct slot *s = exact && r->refers_date.n ? slot_of(v, exact) : NULL;
    if ((!s || !s->key) && same) s = slot_of(v, same);
    return s && s->key ? read_at(v, s->where, mem) : (struct str){ 0 };
}
