/* ngram.c - look n-grams up, longest first extended to the left, and add what they say.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The key of an n-gram is made of its words alone, so the lines of the words to come are known before they are needed:
 * they are asked for AHEAD words early, and the hashes of words likewise. An n-gram is one line of the cache: its tags
 * are compared all at once, so there is no search whose length the processor would have to guess. Measured on a 5-gram
 * model of 68 MB, all n-grams found, one core: 9.5 million words/s; linear probing of 16-byte slots had 2.6, KenLM has
 * 2.4 (its own file read here: 5.6).
 */
#include "model/ngram_model.h"

#include <stdlib.h>

enum { AHEAD = 8, HISTORY = NGRAM_MAX_ORDER - 1, BLOCK = 256 };

/* Words to score, with those before them in front, and what is known of the last ones that were scored. */
struct passage {
    uint32_t ids[HISTORY + BLOCK];
    size_t n, scored;                                  /* ids in use; those that are scored */
    /* the n-grams that end at ids[scored - 1], up to this order, are in the model, */
    int known;
    float backoff[NGRAM_MAX_ORDER];                    /* and this is their back-off; backoff[0]: of the word alone */
};

/* of the n-grams that end at one word, by order - 1 */
struct asked { const char *line[NGRAM_MAX_ORDER]; uint64_t key[NGRAM_MAX_ORDER]; };

static inline struct ngram_weights unigram(const struct ngram *m, uint32_t word)
{
    struct ngram_weights w;
    memcpy(&w, m->unigrams + (size_t)word * m->unigram_size, sizeof w);
    return w;
}

/* ---- our lines ---- */

static inline int find_tag(const ngram_u32 *tags, int wide, uint32_t tag)
{
    unsigned hits = 0;
    for (int k = 0; k < wide; k++) hits |= (unsigned)(tags[k] == tag) << k;
    return hits ? __builtin_ctz(hits) : -1;
}

static inline const char *next_line(const struct ngram_table *t, const char *line)
{
    line += t->size;
    return line == t->at + t->slots * t->size ? t->at : line;
}

/* The longest has no back-off. */
static bool find_last(const struct ngram_table *t, const char *at, uint32_t tag, struct ngram_weights *w)
{
    for (uint64_t tries = 0; tries < t->slots; tries++, at = next_line(t, at)) {
        const struct ngram_last *line = (const struct ngram_last *)at;
        const int k = find_tag(line->tag, NGRAM_WIDEST, tag);
        if (k >= 0) { *w = (struct ngram_weights){ line->p[k], 0 }; return true; }
        if (!line->more) return false;
    }
    return false;
}

static bool find_line(const struct ngram_table *t, const char *at, uint32_t tag, struct ngram_weights *w)
{
    for (uint64_t tries = 0; tries < t->slots; tries++, at = next_line(t, at)) {
        const struct ngram_line *line = (const struct ngram_line *)at;
        const int k = find_tag(line->tag, NGRAM_WIDE, tag);
        if (k >= 0) { *w = (struct ngram_weights){ line->p[k], line->backoff[k] }; return true; }
        if (!line->more) return false;
    }
    return false;
}

static uint32_t find_word(const struct ngram_table *t, uint64_t hash)
{
    const char *at = t->at + ngram_high(hash, t->slots) * t->size;
    for (uint64_t tries = 0; tries < t->slots; tries++, at = next_line(t, at)) {
        const struct ngram_words *line = (const struct ngram_words *)at;
        for (int k = 0; k < NGRAM_WIDE; k++) if (line->hash[k] == hash) return line->word[k];
        if (!line->more) return 0;
    }
    return 0;
}

/* ---- KenLM's probing tables: { u64 key, value }, key 0 free ---- */

