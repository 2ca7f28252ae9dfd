/* bpe_train.c - learn byte pair merges from word counts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokenizer/bpe_train.h"

#include "core/hash.h"

#include <stdlib.h>

static const uint64_t NO_PAIR = UINT64_MAX;
enum { HEAD = 3, PAGE = 4096 };                                                  /* a record: count (2), how many symbols (1), the symbols */

struct pair { uint64_t key; int64_t count; uint32_t list; };                     /* list: of this step's, + 1 */
struct fresh { uint64_t key; uint32_t *word; size_t n, cap; };                   /* a pair that this step made or added to */
struct job { int64_t count; uint64_t key; size_t at, n; };                       /* at: in places, n words that hold the pair */

struct training {
    struct roomy *row;                                                           /* the words; a word is known by where its record lies, in 4 bytes */
    size_t n_words;
    struct roomy places;                                                         /* uint32_t: lists of words */
    size_t n_live;                                                               /* of them in the queue */
    struct pair *pair;
    size_t slots, n_pairs;
    struct job *heap;
    size_t n_heap, cap_heap;
    struct fresh *fresh;
    size_t n_fresh, n_made, cap_fresh;                                           /* n_made: those with room of their own */
    size_t touched, last_page;                                                   /* bytes of pages since the rows were put out of memory */
};

/* ---- words ---- */

bool bpe_words_add(struct bpe_words *w, const uint32_t *symbols, size_t n, uint64_t count, struct err *e)
{
    if (n < 2) return true;
    if (w->row.n / 4 + HEAD + n > UINT32_MAX) return err_set(e, ERR_DATA, "more than 16 GiB of different words");
    uint32_t *to = roomy_add(&w->row, (HEAD + n) * sizeof *to, e);
    if (!to) return false;
    memcpy(to, &count, sizeof count);
    to[2] = (uint32_t)n;
    memcpy(to + HEAD, symbols, n * sizeof *symbols);
    w->n++;
    return true;
}

void bpe_words_free(struct bpe_words *w) { roomy_free(&w->row); }

static uint32_t *record(const struct training *t, size_t word) { return (uint32_t *)(void *)t->row->p + word; }

static int64_t count_of(const uint32_t *r)
{
    int64_t n;
    memcpy(&n, r, sizeof n);
    return n;
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
    size_t word = 0;
    for (size_t i = 0; i < t->n_words; i++) {
        const uint32_t *r = record(t, word), *s = r + HEAD, n = r[2];
        for (uint32_t k = 0; k + 1 < n; k++) pair_at(t, key_of(s[k], s[k + 1]))->count += count_of(r);
        word += HEAD + n;
    }
}

/* One job a pair, its words cut from one row: first how many, then which. */
static bool queue_pairs(struct training *t, struct err *e)
{
    struct job *jobs = mem_zero(t->n_pairs + 1, sizeof *jobs);
    uint32_t *last = mem_zero(t->n_pairs + 1, sizeof *last);                     /* the pair's last word, + 1 */
    size_t n_jobs = 0, n_places = 0;
    for (size_t i = 0; i < t->slots; i++) {
        if (t->pair[i].key == NO_PAIR) continue;
        jobs[n_jobs] = (struct job){ .count = t->pair[i].count, .key = t->pair[i].key };
        t->pair[i].list = (uint32_t)n_jobs++;
    }
    for (int fill = 0; fill < 2; fill++) {
        size_t word = 0;
        for (size_t i = 0; i < t->n_words; i++) {
            const uint32_t *r = record(t, word), *s = r + HEAD, n = r[2];
            for (uint32_t k = 0; k + 1 < n; k++) {
                const uint32_t j = probe(t, key_of(s[k], s[k + 1]))->list;
                if (last[j] == (uint32_t)word + 1) continue;
                last[j] = (uint32_t)word + 1;
                if (fill) ((uint32_t *)(void *)t->places.p)[jobs[j].at + jobs[j].n] = (uint32_t)word;
                jobs[j].n++;
            }
            word += HEAD + n;
        }
        for (size_t j = 0; j < n_jobs && !fill; j++) { jobs[j].at = n_places; n_places += jobs[j].n; jobs[j].n = 0; last[j] = 0; }
        if (!fill && n_places && !roomy_add(&t->places, n_places * sizeof(uint32_t), e)) { free(jobs); free(last); return false; }
    }
    free(last);
    for (size_t i = 0; i < t->slots; i++) t->pair[i].list = 0;
    t->heap = jobs;
    t->n_live = n_places;
    t->n_heap = n_jobs;
    t->cap_heap = t->n_pairs + 1;
    for (size_t i = n_jobs / 2; i-- > 0; ) sink(t, i);
    return true;
}

/* ---- a merge ---- */

static void less(struct training *t, uint64_t key, int64_t count) { pair_at(t, key)->count -= count; }

