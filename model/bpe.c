/* bpe.c - byte pair encoding of one piece of text.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/bpe.h"

#include "accel/vector.h"
#include "core/hash.h"
#include "core/utf8.h"

#include <stdio.h>
#include <stdlib.h>

/* cl100k over domains.jsonl, one thread of a busy machine: 2^15 entries 47, 2^16 55, 2^17 51, 2^18 61 MB/s. 8 MB a
 * thread. */
enum { CACHE_BITS = 18, CACHE_SIZE = 1 << CACHE_BITS, CACHED_BYTES = 15, CACHED_IDS = 3 };
enum { LINE = 64 };
/* bits for each slot of the merges: of pairs that do not merge 1 in 16 to 1 in 32 is looked up */
enum { HINTS = 8 };
/* symbols of a short piece: as many as a word has bits */
enum { SHORT = 64, LANES = 8 };
/* places sorted for each symbol of a piece before lists give way to a heap */
enum { SORTS = 32 };
static const uint32_t NO_RANK = UINT32_MAX;
static const uint64_t NO_PAIR = UINT64_MAX;
#define NO_MERGE ((struct bpe_into){ NO_RANK, VOCAB_NONE })

struct entry { uint64_t lo, hi; uint32_t n, id[CACHED_IDS]; };
/* of a long piece. rank, merged: of the pair that begins here; id NONE: taken */
struct symbol { uint32_t id, rank, merged; int32_t prev, next; };
/* A short piece: symbol i is alive where bit i is set. key: the rank of the pair that begins at i, then i; so the least
 * key is the next merge. */
struct brief { uint64_t alive, last; uint32_t id[SHORT], into[SHORT], key[SHORT]; };
struct wait { uint32_t rank, at; };
/* of places; those before head are done */
struct list { uint32_t rank, *at; size_t head, n, cap, slot; bool sorted, waits; };
struct bpe_scratch {
    /* cache: in room, from a line of the machine's cache on */
    struct entry *room, *cache;
    uint32_t *id;                                                    /* of a piece's symbols */
    size_t cap_id;
    struct brief brief;
    struct symbol *symbol;
    size_t cap_symbol;
    struct list *list;                                               /* one a rank */
    size_t n_lists, n_made, cap_lists;                               /* n_made: those with room of their own */
    uint32_t *slot;                                                  /* (slots), list + 1: by rank */
    size_t slots;
    uint32_t *waiting;                                               /* a heap of lists, the lowest rank on top */
    size_t n_waiting, cap_waiting;
    struct wait *heap;
    size_t n_heap, cap_heap;
    bool by_heap;
};

struct bpe_scratch *bpe_scratch_new(void)
{
    struct bpe_scratch *s = mem_zero(1, sizeof *s);
    /* pages are only taken as they are touched */
    s->room = mem_zero(CACHE_SIZE + LINE / sizeof *s->cache, sizeof *s->cache);
    s->cache = (struct entry *)(((uintptr_t)s->room + LINE - 1) & ~(uintptr_t)(LINE - 1));
    return s;
}

