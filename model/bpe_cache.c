/* bpe_cache.c - byte pair encoding of a text's pieces, by what the same pieces were before.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/bpe_cache.h"

#include "core/hash.h"
#include "core/mem.h"

#include <stdlib.h>

/* cl100k over domains.jsonl, 227,000 different pieces: 2^18 entries 102 MB/s when all have been seen, 2^19 112, as fast
 * as each other before. Large pages take 4 % off either. */
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
enum { CACHE_BITS = 19, WIDE_BITS = 16 };
#else
enum { CACHE_BITS = 6, WIDE_BITS = 4 };                              /* a fuzzer makes one for every input */
#endif
enum { CACHE_SIZE = 1 << CACHE_BITS, CACHED_BYTES = 15, CACHED_IDS = 4 };
enum { WIDE_SIZE = 1 << WIDE_BITS, WIDE_BYTES = 31, WIDE_IDS = 7 };

struct entry { uint64_t lo, hi; uint32_t id[CACHED_IDS]; };          /* the top four bits of hi: how many ids */
struct wide { uint64_t key[4]; uint32_t n, id[WIDE_IDS]; };
struct bpe_cache {
    struct entry *entry;                                             /* (CACHE_SIZE) */
    struct wide *wide;                                               /* (WIDE_SIZE) */
    struct bpe_scratch *scratch;
};

struct bpe_cache *bpe_cache_new(void)
{
    struct bpe_cache *c = mem_alloc(1, sizeof *c);
    *c = (struct bpe_cache){ mem_pages(CACHE_SIZE * sizeof *c->entry), mem_pages(WIDE_SIZE * sizeof *c->wide),
                             bpe_scratch_new() };
    return c;
}

void bpe_cache_free(struct bpe_cache *c)
{
    if (!c) return;
    mem_pages_free(c->entry, CACHE_SIZE * sizeof *c->entry);
    mem_pages_free(c->wide, WIDE_SIZE * sizeof *c->wide);
    bpe_scratch_free(c->scratch);
    free(c);
}

/* ---- short pieces ---- */

/* a piece's bytes, zeros, and in the last byte's lower half how many */
enum { N_IDS_SHIFT = 60 };
struct key { uint64_t lo, hi; };

/* Without branches on the length, which cannot be foretold. */
static inline struct key key_of(struct str piece, const char *end)
{
    static const uint8_t ones_zeros[2 * sizeof(struct key)] = { 255, 255, 255, 255, 255, 255, 255, 255,
                                                                255, 255, 255, 255, 255, 255, 255, 255 };
    struct key k = { 0, 0 }, mask;
    if (end - piece.p < 16) memcpy(&k, piece.p, piece.n);
    else memcpy(&k, piece.p, sizeof k);
    memcpy(&mask, ones_zeros + sizeof mask - piece.n, sizeof mask);
    return (struct key){ k.lo & mask.lo, (k.hi & mask.hi) | (uint64_t)piece.n << 56 };
}

/* The first of its two places. */
static struct entry *entry_of(const struct bpe_cache *c, struct key k)
{
    return &c->entry[hash_mix(k.lo ^ k.hi * 0x9E3779B97F4A7C15u) >> (64 - CACHE_BITS) & ~(size_t)1];
}

static inline bool is_of(const struct entry *at, struct key k)
{
    return !((at->lo ^ k.lo) | ((at->hi & (((uint64_t)1 << N_IDS_SHIFT) - 1)) ^ k.hi));
}

/* ---- all others ---- */

static struct wide *wide_of(const struct bpe_cache *c, const struct wide *w)
{
    const uint64_t mix = hash_mix(w->key[0] + hash_mix(w->key[1] + hash_mix(w->key[2] + hash_mix(w->key[3]))));
    return &c->wide[mix >> (64 - WIDE_BITS)];
}

static void encode_wide(const struct bpe *b, struct bpe_cache *c, struct str piece, struct ids *to)
{
    if (piece.n > WIDE_BYTES) { bpe_encode_plain(b, c->scratch, piece, to); return; }
    struct wide new = { .n = 0 };
    memcpy(new.key, piece.p, piece.n);
    new.key[3] |= (uint64_t)piece.n << 56;
    struct wide *at = wide_of(c, &new);
    if (!memcmp(at->key, new.key, sizeof new.key)) {
        memcpy(ids_room(to, WIDE_IDS), at->id, sizeof at->id);
        to->n += at->n;
        return;
    }
    const size_t first = to->n;
    bpe_encode_plain(b, c->scratch, piece, to);
    const size_t n = to->n - first;
    if (!n || n > WIDE_IDS) return;
    new.n = (uint32_t)n;
    memcpy(new.id, to->p + first, n * sizeof *new.id);
    *at = new;
}

/* A short piece that has no entry makes one: of 0 ids when it has too many, which sends it to the wide ones later. */
static void encode_new(const struct bpe *b, struct bpe_cache *c, struct str piece, struct key k, struct entry *at,
                       struct ids *to)
{
    const size_t first = to->n;
    bpe_encode_plain(b, c->scratch, piece, to);
    const size_t n = to->n - first <= CACHED_IDS ? to->n - first : 0;
    at[1] = at[0];
    at[0] = (struct entry){ k.lo, k.hi | (uint64_t)n << N_IDS_SHIFT, { 0 } };
    if (n) memcpy(at->id, to->p + first, n * sizeof *at->id);
}

/* All entries are asked for before the first is read: the cache is larger than the machine's. */
void bpe_encode_row(const struct bpe *b, struct bpe_cache *c, const struct str *piece, size_t n, const char *end,
                    struct ids *to)
{
    struct key key[BPE_ROW];
    struct entry *at[BPE_ROW];
    for (size_t i = 0; i < n; i++) {
        if (piece[i].n > CACHED_BYTES) continue;
        key[i] = key_of(piece[i], end);
        at[i] = entry_of(c, key[i]);
        __builtin_prefetch(at[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (piece[i].n > CACHED_BYTES) { encode_wide(b, c, piece[i], to); continue; }
        const struct entry *hit = at[i] + !is_of(at[i], key[i]);
        if (!is_of(hit, key[i])) { encode_new(b, c, piece[i], key[i], at[i], to); continue; }
        const size_t n_ids = hit->hi >> N_IDS_SHIFT;
        if (!n_ids) { encode_wide(b, c, piece[i], to); continue; }
        memcpy(ids_room(to, CACHED_IDS), hit->id, sizeof hit->id);
        to->n += n_ids;
    }
}

void bpe_encode(const struct bpe *b, struct bpe_cache *c, struct str piece, struct ids *to)
{
    bpe_encode_row(b, c, &piece, 1, piece.p + piece.n, to);
}
