/* fasttext.c - predict: text to features, features to a mean vector, the vector to labels.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Nearly all the time goes to the character n-grams of words: 20 hashes and look-ups for a word of seven letters. Words
 * repeat, so a scratch keeps for frequent words the sum of their rows, in a table where a newer word takes an older
 * one's slot. A word's rows are always summed by themselves first and then added to the text's sum: the same floats
 * whether it was remembered or not.
 */
#include "model/fasttext_model.h"

#include <math.h>
#include <stdlib.h>

enum { CACHED = 23, CACHE_SLOTS = 1 << 14, CACHE_BYTES = 4 << 20 };
struct cached { char word[CACHED]; uint8_t n; uint32_t hash, rows; bool skip; };     /* n 0: free */

struct branch { uint32_t node; float p; };

struct fasttext_scratch {
    struct cached *cache;                  /* (mask + 1), NULL when words have no n-grams */
    float *cached;                         /* (mask + 1, dim) */
    uint32_t mask;
    float *sum, *word;                     /* (dim): of the text, of one word */
    uint64_t rows;                         /* features in sum */
    uint32_t *hashes;                      /* of the text's words, for word n-grams */
    size_t n_hashes, cap_hashes;
    float *out;                            /* (nlabels) */
    struct branch *todo;                   /* (nlabels): branches of the tree not yet walked */
};

struct fasttext_scratch *fasttext_scratch_new(const struct fasttext *m)
{
    struct fasttext_scratch *s = mem_zero(1, sizeof *s);
    size_t dim = (size_t)m->args.dim, slots = CACHE_SLOTS;
    while (slots > 1 && slots * dim * sizeof(float) > CACHE_BYTES) slots /= 2;
    s->mask = (uint32_t)(slots - 1);
    if (m->args.maxn > 0) {
        s->cache = mem_zero(slots, sizeof *s->cache);
        s->cached = mem_alloc(mem_size(slots, dim), sizeof *s->cached);
    }
    s->sum = mem_alloc(dim, sizeof *s->sum);
    s->word = mem_alloc(dim, sizeof *s->word);
    s->out = mem_alloc(m->nlabels, sizeof *s->out);
    s->todo = mem_alloc((size_t)m->nlabels + 1, sizeof *s->todo);
    return s;
}

void fasttext_scratch_free(struct fasttext_scratch *s)
{
    if (!s) return;
    free(s->cache);
    free(s->cached);
    free(s->sum);
    free(s->word);
    free(s->hashes);
    free(s->out);
    free(s->todo);
    free(s);
}

/* ---- rows ---- */

static inline void add(float *to, const ft_float *from, size_t n)
{
    for (size_t i = 0; i < n; i++) to[i] += from[i];
}

static void add_quantised(float *to, const struct ft_matrix *x, size_t row)
{
    const struct ft_pq *q = &x->pq;
    const uint8_t *code = x->codes + row * (size_t)q->parts;
    float norm = x->norm_codes ? x->norm.centroids[x->norm_codes[row]] : 1;
    for (int32_t part = 0; part < q->parts; part++) {
        size_t n = (size_t)(part == q->parts - 1 ? q->lastdsub : q->dsub);
        const ft_float *at = q->centroids + (size_t)part * FT_CENTROIDS * (size_t)q->dsub + code[part] * n;
        for (size_t i = 0; i < n; i++) *to++ += norm * at[i];
    }
}

static inline void add_row(float *to, const struct ft_matrix *x, size_t row)
{
    if (x->dense) add(to, x->dense + row * x->cols, x->cols);
    else add_quantised(to, x, row);
}

static float dot_row(const float *v, const struct ft_matrix *x, size_t row)
{
    if (x->dense) return ft_dot(v, x->dense + row * x->cols, x->cols);
    const struct ft_pq *q = &x->pq;
    const uint8_t *code = x->codes + row * (size_t)q->parts;
    float sum = 0;
    for (int32_t part = 0; part < q->parts; part++) {
        size_t n = (size_t)(part == q->parts - 1 ? q->lastdsub : q->dsub);
        const ft_float *at = q->centroids + (size_t)part * FT_CENTROIDS * (size_t)q->dsub + code[part] * n;
        for (size_t i = 0; i < n; i++) sum += *v++ * at[i];
    }
    return x->norm_codes ? sum * x->norm.centroids[x->norm_codes[row]] : sum;
}

/* ---- features ---- */

static inline uint32_t bucket_of(const struct fasttext *m, uint32_t hash)
{
    return ft_bucket(m->bucket_inverse, (uint32_t)m->args.bucket, hash);
}