void bpe_scratch_free(struct bpe_scratch *s)
{
    if (!s) return;
    for (size_t i = 0; i < s->n_made; i++) free(s->list[i].at);
    free(s->list);
    free(s->slot);
    free(s->waiting);
    free(s->room);
    free(s->id);
    free(s->symbol);
    free(s->heap);
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

void bpe_init(struct bpe *b, const struct vocab *v)
{
    *b = (struct bpe){ .vocab = v, .unk = VOCAB_NONE, .first = mem_alloc(256 * 256, sizeof *b->first) };
    for (size_t i = 0; i < 256 * 256; i++) b->first[i] = NO_MERGE;
    widen(b);
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
    if (2 * b->n_merges >= b->slots) widen(b);
    const struct bpe_merge *m = place(b, pair_of(left, right));
    const bool fresh = m->pair == NO_PAIR;
    put(b, (struct bpe_merge){ pair_of(left, right), rank, id });
    b->n_merges += fresh;
    const struct str l = b->vocab->token[left], r = b->vocab->token[right];
    if (l.n == 1 && r.n == 1 && b->byte[(uint8_t)*l.p] == left && b->byte[(uint8_t)*r.p] == right)
        *first_of(b, *l.p, *r.p) = (struct bpe_into){ rank, id };
    return fresh;
}

uint32_t bpe_rank(const struct bpe *b, uint64_t pair)
{
    const struct bpe_merge *m = place(b, pair);
    return m->pair == NO_PAIR ? NO_RANK : m->rank;
}

/* ---- one piece ---- */

static struct bpe_into look(const struct bpe *b, uint32_t left, uint32_t right)
{
    const uint64_t pair = pair_of(left, right), hash = hash_mix(pair), bit = hint_of(b, hash);
    if (!(b->hint[bit / 64] >> bit % 64 & 1)) return NO_MERGE;
    const struct bpe_merge *m = place_by(b, pair, hash);
    return m->pair == NO_PAIR ? NO_MERGE : (struct bpe_into){ m->rank, m->id };
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
    uint32_t lane[LANES], least = NO_RANK;
    for (size_t k = 0; k < LANES; k++) lane[k] = NO_RANK;
    for (size_t i = 0; i < n; i += LANES)
        for (size_t k = 0; k < LANES; k++) lane[k] = key[i + k] < lane[k] ? key[i + k] : lane[k];
    for (size_t k = 0; k < LANES; k++) least = lane[k] < least ? lane[k] : least;
    return least;
}

VECTOR_INLINE void set_pair(struct brief *x, unsigned at, struct bpe_into to)
{
    x->into[at] = to.id;
    x->key[at] = to.rank == NO_RANK ? NO_RANK : to.rank * SHORT + at;
}

VECTOR_INLINE void merge_brief_body(const struct bpe *b, struct brief *x, size_t n)
{
    for (uint32_t key; (key = least_key(x->key, n)) != NO_RANK; ) {
        const unsigned at = key % SHORT;
        const uint64_t before = x->alive & (((uint64_t)1 << at) - 1), after = x->alive & ~(uint64_t)1 << at,
                       beyond = after & (after - 1);
        const unsigned right = (unsigned)__builtin_ctzll(after);
        x->last = pair_of(x->id[at], x->id[right]);
        x->id[at] = x->into[at];
        x->key[right] = NO_RANK;
        x->alive ^= (uint64_t)1 << right;
        set_pair(x, at, beyond ? look(b, x->id[at], x->id[__builtin_ctzll(beyond)]) : NO_MERGE);
        if (!before) continue;
        const unsigned left = 63 - (unsigned)__builtin_clzll(before);
        set_pair(x, left, look(b, x->id[left], x->id[at]));
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
        set_pair(x, i, piece.n == n ? *first_of(b, piece.p[i], piece.p[i + 1]) : look(b, x->id[i], x->id[i + 1]));
    merge_brief(b, x, n);
    size_t kept = 0;
    for (uint64_t rest = x->alive; rest; rest &= rest - 1) s->id[kept++] = x->id[__builtin_ctzll(rest)];
    return kept;
}

static bool before(struct wait a, struct wait b) { return a.rank != b.rank ? a.rank < b.rank : a.at < b.at; }

static void heap_push(struct bpe_scratch *s, struct wait w)
{
    if (s->n_heap == s->cap_heap) s->heap = mem_grow(s->heap, &s->cap_heap, s->n_heap + 1, sizeof *s->heap);
    size_t i = s->n_heap++;
    for (; i && before(w, s->heap[(i - 1) / 2]); i = (i - 1) / 2) s->heap[i] = s->heap[(i - 1) / 2];
    s->heap[i] = w;
}

static struct wait heap_pop(struct bpe_scratch *s)
{
    const struct wait top = s->heap[0], last = s->heap[--s->n_heap];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < s->n_heap; i = child) {
        if (child + 1 < s->n_heap && before(s->heap[child + 1], s->heap[child])) child++;
        if (!before(s->heap[child], last)) break;
        s->heap[i] = s->heap[child];
    }
    s->heap[i] = last;
    return top;
}

/* ---- a long piece ---- */

static bool list_before(const struct bpe_scratch *s, uint32_t a, uint32_t b)
{
    return s->list[a].rank < s->list[b].rank;
}

static void wait_list(struct bpe_scratch *s, uint32_t list)
{
    if (s->n_waiting == s->cap_waiting)
        s->waiting = mem_grow(s->waiting, &s->cap_waiting, s->n_waiting + 1, sizeof *s->waiting);
    size_t i = s->n_waiting++;
    for (; i && list_before(s, list, s->waiting[(i - 1) / 2]); i = (i - 1) / 2) s->waiting[i] = s->waiting[(i - 1) / 2];
    s->waiting[i] = list;
    s->list[list].waits = true;
}

static void done_list(struct bpe_scratch *s)
{
    struct list *l = &s->list[s->waiting[0]];
    l->head = l->n = 0;
    l->waits = false;
    l->sorted = true;
    const uint32_t last = s->waiting[--s->n_waiting];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < s->n_waiting; i = child) {
        if (child + 1 < s->n_waiting && list_before(s, s->waiting[child + 1], s->waiting[child])) child++;
        if (!list_before(s, s->waiting[child], last)) break;
        s->waiting[i] = s->waiting[child];
    }
    s->waiting[i] = last;
}

