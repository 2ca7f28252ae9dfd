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

/* bits for each slot of the merges: of pairs that do not merge 1 in 16 to 1 in 32 is looked up */
enum { HINTS = 16 };
/* symbols of a short piece: as many as a word has bits */
enum { SHORT = 64, LANES = 8 };
static const uint64_t NO_PAIR = UINT64_MAX;

/* A short piece: symbol i is alive where bit i is set. key: the rank of the pair that begins at i, then i; so the least
 * key is the next merge. */
struct brief { uint64_t alive, last; uint32_t id[SHORT], into[SHORT], key[SHORT]; };
struct bpe_scratch {
    uint32_t *id;                                                    /* of a piece's symbols */
    size_t cap_id;
    struct brief brief;
    bool portable;
    struct bpe_long *rest;                                           /* for long pieces */
};

struct bpe_scratch *bpe_scratch_new(void)
{
    struct bpe_scratch *s = mem_zero(1, sizeof *s);
    s->rest = bpe_long_new();
    return s;
}

void bpe_scratch_free(struct bpe_scratch *s)
{
    if (!s) return;
    free(s->id);
    bpe_long_free(s->rest);
    free(s);
}

void bpe_scratch_portable(struct bpe_scratch *s) { s->portable = true; }

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

/* A pair whose merge is on its way here from memory. */
struct asked { uint64_t pair, hash; };

static inline struct asked ask(const struct bpe *b, uint32_t left, uint32_t right)
{
    const uint64_t pair = pair_of(left, right), hash = hash_mix(pair);
    __builtin_prefetch(&b->merge[hash & (b->slots - 1)]);
    return (struct asked){ pair, hash };
}

static inline struct bpe_into answer(const struct bpe *b, struct asked a)
{
    const size_t bit = hint_of(b, a.hash);
    if (!(b->hint[bit / 64] >> bit % 64 & 1)) return BPE_NONE;
    const struct bpe_merge *m = place_by(b, a.pair, a.hash);
    return m->pair == NO_PAIR ? BPE_NONE : (struct bpe_into){ m->rank, m->id };
}

struct bpe_into bpe_look(const struct bpe *b, uint32_t left, uint32_t right) { return answer(b, ask(b, left, right)); }

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

/* Two rows of lanes a step: most pieces take one, which the machine foretells. */
VECTOR_INLINE uint32_t least_key(const uint32_t *key, size_t n)
{
    uint32_t lane[LANES], least = BPE_NO_RANK;
    for (size_t k = 0; k < LANES; k++) lane[k] = BPE_NO_RANK;
    for (size_t i = 0; i < n; i += 2 * LANES)
        for (size_t k = 0; k < LANES; k++) {
            const uint32_t x = key[i + k], y = key[i + LANES + k], less = x < y ? x : y;
            lane[k] = less < lane[k] ? less : lane[k];
        }
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
        const unsigned right = (unsigned)__builtin_ctzll(after), next = beyond ? (unsigned)__builtin_ctzll(beyond) : at,
                       left = before ? 63 - (unsigned)__builtin_clzll(before) : at;
        x->last = pair_of(x->id[at], x->id[right]);
        x->id[at] = x->into[at];
        x->key[right] = BPE_NO_RANK;
        x->alive ^= (uint64_t)1 << right;
        const struct asked with_next = ask(b, x->id[at], x->id[next]), with_left = ask(b, x->id[left], x->id[at]);
        set_pair(x, at, beyond ? answer(b, with_next) : BPE_NONE);
        if (before) set_pair(x, left, answer(b, with_left));
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
    if (s->portable) merge_brief_plain(b, x, n);
    else merge_brief(b, x, n);
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
    if (b->whole_first && !b->merges_make_all && piece.n <= b->vocab->longest) {
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
    b->merges_make_all = add_in_order(b, rank, with);
    if (b->merges_make_all) return;
    add_pairs(b, rank, with);
    keep_last(b);
}
