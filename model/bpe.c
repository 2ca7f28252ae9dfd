/* bpe.c - byte pair encoding of one piece of text.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/bpe.h"

#include "core/hash.h"
#include "core/utf8.h"

#include <stdio.h>
#include <stdlib.h>

/* cl100k over domains.jsonl, one thread of a busy machine: 2^15 entries 47, 2^16 55, 2^17 51, 2^18 61 MB/s. 8 MB a thread. */
enum { CACHE_BITS = 18, CACHE_SIZE = 1 << CACHE_BITS, CACHED_BYTES = 15, CACHED_IDS = 3 };
enum { SHORT = 96 };                                                 /* symbols: below, looking through all ranks beats a heap */
static const uint32_t NO_RANK = UINT32_MAX;
static const uint64_t NO_PAIR = UINT64_MAX;

struct entry { uint64_t lo, hi; uint32_t n, id[CACHED_IDS]; };
struct symbol { uint32_t id, rank, merged; int32_t prev, next; };    /* rank, merged: of the pair that begins here; id NONE: taken */
struct wait { uint32_t rank, at; };
struct bpe_scratch {
    struct entry *cache;
    struct symbol *symbol;
    size_t cap_symbol;
    struct wait *heap;
    size_t n_heap, cap_heap;
};

struct bpe_scratch *bpe_scratch_new(void)
{
    struct bpe_scratch *s = mem_zero(1, sizeof *s);
    s->cache = mem_zero(CACHE_SIZE, sizeof *s->cache);
    return s;
}

void bpe_scratch_free(struct bpe_scratch *s)
{
    if (!s) return;
    free(s->cache);
    free(s->symbol);
    free(s->heap);
    free(s);
}

/* ---- merges ---- */

static uint64_t pair_of(uint32_t left, uint32_t right) { return (uint64_t)left << 32 | right; }

static struct bpe_merge *place(const struct bpe *b, uint64_t pair)
{
    size_t i = hash_mix(pair) & (b->slots - 1);
    while (b->merge[i].pair != pair && b->merge[i].pair != NO_PAIR) i = (i + 1) & (b->slots - 1);
    return &b->merge[i];
}

static void widen(struct bpe *b)
{
    struct bpe_merge *old = b->merge;
    const size_t n = b->slots;
    b->slots = n ? 2 * n : 1024;
    b->merge = mem_alloc(b->slots, sizeof *b->merge);
    for (size_t i = 0; i < b->slots; i++) b->merge[i].pair = NO_PAIR;
    for (size_t i = 0; i < n; i++) if (old[i].pair != NO_PAIR) *place(b, old[i].pair) = old[i];
    free(old);
}

void bpe_init(struct bpe *b, const struct vocab *v)
{
    *b = (struct bpe){ .vocab = v, .unk = VOCAB_NONE };
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
    *b = (struct bpe){ 0 };
}

bool bpe_add(struct bpe *b, uint32_t left, uint32_t right, uint32_t rank, uint32_t id)
{
    if (2 * b->n_merges >= b->slots) widen(b);
    struct bpe_merge *m = place(b, pair_of(left, right));
    const bool fresh = m->pair == NO_PAIR;
    *m = (struct bpe_merge){ pair_of(left, right), rank, id };
    b->n_merges += fresh;
    return fresh;
}

void bpe_add_all(struct bpe *b, uint32_t (*rank)(const void *with, uint32_t id), const void *with)
{
    const struct vocab *v = b->vocab;
    for (uint32_t id = 0; id < v->n; id++) {
        const struct str t = v->token[id];
        const uint32_t r = t.p && vocab_find(v, t) == id ? rank(with, id) : NO_RANK;
        for (size_t cut = 1; r != NO_RANK && cut < t.n; cut++) {
            const uint32_t left = vocab_find(v, (struct str){ t.p, cut }), right = vocab_find(v, (struct str){ t.p + cut, t.n - cut });
            if (left != VOCAB_NONE && right != VOCAB_NONE && rank(with, left) != NO_RANK && rank(with, right) != NO_RANK) bpe_add(b, left, right, r, id);
        }
    }
}

/* ---- one piece ---- */

static void look(const struct bpe *b, struct symbol *s, uint32_t right)
{
    const struct bpe_merge *m = place(b, pair_of(s->id, right));
    s->rank = m->pair == NO_PAIR ? NO_RANK : m->rank;
    s->merged = m->id;
}

static struct symbol *symbols_room(struct bpe_scratch *s, size_t n)
{
    if (n > s->cap_symbol) s->symbol = mem_grow(s->symbol, &s->cap_symbol, n, sizeof *s->symbol);
    return s->symbol;
}

static size_t char_symbols(const struct bpe *b, struct symbol *to, struct str c, size_t n)
{
    const uint32_t id = vocab_find(b->vocab, c);
    if (id != VOCAB_NONE) { to[n].id = id; return n + 1; }
    bool bytes = b->fallback;
    for (size_t i = 0; i < c.n; i++) bytes = bytes && b->hex[(uint8_t)c.p[i]] != VOCAB_NONE;
    if (bytes) {
        for (size_t i = 0; i < c.n; i++) to[n++].id = b->hex[(uint8_t)c.p[i]];
        return n;
    }
    if (b->unk == VOCAB_NONE || (b->fuse_unk && n && to[n - 1].id == b->unk)) return n;
    to[n].id = b->unk;
    return n + 1;
}