static void more(struct training *t, uint64_t key, int64_t count, uint32_t word)
{
    struct pair *p = pair_at(t, key);
    p->count += count;
    if (!p->list) {
        if (t->n_fresh == t->cap_fresh) t->fresh = mem_grow(t->fresh, &t->cap_fresh, t->n_fresh + 1, sizeof *t->fresh);
        if (t->n_fresh == t->n_made) t->fresh[t->n_made++] = (struct fresh){ 0 };
        t->fresh[t->n_fresh].key = key;
        t->fresh[t->n_fresh].n = 0;
        p->list = (uint32_t)++t->n_fresh;
    }
    struct fresh *f = &t->fresh[p->list - 1];
    if (f->n && f->word[f->n - 1] == word) return;
    if (f->n == f->cap) f->word = mem_grow(f->word, &f->cap, f->n + 1, sizeof *f->word);
    f->word[f->n++] = word;
}

/* Left of the pair lies what this merge has made already, right of it what it has not reached yet. */
static void merge_word(struct training *t, uint32_t word, struct bpe_learned m)
{
    uint32_t *r = record(t, word), *s = r + HEAD;
    const uint32_t n = r[2];
    const int64_t count = count_of(r);
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

/* Rows that lie in files leave memory when merges have touched so much of them. */
static void touch(struct training *t, size_t word)
{
    if (!t->row->mapped || word * 4 / PAGE == t->last_page) return;
    t->last_page = word * 4 / PAGE;
    t->touched += PAGE;
    if (t->touched < t->row->limit) return;
    roomy_cool(t->row);
    roomy_cool(&t->places);
    t->touched = 0;
}

static void merge_all(struct training *t, const struct job *j, struct bpe_learned m)
{
    for (size_t i = 0; i < j->n; i++) {
        const uint32_t word = ((const uint32_t *)(const void *)t->places.p)[j->at + i];
        touch(t, word);
        merge_word(t, word, m);
    }
}

static bool queue_fresh(struct training *t, struct err *e)
{
    for (size_t i = 0; i < t->n_fresh; i++) {
        const struct fresh *f = &t->fresh[i];
        struct pair *p = probe(t, f->key);
        p->list = 0;
        if (p->count < 1) continue;
        const size_t at = t->places.n / sizeof(uint32_t);
        uint32_t *to = roomy_add(&t->places, f->n * sizeof *to, e);
        if (!to) return false;
        memcpy(to, f->word, f->n * sizeof *to);
        t->n_live += f->n;
        push(t, (struct job){ p->count, f->key, at, f->n });
    }
    t->n_fresh = 0;
    return true;
}

static int by_place(const void *a, const void *b)
{
    const struct job *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

/* Moves the lists that still wait together, in the order in which they lie; then the queue is made anew. */
static void pack_places(struct training *t)
{
    uint32_t *all = (uint32_t *)(void *)t->places.p;
    size_t n = 0;
    qsort(t->heap, t->n_heap, sizeof *t->heap, by_place);
    for (size_t i = 0; i < t->n_heap; i++) {
        struct job *j = &t->heap[i];
        memmove(all + n, all + j->at, j->n * sizeof *all);
        j->at = n;
        n += j->n;
    }
    t->places.n = n * sizeof *all;
    for (size_t i = t->n_heap / 2; i-- > 0; ) sink(t, i);
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
    t->n_live -= t->heap[0].n;
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

static void training_free(struct training *t)
{
    for (size_t i = 0; i < t->n_made; i++) free(t->fresh[i].word);
    free(t->fresh);
    free(t->heap);
    free(t->pair);
    roomy_free(&t->places);
}

bool bpe_train(struct vocab *v, struct bpe_words *w, size_t size, uint64_t min_count, struct bpe_learned **learned, size_t *n, struct err *e)
{
    struct training t = { .row = &w->row, .n_words = w->n, .places = { .limit = w->row.limit } };
    size_t cap = 0;
    *learned = NULL;
    *n = 0;
    widen(&t);
    count_pairs(&t);
    bool ok = queue_pairs(&t, e);
    while (ok && v->n < size && t.n_heap) {
        if (!settled(&t)) continue;
        const struct job top = t.heap[0];
        if ((uint64_t)top.count < min_count) break;
        const uint32_t left = (uint32_t)(top.key >> 32), right = (uint32_t)top.key;
        if (*n == cap) *learned = mem_grow(*learned, &cap, *n + 1, sizeof **learned);
        (*learned)[(*n)++] = (struct bpe_learned){ left, right, token_of(v, left, right) };
        merge_all(&t, &top, (*learned)[*n - 1]);
        pop(&t);
        ok = queue_fresh(&t, e);
        if (t.places.n / sizeof(uint32_t) > 2 * t.n_live + PAGE) pack_places(&t);
    }
    training_free(&t);
    return ok;
}
