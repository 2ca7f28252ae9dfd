/* bpe_train.c - learn byte pair merges from word counts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokenizer/bpe_train.h"

#include "core/hash.h"

#include <stdlib.h>

static const uint64_t NO_PAIR = UINT64_MAX;
/* places in rows are 32 bits of 4 bytes */
static const size_t MOST_MEMORY = (size_t)16 << 30;

struct pair { uint64_t key; int64_t count; uint32_t list; };                     /* list: of this step's, + 1 */
/* at: in places, n words that hold the pair */
struct job { int64_t count; uint64_t key; uint32_t at, n; };
/* a pair that this step made or added to, n words, the last of them */
struct fresh { uint64_t key; uint32_t n, last, at; };
struct gain { uint32_t fresh, word; };

struct training {
    /* a word is known by where its record lies, in 4 bytes */
    struct bpe_words *words;
    size_t memory;
    uint32_t *places;                                                            /* lists of words */
    size_t n_places, cap_places;
    struct pair *pair;
    size_t slots, n_pairs;
    struct job *heap;
    size_t n_heap, cap_heap;
    struct fresh *fresh;
    size_t n_fresh, cap_fresh;
    /* of this step, in the order of words */
    struct gain *gain;
    size_t n_gains, cap_gains;
    bool full;
};

static size_t taken(const struct training *t)
{
    return (t->words->cap + t->cap_places) * sizeof(uint32_t) + t->slots * sizeof *t->pair + t->cap_heap
        * sizeof *t->heap + t->cap_fresh * sizeof *t->fresh
         + t->cap_gains * sizeof *t->gain;
}

static bool fits(const struct training *t, size_t more) { return taken(t) + more <= t->memory; }

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
    t->n_pairs++;
    if (3 * t->n_pairs > 2 * t->slots) {
        /* the step that runs is done with little room */
        t->full = t->full || !fits(t, 2 * t->slots * sizeof *p);
        if (!t->full || 16 * t->n_pairs > 15 * t->slots) { widen(t); p = probe(t, key); }
    }
    *p = (struct pair){ key, 0, 0 };
    return p;
}

/* ---- the queue: the largest count, then the smallest pair ---- */

static bool before(const struct job *a, const struct job *b)
{
    return a->count != b->count ? a->count > b->count : a->key < b->key;
}

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

static void heapify(struct training *t) { for (size_t i = t->n_heap / 2; i-- > 0; ) sink(t, i); }

/* ---- the first count ---- */

static void count_pairs(struct training *t)
{
    const uint32_t *end = t->words->row + t->words->size;
    for (const uint32_t *r = t->words->row; r < end && !t->full; r = bpe_word_next(r))
        for (const uint32_t *s = r + BPE_WORD_HEAD; s + 1 < r + BPE_WORD_HEAD + r[2]; s++)
            pair_at(t, key_of(s[0], s[1]))->count += bpe_word_count(r);
}

/* Adds each word to its pairs' jobs: how many they are, or which, in places. last: each job's last word, + 1. */
static void list_words(struct training *t, uint32_t *last, bool which)
{
    const uint32_t *row = t->words->row, *end = row + t->words->size;
    for (const uint32_t *r = row; r < end; r = bpe_word_next(r)) {
        const uint32_t word = (uint32_t)(r - row);
        for (const uint32_t *s = r + BPE_WORD_HEAD; s + 1 < r + BPE_WORD_HEAD + r[2]; s++) {
            const uint32_t j = probe(t, key_of(s[0], s[1]))->list;
            if (last[j] == word + 1) continue;
            last[j] = word + 1;
            if (which) t->places[t->heap[j].at + t->heap[j].n] = word;
            t->heap[j].n++;
        }
    }
}