static size_t symbols_of(const struct bpe *b, struct symbol *to, struct str piece)
{
    size_t n = 0;
    const char *end = piece.p + piece.n;
    for (const char *p = piece.p; p < end; ) {
        const char *from = p;
        if (b->chars) { utf8_next(&p, end); n = char_symbols(b, to, str_span(from, p), n); continue; }
        const uint32_t id = b->byte[(uint8_t)*p++];
        if (id != VOCAB_NONE) to[n++].id = id;
        else if (b->unk != VOCAB_NONE) to[n++].id = b->unk;
    }
    return n;
}

static size_t merge_short(const struct bpe *b, struct symbol *s, size_t n)
{
    for (;;) {
        uint32_t least = NO_RANK;
        size_t at = 0;
        for (size_t i = 0; i + 1 < n; i++) if (s[i].rank < least) { least = s[i].rank; at = i; }
        if (least == NO_RANK) return n;
        s[at].id = s[at].merged;
        memmove(s + at + 1, s + at + 2, (n - at - 2) * sizeof *s);
        n--;
        if (at + 1 < n) look(b, &s[at], s[at + 1].id);
        if (at) look(b, &s[at - 1], s[at].id);
    }
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

/* The pair that begins at symbol i is new: looks it up, and queues it when it merges. */
static void offer(const struct bpe *b, struct bpe_scratch *s, int32_t i)
{
    struct symbol *x = &s->symbol[i];
    x->rank = NO_RANK;
    if (x->next >= 0) look(b, x, s->symbol[x->next].id);
    if (x->rank != NO_RANK) heap_push(s, (struct wait){ x->rank, (uint32_t)i });
}

static size_t merge_long(const struct bpe *b, struct bpe_scratch *s, size_t n)
{
    struct symbol *x = s->symbol;
    s->n_heap = 0;
    for (size_t i = 0; i < n; i++) { x[i].prev = (int32_t)i - 1; x[i].next = i + 1 < n ? (int32_t)i + 1 : -1; }
    for (size_t i = 0; i < n; i++) if (x[i].rank != NO_RANK && i + 1 < n) heap_push(s, (struct wait){ x[i].rank, (uint32_t)i });
    while (s->n_heap) {
        const struct wait w = heap_pop(s);
        struct symbol *left = &x[w.at];
        if (left->id == VOCAB_NONE || left->rank != w.rank) continue;         /* merged since */
        struct symbol *right = &x[left->next];
        left->id = left->merged;
        left->next = right->next;
        right->id = VOCAB_NONE;
        if (left->next >= 0) x[left->next].prev = (int32_t)w.at;
        offer(b, s, (int32_t)w.at);
        if (left->prev >= 0) offer(b, s, left->prev);
    }
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) if (x[i].id != VOCAB_NONE) x[kept++] = x[i];
    return kept;
}

void bpe_encode_plain(const struct bpe *b, struct bpe_scratch *s, struct str piece, struct ids *to)
{
    if (b->whole_first) {
        const uint32_t id = vocab_find(b->vocab, piece);
        if (id != VOCAB_NONE) { ids_put(to, id); return; }
    }
    struct symbol *x = symbols_room(s, piece.n + 1);
    size_t n = symbols_of(b, x, piece);
    for (size_t i = 0; i + 1 < n; i++) look(b, &x[i], x[i + 1].id);
    n = n < SHORT ? merge_short(b, x, n) : merge_long(b, s, n);
    uint32_t *out = ids_room(to, n);
    for (size_t i = 0; i < n; i++) out[i] = x[i].id;
    to->n += n;
}

void bpe_encode(const struct bpe *b, struct bpe_scratch *s, struct str piece, struct ids *to)
{
    if (piece.n > CACHED_BYTES) { bpe_encode_plain(b, s, piece, to); return; }
    char key[16] = { 0 };
    uint64_t lo, hi;
    memcpy(key, piece.p, piece.n);
    key[15] = (char)piece.n;
    memcpy(&lo, key, 8);
    memcpy(&hi, key + 8, 8);
    struct entry *at = &s->cache[(hash_mix(lo ^ hi * 0x9E3779B97F4A7C15u)) >> (64 - CACHE_BITS)];
    uint32_t *out = ids_room(to, CACHED_IDS);
    if (at->lo == lo && at->hi == hi) {
        memcpy(out, at->id, sizeof at->id);
        to->n += at->n;
        return;
    }
    const size_t first = to->n;
    bpe_encode_plain(b, s, piece, to);
    const size_t n = to->n - first;
    if (n > CACHED_IDS) return;
    *at = (struct entry){ lo, hi, (uint32_t)n, { 0 } };
    memcpy(at->id, to->p + first, n * sizeof *at->id);
}
