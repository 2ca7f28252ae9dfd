/* bpe.c - byte pair encoding of one piece of text.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/bpe.h"

#include "accel/vector.h"
#include "core/hash.h"
#include "core/utf8.h"
#include "model/bpe_long.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* cl100k over domains.jsonl, 227,000 different pieces: 2^18 entries 102 MB/s when all have been seen, 2^19 112, as fast
 * as each other before. 16 MB a thread, of which few pages are touched by little text. */
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
enum { CACHE_BITS = 19, WIDE_BITS = 14 };
#else
enum { CACHE_BITS = 6, WIDE_BITS = 4 };                              /* a fuzzer makes one for every input */
#endif
enum { CACHE_SIZE = 1 << CACHE_BITS, CACHED_BYTES = 15, CACHED_IDS = 4 };
/* Longer pieces have a cache of their own, 1 MB: of those of domains.jsonl 92 in 100 are below 32 bytes. */
enum { WIDE_SIZE = 1 << WIDE_BITS, WIDE_BYTES = 31, WIDE_IDS = 7 };
enum { LINE = 64 };
/* bits for each slot of the merges: of pairs that do not merge 1 in 16 to 1 in 32 is looked up */
enum { HINTS = 16 };
/* symbols of a short piece: as many as a word has bits */
enum { SHORT = 64, LANES = 8 };
static const uint64_t NO_PAIR = UINT64_MAX;

struct entry { uint64_t lo, hi; uint32_t id[CACHED_IDS]; };              /* the top four bits of hi: how many ids */
/* key: as that of an entry */
struct wide { uint64_t key[4]; uint32_t n, id[WIDE_IDS]; };
/* A short piece: symbol i is alive where bit i is set. key: the rank of the pair that begins at i, then i; so the least
 * key is the next merge. */
struct brief { uint64_t alive, last; uint32_t id[SHORT], into[SHORT], key[SHORT]; };
struct bpe_scratch {
    /* cache: in room, from a line of the machine's cache on */
    struct entry *room, *cache;
    struct wide *wide;                                               /* (WIDE_SIZE) */
    uint32_t *id;                                                    /* of a piece's symbols */
    size_t cap_id;
    struct brief brief;
    struct bpe_long *rest;                                           /* for long pieces */
};

struct bpe_scratch *bpe_scratch_new(void)
{
    struct bpe_scratch *s = mem_zero(1, sizeof *s);
    /* pages are only taken as they are touched */
    s->room = mem_zero(CACHE_SIZE + LINE / sizeof *s->cache, sizeof *s->cache);
    s->cache = (struct entry *)(((uintptr_t)s->room + LINE - 1) & ~(uintptr_t)(LINE - 1));
    s->wide = mem_zero(WIDE_SIZE, sizeof *s->wide);
    s->rest = bpe_long_new();
    return s;
}

void bpe_scratch_free(struct bpe_scratch *s)
{
    if (!s) return;
    free(s->room);
    free(s->wide);
    free(s->id);
    bpe_long_free(s->rest);
    free(s);
}

/* ---- merges ---- */

static uint64_t pair_of(uint32_t left, uint32_t right) { return (uint64_t)left << 32 | right; }

static struct bpe_merge *place_by(const struct bpe *b, uint64_t pair, uint64_t hash)
{
    size_t i = hash & (b->slots - 1);
    while (b->merge[i].pair != pair && b->merge[i].pair != NO_PAIR) i = (i + 1) & (b->slots - 1);
    return &b->merge[i];
}

static struct bpe_merge *place(const struct bpe *b, uint64_t pair) { return place_by(b, pair, hash_mix(pair)); }

/* The bit of a pair: most neighbours do not merge, and these few bits stay near where all merges do not. */
static size_t hint_of(const struct bpe *b, uint64_t hash) { return hash >> 32 & (HINTS * b->slots - 1); }

static void put(struct bpe *b, struct bpe_merge m)
{
    const uint64_t hash = hash_mix(m.pair), bit = hint_of(b, hash);
    *place_by(b, m.pair, hash) = m;
    b->hint[bit / 64] |= (uint64_t)1 << bit % 64;
}

