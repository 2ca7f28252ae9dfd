/* bpe_train.c - learn byte pair merges from word counts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokenizer/bpe_train.h"

#include "core/hash.h"

#include <stdlib.h>

static const uint64_t NO_PAIR = UINT64_MAX;

struct pair { uint64_t key; int64_t count; uint32_t list; };                     /* list: of this step's, + 1 */
struct places { uint64_t key; uint32_t *word; size_t n, cap; };
struct job { int64_t count; uint64_t key; uint32_t *word; size_t n; bool owned; };   /* the words that hold the pair */

struct training {
    struct bpe_words *w;
    struct pair *pair;
    size_t slots, n_pairs;
    struct job *heap;
    size_t n_heap, cap_heap;
    struct places *fresh;                                                        /* pairs that this step made or added to */
    size_t n_fresh, cap_fresh;
    uint32_t *first;                                                             /* the places of the first pairs, all in one */
};

/* ---- words ---- */

void bpe_words_add(struct bpe_words *w, const uint32_t *symbols, size_t n, uint64_t count)
{
    if (n < 2) return;
    if (w->cap_symbols - w->n_symbols < n) w->symbol = mem_grow(w->symbol, &w->cap_symbols, w->n_symbols + n, sizeof *w->symbol);
    if (w->n == w->cap_begin) w->begin = mem_grow(w->begin, &w->cap_begin, w->n + 1, sizeof *w->begin);
    if (w->n == w->cap_size) w->size = mem_grow(w->size, &w->cap_size, w->n + 1, sizeof *w->size);
    if (w->n == w->cap_count) w->count = mem_grow(w->count, &w->cap_count, w->n + 1, sizeof *w->count);
    memcpy(w->symbol + w->n_symbols, symbols, n * sizeof *symbols);
    w->begin[w->n] = w->n_symbols;
    w->size[w->n] = (uint32_t)n;
    w->count[w->n++] = count;
    w->n_symbols += n;
}

void bpe_words_free(struct bpe_words *w)
{
    free(w->symbol);
    free(w->begin);
    free(w->size);
    free(w->count);
    *w = (struct bpe_words){ 0 };
}

/* ---- pairs ---- */

static uint64_t key_of(uint32_t left, uint32_t right) { return (uint64_t)left << 32 | right; }

static struct pair *probe(const struct training *t, uint64_t key)
{
    size_t i = hash_mix(key) & (t->slots - 1);
    while (t->pair[i].key != key && t->pair[i].key != NO_PAIR) i = (i + 1) & (t->slots - 1);
    return &t->pair[i];
}

static void widen(struct training *t)
{
    struct pair *old = t->pair;
    const size_t n = t->slots;
    t->slots = n ? 2 * n : 1 << 16;
    t->pair = mem_alloc(t->slots, sizeof *t->pair);
    for (size_t i = 0; i < t->slots; i++) t->pair[i].key = NO_PAIR;
    for (size_t i = 0; i < n; i++) if (old[i].key != NO_PAIR) *probe(t, old[i].key) = old[i];
    free(old);
}

static struct pair *pair_at(struct training *t, uint64_t key)
{
    struct pair *p = probe(t, key);
    if (p->key != NO_PAIR) return p;
    if (2 * ++t->n_pairs > t->slots) { widen(t); p = probe(t, key); }
    *p = (struct pair){ key, 0, 0 };
    return p;
}

/* ---- the queue: the largest count, then the smallest pair ---- */

static bool before(const struct job *a, const struct job *b) { return a->count != b->count ? a->count > b->count : a->key < b->key; }

static void sink(struct training *t, size_t i)
{
    const struct job x = t->heap[i];
    for (size_t child; (child = 2 * i + 1) < t->n_heap; i = child) {
        if (child + 1 < t->n_heap && before(&t->heap[child + 1], &t->heap[child])) child++;
        if (!before(&t->heap[child], &x)) break;
        t->heap[i] = t->heap[child];
    }
    t->heap[i] = x;
}

static void push(struct training *t, struct job x)
{
    if (t->n_heap == t->cap_heap) t->heap = mem_grow(t->heap, &t->cap_heap, t->n_heap + 1, sizeof *t->heap);
    size_t i = t->n_heap++;
    for (; i && before(&x, &t->heap[(i - 1) / 2]); i = (i - 1) / 2) t->heap[i] = t->heap[(i - 1) / 2];
    t->heap[i] = x;
}

/* ---- the first count ---- */

static void count_pairs(struct training *t)
{
    const struct bpe_words *w = t->w;
    for (size_t i = 0; i < w->n; i++) {
        const uint32_t *s = w->symbol + w->begin[i];
        for (uint32_t k = 0; k + 1 < w->size[i]; k++) pair_at(t, key_of(s[k], s[k + 1]))->count += (int64_t)w->count[i];
    }
}

