/* ngram_train.c - adjusted counts, discounts, interpolation: streams of sorted n-grams, one order after the other.
 * SPDX-License-Identifier: Apache-2.0
 *
 * For each order n, from 2 on, over the counts of the highest order in suffix order (last word first):
 *
 * 1. adjust    every n-gram is a suffix of those, so it comes out of the same stream: how many words stand before it
 *              (the count itself when it begins with <s>); into context order: the words before the last, last of them
 *              first
 * 2. share     in context order all continuations of a context are neighbours: sum them, discount each; what was taken
 *              (gamma) is the back-off of the context, which finishes the n-gram of order n - 1 that it is; back into
 *              suffix order
 * 3. mix       in suffix order an n-gram follows the shorter one that it is interpolated with: p = share + gamma * p(shorter)
 *
 * Both sorts are stable, so that they need less than the whole key: what comes in suffix order is in the order of its
 * last words already, and what comes in context order needs the last word alone.
 */
#include "core/sort.h"
#include "model/ngram_model.h"
#include "model/ngram_rows.h"

#include <math.h>
#include <stdlib.h>

enum { MOST = NGRAM_MAX_ORDER, WORD = NGRAM_WORD };
static const uint64_t PRUNED = (uint64_t)1 << 63;              /* in a count of context order */

struct stats { uint64_t n[5]; float discount[4]; };            /* n-grams of adjusted count 1 .. 4 */
struct share { float p, gamma; };

struct training {
    const struct ngram_train_options *o;
    struct ngram_counter *c;
    struct ngram_rows counts;                     /* u64: of the highest order, each once */
    struct ngram_rows shorter, mixed;             /* f32 p: of order n - 1, and of n in the making */
    struct ngram_rows done[MOST];
    struct sort *context, *suffix;                /* { words before the last, the last, u64 }; { key, struct share } */
    uint64_t *unigrams;                           /* adjusted counts by word */
    struct stats stats;                           /* of order n */
};

static void close_sort(struct training *t, struct sort **s)
{
    if (!*s) return;
    t->c->spilled += sort_spilled(*s);
    sort_close(*s);
    *s = NULL;
}

/* ---- 1. adjust ---- */

/* one n-gram: how often, after how many words */
struct adjusted { unsigned char key[NGRAM_KEY]; uint64_t seen, before; bool any; };

static bool begins(const unsigned char *key, int n) { return be32_get(key + WORD * (n - 1)) == NGRAM_BOS; }

static bool emit(struct training *t, const struct adjusted *a, int n, struct err *e)
{
    unsigned char record[NGRAM_KEY + sizeof(uint64_t)];
    uint64_t count = n == t->o->order || begins(a->key, n) ? a->seen : a->before;
    if (count < 5) t->stats.n[count]++;
    if (n == 1) { t->unigrams[be32_get(a->key)] = count; return true; }
    if (a->seen <= t->o->prune[n - 1]) count |= PRUNED;
    memcpy(record, a->key + WORD, (size_t)(WORD * (n - 1)));
    memcpy(record + WORD * (n - 1), a->key, WORD);
    memcpy(record + WORD * n, &count, sizeof count);
    return sort_put(t->context, record, e);
}

/* An n-gram with <s> anywhere but in front is none. */
static bool is_ngram(const unsigned char *key, int n)
{
    for (int i = 1; i < n; i++) if (begins(key, i)) return false;
    return true;
}