static void widen(struct bpe *b)
{
    struct bpe_merge *old = b->merge;
    const size_t n = b->slots;
    b->slots = n ? 2 * n : 1024;
    b->merge = mem_alloc(b->slots, sizeof *b->merge);
    free(b->hint);
    b->hint = mem_zero(HINTS * b->slots / 64, sizeof *b->hint);
    for (size_t i = 0; i < b->slots; i++) b->merge[i].pair = NO_PAIR;
    for (size_t i = 0; i < n; i++) if (old[i].pair != NO_PAIR) put(b, old[i]);
    free(old);
}

/* so full, because a small table misses the machine's cache less, and hints spare it most that it does not have */
static void reserve(struct bpe *b, size_t n)
{
    while (8 * n >= 7 * b->slots) widen(b);
}

void bpe_init(struct bpe *b, const struct vocab *v)
{
    *b = (struct bpe){ .vocab = v, .unk = VOCAB_NONE, .first = mem_alloc(256 * 256, sizeof *b->first) };
    for (size_t i = 0; i < 256 * 256; i++) b->first[i] = BPE_NONE;
    reserve(b, 0);
    for (unsigned i = 0; i < 256; i++) {
        char hex[8];
        const char byte = (char)i;
        snprintf(hex, sizeof hex, "<0x%02X>", i);
        b->byte[i] = vocab_find(v, (struct str){ &byte, 1 });
        b->hex[i] = vocab_find(v, str_of(hex));
    }
}

void bpe_free(struct bpe *b)
{
    free(b->merge);
    free(b->hint);
    free(b->first);
    *b = (struct bpe){ 0 };
}

static struct bpe_into *first_of(const struct bpe *b, char left, char right)
{
    return &b->first[(size_t)(uint8_t)left << 8 | (uint8_t)right];
}

bool bpe_add(struct bpe *b, uint32_t left, uint32_t right, uint32_t rank, uint32_t id)
{
    assert(rank < BPE_RANKS);                                        /* set_pair puts a place below it */
    reserve(b, b->n_merges);
    const struct bpe_merge *m = place(b, pair_of(left, right));
    const bool fresh = m->pair == NO_PAIR;
    put(b, (struct bpe_merge){ pair_of(left, right), rank, id });
    b->n_merges += fresh;
    const struct str l = b->vocab->token[left], r = b->vocab->token[right];
    if (l.n == 1 && r.n == 1 && b->byte[(uint8_t)*l.p] == left && b->byte[(uint8_t)*r.p] == right)
        *first_of(b, *l.p, *r.p) = (struct bpe_into){ rank, id };
    return fresh;
}

/* ---- one piece ---- */

struct bpe_into bpe_look(const struct bpe *b, uint32_t left, uint32_t right)
{
    const uint64_t pair = pair_of(left, right), hash = hash_mix(pair), bit = hint_of(b, hash);
    if (!(b->hint[bit / 64] >> bit % 64 & 1)) return BPE_NONE;
    const struct bpe_merge *m = place_by(b, pair, hash);
    return m->pair == NO_PAIR ? BPE_NONE : (struct bpe_into){ m->rank, m->id };
}

static size_t char_symbols(const struct bpe *b, uint32_t *to, struct str c, size_t n)
{
    const uint32_t id = vocab_find(b->vocab, c);
    if (id != VOCAB_NONE) { to[n] = id; return n + 1; }
    bool bytes = b->fallback;
    for (size_t i = 0; i < c.n; i++) bytes = bytes && b->hex[(uint8_t)c.p[i]] != VOCAB_NONE;
    if (bytes) {
        for (size_t i = 0; i < c.n; i++) to[n++] = b->hex[(uint8_t)c.p[i]];
        return n;
    }
    if (b->unk == VOCAB_NONE || (b->fuse_unk && n && to[n - 1] == b->unk)) return n;
    to[n] = b->unk;
    return n + 1;
}

static size_t symbols_of(const struct bpe *b, struct bpe_scratch *s, struct str piece)
{
    if (piece.n > s->cap_id) s->id = mem_grow(s->id, &s->cap_id, piece.n, sizeof *s->id);
    uint32_t *to = s->id;
    size_t n = 0;
    const char *end = piece.p + piece.n;
    for (const char *p = piece.p; p < end; ) {
        const char *from = p;
        if (b->chars) { utf8_next(&p, end); n = char_symbols(b, to, str_span(from, p), n); continue; }
        const uint32_t id = b->byte[(uint8_t)*p++];
        if (id != VOCAB_NONE) to[n++] = id;
        else if (b->unk != VOCAB_NONE) to[n++] = b->unk;
    }
    return n;
}