/* One job a pair, its words cut from one row, half as much again as there are: later lists come behind. */
static void queue_pairs(struct training *t)
{
    uint32_t *last = mem_zero(t->n_pairs + 1, sizeof *last);
    t->heap = mem_zero(t->cap_heap = t->n_pairs + 1, sizeof *t->heap);
    for (size_t i = 0; i < t->slots; i++) {
        if (t->pair[i].key == NO_PAIR) continue;
        t->heap[t->n_heap] = (struct job){ .count = t->pair[i].count, .key = t->pair[i].key };
        t->pair[i].list = (uint32_t)t->n_heap++;
    }
    list_words(t, last, false);
    for (size_t j = 0; j < t->n_heap; j++) {
        t->heap[j].at = (uint32_t)t->n_places;
        t->n_places += t->heap[j].n;
        t->heap[j].n = 0;
        last[j] = 0;
    }
    t->cap_places = t->n_places + t->n_places / 2;
    t->places = mem_alloc(t->cap_places, sizeof *t->places);
    list_words(t, last, true);
    free(last);
    for (size_t i = 0; i < t->slots; i++) t->pair[i].list = 0;
    heapify(t);
}

/* ---- a merge ---- */

static void less(struct training *t, uint64_t key, int64_t count) { pair_at(t, key)->count -= count; }

static void more(struct training *t, uint64_t key, int64_t count, uint32_t word)
{
    struct pair *p = pair_at(t, key);
    p->count += count;
    if (!p->list) {
        if (t->n_fresh == t->cap_fresh) t->fresh = mem_grow(t->fresh, &t->cap_fresh, t->n_fresh + 1, sizeof *t->fresh);
        t->fresh[t->n_fresh] = (struct fresh){ .key = key };
        p->list = (uint32_t)++t->n_fresh;
    }
    struct fresh *f = &t->fresh[p->list - 1];
    if (f->n && f->last == word) return;
    f->n++;
    f->last = word;
    if (t->n_gains == t->cap_gains) t->gain = mem_grow(t->gain, &t->cap_gains, t->n_gains + 1, sizeof *t->gain);
    t->gain[t->n_gains++] = (struct gain){ p->list - 1, word };
}

/* Left of the pair lies what this merge has made already, right of it what it has not reached yet. */
static void merge_word(struct training *t, uint32_t word, struct bpe_learned m)
{
    uint32_t *r = t->words->row + word, *s = r + BPE_WORD_HEAD;
    const uint32_t n = r[2];
    const int64_t count = bpe_word_count(r);
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
    r[2] = to;
}

static void merge_all(struct training *t, const struct job *j, struct bpe_learned m)
{
    for (uint32_t i = 0; i < j->n; i++) merge_word(t, t->places[j->at + i], m);
}

static bool holds(const uint32_t *r, uint64_t key)
{
    for (const uint32_t *s = r + BPE_WORD_HEAD, *end = s + r[2]; s + 1 < end; s++)
        if (key_of(s[0], s[1]) == key) return true;
    return false;
}

/* Moves the lists together, without the words that hold their pair no more. A list says who it is by standing where
   its first word was, in a bit and its job's number, while that word is in the job: so they move in the order in which
   they lie, and nothing is sorted. What is left is never more than there was at first: a word has fewer symbols now. */
static void pack_places(struct training *t)
{
    uint64_t *begins = mem_zero(t->n_places / 64 + 1, sizeof *begins);
    size_t n_jobs = 0, n = 0;
    for (size_t i = 0; i < t->n_heap; i++) if (probe(t, t->heap[i].key)->count > 0) t->heap[n_jobs++] = t->heap[i];
    t->n_heap = n_jobs;
    for (uint32_t i = 0; i < n_jobs; i++) {
        struct job *j = &t->heap[i];
        const uint32_t at = j->at;
        if (!j->n) continue;
        begins[at / 64] |= (uint64_t)1 << at % 64;
        j->at = t->places[at];
        t->places[at] = i;
    }
    for (size_t at = 0; at < t->n_places; at++) {
        if (!(begins[at / 64] >> at % 64 & 1)) continue;
        struct job *j = &t->heap[t->places[at]];
        const size_t to = n;
        t->places[at] = j->at;
        for (size_t i = 0; i < j->n; i++)
            if (holds(t->words->row + t->places[at + i], j->key)) t->places[n++] = t->places[at + i];
        at += j->n - 1;
        j->at = (uint32_t)to;
        j->n = (uint32_t)(n - to);
    }
    t->n_places = n;
    free(begins);
    heapify(t);
}