/* Adds a bucket's row, if the model kept it; returns how many were added. */
static inline uint32_t add_bucket(const struct fasttext *m, float *to, uint32_t bucket)
{
    uint32_t row = bucket;
    if (m->pruned) {
        if (!(m->kept.bits[bucket / 64] >> bucket % 64 & 1)) return 0;
        row = m->kept.row[ft_kept_at(&m->kept, bucket)];
    }
    add_row(to, &m->in, (size_t)m->nwords + row);
    return 1;
}

/* The n-grams that begin at `at` in "<word>": the marks are not in memory, so begin and end are said. */
static uint32_t add_grams_at(const struct fasttext *m, float *to, const char *at, const char *end, bool first)
{
    const int minn = m->args.minn, maxn = m->args.maxn;
    uint32_t h = (uint32_t)FT_HASH_START, rows = 0;
    int n = 0;
    if (first) {
        h = ft_hash_byte(h, '<');
        n = 1;                                                 /* "<" alone is no n-gram */
    }
    while (n < maxn && at < end) {
        do h = ft_hash_byte(h, *at++); while (at < end && (*at & 0xC0) == 0x80);
        if (++n >= minn) rows += add_bucket(m, to, bucket_of(m, h));
    }
    if (n < maxn && n > 0 && n + 1 >= minn) rows += add_bucket(m, to, bucket_of(m, ft_hash_byte(h, '>')));
    return rows;
}

static uint32_t add_grams(const struct fasttext *m, float *to, struct str word)
{
    const char *end = word.p + word.n;
    uint32_t rows = add_grams_at(m, to, word.p, end, true);
    for (const char *p = word.p; p < end; p++)
        if ((*p & 0xC0) != 0x80) rows += add_grams_at(m, to, p, end, false);
    return rows;
}

/* All rows of one word, added to `to`; *skip: it is a label, no word. */
static uint32_t add_word(const struct fasttext *m, float *to, struct str word, uint32_t hash, bool *skip)
{
    int64_t id = ft_find(m, word, hash);
    *skip = id >= (int64_t)m->nwords || (id < 0 && str_starts(word, FT_LABEL));
    if (*skip) return 0;
    uint32_t rows = 0;
    if (id >= 0) {
        add_row(to, &m->in, (size_t)id);
        rows = 1;
    }
    if (m->args.maxn > 0 && !str_eq(word, FT_EOS)) rows += add_grams(m, to, word);
    return rows;
}

static void word_seen(const struct fasttext *m, struct fasttext_scratch *s, uint32_t hash)
{
    if (m->args.word_ngrams <= 1) return;
    if (s->n_hashes == s->cap_hashes)
        s->hashes = mem_grow(s->hashes, &s->cap_hashes, s->n_hashes + 1, sizeof *s->hashes);
    s->hashes[s->n_hashes++] = hash;
}

static void add_remembered(const struct fasttext *m, struct fasttext_scratch *s, struct str word, uint32_t hash)
{
    const size_t dim = (size_t)m->args.dim;
    uint32_t at = (hash ^ hash >> 15) & s->mask;
    struct cached *c = &s->cache[at];
    float *sum = s->cached + at * dim;
    if (c->n != word.n || c->hash != hash || memcmp(c->word, word.p, word.n)) {
        memset(sum, 0, dim * sizeof *sum);
        memcpy(c->word, word.p, word.n);
        c->n = (uint8_t)word.n;
        c->hash = hash;
        c->rows = add_word(m, sum, word, hash, &c->skip);
    }
    if (c->rows) add(s->sum, sum, dim);
    s->rows += c->rows;
    if (!c->skip) word_seen(m, s, hash);
}

static void add_token(const struct fasttext *m, struct fasttext_scratch *s, struct str word, uint32_t hash)
{
    if (s->cache && word.n <= CACHED) { add_remembered(m, s, word, hash); return; }
    const size_t dim = (size_t)m->args.dim;
    bool skip;
    memset(s->word, 0, dim * sizeof *s->word);
    uint32_t rows = add_word(m, s->word, word, hash, &skip);
    if (rows) add(s->sum, s->word, dim);
    s->rows += rows;
    if (!skip) word_seen(m, s, hash);
}

