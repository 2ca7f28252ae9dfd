/* fasttext_load.c - read a fastText model file, believing none of it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A cursor walks the mapped bytes; every count is checked against the bytes that are left before
 * anything is allocated for it, and every index that prediction will follow is checked here, once.
 */
#include "core/utf8.h"
#include "model/fasttext_model.h"

#include <stdlib.h>

enum { MAX_BUCKETS = 1 << 28, MAX_DIM = 1 << 16, MAX_NGRAM = 64 };
static const int64_t MAX_COUNT = 1000000000000000;             /* the tree's own "not built yet", as in fastText */
/* bytes: quantised matrices up to this are decoded when loaded */
static const uint64_t DECODE_LIMIT = 64 << 20;

struct cursor { const char *p, *end; };

static size_t left(const struct cursor *c) { return (size_t)(c->end - c->p); }

static bool take(struct cursor *c, void *to, size_t n, struct err *e)
{
    if (left(c) < n) return err_set(e, ERR_DATA, "fastText model is truncated");
    memcpy(to, c->p, n);
    c->p += n;
    return true;
}

static bool take_flag(struct cursor *c, bool *flag, struct err *e)
{
    uint8_t b = 0;
    if (!take(c, &b, 1, e)) return false;
    *flag = b != 0;
    return b <= 1 || err_set(e, ERR_DATA, "fastText model: a flag is %d, neither 0 nor 1", b);
}

/* n items of size bytes each, in place. */
static bool take_span(struct cursor *c, uint64_t n, uint64_t size, const void **to, struct err *e)
{
    if (n && size > left(c) / n) return err_set(e, ERR_DATA, "fastText model is truncated");
    *to = c->p;
    c->p += n * size;
    return true;
}

static bool load_args(struct cursor *c, struct ft_args *a, struct err *e)
{
    int32_t magic = 0, version = 0;
    if (!take(c, &magic, 4, e) || !take(c, &version, 4, e)) return false;
    if (magic != FT_MAGIC) return err_set(e, ERR_DATA, "not a fastText model");
    if (version != FT_VERSION && version != FT_VERSION - 1)
        return err_set(e, ERR_DATA, "fastText model of version %d: versions 11 and 12 are read", version);
    if (!take(c, a, 12 * sizeof(int32_t), e) || !take(c, &a->t, sizeof a->t, e)) return false;
    if (a->model != FT_SUPERVISED)
        return err_set(e, ERR_DATA, "fastText model holds word vectors, not a classifier");
    if (version == FT_VERSION - 1) a->maxn = 0;
    if (a->loss < FT_HS || a->loss > FT_OVA) return err_set(e, ERR_DATA, "fastText model: unknown loss %d", a->loss);
    if (a->dim < 1 || a->dim > MAX_DIM) return err_set(e, ERR_DATA, "fastText model: dimension %d", a->dim);
    if (a->maxn > MAX_NGRAM) return err_set(e, ERR_DATA, "fastText model: n-grams of %d characters", a->maxn);
    if (a->bucket < 0 || a->bucket > MAX_BUCKETS) return err_set(e, ERR_DATA, "fastText model: %d buckets", a->bucket);
    if (!a->bucket && (a->maxn > 0 || a->word_ngrams > 1))
        return err_set(e, ERR_DATA, "fastText model: n-grams without buckets");
    return true;
}

static bool load_entries(struct fasttext *m, struct cursor *c, struct err *e)
{
    int64_t *counts = m->counts;
    uint32_t n = m->nwords + m->nlabels;
    int64_t labels = 0;
    for (uint32_t i = 0; i < n; i++) {
        const char *nul = memchr(c->p, 0, left(c));
        if (!nul) return err_set(e, ERR_DATA, "fastText model is truncated");
        struct str word = str_span(c->p, nul);
        if (word.n > UINT32_MAX) return err_set(e, ERR_DATA, "fastText model: a word of %zu bytes", word.n);
        m->entries[i] = (struct ft_entry){ word.p, (uint32_t)word.n, ft_hash(word) };
        c->p = nul + 1;
        bool label = false;
        if (!take(c, &counts[i], 8, e) || !take_flag(c, &label, e)) return false;
        if (label != (i >= m->nwords)) return err_set(e, ERR_DATA, "fastText model: words and labels are mixed");
        if (label && !utf8_valid(word))
            return err_set(e, ERR_DATA, "fastText model: label %u is not UTF-8", i - m->nwords);
        if (counts[i] < 0 || counts[i] >= MAX_COUNT || (label && (labels += counts[i]) >= MAX_COUNT))
            return err_set(e, ERR_DATA, "fastText model: word %u is counted %lld times", i, (long long)counts[i]);
    }
    return true;
}

