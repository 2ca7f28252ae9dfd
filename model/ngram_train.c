/* ngram_train.c - counts, adjusted counts, discounts, interpolation: four passes over sorted n-grams.
 * SPDX-License-Identifier: Apache-2.0
 *
 * 1. count     n-grams of the highest order, <s> repeated before a sentence, into suffix order: last word first
 * 2. adjust    every lower n-gram is a suffix of those, so it comes out of the same stream: how many words stand before it
 *              (the count itself when it begins with <s>); into context order: the words before the last, last of them first
 * 3. share     in context order all continuations of a context are neighbours: sum them, discount each, keep what was taken
 *              (gamma) as the context's back-off; back into suffix order
 * 4. mix       in suffix order an n-gram follows the shorter one that it is interpolated with: p = share + gamma * p(shorter)
 */
#include "core/file.h"
#include "core/hash.h"
#include "core/sort.h"
#include "model/fasttext_corpus.h"
#include "model/ngram_model.h"
#include "model/ngram_train.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { UNK, BOS, EOS, MOST = NGRAM_MAX_ORDER, KEY = 4 };
static const uint64_t PRUNED = (uint64_t)1 << 63;              /* in a count of context order */

struct counted { uint32_t words[MOST]; uint64_t count, seen; };          /* adjusted, and how often it was really seen */
struct stats { uint64_t n[5]; float discount[4]; };                      /* n-grams of adjusted count 1 .. 4 */
struct share { float p, gamma; };
struct row { float p, backoff; uint32_t words[MOST]; };                  /* log10, words in their order; the first n of them are written */

struct ngram_trainer {
    struct ngram_train_options o;
    struct ft_lexicon words;
    char *table;                                  /* slots of { u32 words[order]  u64 count }: what was counted since the last spill */
    size_t slots, used, entry;
    struct sort *full, *context[MOST], *suffix[MOST];
    uint64_t *unigrams;                           /* adjusted counts by word */
    struct stats stats[MOST];
    FILE *gammas[MOST], *rows[MOST];              /* scratch: { key  f32 } of contexts of n words; { f32 f32 words } of n-grams */
    uint64_t n_rows[MOST], n_words, spilled;
};

struct ngram_trainer *ngram_trainer_new(const struct ngram_train_options *o)
{
    struct ngram_trainer *t = mem_zero(1, sizeof *t);
    const size_t order = (size_t)o->order;
    t->o = *o;
    t->entry = order * KEY + sizeof(uint64_t);
    t->slots = o->memory / 4 / t->entry + 1024;
    t->table = mem_zero(t->slots, t->entry);
    t->full = sort_open(t->entry, order * KEY, o->memory / 4, o->threads);
    ft_lexicon_add(&t->words, S("<unk>"));
    ft_lexicon_add(&t->words, S("<s>"));
    ft_lexicon_add(&t->words, S("</s>"));
    return t;
}

static void close_sort(struct ngram_trainer *t, struct sort **s)
{
    if (!*s) return;
    t->spilled += sort_spilled(*s);
    sort_close(*s);
    *s = NULL;
}

void ngram_trainer_free(struct ngram_trainer *t)
{
    if (!t) return;
    close_sort(t, &t->full);
    for (int n = 0; n < MOST; n++) {
        close_sort(t, &t->context[n]);
        close_sort(t, &t->suffix[n]);
        if (t->gammas[n]) fclose(t->gammas[n]);
        if (t->rows[n]) fclose(t->rows[n]);
    }
    ft_lexicon_free(&t->words);
    free(t->unigrams);
    free(t->table);
    free(t);
}

uint64_t ngram_trainer_words(const struct ngram_trainer *t) { return t->n_words; }
uint64_t ngram_trainer_spilled(const struct ngram_trainer *t) { return t->spilled; }

/* ---- keys ---- */

static void suffix_key(unsigned char *to, const uint32_t *words, int n)
{
    for (int i = 0; i < n; i++) be32_put(to + KEY * i, words[n - 1 - i]);
}

