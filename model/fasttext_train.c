/* fasttext_train.c - a new model for a corpus: its dictionary, its first weights, its training.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "core/rng.h"
#include "model/fasttext_corpus.h"

#include <stdlib.h>

struct ranked { uint32_t id; int64_t count; struct ft_entry entry; };

static int by_count(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return str_cmp((struct str){ x->entry.p, x->entry.n }, (struct str){ y->entry.p, y->entry.n });
}

/* Entries counted at least `least` times, most frequent first: appended to the model; id[i] is entry i's place, or
 * UINT32_MAX. */
static uint32_t rank(struct fasttext *m, const struct ft_lexicon *x, long least, uint32_t at, uint32_t *id)
{
    struct ranked *all = mem_alloc(x->n, sizeof *all);
    uint32_t n = 0;
    for (uint32_t i = 0; i < x->n; i++) {
        id[i] = UINT32_MAX;
        if (x->counts[i] >= least) all[n++] = (struct ranked){ i, x->counts[i], x->entries[i] };
    }
    qsort(all, n, sizeof *all, by_count);
    for (uint32_t i = 0; i < n; i++) {
        id[all[i].id] = i;
        m->entries[at + i] = all[i].entry;
        m->counts[at + i] = all[i].count;
    }
    free(all);
    return n;
}

/* Labels are stored with fastText's prefix, in the corpus without. */
static void prefix_labels(struct fasttext *m, struct arena *mem)
{
    for (uint32_t i = m->nwords; i < m->nwords + m->nlabels; i++) {
        struct ft_entry *it = &m->entries[i];
        struct str s = str_printf(mem, "__label__%.*s", (int)it->n, it->p);
        *it = (struct ft_entry){ s.p, (uint32_t)s.n, ft_hash(s) };
    }
}

static struct ft_matrix matrix_new(size_t rows, size_t cols)
{
    float *own = mem_zero(mem_size(rows, cols), sizeof *own);
    return (struct ft_matrix){ .rows = rows, .cols = cols, .dense = own, .own = own };
}

static void start_weights(struct fasttext *m, uint64_t seed)
{
    const size_t dim = (size_t)m->args.dim;
    const double range = 1.0 / (double)dim;
    m->in = matrix_new((size_t)m->nwords + (size_t)m->args.bucket, dim);
    m->out = matrix_new(m->nlabels, dim);
    for (size_t r = 0; r < m->in.rows; r++) {
        struct rng rng = rng_init(seed, r);
        for (size_t i = 0; i < dim; i++) m->in.own[r * dim + i] = (float)((2 * rng_real(&rng) - 1) * range);
    }
}

static struct ft_args args_of(const struct fasttext_options *o)
{
    static const int32_t loss[] = { FT_SOFTMAX, FT_HS, FT_NS, FT_OVA };
    /* fastText's defaults for what supervised models do not use */
    enum { WINDOW = 5, UPDATE_RATE = 100 };
    bool ngrams = o->word_ngrams > 1 || o->maxn > 0;
    return (struct ft_args){
        .dim = (int32_t)o->dim, .ws = WINDOW, .epoch = (int32_t)o->epochs, .min_count = (int32_t)o->min_count,
        .neg = (int32_t)o->negatives, .word_ngrams = (int32_t)o->word_ngrams, .loss = loss[o->loss],
        .model = FT_SUPERVISED,
        .bucket = ngrams ? (int32_t)o->bucket : 0, .minn = (int32_t)o->minn, .maxn = (int32_t)o->maxn,
        .lr_update = UPDATE_RATE, .t = 1e-4,
    };
}

/* word_id and label_id: the corpus's numbers to the model's. */
static void model_new(struct fasttext *m, const struct fasttext_corpus *c, const struct fasttext_options *o,
                      uint32_t *word_id, uint32_t *label_id, struct arena *mem)
{
    *m = (struct fasttext){ .args = args_of(o), .tokens = (int64_t)(c->tokens.n + c->label_of.n) };
    m->entries = mem_alloc((size_t)c->words.n + c->labels.n, sizeof *m->entries);
    m->counts = mem_alloc((size_t)c->words.n + c->labels.n, sizeof *m->counts);
    m->nwords = rank(m, &c->words, o->min_count, 0, word_id);
    m->nlabels = rank(m, &c->labels, 0, m->nwords, label_id);
    prefix_labels(m, mem);
    start_weights(m, o->seed);
    ft_sigmoid_table(m->sigmoid);
}

bool fasttext_train(const struct fasttext_corpus *c, const struct fasttext_options *o, const char *path,
                    double *seconds, struct err *e)
{
    if (!c->n) return err_set(e, ERR_DATA, "there is no labelled text to train on");
    struct fasttext m;
    struct arena mem = { 0 };
    uint32_t *word_id = mem_alloc(c->words.n, sizeof *word_id), *label_id = mem_alloc(c->labels.n, sizeof *label_id);
    model_new(&m, c, o, word_id, label_id, &mem);
    const double took = ft_descend(&m, c, word_id, label_id, o);
    if (seconds) *seconds = took;
    bool ok = ft_write(&m, path, e);
    ft_free_parts(&m);
    free(word_id);
    free(label_id);
    arena_free(&mem);
    return ok;
}