static bool find_slot(const struct ngram_table *t, const char *at, uint64_t key, void *value, size_t size)
{
    for (uint64_t tries = 0; tries < t->slots; tries++, at = next_line(t, at)) {
        uint64_t got;
        memcpy(&got, at, sizeof got);
        if (got == key) { memcpy(value, at + sizeof got, size); return true; }
        if (!got) return false;
    }
    return false;
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

/* The weights at a bit: KenLM puts the number of a quantised back-off below that of the probability, else the
 * probability first. */
static struct ngram_weights weights_at(const struct ngram_trie *t, uint64_t bit)
{
    struct ngram_weights w = { 0, 0 };
    if (!t->p_table) {
        w.p = float_of((uint32_t)bits_at(t->at, bit, t->p_bits) | 1u << t->p_bits);
        if (!t->longest) w.backoff = float_of((uint32_t)bits_at(t->at, bit + (uint64_t)t->p_bits, t->backoff_bits));
        return w;
    }
    memcpy(&w.p, t->p_table + 4 * bits_at(t->at, bit + (uint64_t)t->backoff_bits, t->p_bits), sizeof w.p);
    if (!t->longest) memcpy(&w.backoff, t->backoff_table + 4 * bits_at(t->at, bit, t->backoff_bits), sizeof w.backoff);
    return w;
}

/* The child pointer of an entry, whose low bits are at `bit`; its high bits are how many offsets after the first are
 * not above it. */
static uint64_t child_at(const struct ngram_trie *t, uint64_t entry, uint64_t bit)
{
    const uint64_t low_bits = bits_at(t->at, bit, t->next_bits);
    uint64_t low = 0, high = t->n_offsets, offset;
    if (!t->offsets) return low_bits;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        memcpy(&offset, t->offsets + middle * sizeof offset, sizeof offset);
        if (offset <= entry) low = middle + 1; else high = middle;
    }
    return (low ? low - 1 : 0) << t->next_bits | low_bits;
}