static void context_key(unsigned char *to, const uint32_t *words, int n)
{
    suffix_key(to, words, n - 1);
    be32_put(to + KEY * (n - 1), words[n - 1]);
}

/* ---- 1. count ---- */

static bool spill(struct ngram_trainer *t, struct err *e)
{
    const int n = t->o.order;
    unsigned char record[KEY * MOST + sizeof(uint64_t)];
    for (size_t i = 0; i < t->slots; i++) {
        uint32_t words[MOST];
        char *slot = t->table + i * t->entry;
        uint64_t count;
        memcpy(&count, slot + KEY * n, sizeof count);
        if (!count) continue;
        memcpy(words, slot, (size_t)(KEY * n));
        suffix_key(record, words, n);
        memcpy(record + KEY * n, &count, sizeof count);
        if (!sort_put(t->full, record, e)) return false;
        memset(slot, 0, t->entry);
    }
    t->used = 0;
    return true;
}

static bool count_ngram(struct ngram_trainer *t, const uint32_t *words, struct err *e)
{
    const size_t size = KEY * (size_t)t->o.order;
    if (t->used >= t->slots / 4 * 3 && !spill(t, e)) return false;
    size_t at = ngram_high(hash64((struct str){ (const char *)words, size }, 0), t->slots);
    for (;; at = at + 1 == t->slots ? 0 : at + 1) {
        char *slot = t->table + at * t->entry;
        uint64_t count;
        memcpy(&count, slot + size, sizeof count);
        if (count && memcmp(slot, words, size)) continue;
        if (!count++) { memcpy(slot, words, size); t->used++; }
        memcpy(slot + size, &count, sizeof count);
        return true;
    }
}

static bool count_word(struct ngram_trainer *t, uint32_t *window, uint32_t word, struct err *e)
{
    const int n = t->o.order;
    memmove(window, window + 1, sizeof *window * (size_t)(n - 1));
    window[n - 1] = word;
    t->n_words++;
    return count_ngram(t, window, e);
}

bool ngram_trainer_add(struct ngram_trainer *t, struct str sentence, struct err *e)
{
    uint32_t window[MOST];
    for (int i = 0; i < t->o.order; i++) window[i] = BOS;
    for (const char *p = sentence.p, *end = p + sentence.n; p < end; ) {
        const char *word = p;
        while (p < end && !ft_space(*p)) p++;
        struct str it = str_span(word, p++);
        if (!it.n) continue;
        uint32_t id = ft_lexicon_add(&t->words, it);
        if (id > EOS && !count_word(t, window, id, e)) return false;         /* the marks' own names are passed over */
    }
    return count_word(t, window, EOS, e);
}

/* ---- 2. adjust ---- */

static bool emit(struct ngram_trainer *t, const struct counted *c, int n, struct err *e)
{
    unsigned char record[KEY * MOST + sizeof(uint64_t)];
    if (c->count < 5) t->stats[n - 1].n[c->count]++;
    if (n == 1) { t->unigrams[c->words[0]] = c->count; return true; }
    uint64_t count = c->seen <= t->o.prune[n - 1] ? c->count | PRUNED : c->count;
    context_key(record, c->words, n);
    memcpy(record + KEY * n, &count, sizeof count);
    return sort_put(t->context[n - 1], record, e);
}

/* The next distinct n-gram of the highest order, counts of equal ones added. *ahead is the record after it, kept between calls. */
struct full { unsigned char key[KEY * MOST]; uint64_t count; bool any; };