static bool adjust(struct training *t, int n, struct err *e)
{
    const size_t size = (size_t)(WORD * n);
    struct ngram_rows *r = &t->counts;
    struct adjusted a = { .any = false };
    unsigned char before[WORD];
    t->stats = (struct stats){ 0 };
    for (ngram_rows_rewind(r); ngram_rows_next(r, e) && r->any; ) {
        uint64_t count;
        memcpy(&count, r->row + r->key, sizeof count);
        if (a.any && !memcmp(a.key, r->row, size)) {
            a.seen += count;
            a.before += n < t->o->order && memcmp(before, r->row + size, WORD);
        } else {
            if (a.any && !emit(t, &a, n, e)) return false;
            a = (struct adjusted){ .seen = count, .before = 1, .any = is_ngram(r->row, n) };
            memcpy(a.key, r->row, size);
        }
        if (n < t->o->order) memcpy(before, r->row + size, WORD);
    }
    return !e->kind && (!a.any || emit(t, &a, n, e));
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

static float discounted(const struct stats *s, uint64_t count)
{
    return (float)count - s->discount[count < 3 ? count : 3];
}

/* ---- 2. share ---- */

/* Finishes the next of the shorter n-grams; gamma 0: nothing follows it, and it has no back-off. */
static bool finish_one(struct training *t, int n, float gamma, struct err *e)
{
    struct ngram_rows *r = &t->shorter;
    float p;
    memcpy(&p, r->row + r->key, sizeof p);
    const struct ngram_log log = { log10f(p), gamma > 0 ? log10f(gamma) : 0 };
    return ngram_rows_put(&t->done[n - 2], r->row, &log, e) && ngram_rows_next(r, e);
}

/* All shorter n-grams up to the context that gamma belongs to, which is one of them unless it was pruned. */
static bool finish(struct training *t, int n, const unsigned char *context, float gamma, struct err *e)
{
    int order = -1;
    while (t->shorter.any && (order = memcmp(t->shorter.row, context, t->shorter.key)) < 0)
        if (!finish_one(t, n, 0, e)) return false;
    return !t->shorter.any || order || finish_one(t, n, gamma, e);
}

struct continuation { uint32_t word; uint64_t count; };
struct group { struct continuation *at; size_t n, cap; };

/* One context's continuations: their shares to suffix order. context: n - 1 words. */
static bool share_group(struct training *t, int n, const unsigned char *context, const struct group *g, struct err *e)
{
    const struct stats *s = &t->stats;
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
    if (!finish(t, n, context, gamma, e)) return false;
    unsigned char record[NGRAM_KEY + sizeof(struct share)];
    memcpy(record + WORD, context, (size_t)(WORD * (n - 1)));
    for (size_t i = 0; i < g->n; i++) {
        if (g->at[i].count & PRUNED) continue;
        struct share x = { discounted(s, g->at[i].count) / (float)sum, gamma };
        be32_put(record, g->at[i].word);
        memcpy(record + WORD * n, &x, sizeof x);
        if (!sort_put(t->suffix, record, e)) return false;
    }
    return true;
}

static bool share(struct training *t, int n, struct err *e)
{
    const size_t context = (size_t)(WORD * (n - 1));
    unsigned char key[NGRAM_KEY];
    struct group g = { 0 };
    ngram_rows_rewind(&t->shorter);
    bool ok = ngram_rows_next(&t->shorter, e);
    for (const unsigned char *r; ok && (r = sort_next(t->context, e)); ) {
        if (g.n && memcmp(key, r, context)) {
            ok = share_group(t, n, key, &g, e);
            g.n = 0;
        }
        memcpy(key, r, context);
        if (g.n == g.cap) g.at = mem_grow(g.at, &g.cap, g.n + 1, sizeof *g.at);
        struct continuation *c = &g.at[g.n++];
        c->word = be32_get(r + context);
        memcpy(&c->count, r + WORD * n, sizeof c->count);
    }
    ok = ok && !e->kind && (!g.n || share_group(t, n, key, &g, e));
    while (ok && t->shorter.any) ok = finish_one(t, n, 0, e);
    free(g.at);
    return ok;
}

/* ---- 3. mix ---- */

/* Words: their shares are found here, all at once; what is taken from them is spread over all but <s>. */
static bool mix_words(struct training *t, struct err *e)
{
    const struct stats *s = &t->stats;
    const uint32_t n = t->c->words.n;
    uint64_t sum = 0, kinds[4] = { 0 };
    for (uint32_t w = 0; w < n; w++) {
        sum += t->unigrams[w];
        kinds[t->unigrams[w] < 3 ? t->unigrams[w] : 3]++;
    }
    float gamma = 0;
    for (int k = 1; k <= 3; k++) gamma += s->discount[k] * (float)kinds[k];
    gamma /= (float)sum;
    const float uniform = 1 / (float)(n - 1);
    for (uint32_t w = 0; w < n; w++) {
        unsigned char key[WORD];
        be32_put(key, w);
        const float p = w == NGRAM_BOS ? 1
                        : (t->unigrams[w] ? discounted(s, t->unigrams[w]) / (float)sum : 0) + gamma * uniform;
        if (!ngram_rows_put(&t->mixed, key, &p, e)) return false;
    }
    return true;
}

static bool mix(struct training *t, int n, struct err *e)
{
    struct ngram_rows *shorter = &t->shorter;
    ngram_rows_rewind(shorter);
    if (!ngram_rows_next(shorter, e)) return false;
    for (const unsigned char *r; (r = sort_next(t->suffix, e)); ) {
        struct share x;
        float p;
        memcpy(&x, r + WORD * n, sizeof x);
        while (shorter->any && memcmp(shorter->row, r, shorter->key)) if (!ngram_rows_next(shorter, e)) return false;
        memcpy(&p, shorter->row + shorter->key, sizeof p);
        p = x.p + x.gamma * p;
        const struct ngram_log log = { log10f(p), 0 };
        if (!(n < t->o->order ? ngram_rows_put(&t->mixed, r, &p, e) : ngram_rows_put(&t->done[n - 1], r, &log, e)))
            return false;
    }
    return !e->kind;
}

/* ---- all of it ---- */

static bool read_counts(struct training *t, struct err *e)
{
    unsigned char key[NGRAM_KEY];
    uint64_t count;
    while (ngram_counter_next(t->c, key, &count, e)) if (!ngram_rows_put(&t->counts, key, &count, e)) return false;
    return !e->kind && (t->counts.n || err_set(e, ERR_DATA, "there is no text to train on"));
}

static bool estimate_words(struct training *t, struct err *e)
{
    t->unigrams = mem_zero(t->c->words.n, sizeof *t->unigrams);
    if (!adjust(t, 1, e)) return false;
    set_discounts(&t->stats);
    return ngram_rows_open(&t->mixed, 1, sizeof(float), e) && mix_words(t, e);
}

static bool estimate_order(struct training *t, int n, struct err *e)
{
    const size_t key = (size_t)(WORD * n);
    t->shorter = t->mixed;
    t->mixed = (struct ngram_rows){ 0 };
    t->context = sort_open(key + sizeof(uint64_t), key - WORD, t->o->memory / 2, t->o->threads);
    t->suffix = sort_open(key + sizeof(struct share), WORD, t->o->memory / 2, t->o->threads);
    bool ok = ngram_rows_open(&t->mixed, n, sizeof(float), e) && adjust(t, n, e);
    set_discounts(&t->stats);
    ok = ok && share(t, n, e);
    close_sort(t, &t->context);
    ok = ok && mix(t, n, e);
    close_sort(t, &t->suffix);
    ngram_rows_close(&t->shorter);
    return ok;
}

bool ngram_train(struct ngram_counter *c, const struct ngram_train_options *o, const char *path, struct err *e)
{
    struct training t = { .o = o, .c = c };
    bool ok = ngram_rows_open(&t.counts, o->order, sizeof(uint64_t), e) && read_counts(&t, e);
    for (int n = 1; ok && n <= o->order; n++) ok = ngram_rows_open(&t.done[n - 1], n, sizeof(struct ngram_log), e);
    ok = ok && estimate_words(&t, e);
    for (int n = 2; ok && n <= o->order; n++) ok = estimate_order(&t, n, e);
    ngram_rows_close(&t.counts);
    ngram_rows_close(&t.shorter);
    ngram_rows_close(&t.mixed);
    ok = ok && ngram_rows_write(t.done, o->order, &c->words, path, e);
    for (int n = 0; n < o->order; n++) ngram_rows_close(&t.done[n]);
    free(t.unigrams);
    return ok;
}
