/* ngram_count.c - every n-gram of the text is a record; sorting brings equal ones together, reading adds them up.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/ngram_count.h"
#include "core/runs.h"
#include "core/sort.h"

#include <stdlib.h>

struct ngram_counter *ngram_counter_new(int order, size_t memory, int threads)
{
    struct ngram_counter *c = mem_zero(1, sizeof *c);
    const size_t key = (size_t)order * NGRAM_WORD;
    *c = (struct ngram_counter){ .order = order, .threads = threads, .memory = memory,
                                 .sort = sort_open(key + sizeof(uint32_t), key, memory / 4 * 3, threads) };
    ft_lexicon_add(&c->words, S("<unk>"));
    ft_lexicon_add(&c->words, S("<s>"));
    ft_lexicon_add(&c->words, S("</s>"));
    return c;
}

static void close_sort(struct ngram_counter *c)
{
    if (!c->sort) return;
    c->spilled += sort_spilled(c->sort);
    sort_close(c->sort);
    c->sort = NULL;
}

void ngram_counter_free(struct ngram_counter *c)
{
    if (!c) return;
    close_sort(c);
    ft_lexicon_free(&c->words);
    free(c);
}

/* ---- from text ---- */

/* A record holds 32 bits of a count; a larger one is several records. */
static bool put(struct ngram_counter *c, unsigned char *record, uint64_t count, struct err *e)
{
    c->n_words += count;
    while (count) {
        const uint32_t part = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
        memcpy(record + c->order * NGRAM_WORD, &part, sizeof part);
        if (!sort_put(c->sort, record, e)) return false;
        count -= part;
    }
    return true;
}

static bool count_word(struct ngram_counter *c, unsigned char *record, uint32_t word, struct err *e)
{
    memmove(record + NGRAM_WORD, record, (size_t)(c->order - 1) * NGRAM_WORD);
    be32_put(record, word);
    return put(c, record, 1, e);
}

bool ngram_counter_add(struct ngram_counter *c, struct str sentence, struct err *e)
{
    unsigned char record[NGRAM_KEY + sizeof(uint32_t)];
    for (int i = 0; i < c->order; i++) be32_put(record + NGRAM_WORD * i, NGRAM_BOS);
    for (const char *p = sentence.p, *end = p + sentence.n; p < end; ) {
        const char *word = p;
        while (p < end && !ft_space(*p)) p++;
        struct str it = str_span(word, p++);
        if (!it.n) continue;
        const uint32_t id = ft_lexicon_add(&c->words, it);
        /* the marks' own names are passed over */
        if (id > NGRAM_EOS && !count_word(c, record, id, e)) return false;
    }
    return count_word(c, record, NGRAM_EOS, e);
}

/* ---- to and from a file ---- */

bool ngram_counter_save(struct ngram_counter *c, const char *path, uint64_t docs, uint64_t stamp, struct err *e)
{
    const size_t key = (size_t)c->order * NGRAM_WORD;
    unsigned char record[NGRAM_KEY + sizeof(uint64_t)];
    uint64_t count;
    struct runs_out *o = runs_create(path, (struct runs_head){ .kind = "ngrams", .record = key + sizeof count,
                                                               .cells = 1, .stamp = stamp }, e);
    if (!o) return false;
    bool ok = true;
    for (uint32_t w = NGRAM_EOS + 1; ok && w < c->words.n; w++)
        ok = runs_text(o, (struct str){ c->words.entries[w].p, c->words.entries[w].n }, NULL, e);
    while (ok && ngram_counter_next(c, record, &count, e)) {
        memcpy(record + key, &count, sizeof count);
        ok = runs_put(o, 0, record, e);
    }
    if (ok && !e->kind) return runs_done(o, docs, e);
    runs_drop(o);
    return false;
}

/* The slice's words in its order: their numbers here. */
static bool load_words(struct ngram_counter *c, const struct runs *r, uint32_t **number, uint32_t *n, struct err *e)
{
    struct buf heap = { 0 };
    size_t cap = 0;
    bool ok = runs_heap_read(r, 0, r->head.heap, &heap, e);
    for (*n = 0; *n <= NGRAM_EOS; ++*n) {
        *number = mem_grow(*number, &cap, *n + 1, sizeof **number);
        (*number)[*n] = *n;
    }
    for (size_t at = 0; ok && at < heap.n; ++*n) {
        uint32_t size = 0;
        if (heap.n - at >= sizeof size) memcpy(&size, heap.p + at, sizeof size);
        at += sizeof size;
        ok = at <= heap.n && size && size <= heap.n - at && *n < UINT32_MAX;
        if (!ok) break;
        if (*n == cap) *number = mem_grow(*number, &cap, *n + 1, sizeof **number);
        (*number)[*n] = ft_lexicon_add(&c->words, (struct str){ heap.p + at, size });
        at += size;
    }
    buf_free(&heap);
    return ok || e->kind || err_set(e, ERR_DATA, "its words are damaged");
}

static bool load_ngrams(struct ngram_counter *c, const struct runs *r, const uint32_t *number, uint32_t n,
                        struct err *e)
{
    struct runs_scan scan;
    unsigned char record[NGRAM_KEY + sizeof(uint32_t)];
    bool ok = runs_scan(&scan, r, 0, 1, e);
    for (const unsigned char *it; ok && (it = runs_next(&scan, e)); ) {
        uint64_t count;
        for (int i = 0; ok && i < c->order; i++) {
            const uint32_t word = be32_get(it + NGRAM_WORD * i);
            ok = word < n || err_set(e, ERR_DATA, "an n-gram names a word that is not there");
            if (ok) be32_put(record + NGRAM_WORD * i, number[word]);
        }
        memcpy(&count, it + c->order * NGRAM_WORD, sizeof count);
        ok = ok && put(c, record, count, e);
    }
    runs_scan_free(&scan);
    return ok && !e->kind;
}

bool ngram_counter_load(struct ngram_counter *c, const char *path, uint64_t stamp, struct err *e)
{
    struct runs r;
    uint32_t *number = NULL, n;
    if (!runs_open(&r, path, "ngrams", (uint64_t)c->order * NGRAM_WORD + sizeof(uint64_t), e)) return false;
    bool ok = r.head.stamp == stamp || err_set(e, ERR_DATA, "made with other options");
    ok = ok && load_words(c, &r, &number, &n, e) && load_ngrams(c, &r, number, n, e);
    free(number);
    runs_close(&r);
    return ok || err_in(e, "%s", path);
}

/* ---- out ---- */

static void read_ahead(struct ngram_counter *c, struct err *e)
{
    const size_t key = (size_t)c->order * NGRAM_WORD;
    const unsigned char *r = sort_next(c->sort, e);
    uint32_t count;
    c->any_ahead = r;
    if (!r) return;
    memcpy(c->ahead, r, key);
    memcpy(&count, r + key, sizeof count);
    c->ahead_count = count;
}

bool ngram_counter_next(struct ngram_counter *c, unsigned char *key, uint64_t *count, struct err *e)
{
    const size_t size = (size_t)c->order * NGRAM_WORD;
    if (!c->sort) return false;
    if (!c->any_ahead) read_ahead(c, e);                     /* the first */
    if (e->kind || !c->any_ahead) return false;
    memcpy(key, c->ahead, size);
    *count = 0;
    do {
        *count += c->ahead_count;
        read_ahead(c, e);
    } while (c->any_ahead && !memcmp(key, c->ahead, size));
    if (!c->any_ahead) close_sort(c);
    return !e->kind;
}