static bool next_full(struct ngram_trainer *t, struct full *ahead, struct counted *to, struct err *e)
{
    const int n = t->o.order;
    if (!ahead->any) return false;
    for (int i = 0; i < n; i++) to->words[n - 1 - i] = be32_get(ahead->key + KEY * i);
    to->count = 0;
    unsigned char key[KEY * MOST];
    memcpy(key, ahead->key, sizeof key);
    do {
        to->count += ahead->count;
        const unsigned char *r = sort_next(t->full, e);
        ahead->any = r;
        if (!r) break;
        memcpy(ahead->key, r, (size_t)(KEY * n));
        memcpy(&ahead->count, r + KEY * n, sizeof ahead->count);
    } while (!memcmp(key, ahead->key, (size_t)(KEY * n)));
    to->seen = to->count;
    return !e->kind;
}

/* How many words from the last on are the same. */
static int same_suffix(const struct counted *full, const struct counted *lower, int order, int n)
{
    int same = 0;
    while (same < n && full->words[order - 1 - same] == lower->words[n - 1 - same]) same++;
    return same;
}

static bool adjust_one(struct ngram_trainer *t, const struct counted *full, struct counted *lower, int *valid, struct err *e)
{
    const int order = t->o.order;
    int same = *valid ? same_suffix(full, &lower[*valid - 1], order, *valid) : 0;
    for (; *valid > same; --*valid) if (!emit(t, &lower[*valid - 1], *valid, e)) return false;
    for (int n = 1; n <= same; n++) lower[n - 1].seen += full->count;
    if (same) lower[same - 1].count++;
    int first = order - 1 - same;                                            /* index of the word that differs */
    for (; first > 0 && full->words[first] != BOS; first--) {
        struct counted *c = &lower[(*valid)++];
        memcpy(c->words, full->words + first, sizeof(uint32_t) * (size_t)*valid);
        c->count = 1;
        c->seen = full->count;
    }
    if (first == 0) return emit(t, full, order, e);
    struct counted *c = &lower[(*valid)++];                                  /* it begins with <s>: its own count */
    memcpy(c->words, full->words + first, sizeof(uint32_t) * (size_t)*valid);
    c->count = c->seen = full->count;
    return true;
}

static bool adjust(struct ngram_trainer *t, struct err *e)
{
    struct counted full, lower[MOST];
    struct full ahead = { .any = false };
    int valid = 0;
    const unsigned char *r = sort_next(t->full, e);
    if (!r) return e->kind ? false : err_set(e, ERR_DATA, "there is no text to train on");
    memcpy(ahead.key, r, (size_t)(KEY * t->o.order));
    memcpy(&ahead.count, r + KEY * t->o.order, sizeof ahead.count);
    ahead.any = true;
    while (next_full(t, &ahead, &full, e)) if (!adjust_one(t, &full, lower, &valid, e)) return false;
    for (; valid; valid--) if (!emit(t, &lower[valid - 1], valid, e)) return false;
    close_sort(t, &t->full);
    return !e->kind;
}

static void set_discounts(struct stats *s)
{
    static const float fallback[] = { 0, 0.5f, 1, 1.5f };
    const float y = (float)s->n[1] / (float)((double)s->n[1] + 2.0 * (double)s->n[2]);
    bool fine = true;
    for (int k = 1; k <= 3; k++) {
        if (!s->n[k]) { fine = false; break; }
        s->discount[k] = (float)k - (float)(k + 1) * y * (float)s->n[k + 1] / (float)s->n[k];
        fine &= s->discount[k] >= 0 && s->discount[k] <= (float)k;
    }
    if (!fine) memcpy(s->discount, fallback, sizeof fallback);
}

static float discounted(const struct stats *s, uint64_t count) { return (float)count - s->discount[count < 3 ? count : 3]; }

/* ---- 3. share ---- */

static FILE *scratch(struct err *e)
{
    int fd = file_scratch(e);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w+b");
    if (f) setvbuf(f, NULL, _IOFBF, 1 << 20);
    else if (fd >= 0) err_sys(e, "could not open a scratch file");
    return f;
}

static bool put(FILE *f, const void *p, size_t n, struct err *e)
{
    return fwrite(p, 1, n, f) == n || err_sys(e, "could not write a scratch file");
}

