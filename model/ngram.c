/* ngram.c - look n-grams up, longest first extended to the left, and add what they say.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The key of an n-gram is made of its words alone, so the slots of the words to come are known before they are needed:
 * they are asked for AHEAD words early. Measured: on a model larger than the caches nearly all time is still that load.
 */
#include "model/ngram_model.h"
#include "core/hash.h"

#include <stdlib.h>

enum { AHEAD = 6, BLOCK = 256 };

/* What is known of the words before the next one, most recent first. */
struct context { uint32_t words[NGRAM_MAX_ORDER]; float backoff[NGRAM_MAX_ORDER]; int n; };

static inline struct ngram_weights unigram(const struct ngram *m, uint32_t word)
{
    struct ngram_weights w;
    memcpy(&w, m->unigrams + (size_t)word * m->unigram_size, sizeof w);
    return w;
}

static inline uint64_t slot_of(const struct ngram *m, const struct ngram_table *t, uint64_t key)
{
    return m->kind == NGRAM_OWN ? ngram_high(ngram_spread(key), t->slots) : key % t->slots;
}

static bool find_slot(const struct ngram *m, const struct ngram_table *t, uint64_t key, const char **found)
{
    uint64_t at = slot_of(m, t, key);
    for (uint64_t tries = 0; tries < t->slots; tries++) {
        const char *slot = t->at + at * t->size;
        uint64_t got;
        memcpy(&got, slot, sizeof got);
        if (got == key) { *found = slot + sizeof got; return true; }
        if (!got) return false;
        if (++at == t->slots) at = 0;
    }
    return false;
}

/* The longest has no back-off, and in KenLM's file no room for one. */
static bool find_hashed(const struct ngram *m, int n, uint64_t key, struct ngram_weights *w)
{
    const char *at;
    if (!find_slot(m, &m->tables[n - 1], m->kind == NGRAM_OWN ? ngram_nonzero(key) : key, &at)) return false;
    w->backoff = 0;
    memcpy(w, at, n == m->order ? sizeof w->p : sizeof *w);
    return true;
}

/* ---- KenLM's trie: children of a node are words in rising order ---- */

struct range { uint64_t begin, end; };

static inline uint64_t bits_at(const char *base, uint64_t bit, int n)         /* n <= 57 */
{
    uint64_t x;
    memcpy(&x, base + bit / 8, sizeof x);
    return x >> bit % 8 & (((uint64_t)1 << n) - 1);
}

static inline float float_of(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static struct range trie_root(const struct ngram *m, uint32_t word)
{
    struct range r;
    memcpy(&r.begin, m->unigrams + (size_t)word * m->unigram_size + sizeof(struct ngram_weights), 8);
    memcpy(&r.end, m->unigrams + ((size_t)word + 1) * m->unigram_size + sizeof(struct ngram_weights), 8);
    return r;
}

static bool find_in_trie(const struct ngram_trie *t, uint32_t word, struct range *r, struct ngram_weights *w)
{
    enum { P_BITS = 31, BACKOFF_BITS = 32 };
    const uint64_t size = (uint64_t)(t->word_bits + t->weight_bits + t->next_bits);
    uint64_t low = r->begin, high = r->end < t->entries ? r->end : t->entries;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2, bit = middle * size;
        const uint64_t got = bits_at(t->at, bit, t->word_bits);
        if (got < word) { low = middle + 1; continue; }
        if (got > word) { high = middle; continue; }
        const uint64_t weights = bit + (uint64_t)t->word_bits;
        w->p = float_of((uint32_t)bits_at(t->at, weights, P_BITS) | 1u << P_BITS);
        w->backoff = 0;
        if (!t->next_bits) return true;
        w->backoff = float_of((uint32_t)bits_at(t->at, weights + P_BITS, BACKOFF_BITS));
        const uint64_t next = weights + P_BITS + BACKOFF_BITS;
        r->begin = bits_at(t->at, next, t->next_bits);
        r->end = bits_at(t->at, next + size, t->next_bits);
        return true;
    }
    return false;
}

/* ---- words ---- */

static uint32_t find_sorted(const struct ngram *m, uint64_t hash)
{
    uint64_t low = 0, high = m->n_sorted, got;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        memcpy(&got, m->sorted + middle * sizeof got, sizeof got);
        if (got == hash) return (uint32_t)middle + 1;
        if (got < hash) low = middle + 1; else high = middle;
    }
    return 0;
}