/* The pairs of a pruned model; their rows are checked against the matrix by check_rows(). */
static bool load_kept(struct fasttext *m, struct cursor *c, uint64_t n, uint32_t *most, struct err *e)
{
    const void *pairs = NULL;
    if (!take_span(c, n, sizeof(struct ft_pair), &pairs, e)) return false;
    if (n > (uint64_t)m->args.bucket)
        return err_set(e, ERR_DATA, "fastText model: more n-grams kept than there are buckets");
    m->kept_pairs = pairs;
    m->n_kept = n;
    for (uint64_t i = 0; i < n; i++) {
        struct ft_pair p = m->kept_pairs[i];
        if (p.bucket < 0 || p.bucket >= m->args.bucket || p.row < 0)
            return err_set(e, ERR_DATA, "fastText model: pruned bucket %d at row %d", p.bucket, p.row);
        if ((uint32_t)p.row > *most) *most = (uint32_t)p.row;
    }
    ft_index_kept(m);
    return true;
}

static bool load_dictionary(struct fasttext *m, struct cursor *c, uint32_t *most, struct err *e)
{
    struct { int32_t size, nwords, nlabels; } n = { 0 };
    int64_t ntokens = 0, prune = -1;
    enum { ENTRY = 10 };                                       /* bytes of the shortest entry */
    if (!take(c, &n, sizeof n, e) || !take(c, &ntokens, 8, e) || !take(c, &prune, 8, e)) return false;
    if (n.nwords < 0 || n.nlabels < 1 || n.size < 1 || (int64_t)n.nwords + n.nlabels != n.size)
        return err_set(e, ERR_DATA, "fastText model: %d entries, %d words and %d labels", n.size, n.nwords, n.nlabels);
    if ((size_t)n.size > left(c) / ENTRY) return err_set(e, ERR_DATA, "fastText model is truncated");
    m->nwords = (uint32_t)n.nwords;
    m->nlabels = (uint32_t)n.nlabels;
    m->entries = mem_alloc((size_t)n.size, sizeof *m->entries);
    m->counts = mem_alloc((size_t)n.size, sizeof *m->counts);
    m->tokens = ntokens;
    if (!load_entries(m, c, e)) return false;
    if (m->args.loss == FT_HS) {
        m->tree = mem_alloc(2 * (size_t)m->nlabels - 1, sizeof *m->tree);
        ft_tree(m->counts + m->nwords, m->nlabels, m->tree, NULL, NULL);
    }
    ft_index_entries(m);
    m->pruned = prune >= 0;
    if (!m->pruned) return true;
    return load_kept(m, c, (uint64_t)prune, most, e);
}

static bool load_pq(struct cursor *c, struct ft_pq *q, size_t cols, struct err *e)
{
    int32_t n[4] = { 0 };
    if (!take(c, n, sizeof n, e)) return false;
    *q = (struct ft_pq){ n[0], n[1], n[2], n[3], NULL };
    bool fits = q->dim > 0 && (size_t)q->dim == cols && q->parts > 0 && q->dsub > 0 && q->lastdsub > 0
                && q->lastdsub <= q->dsub
        && (int64_t)(q->parts - 1) * q->dsub + q->lastdsub == q->dim;
    if (!fits) return err_set(e, ERR_DATA, "fastText model: %d parts of %d (the last %d) do not make %zu columns",
                              q->parts, q->dsub, q->lastdsub, cols);
    const void *centroids = NULL;
    if (!take_span(c, (uint64_t)cols, FT_CENTROIDS * sizeof(float), &centroids, e)) return false;
    q->centroids = centroids;
    return true;
}

static void decode_row(const struct ft_matrix *x, size_t row, float *to)
{
    const struct ft_pq *q = &x->pq;
    const uint8_t *code = x->codes + row * (size_t)q->parts;
    float norm = x->norm_codes ? x->norm.centroids[x->norm_codes[row]] : 1;
    for (int32_t part = 0; part < q->parts; part++) {
        size_t n = (size_t)(part == q->parts - 1 ? q->lastdsub : q->dsub);
        const ft_float *at = q->centroids + (size_t)part * FT_CENTROIDS * (size_t)q->dsub + code[part] * n;
        for (size_t i = 0; i < n; i++) *to++ = norm * at[i];
    }
}

static void decode(struct ft_matrix *x)
{
    x->own = mem_alloc(mem_size(x->rows, x->cols), sizeof *x->own);
    for (size_t r = 0; r < x->rows; r++) decode_row(x, r, x->own + r * x->cols);
    x->dense = x->own;
}