/* Fewer ranks than places: the table begins small and doubles. */
static void widen_lists(struct bpe_scratch *s)
{
    free(s->slot);
    s->slots = s->slots ? 2 * s->slots : 256;
    s->slot = mem_zero(s->slots, sizeof *s->slot);
    for (uint32_t i = 0; i < s->n_lists; i++) {
        size_t k = hash_mix(s->list[i].rank) & (s->slots - 1);
        while (s->slot[k]) k = (k + 1) & (s->slots - 1);
        s->slot[k] = i + 1;
        s->list[i].slot = k;
    }
}

static uint32_t list_of(struct bpe_scratch *s, uint32_t rank)
{
    if (2 * (s->n_lists + 1) > s->slots) widen_lists(s);
    size_t k = hash_mix(rank) & (s->slots - 1);
    for (; s->slot[k]; k = (k + 1) & (s->slots - 1)) if (s->list[s->slot[k] - 1].rank == rank) return s->slot[k] - 1;
    if (s->n_lists == s->cap_lists) s->list = mem_grow(s->list, &s->cap_lists, s->n_lists + 1, sizeof *s->list);
    for (; s->n_made <= s->n_lists; s->n_made++) s->list[s->n_made] = (struct list){ 0 };
    struct list *l = &s->list[s->n_lists++];
    *l = (struct list){ .rank = rank, .at = l->at, .cap = l->cap, .slot = k, .sorted = true };
    s->slot[k] = (uint32_t)s->n_lists;
    return (uint32_t)s->n_lists - 1;
}

/* The pair that begins at symbol i is new: looks it up, and queues it when it merges. */
static void offer(const struct bpe *b, struct bpe_scratch *s, int32_t i)
{
    struct symbol *x = &s->symbol[i];
    x->rank = NO_RANK;
    if (x->next < 0) return;
    const struct bpe_into to = look(b, x->id, s->symbol[x->next].id);
    x->rank = to.rank;
    x->merged = to.id;
    if (to.rank == NO_RANK) return;
    if (s->by_heap) { heap_push(s, (struct wait){ x->rank, (uint32_t)i }); return; }
    const uint32_t list = list_of(s, x->rank);
    struct list *l = &s->list[list];
    if (l->n == l->cap) l->at = mem_grow(l->at, &l->cap, l->n + 1, sizeof *l->at);
    l->sorted = l->sorted && (l->n == l->head || l->at[l->n - 1] < (uint32_t)i);
    l->at[l->n++] = (uint32_t)i;
    if (!l->waits) wait_list(s, list);
}

static void merge_at(const struct bpe *b, struct bpe_scratch *s, uint32_t at)
{
    struct symbol *x = s->symbol, *left = &x[at], *right = &x[left->next];
    left->id = left->merged;
    left->next = right->next;
    right->id = VOCAB_NONE;
    if (left->next >= 0) x[left->next].prev = (int32_t)at;
    offer(b, s, (int32_t)at);
    if (left->prev >= 0) offer(b, s, left->prev);
}

/* not merged since */
static bool waits(const struct symbol *x, uint32_t rank) { return x->id != VOCAB_NONE && x->rank == rank; }