/* One job a pair, its words cut from one array: first how many, then which. */
static void queue_pairs(struct training *t)
{
    const struct bpe_words *w = t->w;
    struct job *jobs = mem_zero(t->n_pairs + 1, sizeof *jobs);
    size_t n = 0;
    for (size_t i = 0; i < t->slots; i++) {
        if (t->pair[i].key == NO_PAIR) continue;
        jobs[n] = (struct job){ .count = t->pair[i].count, .key = t->pair[i].key };
        t->pair[i].list = (uint32_t)n++;
    }
    for (size_t i = 0; i < w->n; i++) {
        const uint32_t *s = w->symbol + w->begin[i];
        for (uint32_t k = 0; k + 1 < w->size[i]; k++) jobs[probe(t, key_of(s[k], s[k + 1]))->list].n++;
    }
    t->first = mem_alloc(w->n_symbols + 1, sizeof *t->first);
    uint32_t *at = t->first;
    for (size_t j = 0; j < n; j++) { jobs[j].word = at; at += jobs[j].n; jobs[j].n = 0; }
    for (size_t i = 0; i < w->n; i++) {
        const uint32_t *s = w->symbol + w->begin[i];
        for (uint32_t k = 0; k + 1 < w->size[i]; k++) {
            struct job *j = &jobs[probe(t, key_of(s[k], s[k + 1]))->list];
            if (!j->n || j->word[j->n - 1] != i) j->word[j->n++] = (uint32_t)i;
        }
    }
    for (size_t i = 0; i < t->slots; i++) t->pair[i].list = 0;
    t->heap = jobs;
    t->n_heap = n;
    t->cap_heap = t->n_pairs + 1;
    for (size_t i = n / 2; i-- > 0; ) sink(t, i);
}

/* ---- a merge ---- */

static void less(struct training *t, uint64_t key, uint64_t count) { pair_at(t, key)->count -= (int64_t)count; }

static void more(struct training *t, uint64_t key, uint64_t count, uint32_t word)
{
    struct pair *p = pair_at(t, key);
    p->count += (int64_t)count;
    if (!p->list) {
        if (t->n_fresh == t->cap_fresh) t->fresh = mem_grow(t->fresh, &t->cap_fresh, t->n_fresh + 1, sizeof *t->fresh);
        t->fresh[t->n_fresh++] = (struct places){ .key = key };
        p->list = (uint32_t)t->n_fresh;
    }
    struct places *f = &t->fresh[p->list - 1];
    if (f->n && f->word[f->n - 1] == word) return;
    if (f->n == f->cap) f->word = mem_grow(f->word, &f->cap, f->n + 1, sizeof *f->word);
    f->word[f->n++] = word;
}

/* Left of the pair lies what this merge has made already, right of it what it has not reached yet. */
static void merge_word(struct training *t, uint32_t word, struct bpe_learned m)
{
    struct bpe_words *w = t->w;
    uint32_t *s = w->symbol + w->begin[word];
    const uint32_t n = w->size[word];
    const uint64_t count = w->count[word];
    uint32_t to = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (s[i] != m.left || i + 1 == n || s[i + 1] != m.right) { s[to++] = s[i]; continue; }
        if (to) {
            less(t, key_of(s[to - 1], m.left), count);
            more(t, key_of(s[to - 1], m.id), count, word);
        }
        if (i + 2 < n) {
            less(t, key_of(m.right, s[i + 2]), count);
            more(t, key_of(m.id, s[i + 2]), count, word);
        }
        s[to++] = m.id;
        i++;
    }
    w->size[word] = to;
}

static void queue_fresh(struct training *t)
{
    for (size_t i = 0; i < t->n_fresh; i++) {
        struct places *f = &t->fresh[i];
        struct pair *p = probe(t, f->key);
        p->list = 0;
        if (p->count > 0) push(t, (struct job){ p->count, f->key, f->word, f->n, true });
        else free(f->word);
    }
    t->n_fresh = 0;
}

static uint32_t token_of(struct vocab *v, uint32_t left, uint32_t right)
{
    struct buf b = { 0 };
    buf_put(&b, v->token[left]);
    buf_put(&b, v->token[right]);
    uint32_t id = vocab_find(v, buf_str(&b));
    if (id == VOCAB_NONE) vocab_set(v, id = (uint32_t)v->n, buf_str(&b));
    buf_free(&b);
    return id;
}

static void pop(struct training *t)
{
    if (t->heap[0].owned) free(t->heap[0].word);
    t->heap[0] = t->heap[--t->n_heap];
    if (t->n_heap) sink(t, 0);
}

/* Brings the count of the pair on top up to date; true when it stays on top. */
static bool settled(struct training *t)
{
    const int64_t count = probe(t, t->heap[0].key)->count;
    if (t->heap[0].count == count) return true;
    t->heap[0].count = count;
    sink(t, 0);
    return false;
}

struct bpe_learned *bpe_train(struct vocab *v, struct bpe_words *w, size_t size, uint64_t min_count, size_t *n)
{
    struct training t = { .w = w };
    struct bpe_learned *learned = NULL;
    size_t cap = 0;
    *n = 0;
    widen(&t);
    count_pairs(&t);
    queue_pairs(&t);
    while (v->n < size && t.n_heap) {
        if (!settled(&t)) continue;
        const struct job top = t.heap[0];
        if (top.count < 1 || (uint64_t)top.count < min_count) break;
        const uint32_t left = (uint32_t)(top.key >> 32), right = (uint32_t)top.key;
        if (*n == cap) learned = mem_grow(learned, &cap, *n + 1, sizeof *learned);
        learned[(*n)++] = (struct bpe_learned){ left, right, token_of(v, left, right) };
        for (size_t i = 0; i < top.n; i++) merge_word(&t, top.word[i], learned[*n - 1]);
        pop(&t);
        queue_fresh(&t);
    }
    while (t.n_heap) pop(&t);
    free(t.heap);
    free(t.pair);
    free(t.fresh);
    free(t.first);
    return learned;
}