static void add_word_ngrams(const struct fasttext *m, struct fasttext_scratch *s)
{
    const size_t most = m->args.word_ngrams > 0 ? (size_t)m->args.word_ngrams : 0;
    for (size_t i = 0; i < s->n_hashes; i++) {
        uint64_t h = (uint64_t)(int64_t)(int32_t)s->hashes[i];
        for (size_t j = i + 1; j < s->n_hashes && j < i + most; j++) {
            h = h * 116049371 + (uint64_t)(int64_t)(int32_t)s->hashes[j];
            s->rows += add_bucket(m, s->sum, (uint32_t)(h % (uint32_t)m->args.bucket));
        }
    }
}

static void add_text(const struct fasttext *m, struct fasttext_scratch *s, struct str text)
{
    const char *p = text.p, *end = p + text.n;
    for (;;) {
        while (p < end && ft_space(*p)) p++;
        if (p == end) break;
        const char *word = p;
        uint32_t h = (uint32_t)FT_HASH_START;
        do h = ft_hash_byte(h, *p++); while (p < end && !ft_space(*p));
        struct str it = str_span(word, p);
        if (str_eq(it, FT_EOS)) break;                         /* fastText reads a line to its first end of line */
        add_token(m, s, it, h);
    }
    add_token(m, s, FT_EOS, ft_hash(FT_EOS));
    add_word_ngrams(m, s);
}

/* ---- labels ---- */

/* Keeps the k best of what it is shown, best first; of equals the one shown first. */
struct best { struct fasttext_hit *top; size_t n, k; };

static bool best_wants(const struct best *b, float p) { return b->n < b->k || p > b->top[b->n - 1].p; }

static void best_put(struct best *b, uint32_t label, float p)
{
    size_t at = b->n < b->k ? b->n++ : b->n - 1;
    for (; at > 0 && b->top[at - 1].p < p; at--) b->top[at] = b->top[at - 1];
    b->top[at] = (struct fasttext_hit){ label, p };
}

/* fastText adds 1e-5 before each logarithm, so along a path the sum of logarithms is the product of (p + 1e-5). */
static const float TINY = 1e-5f;

static void best_leaves(const struct fasttext *m, struct fasttext_scratch *s, float least, struct best *b)
{
    size_t n = 0;
    s->todo[n++] = (struct branch){ 2 * m->nlabels - 2, 1 };
    while (n) {
        struct branch at = s->todo[--n];
        if (at.p < least + TINY || !best_wants(b, at.p)) continue;
        const struct ft_node *node = &m->tree[at.node];
        if (node->left < 0) { best_put(b, at.node, at.p); continue; }
        float right = 1 / (1 + expf(-dot_row(s->sum, &m->out, at.node - m->nlabels))), left = 1 - right;
        struct branch l = { (uint32_t)node->left, at.p * (left + TINY) },
                      r = { (uint32_t)node->right, at.p * (right + TINY) };
        s->todo[n++] = l.p > r.p ? r : l;                      /* the likelier side first: it prunes the other */
        s->todo[n++] = l.p > r.p ? l : r;
    }
}

static void softmax(float *x, size_t n)
{
    float most = x[0], sum = 0;
    for (size_t i = 1; i < n; i++) most = x[i] > most ? x[i] : most;
    for (size_t i = 0; i < n; i++) sum += x[i] = expf(x[i] - most);
    for (size_t i = 0; i < n; i++) x[i] /= sum;
}

static void best_labels(const struct fasttext *m, struct fasttext_scratch *s, float least, struct best *b)
{
    for (uint32_t i = 0; i < m->nlabels; i++) s->out[i] = dot_row(s->sum, &m->out, i);
    if (m->args.loss == FT_SOFTMAX) softmax(s->out, m->nlabels);
    else for (uint32_t i = 0; i < m->nlabels; i++) s->out[i] = ft_sigmoid(m->sigmoid, s->out[i]);
    for (uint32_t i = 0; i < m->nlabels; i++)
        if (s->out[i] >= least && best_wants(b, s->out[i] + TINY)) best_put(b, i, s->out[i] + TINY);
}

size_t fasttext_predict(const struct fasttext *m, struct fasttext_scratch *s, struct str text, size_t k, float least,
                        struct fasttext_hit *top)
{
    const size_t dim = (size_t)m->args.dim;
    memset(s->sum, 0, dim * sizeof *s->sum);
    s->rows = s->n_hashes = 0;
    add_text(m, s, text);
    if (!s->rows || !k) return 0;
    const float scale = (float)(1.0 / (double)s->rows);
    for (size_t i = 0; i < dim; i++) s->sum[i] *= scale;
    struct best b = { top, 0, k };
    if (m->args.loss == FT_HS) best_leaves(m, s, least, &b);
    else best_labels(m, s, least, &b);
    return b.n;
}