/* This step's pairs wait with their words. */
static void queue_fresh(struct training *t)
{
    if (t->n_places + t->n_gains > t->cap_places) pack_places(t);
    if (t->n_places + t->n_gains > t->cap_places)
        t->places = mem_grow(t->places, &t->cap_places, t->n_places + t->n_gains, sizeof *t->places);
    for (size_t i = 0; i < t->n_fresh; i++) {
        struct fresh *f = &t->fresh[i];
        f->at = (uint32_t)t->n_places;
        t->n_places += f->n;
        f->n = 0;
    }
    for (size_t i = 0; i < t->n_gains; i++) {
        struct fresh *f = &t->fresh[t->gain[i].fresh];
        t->places[f->at + f->n++] = t->gain[i].word;
    }
    for (size_t i = 0; i < t->n_fresh; i++) {
        const struct fresh *f = &t->fresh[i];
        struct pair *p = probe(t, f->key);
        p->list = 0;
        if (p->count > 0) push(t, (struct job){ p->count, f->key, f->at, f->n });
    }
    t->n_fresh = t->n_gains = 0;
}

/* ---- when memory is full ---- */

static void forget_pairs(struct training *t)
{
    free(t->fresh);
    free(t->gain);
    free(t->heap);
    free(t->pair);
    free(t->places);
    *t = (struct training){ .words = t->words, .memory = t->memory };
}

/* Pairs are counted anew until they fit. */
static void begin(struct training *t)
{
    for (;;) {
        widen(t);
        count_pairs(t);
        const size_t jobs = t->n_pairs * (sizeof *t->heap + sizeof(uint32_t)),
                     places = t->words->size * sizeof(uint32_t) / 2 * 3;
        if (!t->words->n || (!t->full && fits(t, jobs + places))) break;
        forget_pairs(t);
        bpe_words_drop(t->words);
    }
    queue_pairs(t);
}

static void begin_again(struct training *t)
{
    forget_pairs(t);
    bpe_words_drop(t->words);
    begin(t);
}

/* What a step adds to gains at most, when each of its n words holds the pair once. */
static size_t gains_size(const struct training *t, size_t n)
{
    return 2 * n > t->cap_gains ? (2 * n - t->cap_gains) * sizeof *t->gain : 0;
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
    t->heap[0] = t->heap[--t->n_heap];
    if (t->n_heap) sink(t, 0);
}

/* Brings the count of the pair on top up to date; true when it stays on top. */
static bool settled(struct training *t)
{
    const int64_t count = probe(t, t->heap[0].key)->count;
    if (t->heap[0].count == count) return true;
    t->heap[0].count = count;
    if (count < 1) pop(t);
    else sink(t, 0);
    return false;
}

void bpe_train(struct vocab *v, struct bpe_words *w, size_t size, uint64_t min_count, size_t memory,
               struct bpe_learned **learned, size_t *n)
{
    struct training t = { .words = w, .memory = memory < MOST_MEMORY ? memory : MOST_MEMORY };
    size_t cap = 0;
    *learned = NULL;
    *n = 0;
    bpe_words_fit(w);
    begin(&t);
    while (v->n < size && t.n_heap) {
        if (!settled(&t)) continue;
        const struct job top = t.heap[0];
        if ((uint64_t)top.count < min_count) break;
        if (t.full || !fits(&t, gains_size(&t, top.n))) { begin_again(&t); continue; }
        const uint32_t left = (uint32_t)(top.key >> 32), right = (uint32_t)top.key;
        if (*n == cap) *learned = mem_grow(*learned, &cap, *n + 1, sizeof **learned);
        (*learned)[(*n)++] = (struct bpe_learned){ left, right, token_of(v, left, right) };
        merge_all(&t, &top, (*learned)[*n - 1]);
        pop(&t);
        queue_fresh(&t);
    }
    forget_pairs(&t);
}