/* ---- a short piece ---- */

VECTOR_INLINE uint32_t least_key(const uint32_t *key, size_t n)
{
    uint32_t lane[LANES], least = BPE_NO_RANK;
    for (size_t k = 0; k < LANES; k++) lane[k] = BPE_NO_RANK;
    for (size_t i = 0; i < n; i += LANES)
        for (size_t k = 0; k < LANES; k++) lane[k] = key[i + k] < lane[k] ? key[i + k] : lane[k];
    for (size_t k = 0; k < LANES; k++) least = lane[k] < least ? lane[k] : least;
    return least;
}

VECTOR_INLINE void set_pair(struct brief *x, unsigned at, struct bpe_into to)
{
    x->into[at] = to.id;
    x->key[at] = to.rank == BPE_NO_RANK ? BPE_NO_RANK : to.rank * SHORT + at;
}

VECTOR_INLINE void merge_brief_body(const struct bpe *b, struct brief *x, size_t n)
{
    for (uint32_t key; (key = least_key(x->key, n)) != BPE_NO_RANK; ) {
        const unsigned at = key % SHORT;
        const uint64_t before = x->alive & (((uint64_t)1 << at) - 1), after = x->alive & ~(uint64_t)1 << at,
                       beyond = after & (after - 1);
        const unsigned right = (unsigned)__builtin_ctzll(after);
        x->last = pair_of(x->id[at], x->id[right]);
        x->id[at] = x->into[at];
        x->key[right] = BPE_NO_RANK;
        x->alive ^= (uint64_t)1 << right;
        set_pair(x, at, beyond ? bpe_look(b, x->id[at], x->id[__builtin_ctzll(beyond)]) : BPE_NONE);
        if (!before) continue;
        const unsigned left = 63 - (unsigned)__builtin_clzll(before);
        set_pair(x, left, bpe_look(b, x->id[left], x->id[at]));
    }
}
VECTOR_DISPATCH(merge_brief, merge_brief_body, (const struct bpe *b, struct brief *x, size_t n), (b, x, n))

/* s->id has n symbols; they become those that are left. piece: where each of its bytes is one. */
static size_t merge_short(const struct bpe *b, struct bpe_scratch *s, size_t n, struct str piece)
{
    struct brief *x = &s->brief;
    memcpy(x->id, s->id, n * sizeof *s->id);
    x->alive = n < SHORT ? ((uint64_t)1 << n) - 1 : UINT64_MAX;
    x->last = NO_PAIR;
    memset(x->key, 0xFF, sizeof x->key);
    for (unsigned i = 0; i + 1 < n; i++)
        set_pair(x, i, piece.n == n ? *first_of(b, piece.p[i], piece.p[i + 1]) : bpe_look(b, x->id[i], x->id[i + 1]));
    merge_brief(b, x, n);
    size_t kept = 0;
    for (uint64_t rest = x->alive; rest; rest &= rest - 1) s->id[kept++] = x->id[__builtin_ctzll(rest)];
    return kept;
}

/* Into s->id; returns how many. */
static size_t merge(const struct bpe *b, struct bpe_scratch *s, struct str piece)
{
    const size_t n = symbols_of(b, s, piece);
    if (n > SHORT) return bpe_merge_long(b, s->rest, s->id, n);
    return n ? merge_short(b, s, n, b->chars ? (struct str){ NULL, 0 } : piece) : 0;
}

void bpe_encode_plain(const struct bpe *b, struct bpe_scratch *s, struct str piece, struct ids *to)
{
    if (b->whole_first && piece.n <= b->vocab->longest) {
        const uint32_t id = vocab_find(b->vocab, piece);
        if (id != VOCAB_NONE) { ids_put(to, id); return; }
    }
    const size_t n = merge(b, s, piece);
    if (!n) return;
    memcpy(ids_room(to, n), s->id, n * sizeof *s->id);
    to->n += n;
}

/* ---- merges that tokens make ---- */

/* A token, and the one that is found by its bytes. */
static bool is_first(const struct vocab *v, uint32_t id)
{
    return v->token[id].p && (!v->shared || vocab_find(v, v->token[id]) == id);
}