struct continuation { uint32_t word; uint64_t count; };
struct group { struct continuation *at; size_t n, cap; };

/* One context's continuations: its gamma to the scratch file, their shares to suffix order. key: of the context, n - 1 words. */
static bool share_group(struct ngram_trainer *t, int n, const unsigned char *key, const struct group *g, struct err *e)
{
    const struct stats *s = &t->stats[n - 1];
    uint64_t sum = 0, pruned = 0, kinds[4] = { 0 };
    for (size_t i = 0; i < g->n; i++) {
        uint64_t count = g->at[i].count & ~PRUNED;
        sum += count;
        if (g->at[i].count & PRUNED) pruned += count;
        else kinds[count < 3 ? count : 3]++;
    }
    float gamma = 0;
    for (int k = 1; k <= 3; k++) gamma += s->discount[k] * (float)kinds[k];
    gamma = (gamma + (float)pruned) / (float)sum;
    if (!put(t->gammas[n - 2], key, (size_t)(KEY * (n - 1)), e) || !put(t->gammas[n - 2], &gamma, sizeof gamma, e)) return false;
    unsigned char record[KEY * MOST + sizeof(struct share)];
    memcpy(record + KEY, key, (size_t)(KEY * (n - 1)));
    for (size_t i = 0; i < g->n; i++) {
        if (g->at[i].count & PRUNED) continue;
        struct share x = { discounted(s, g->at[i].count) / (float)sum, gamma };
        be32_put(record, g->at[i].word);
        memcpy(record + KEY * n, &x, sizeof x);
        if (!sort_put(t->suffix[n - 1], record, e)) return false;
    }
    return true;
}

static bool share_order(struct ngram_trainer *t, int n, struct err *e)
{
    const size_t context = (size_t)(KEY * (n - 1));
    unsigned char key[KEY * MOST];
    struct group g = { 0 };
    bool ok = true;
    t->suffix[n - 1] = sort_open((size_t)(KEY * n) + sizeof(struct share), (size_t)(KEY * n), t->o.memory / 2 / (size_t)(t->o.order - 1), t->o.threads);
    for (const unsigned char *r; ok && (r = sort_next(t->context[n - 1], e)); ) {
        if (g.n && memcmp(key, r, context)) {
            ok = share_group(t, n, key, &g, e);
            g.n = 0;
        }
        memcpy(key, r, context);
        if (g.n == g.cap) g.at = mem_grow(g.at, &g.cap, g.n + 1, sizeof *g.at);
        struct continuation *c = &g.at[g.n++];
        c->word = be32_get(r + context);
        memcpy(&c->count, r + KEY * n, sizeof c->count);
    }
    ok = ok && !e->kind && (!g.n || share_group(t, n, key, &g, e));
    free(g.at);
    close_sort(t, &t->context[n - 1]);
    return ok;
}

/* ---- 4. mix ---- */

/* The next share of each order, and the next context's gamma. */
struct heads {
    const unsigned char *share[MOST];
    unsigned char gamma_key[MOST][KEY * MOST];
    float gamma[MOST];
    bool has_gamma[MOST];
};

static void next_gamma(const struct ngram_trainer *t, struct heads *h, int n)
{
    const size_t size = (size_t)(KEY * n);
    h->has_gamma[n - 1] = fread(h->gamma_key[n - 1], 1, size, t->gammas[n - 1]) == size
        && fread(&h->gamma[n - 1], sizeof(float), 1, t->gammas[n - 1]) == 1;
}

/* log10 of the gamma of the context that is this n-gram; 0 when nothing follows it. */
static float backoff_of(const struct ngram_trainer *t, struct heads *h, const unsigned char *key, int n)
{
    if (n == t->o.order) return 0;
    int cmp = -1;
    while (h->has_gamma[n - 1] && (cmp = memcmp(h->gamma_key[n - 1], key, (size_t)(KEY * n))) < 0) next_gamma(t, h, n);
    return h->has_gamma[n - 1] && cmp == 0 ? log10f(h->gamma[n - 1]) : 0;
}