static int by_place(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The places of each rank are a list: mostly they come in order, and one walk does a whole rank. Returns false when
   lists had to be sorted too often for that to pay; what is left is for the heap. */
static bool merge_by_lists(const struct bpe *b, struct bpe_scratch *s, size_t n)
{
    size_t sorted = 0;
    while (s->n_waiting) {
        struct list *l = &s->list[s->waiting[0]];
        if (l->head == l->n) { done_list(s); continue; }
        if (!l->sorted) {
            if ((sorted += l->n - l->head) > SORTS * n) return false;
            qsort(l->at + l->head, l->n - l->head, sizeof *l->at, by_place);
            l->sorted = true;
        }
        const uint32_t at = l->at[l->head++];
        if (waits(&s->symbol[at], l->rank)) merge_at(b, s, at);
    }
    return true;
}

static void merge_by_heap(const struct bpe *b, struct bpe_scratch *s)
{
    while (s->n_heap) {
        const struct wait w = heap_pop(s);
        if (waits(&s->symbol[w.at], w.rank)) merge_at(b, s, w.at);
    }
}

static size_t merge_long(const struct bpe *b, struct bpe_scratch *s, size_t n)
{
    if (n > s->cap_symbol) s->symbol = mem_grow(s->symbol, &s->cap_symbol, n, sizeof *s->symbol);
    struct symbol *x = s->symbol;
    for (size_t i = 0; i < s->n_lists; i++) s->slot[s->list[i].slot] = 0;
    s->n_lists = s->n_waiting = s->n_heap = 0;
    s->by_heap = false;
    for (size_t i = 0; i < n; i++)
        x[i] = (struct symbol){ .id = s->id[i], .prev = (int32_t)i - 1, .next = i + 1 < n ? (int32_t)i + 1 : -1 };
    for (size_t i = 0; i < n; i++) offer(b, s, (int32_t)i);
    s->by_heap = !merge_by_lists(b, s, n);
    for (size_t i = 0; s->by_heap && i < n; i++) if (x[i].id != VOCAB_NONE) offer(b, s, (int32_t)i);
    merge_by_heap(b, s);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) if (x[i].id != VOCAB_NONE) s->id[kept++] = x[i].id;
    return kept;
}

/* Into s->id; returns how many. */
static size_t merge(const struct bpe *b, struct bpe_scratch *s, struct str piece)
{
    const size_t n = symbols_of(b, s, piece);
    return n > SHORT ? merge_long(b, s, n) : n ? merge_short(b, s, n, b->chars ? (struct str){ NULL, 0 } : piece) : 0;
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

static void add_pairs(struct bpe *b, uint32_t (*rank)(const void *with, uint32_t id), const void *with)
{
    const struct vocab *v = b->vocab;
    for (uint32_t id = 0; id < v->n; id++) {
        const struct str t = v->token[id];
        const uint32_t r = t.p && vocab_find(v, t) == id ? rank(with, id) : NO_RANK;
        for (size_t cut = 1; r != NO_RANK && cut < t.n; cut++) {
            const uint32_t left = vocab_find(v, (struct str){ t.p, cut }),
                           right = vocab_find(v, (struct str){ t.p + cut, t.n - cut });
            if (left != VOCAB_NONE && right != VOCAB_NONE && rank(with, left) != NO_RANK
                && rank(with, right) != NO_RANK)
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
        const uint32_t r = v->token[id].p && vocab_find(v, v->token[id]) == id ? rank(with, id) : NO_RANK;
        if (r == NO_RANK) continue;
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
    for (size_t i = 0; ok && i < n; i++) {
        const struct str t = v->token[all[i].id];
        const size_t parts = merge(b, s, t);
        if (parts == 1 && s->id[0] == all[i].id) continue;
        ok = parts == 2 && (!i || all[i - 1].rank < all[i].rank) && is_joined(v, s->id[0], s->id[1], t)
            && rank(with, s->id[0]) != NO_RANK && rank(with, s->id[1]) != NO_RANK;
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
    widen(b);
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

/* a piece's bytes, zeros, and in the last byte how many */
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

static void encode_new(const struct bpe *b, struct bpe_scratch *s, struct str piece, struct key k, struct entry *at,
                       struct ids *to)
{
    const size_t first = to->n;
    bpe_encode_plain(b, s, piece, to);
    const size_t n = to->n - first;
    if (!n || n > CACHED_IDS) return;
    at[1] = at[0];
    at[0] = (struct entry){ k.lo, k.hi, (uint32_t)n, { 0 } };
    memcpy(at->id, to->p + first, n * sizeof *at->id);
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
        if (piece[i].n > CACHED_BYTES) { bpe_encode_plain(b, s, piece[i], to); continue; }
        const struct entry *hit = at[i];
        if (hit->lo != key[i].lo || hit->hi != key[i].hi) hit++;
        if (hit->lo != key[i].lo || hit->hi != key[i].hi) { encode_new(b, s, piece[i], key[i], at[i], to); continue; }
        memcpy(ids_room(to, CACHED_IDS), hit->id, sizeof hit->id);
        to->n += hit->n;
    }
}

void bpe_encode(const struct bpe *b, struct bpe_scratch *s, struct str piece, struct ids *to)
{
    bpe_encode_row(b, s, &piece, 1, piece.p + piece.n, to);
}
