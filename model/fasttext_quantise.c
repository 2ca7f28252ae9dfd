/* fasttext_quantise.c - choose rows, train them again, quantise, write.
 * SPDX-License-Identifier: Apache-2.0
 *
 * With a cutoff the input rows of the greatest length stay, </s> always, as in fastText's quantize: words in the
 * dictionary's order, then the n-gram buckets, longest first, each with a pair that names its row.
 */
#include "model/fasttext_corpus.h"
#include "model/fasttext_pq.h"
#include "model/fasttext_quantise.h"

#include <stdlib.h>

/* a model with matrices of its own; entries' text is the first model's */
struct pruned { struct fasttext m; struct ft_pair *pairs; };

struct row { uint32_t id; float norm; bool always; };

static int by_norm(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->always != y->always) return x->always ? -1 : 1;
    if (x->norm < y->norm || x->norm > y->norm) return x->norm > y->norm ? -1 : 1;
    return x->id < y->id ? -1 : 1;
}

static int by_id(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* The rows that stay, words first. *n_words of them are words. */
static struct row *choose(const struct fasttext *m, size_t n, size_t *n_words)
{
    const size_t dim = m->in.cols;
    const int64_t eos = ft_find(m, FT_EOS, ft_hash(FT_EOS));
    struct row *rows = mem_alloc(m->in.rows, sizeof *rows);
    float *row = mem_alloc(dim, sizeof *row);
    for (size_t i = 0; i < m->in.rows; i++) {
        memcpy(row, m->in.dense + i * dim, dim * sizeof *row);
        rows[i] = (struct row){ (uint32_t)i, ft_dot(row, row, dim), (int64_t)i == eos };
    }
    free(row);
    qsort(rows, m->in.rows, sizeof *rows, by_norm);
    struct row *words = mem_alloc(n, sizeof *words);
    size_t w = 0, b = 0;
    for (size_t i = 0; i < n; i++) if (rows[i].id < m->nwords) words[w++] = rows[i];
    for (size_t i = 0; i < n; i++) if (rows[i].id >= m->nwords) words[w + b++] = rows[i];
    qsort(words, w, sizeof *words, by_id);
    free(rows);
    *n_words = w;
    return words;
}

static struct ft_matrix copy_rows(const struct ft_matrix *x, const struct row *rows, size_t n)
{
    struct ft_matrix to = { .rows = n, .cols = x->cols, .own = mem_alloc(mem_size(n, x->cols), sizeof(float)) };
    to.dense = to.own;
    for (size_t i = 0; i < n; i++)
        memcpy(to.own + i * x->cols, x->dense + (rows ? rows[i].id : i) * x->cols, x->cols * sizeof(float));
    return to;
}

static void keep_entries(struct fasttext *to, const struct fasttext *m, const struct row *words, size_t n_words)
{
    to->nwords = (uint32_t)n_words;
    to->entries = mem_alloc(n_words + m->nlabels, sizeof *to->entries);
    to->counts = mem_alloc(n_words + m->nlabels, sizeof *to->counts);
    for (size_t i = 0; i < n_words + m->nlabels; i++) {
        const size_t from = i >= n_words ? m->nwords + (i - n_words) : words ? words[i].id : i;
        to->entries[i] = m->entries[from];
        to->counts[i] = m->counts[from];
    }
    ft_index_entries(to);
}

/* rows: that stay; all when there are no more than n. */
static void prune(struct pruned *p, const struct fasttext *m, size_t n)
{
    struct fasttext *to = &p->m;
    size_t n_words = m->nwords;
    struct row *rows = n && n < m->in.rows ? choose(m, n, &n_words) : NULL;
    *p = (struct pruned){ .m = { .args = m->args, .tokens = m->tokens, .nlabels = m->nlabels, .pruned = rows
                                 || m->pruned } };
    keep_entries(to, m, rows, n_words);
    to->in = copy_rows(&m->in, rows, rows ? n : m->in.rows);
    to->out = copy_rows(&m->out, NULL, m->out.rows);
    ft_sigmoid_table(to->sigmoid);
    if (rows) {
        to->n_kept = n - n_words;
        p->pairs = mem_alloc(to->n_kept, sizeof *p->pairs);
        for (size_t i = n_words; i < n; i++)
            p->pairs[i - n_words] = (struct ft_pair){ (int32_t)(rows[i].id - m->nwords), (int32_t)(i - n_words) };
        to->kept_pairs = p->pairs;
        ft_index_kept(to);
    }
    free(rows);
}

static bool label_ids(const struct fasttext *m, const struct fasttext_corpus *c, uint32_t *id, struct err *e)
{
    struct buf name = { 0 };
    bool ok = true;
    for (uint32_t i = 0; ok && i < c->labels.n; i++) {
        const struct ft_entry *it = &c->labels.entries[i];
        buf_reset(&name);
        buf_put(&name, FT_LABEL);
        buf_put(&name, (struct str){ it->p, it->n });
        const int64_t found = ft_find(m, buf_str(&name), ft_hash(buf_str(&name)));
        ok = found >= (int64_t)m->nwords || err_set(e, ERR_DATA, "the model has no label \"%.*s\"", (int)it->n, it->p);
        id[i] = (uint32_t)(found - m->nwords);
    }
    buf_free(&name);
    return ok;
}

static bool retrain(struct fasttext *m, const struct fasttext_corpus *c, const struct fasttext_options *o,
                    struct err *e)
{
    if (!c->n) return err_set(e, ERR_DATA, "there is no labelled text to train on");
    uint32_t *word_id = mem_alloc(c->words.n, sizeof *word_id), *label_id = mem_alloc(c->labels.n, sizeof *label_id);
    for (uint32_t i = 0; i < c->words.n; i++) {
        const struct ft_entry *it = &c->words.entries[i];
        const int64_t found = ft_find(m, (struct str){ it->p, it->n }, it->hash);
        word_id[i] = found < 0 || found >= (int64_t)m->nwords ? UINT32_MAX : (uint32_t)found;
    }
    const bool ok = label_ids(m, c, label_id, e);
    if (ok) ft_descend(m, c, word_id, label_id, o);
    free(word_id);
    free(label_id);
    return ok;
}

static bool check(const struct fasttext *m, const struct fasttext_quantise_options *o, struct err *e)
{
    if (m->in.codes) return err_set(e, ERR_DATA, "the model is quantised already");
    if (m->pruned) return err_set(e, ERR_DATA, "the model is pruned already");
    const size_t rows = o->cutoff && (size_t)o->cutoff < m->in.rows ? (size_t)o->cutoff : m->in.rows;
    const size_t parts = (m->in.cols + (size_t)o->dsub - 1) / (size_t)o->dsub;
    if (rows * parts > INT32_MAX || m->out.rows * parts > INT32_MAX)
        return err_set(e, ERR_DATA, "%zu rows of %zu codes are more than the format's 2^31: give a cutoff", rows,
                       parts);
    return true;
}

static bool write_quantised(struct fasttext *m, const struct fasttext_quantise_options *o, const char *path,
                            struct err *e)
{
    enum { OUT_DSUB = 2, STREAMS = 2 };                          /* the output's is fixed in fastText */
    struct fasttext q = *m;
    struct ft_quantised in, out = { 0 };
    ft_quantise(m->in.own, m->in.rows, m->in.cols, (size_t)o->dsub, o->norms, o->train.seed, o->train.threads, &q.in,
                &in);
    if (o->output)
        ft_quantise(m->out.own, m->out.rows, m->out.cols, OUT_DSUB, o->norms, o->train.seed + STREAMS, o->train.threads,
                    &q.out, &out);
    const bool ok = ft_write(&q, path, e);
    ft_quantised_free(&in);
    ft_quantised_free(&out);
    return ok;
}

bool fasttext_quantise(const struct fasttext *m, const struct fasttext_corpus *c,
                       const struct fasttext_quantise_options *o, const char *path, struct err *e)
{
    struct pruned p;
    if (!check(m, o, e)) return false;
    prune(&p, m, (size_t)o->cutoff);
    const bool ok = (!c || retrain(&p.m, c, &o->train, e)) && write_quantised(&p.m, o, path, e);
    ft_free_parts(&p.m);
    free(p.pairs);
    return ok;
}