static bool put_row(struct ngram_trainer *t, const unsigned char *key, int n, float p, float backoff, struct err *e)
{
    struct row row = { log10f(p), backoff, { 0 } };
    for (int i = 0; i < n; i++) row.words[n - 1 - i] = be32_get(key + KEY * i);
    t->n_rows[n - 1]++;
    return put(t->rows[n - 1], &row, 2 * sizeof(float) + (size_t)(KEY * n), e);
}

/* All n-grams of order n that end in the n - 1 words of `shorter`, whose probability is p, and then those that end in them. */
static bool mix(struct ngram_trainer *t, struct heads *h, int n, const unsigned char *shorter, float p, struct err *e)
{
    unsigned char key[KEY * MOST];
    while (h->share[n - 1] && !memcmp(h->share[n - 1], shorter, (size_t)(KEY * (n - 1)))) {
        struct share x;
        memcpy(key, h->share[n - 1], (size_t)(KEY * n));
        memcpy(&x, h->share[n - 1] + KEY * n, sizeof x);
        const float mixed = x.p + x.gamma * p;
        if (!put_row(t, key, n, mixed, backoff_of(t, h, key, n), e)) return false;
        h->share[n - 1] = sort_next(t->suffix[n - 1], e);
        if (e->kind || (n < t->o.order && !mix(t, h, n + 1, key, mixed, e))) return false;
    }
    return true;
}

/* Words: their shares are found here, all at once; what is taken from them is spread over all but <s>. */
static bool mix_all(struct ngram_trainer *t, struct err *e)
{
    struct heads h = { 0 };
    const struct stats *s = &t->stats[0];
    uint64_t sum = 0, kinds[4] = { 0 };
    for (int n = 2; n <= t->o.order; n++) {
        h.share[n - 1] = sort_next(t->suffix[n - 1], e);
        if (e->kind) return false;
        rewind(t->gammas[n - 2]);
        next_gamma(t, &h, n - 1);
    }
    for (uint32_t w = 0; w < t->words.n; w++) {
        sum += t->unigrams[w];
        kinds[t->unigrams[w] < 3 ? t->unigrams[w] : 3]++;
    }
    float gamma = 0;
    for (int k = 1; k <= 3; k++) gamma += s->discount[k] * (float)kinds[k];
    gamma /= (float)sum;
    const float uniform = 1 / (float)(t->words.n - 1);
    for (uint32_t w = 0; w < t->words.n; w++) {
        unsigned char key[KEY];
        be32_put(key, w);
        float p = w == BOS ? 1 : (t->unigrams[w] ? discounted(s, t->unigrams[w]) / (float)sum : 0) + gamma * uniform;
        if (!put_row(t, key, 1, p, backoff_of(t, &h, key, 1), e) || !mix(t, &h, 2, key, p, e)) return false;
    }
    return true;
}

/* ---- out ---- */

static bool read_row(const struct ngram_trainer *t, int n, struct row *row, struct err *e)
{
    const size_t size = 2 * sizeof(float) + (size_t)(KEY * n);
    return fread(row, 1, size, t->rows[n - 1]) == size || err_sys(e, "could not read a scratch file");
}

/* Seven decimals, which is more than a float of this size has. */
static void put_log(struct buf *b, float x)
{
    enum { SCALE = 10000000 };
    char digits[32];
    long long v = llrint((double)x * SCALE);
    if (v < 0) buf_putc(b, '-');
    v = v < 0 ? -v : v;
    buf_put(b, (struct str){ digits, (size_t)snprintf(digits, sizeof digits, "%lld.%07lld", v / SCALE, v % SCALE) });
}