static bool load_quantised(struct cursor *c, struct ft_matrix *x, struct err *e)
{
    bool norms = false;
    int64_t shape[2] = { 0 };
    int32_t size = 0;
    const void *codes = NULL, *norm_codes = NULL;
    if (!take_flag(c, &norms, e) || !take(c, shape, sizeof shape, e) || !take(c, &size, 4, e)) return false;
    if (shape[0] < 1 || shape[1] < 1 || size < 1 || !take_span(c, (uint64_t)size, 1, &codes, e))
        return e->kind ? false : err_set(e, ERR_DATA, "fastText model: a quantised matrix of %d bytes", size);
    x->rows = (size_t)shape[0];
    x->cols = (size_t)shape[1];
    x->codes = codes;
    if (!load_pq(c, &x->pq, x->cols, e)) return false;
    if (x->rows > (size_t)size || x->rows * (size_t)x->pq.parts != (size_t)size)
        return err_set(e, ERR_DATA, "fastText model: %zu rows of %d codes in %d bytes", x->rows, x->pq.parts, size);
    if (norms && (!take_span(c, x->rows, 1, &norm_codes, e) || !load_pq(c, &x->norm, 1, e))) return false;
    x->norm_codes = norm_codes;
    if (x->rows * x->cols * sizeof(float) <= DECODE_LIMIT) decode(x);
    return true;
}

static bool load_matrix(struct cursor *c, struct ft_matrix *x, bool quantised, struct err *e)
{
    if (quantised) return load_quantised(c, x, e);
    int64_t shape[2] = { 0 };
    const void *dense = NULL;
    if (!take(c, shape, sizeof shape, e)) return false;
    if (shape[0] < 1 || shape[1] < 1 || shape[1] > MAX_DIM)
        return err_set(e, ERR_DATA, "fastText model: a matrix of %lld x %lld", (long long)shape[0],
                       (long long)shape[1]);
    x->rows = (size_t)shape[0];
    x->cols = (size_t)shape[1];
    if (!take_span(c, x->rows, x->cols * sizeof(float), &dense, e)) return false;
    x->dense = dense;
    return true;
}

/* Every row that prediction may ask for is there: most is the last row after the words that pruning kept. */
static bool check_rows(const struct fasttext *m, uint32_t most, struct err *e)
{
    bool ngrams = m->args.maxn > 0 || m->args.word_ngrams > 1;
    uint64_t after = !ngrams ? 0 : !m->pruned ? (uint64_t)m->args.bucket : m->n_kept ? (uint64_t)most + 1 : 0;
    uint64_t in = m->nwords + after, out = m->args.loss == FT_HS ? m->nlabels - 1 : m->nlabels;
    if (m->in.cols != (size_t)m->args.dim || m->out.cols != (size_t)m->args.dim || m->in.rows < in || m->out.rows < out)
        return err_set(e, ERR_DATA, "fastText model: matrices %zu x %zu and %zu x %zu for %u words, %d buckets, %u labels, dimension %d",
                       m->in.rows, m->in.cols, m->out.rows, m->out.cols, m->nwords, m->args.bucket, m->nlabels,
                       m->args.dim);
    return true;
}

static bool load(struct fasttext *m, struct str file, struct err *e)
{
    struct cursor c = { file.p, file.p + file.n };
    uint32_t most = 0;
    bool quantised = false, both = false;
    if (!load_args(&c, &m->args, e) || !load_dictionary(m, &c, &most, e)) return false;
    if (!take_flag(&c, &quantised, e) || !load_matrix(&c, &m->in, quantised, e)) return false;
    if (!take_flag(&c, &both, e) || !load_matrix(&c, &m->out, quantised && both, e)) return false;
    if (m->args.bucket) m->bucket_inverse = UINT64_MAX / (uint32_t)m->args.bucket + 1;
    ft_sigmoid_table(m->sigmoid);
    return check_rows(m, most, e);
}

struct fasttext *fasttext_parse(struct str file, struct err *e)
{
    struct fasttext *m = mem_zero(1, sizeof *m);
    if (load(m, file, e)) return m;
    fasttext_close(m);
    return NULL;
}

struct fasttext *fasttext_open(const char *path, struct err *e)
{
    struct map map;
    if (!map_open(&map, path, e)) return NULL;
    struct fasttext *m = fasttext_parse((struct str){ map.p, map.n }, e);
    if (m) m->map = map;
    else { map_close(&map); err_in(e, "%s", path); }
    return m;
}

void fasttext_close(struct fasttext *m)
{
    if (!m) return;
    ft_free_parts(m);
    if (m->map.p) map_close(&m->map);
    free(m);
}

size_t fasttext_labels(const struct fasttext *m) { return m->nlabels; }

struct str fasttext_label(const struct fasttext *m, uint32_t label)
{
    const struct ft_entry *it = &m->entries[m->nwords + label];
    return (struct str){ it->p, it->n };
}

struct str fasttext_label_short(const struct fasttext *m, uint32_t label)
{
    struct str s = fasttext_label(m, label);
    return str_starts(s, FT_LABEL) ? (struct str){ s.p + FT_LABEL.n, s.n - FT_LABEL.n } : s;
}