uint32_t ngram_word(const struct ngram *m, struct str word)
{
    const char *at;
    uint32_t id;
    if (m->kind == NGRAM_TRIE) return find_sorted(m, ngram_murmur(word));
    if (!find_slot(m, &m->words, m->kind == NGRAM_OWN ? ngram_nonzero(hash64(word, 0)) : ngram_murmur(word), &at)) return 0;
    memcpy(&id, at, sizeof id);
    return id < m->counts[0] ? id : 0;
}

/* ---- scoring ---- */

/* log10 p(word | context); the context moves on. */
static float next_word(const struct ngram *m, struct context *c, uint32_t word)
{
    struct ngram_weights w = unigram(m, word);
    struct context now = { .words = { word }, .backoff = { w.backoff }, .n = 1 };
    float p = -fabsf(w.p);
    uint64_t key = word;
    struct range r = { 0 };
    if (m->kind == NGRAM_TRIE) r = trie_root(m, word);
    int n = 1;
    for (; n <= c->n && n < m->order; n++) {
        key = ngram_key(key, c->words[n - 1]);
        if (m->kind == NGRAM_TRIE ? !find_in_trie(&m->tries[n], c->words[n - 1], &r, &w) : !find_hashed(m, n + 1, key, &w)) break;
        p = -fabsf(w.p);
        now.words[n] = c->words[n - 1];
        now.backoff[n] = w.backoff;
    }
    for (int i = n - 1; i < c->n; i++) p += c->backoff[i];
    now.n = n < m->order ? n : m->order - 1;
    *c = now;
    return p;
}

/* marks: <s> stands before ids[0]. */
static inline void prefetch(const struct ngram *m, const uint32_t *ids, size_t at, bool marks)
{
    uint64_t key = ids[at];
    __builtin_prefetch(m->unigrams + (size_t)ids[at] * m->unigram_size);
    for (int n = 2; n <= m->order && at + marks > 0; n++) {
        key = ngram_key(key, at ? ids[at - 1] : m->begin);
        const struct ngram_table *t = &m->tables[n - 1];
        __builtin_prefetch(t->at + slot_of(m, t, ngram_nonzero(key)) * t->size);
        if (!at--) break;
    }
}

static void score_ids(const struct ngram *m, const uint32_t *ids, size_t n, bool marks, struct context *c, struct ngram_sum *sum)
{
    const bool ahead = m->kind == NGRAM_OWN;
    for (size_t i = 0; ahead && i < n && i < AHEAD; i++) prefetch(m, ids, i, marks);
    for (size_t i = 0; i < n; i++) {
        if (ahead && i + AHEAD < n) prefetch(m, ids, i + AHEAD, marks);
        float p = next_word(m, c, ids[i]);
        sum->log10 += (double)p;
        sum->log10_single += p;
        sum->unknown += ids[i] == 0;
    }
    sum->words += n;
}

static struct context start(const struct ngram *m, bool marks)
{
    if (!marks || m->order == 1) return (struct context){ .n = 0 };
    return (struct context){ .words = { m->begin }, .backoff = { unigram(m, m->begin).backoff }, .n = 1 };
}

void ngram_score_ids(const struct ngram *m, const uint32_t *words, size_t n, bool marks, struct ngram_sum *sum)
{
    struct context c = start(m, marks);
    score_ids(m, words, n, marks, &c, sum);
    if (marks) score_ids(m, &m->end, 1, false, &c, sum);
}

static inline bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

void ngram_score(const struct ngram *m, struct str sentence, bool marks, struct ngram_sum *sum)
{
    uint32_t ids[BLOCK];
    size_t n = 0;
    struct context c = start(m, marks);
    for (const char *p = sentence.p, *end = p + sentence.n; ; ) {
        while (p < end && is_space(*p)) p++;
        if (p == end) break;
        const char *word = p;
        while (p < end && !is_space(*p)) p++;
        if (n == BLOCK - 1) {
            score_ids(m, ids, n, marks, &c, sum);
            n = 0;
        }
        ids[n++] = ngram_word(m, str_span(word, p));
    }
    if (marks) ids[n++] = m->end;
    score_ids(m, ids, n, marks, &c, sum);
}

/* ---- open and close ---- */

int ngram_order(const struct ngram *m) { return m->order; }
uint64_t ngram_count(const struct ngram *m, int order) { return m->counts[order - 1]; }

void ngram_close(struct ngram *m)
{
    if (!m) return;
    if (m->map.p) map_close(&m->map);
    free(m->own);
    free(m);
}