static void add_pairs(struct bpe *b, uint32_t (*rank)(const void *with, uint32_t id), const void *with)
{
    const struct vocab *v = b->vocab;
    for (uint32_t id = 0; id < v->n; id++) {
        const struct str t = v->token[id];
        const uint32_t r = is_first(v, id) ? rank(with, id) : BPE_NO_RANK;
        for (size_t cut = 1; r != BPE_NO_RANK && cut < t.n; cut++) {
            const uint32_t left = vocab_find(v, (struct str){ t.p, cut }),
                           right = vocab_find(v, (struct str){ t.p + cut, t.n - cut });
            if (left != VOCAB_NONE && right != VOCAB_NONE && rank(with, left) != BPE_NO_RANK
                && rank(with, right) != BPE_NO_RANK)
                bpe_add(b, left, right, r, id);
        }
    }
}

struct ranked { uint32_t rank, id; };

static int by_rank(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

/* The tokens that merges may make, by rank. Returns how many. */
static size_t rank_all(const struct vocab *v, uint32_t (*rank)(const void *with, uint32_t id), const void *with,
                       struct ranked *to)
{
    size_t n = 0;
    bool sorted = true;
    for (uint32_t id = 0; id < v->n; id++) {
        const uint32_t r = is_first(v, id) ? rank(with, id) : BPE_NO_RANK;
        if (r == BPE_NO_RANK) continue;
        sorted = sorted && (!n || to[n - 1].rank < r);
        to[n++] = (struct ranked){ r, id };
    }
    if (!sorted) qsort(to, n, sizeof *to, by_rank);
    return n;
}

static bool is_joined(const struct vocab *v, uint32_t left, uint32_t right, struct str whole)
{
    const struct str l = v->token[left], r = v->token[right];
    return str_starts(whole, l) && str_eq((struct str){ whole.p + l.n, whole.n - l.n }, r);
}

/* Each token, merged by those of lower rank, is two of them: their pair is the only one that ever makes it. For in any
 * text ranks then merge in order; before z's turn its bytes have merged as they do alone, into that pair or, with
 * others around them, across its ends. False: some token is not two. */
static bool add_in_order(struct bpe *b, uint32_t (*rank)(const void *with, uint32_t id), const void *with)
{
    const struct vocab *v = b->vocab;
    struct ranked *all = mem_alloc(v->n, sizeof *all);
    struct bpe_scratch *s = bpe_scratch_new();
    const size_t n = rank_all(v, rank, with, all);
    bool ok = true;
    reserve(b, n);
    for (size_t i = 0; ok && i < n; i++) {
        const struct str t = v->token[all[i].id];
        const size_t parts = merge(b, s, t);
        if (parts == 1 && s->id[0] == all[i].id) continue;
        ok = parts == 2 && (!i || all[i - 1].rank < all[i].rank) && is_joined(v, s->id[0], s->id[1], t)
            && rank(with, s->id[0]) != BPE_NO_RANK && rank(with, s->id[1]) != BPE_NO_RANK;
        if (ok) bpe_add(b, s->id[0], s->id[1], all[i].rank, all[i].id);
    }
    bpe_scratch_free(s);
    free(all);
    return ok;
}

static void keep_merge(struct bpe *b, const struct bpe_merge *m)
{
    bpe_add(b, (uint32_t)(m->pair >> 32), (uint32_t)m->pair, m->rank, m->id);
}

static void keep_last(struct bpe *b)
{
    struct bpe all = *b;
    struct bpe_scratch *s = bpe_scratch_new();
    b->merge = NULL;
    b->hint = NULL;
    b->slots = b->n_merges = 0;
    reserve(b, 0);
    for (uint32_t id = 0; id < b->vocab->n; id++) {
        const struct str t = b->vocab->token[id];
        if (!t.p || t.n > SHORT) continue;
        s->brief.last = NO_PAIR;
        if (merge(&all, s, t) == 1 && s->brief.last != NO_PAIR && s->id[0] == id)
            keep_merge(b, place(&all, s->brief.last));
    }
    for (size_t i = 0; i < all.slots; i++)                           /* looking at long ones would take long */
        if (all.merge[i].pair != NO_PAIR && b->vocab->token[all.merge[i].id].n > SHORT) keep_merge(b, &all.merge[i]);
    bpe_scratch_free(s);
    free(all.merge);
    free(all.hint);
}

void bpe_add_all(struct bpe *b, uint32_t (*rank)(const void *with, uint32_t id), const void *with)
{
    if (add_in_order(b, rank, with)) return;
    add_pairs(b, rank, with);
    keep_last(b);
}

/* ---- many pieces, by the cache ---- */

/* a piece's bytes, zeros, and in the last byte's lower half how many */
enum { N_IDS_SHIFT = 60 };
struct key { uint64_t lo, hi; };

static inline struct key key_of(struct str piece, const char *end)
{
    struct key k = { 0, 0 };
    if (end - piece.p < 16) {
        char bytes[16] = { 0 };
        memcpy(bytes, piece.p, piece.n);
        memcpy(&k, bytes, 16);
    } else {
        memcpy(&k, piece.p, 16);
        k.lo &= piece.n < 8 ? ((uint64_t)1 << 8 * piece.n) - 1 : UINT64_MAX;
        k.hi &= piece.n > 8 ? ((uint64_t)1 << 8 * (piece.n - 8)) - 1 : 0;
    }
    k.hi |= (uint64_t)piece.n << 56;
    return k;
}

/* The first of its two places. */
static struct entry *entry_of(const struct bpe_scratch *s, struct key k)
{
    return &s->cache[hash_mix(k.lo ^ k.hi * 0x9E3779B97F4A7C15u) >> (64 - CACHE_BITS) & ~(size_t)1];
}

static inline bool is_of(const struct entry *at, struct key k)
{
    return at->lo == k.lo && (at->hi & (((uint64_t)1 << N_IDS_SHIFT) - 1)) == k.hi;
}

static void encode_new(const struct bpe *b, struct bpe_scratch *s, struct str piece, struct key k, struct entry *at,
                       struct ids *to)
{
    const size_t first = to->n;
    bpe_encode_plain(b, s, piece, to);
    const size_t n = to->n - first;
    if (!n || n > CACHED_IDS) return;
    at[1] = at[0];
    at[0] = (struct entry){ k.lo, k.hi | (uint64_t)n << N_IDS_SHIFT, { 0 } };
    memcpy(at->id, to->p + first, n * sizeof *at->id);
}

static void encode_wide(const struct bpe *b, struct bpe_scratch *s, struct str piece, struct ids *to)
{
    if (piece.n > WIDE_BYTES) { bpe_encode_plain(b, s, piece, to); return; }
    struct wide new = { .n = 0 };
    memcpy(new.key, piece.p, piece.n);
    new.key[3] |= (uint64_t)piece.n << 56;
    const uint64_t mix = hash_mix(new.key[0] + hash_mix(new.key[1] + hash_mix(new.key[2] + hash_mix(new.key[3]))));
    struct wide *at = &s->wide[mix >> (64 - WIDE_BITS)];
    if (!memcmp(at->key, new.key, sizeof at->key)) {
        memcpy(ids_room(to, WIDE_IDS), at->id, sizeof at->id);
        to->n += at->n;
        return;
    }
    const size_t first = to->n;
    bpe_encode_plain(b, s, piece, to);
    const size_t n = to->n - first;
    if (!n || n > WIDE_IDS) return;
    new.n = (uint32_t)n;
    memcpy(new.id, to->p + first, n * sizeof *new.id);
    *at = new;
}

/* All entries are asked for before the first is read: the cache is larger than the machine's. */
void bpe_encode_row(const struct bpe *b, struct bpe_scratch *s, const struct str *piece, size_t n, const char *end,
                    struct ids *to)
{
    struct key key[BPE_ROW];
    struct entry *at[BPE_ROW];
    for (size_t i = 0; i < n; i++) {
        if (piece[i].n > CACHED_BYTES) continue;
        key[i] = key_of(piece[i], end);
        at[i] = entry_of(s, key[i]);
        __builtin_prefetch(at[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (piece[i].n > CACHED_BYTES) { encode_wide(b, s, piece[i], to); continue; }
        const struct entry *hit = at[i];
        if (!is_of(hit, key[i])) hit++;
        if (!is_of(hit, key[i])) { encode_new(b, s, piece[i], key[i], at[i], to); continue; }
        memcpy(ids_room(to, CACHED_IDS), hit->id, sizeof hit->id);
        to->n += hit->hi >> N_IDS_SHIFT;
    }
}

void bpe_encode(const struct bpe *b, struct bpe_scratch *s, struct str piece, struct ids *to)
{
    bpe_encode_row(b, s, &piece, 1, piece.p + piece.n, to);
}