static bool find_in_trie(const struct ngram_trie *t, uint32_t word, struct range *r, struct ngram_weights *w)
{
    const uint64_t before = (uint64_t)(t->word_bits + t->p_bits + t->backoff_bits),
                   size = before + (uint64_t)t->next_bits;
    uint64_t low = r->begin, high = r->end < t->entries ? r->end : t->entries;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2, bit = middle * size;
        const uint64_t got = bits_at(t->at, bit, t->word_bits);
        if (got < word) { low = middle + 1; continue; }
        if (got > word) { high = middle; continue; }
        *w = weights_at(t, bit + (uint64_t)t->word_bits);
        if (t->longest) return true;
        r->begin = child_at(t, middle, bit + before);
        r->end = child_at(t, middle + 1, bit + before + size);
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

static inline uint64_t hash_word(const struct ngram *m, struct str word)
{
    return m->kind == NGRAM_OWN ? ngram_word_hash(word) : ngram_murmur(word);
}

static inline void ask_word(const struct ngram *m, uint64_t hash)
{
    if (m->kind == NGRAM_OWN) __builtin_prefetch(m->words.at + ngram_high(hash, m->words.slots) * m->words.size);
}

static uint32_t word_of(const struct ngram *m, uint64_t hash)
{
    uint32_t id = 0;
    switch (m->kind) {
    case NGRAM_TRIE: return find_sorted(m, hash);
    case NGRAM_OWN: id = find_word(&m->words, hash); break;
    case NGRAM_PROBING: find_slot(&m->words, m->words.at + hash % m->words.slots * m->words.size, hash, &id, sizeof id);
    }
    return id < m->counts[0] ? id : 0;
}

uint32_t ngram_word(const struct ngram *m, struct str word) { return word_of(m, hash_word(m, word)); }

/* ---- scoring ---- */

/* The lines of all n-grams that end at ids[at] are on their way. */
static inline void ask(const struct ngram *m, const struct passage *p, size_t at, struct asked *a)
{
    uint64_t key = p->ids[at];
    __builtin_prefetch(m->unigrams + (size_t)p->ids[at] * m->unigram_size);
    if (m->kind == NGRAM_TRIE) return;
    for (int n = 2; n <= m->order && (size_t)n <= at + 1; n++) {
        key = ngram_key(key, p->ids[at + 1 - (size_t)n]);
        const struct ngram_table *t = &m->tables[n - 1];
        a->key[n - 1] = m->kind == NGRAM_OWN ? ngram_spread(key) : key;
        a->line[n - 1] = t->at + (m->kind == NGRAM_OWN ? ngram_high(a->key[n - 1], t->slots) : key % t->slots)
                         * t->size;
        __builtin_prefetch(a->line[n - 1]);
    }
}

static inline bool find(const struct ngram *m, int n, const struct asked *a, uint32_t word, struct range *r,
                        struct ngram_weights *w)
{
    const bool longest = n == m->order;
    if (m->kind == NGRAM_TRIE) return find_in_trie(&m->tries[n - 1], word, r, w);
    const struct ngram_table *t = &m->tables[n - 1];
    if (m->kind == NGRAM_OWN) return (longest ? find_last : find_line)(t, a->line[n - 1], ngram_tag(a->key[n - 1]), w);
    w->backoff = 0;
    /* KenLM's longest has no room for a back-off */
    return find_slot(t, a->line[n - 1], a->key[n - 1], w, longest ? sizeof w->p : sizeof *w);
}

/* log10 p(ids[scored] | those before it); what is known moves on. The sign bit of p is not part of it. */
static inline float score_next(const struct ngram *m, struct passage *p, const struct asked *a)
{
    const uint32_t *word = &p->ids[p->scored++];
    struct ngram_weights w = unigram(m, *word);
    struct range r = { 0 };
    if (m->kind == NGRAM_TRIE) r = trie_root(m, *word);
    float backoff[NGRAM_MAX_ORDER], log10 = -fabsf(w.p);
    int n = 1;
    backoff[0] = w.backoff;
    while (n <= p->known && n < m->order && find(m, n + 1, a, word[-n], &r, &w)) {
        log10 = -fabsf(w.p);
        backoff[n++] = w.backoff;
    }
    for (int i = n - 1; i < p->known; i++) log10 += p->backoff[i];
    p->known = n < m->order ? n : m->order - 1;
    memcpy(p->backoff, backoff, (size_t)p->known * sizeof *backoff);
    return log10;
}

/* All that is not scored yet; then only the words that those to come look back at stay. */
static void score_passage(const struct ngram *m, struct passage *p, struct ngram_sum *sum)
{
    struct asked asked[AHEAD];
    for (size_t i = p->scored; i < p->n && i < p->scored + AHEAD; i++) ask(m, p, i, &asked[i % AHEAD]);
    sum->words += p->n - p->scored;
    while (p->scored < p->n) {
        const size_t i = p->scored;
        const float x = score_next(m, p, &asked[i % AHEAD]);
        sum->log10 += (double)x;
        sum->log10_single += x;
        sum->unknown += p->ids[i] == 0;
        if (i + AHEAD < p->n) ask(m, p, i + AHEAD, &asked[i % AHEAD]);
    }
    const size_t keep = p->n < HISTORY ? p->n : HISTORY;
    memmove(p->ids, p->ids + p->n - keep, keep * sizeof *p->ids);
    p->n = p->scored = keep;
}

static void start(const struct ngram *m, struct passage *p, bool marks)
{
    p->n = p->scored = 0;
    p->known = 0;
    if (!marks || m->order == 1) return;
    p->ids[p->n++] = m->begin;
    p->scored = 1;
    p->known = 1;
    p->backoff[0] = unigram(m, m->begin).backoff;
}

void ngram_score_ids(const struct ngram *m, const uint32_t *words, size_t n, bool marks, struct ngram_sum *sum)
{
    struct passage p;
    start(m, &p, marks);
    for (size_t at = 0, some; at < n; at += some) {
        some = n - at < BLOCK ? n - at : BLOCK;
        memcpy(p.ids + p.n, words + at, some * sizeof *words);
        p.n += some;
        if (at + some < n) score_passage(m, &p, sum);
    }
    if (marks && p.n == HISTORY + BLOCK) score_passage(m, &p, sum);
    if (marks) p.ids[p.n++] = m->end;
    score_passage(m, &p, sum);
}

static inline bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* Hashes of the next words, up to `most`, whose lines are then on their way. */
static size_t hash_words(const struct ngram *m, struct str *text, uint64_t *hashes, size_t most)
{
    const char *p = text->p, *end = p + text->n;
    size_t n = 0;
    for (;;) {
        while (p < end && is_space(*p)) p++;
        if (p == end || n == most) break;
        const char *word = p;
        while (p < end && !is_space(*p)) p++;
        hashes[n] = hash_word(m, str_span(word, p));
        ask_word(m, hashes[n++]);
    }
    *text = str_span(p, end);
    return n;
}

void ngram_score(const struct ngram *m, struct str sentence, bool marks, struct ngram_sum *sum)
{
    struct passage p;
    uint64_t hashes[BLOCK];
    size_t n;
    start(m, &p, marks);
    while ((n = hash_words(m, &sentence, hashes, BLOCK - 1))) {
        for (size_t i = 0; i < n; i++) p.ids[p.n++] = word_of(m, hashes[i]);
        if (sentence.n) score_passage(m, &p, sum);
    }
    if (marks) p.ids[p.n++] = m->end;
    score_passage(m, &p, sum);
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