static bool write_section(const struct ngram_trainer *t, int n, struct output *o, struct buf *b, struct err *e)
{
    enum { FULL = 1 << 22 };
    struct row row = { 0 };
    buf_printf(b, "\n\\%d-grams:\n", n);
    rewind(t->rows[n - 1]);
    for (uint64_t i = 0; i < t->n_rows[n - 1]; i++) {
        if (!read_row(t, n, &row, e)) return false;
        put_log(b, row.p);
        for (int k = 0; k < n; k++) {
            buf_putc(b, k ? ' ' : '\t');
            buf_put(b, (struct str){ t->words.entries[row.words[k]].p, t->words.entries[row.words[k]].n });
        }
        if (n < t->o.order) { buf_putc(b, '\t'); put_log(b, row.backoff); }
        buf_putc(b, '\n');
        if (b->n < FULL) continue;
        if (!output_write(o, buf_str(b), e)) return false;
        buf_reset(b);
    }
    return true;
}

static bool write_arpa(const struct ngram_trainer *t, const char *path, struct err *e)
{
    struct output *o = output_open(path, e);
    if (!o) return false;
    struct buf b = { 0 };
    buf_put(&b, S("\\data\\\n"));
    for (int n = 1; n <= t->o.order; n++) buf_printf(&b, "ngram %d=%llu\n", n, (unsigned long long)t->n_rows[n - 1]);
    bool ok = true;
    for (int n = 1; ok && n <= t->o.order; n++) ok = write_section(t, n, o, &b, e);
    buf_put(&b, S("\n\\end\\\n"));
    ok = ok && output_write(o, buf_str(&b), e);
    buf_free(&b);
    if (ok) return output_done(o, e);
    output_drop(o);
    return false;
}

static bool write_binary(const struct ngram_trainer *t, const char *path, struct err *e)
{
    struct ngram *m = ngram_new(t->o.order, t->n_rows, e);
    if (!m) return false;
    bool ok = true;
    struct row row = { 0 };
    for (int n = 1; n <= t->o.order; n++) {
        rewind(t->rows[n - 1]);
        for (uint64_t i = 0; ok && i < t->n_rows[n - 1]; i++) {
            ok = read_row(t, n, &row, e);
            struct ngram_weights w = { row.p, row.backoff };
            if (ok && n > 1) ngram_put(m, row.words, n, w);
            else if (ok) ok = ngram_put_word(m, (struct str){ t->words.entries[i].p, t->words.entries[i].n }, (uint32_t)i, w)
                           || err_set(e, ERR_DATA, "two words share a 64-bit hash");
        }
    }
    ok = ok && ngram_write(m, path, e);
    ngram_close(m);
    return ok;
}

static bool estimate(struct ngram_trainer *t, struct err *e)
{
    const int order = t->o.order;
    const size_t each = t->o.memory / 2 / (size_t)(order - 1);
    for (int n = 1; n <= order; n++) {
        if (!(t->rows[n - 1] = scratch(e)) || (n < order && !(t->gammas[n - 1] = scratch(e)))) return false;
        if (n > 1) t->context[n - 1] = sort_open((size_t)(KEY * n) + sizeof(uint64_t), (size_t)(KEY * n), each, t->o.threads);
    }
    t->unigrams = mem_zero(t->words.n, sizeof *t->unigrams);
    if (!spill(t, e)) return false;
    free(t->table);
    t->table = NULL;
    t->slots = 0;
    if (!adjust(t, e)) return false;
    for (int n = 1; n <= order; n++) set_discounts(&t->stats[n - 1]);
    for (int n = 2; n <= order; n++) if (!share_order(t, n, e)) return false;
    return mix_all(t, e);
}

bool ngram_trainer_write(struct ngram_trainer *t, const char *path, struct err *e)
{
    if (!estimate(t, e)) return false;
    for (int n = 2; n <= t->o.order; n++) close_sort(t, &t->suffix[n - 1]);
    return str_ends(str_of(path), S(".arpa")) ? write_arpa(t, path, e) : write_binary(t, path, e);
}
