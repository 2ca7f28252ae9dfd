/* static.c - model2vec: the mean of the tokens' rows in a table.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A folder with model.safetensors: "embeddings" (tokens, dim), int8 or float; "weights" (tokens), if there is one,
 * multiplies a token's row, "mapping" (tokens), if there is one, says which row a token has. Unknown tokens are
 * left out. The mean is scaled to length 1; a text without tokens has zeros. */
#include "embed/encoder.h"
#include "embed/tokens.h"
#include "model/safetensors.h"

#include <math.h>
#include <stdlib.h>

struct table {
    struct tokens tokens;
    struct ids *ids;                 /* (threads) */
    size_t n, rows, dim, most;       /* tokens, rows of the table; tokens of a text that are read, 0: all */
    uint32_t unknown;
    float *row;                      /* (rows, dim) */
    float *weight;                   /* (n), or NULL */
    int64_t *mapping;                /* (n), or NULL */
};

static void table_close(void *self)
{
    struct table *t = self;
    for (int i = 0; i < t->tokens.n; i++) free(t->ids[i].p);
    tokens_close(&t->tokens);
    free(t->ids), free(t->row), free(t->weight), free(t->mapping), free(t);
}

static void add_token(const struct table *t, uint32_t id, float *restrict sum)
{
    if (id == t->unknown || id >= t->n) return;
    const float *restrict row = t->row + (t->mapping ? (size_t)t->mapping[id] : id) * t->dim;
    float w = t->weight ? t->weight[id] : 1;
    for (size_t i = 0; i < t->dim; i++) sum[i] += w * row[i];
}

static void table_texts(void *self, const struct str *texts, size_t n, float *to, int worker)
{
    const struct table *t = self;
    struct ids *ids = &t->ids[worker];
    for (size_t i = 0; i < n; i++, to += t->dim) {
        double norm = 0;
        ids->n = 0;
        tokenizer_encode(t->tokens.workers[worker], texts[i], 0, ids);
        memset(to, 0, t->dim * sizeof *to);
        for (size_t k = 0; k < ids->n && (!t->most || k < t->most); k++) add_token(t, ids->p[k], to);
        for (size_t k = 0; k < t->dim; k++) norm += (double)to[k] * (double)to[k];
        for (size_t k = 0; norm > 0 && k < t->dim; k++) to[k] = (float)((double)to[k] / sqrt(norm));
    }
}

static bool read_mapping(struct table *t, const struct tensor *m, struct err *e)
{
    if (m->n_dims != 1 || (m->type != TENSOR_I64 && m->type != TENSOR_I32))
        return err_set(e, ERR_DATA, "mapping is no list of integers");
    t->n = m->count;
    t->mapping = mem_alloc(t->n, sizeof *t->mapping);
    for (size_t i = 0; i < t->n; i++) {
        t->mapping[i] = m->type == TENSOR_I64 ? ((const int64_t *)m->data)[i] : ((const int32_t *)m->data)[i];
        if (t->mapping[i] < 0 || (uint64_t)t->mapping[i] >= t->rows)
            return err_set(e, ERR_DATA, "mapping of token %zu is out of the table", i);
    }
    return true;
}

static bool read_table(struct table *t, const struct tensors *file, struct err *e)
{
    const struct tensor *x = tensors_get(file, "embeddings"), *w = tensors_get(file, "weights"),
                        *m = tensors_get(file, "mapping");
    if (!x || x->n_dims != 2 || !x->count) return err_set(e, ERR_DATA, "there is no table \"embeddings\"");
    t->rows = t->n = x->shape[0], t->dim = x->shape[1];
    if (m && !read_mapping(t, m, e)) return false;
    if (w && (w->n_dims != 1 || w->count != t->n))
        return err_set(e, ERR_DATA, "there are not as many weights as tokens");
    t->row = mem_alloc(x->count, sizeof *t->row);
    if (w) t->weight = mem_alloc(w->count, sizeof *t->weight);
    return tensor_floats(x, t->row, e) && (!w || tensor_floats(w, t->weight, e));
}

bool encoder_static(struct encoder *m, struct tensors *file, const char *folder, const struct encoder_opt *o,
                    struct err *e)
{
    struct table *t = mem_zero(1, sizeof *t);
    t->most = (size_t)o->tokens;
    t->ids = mem_zero((size_t)o->threads, sizeof *t->ids);
    if (!tokens_open(&t->tokens, folder, o->threads, e) || !read_table(t, file, e)) { table_close(t); return false; }
    t->unknown = tokenizer_unknown(t->tokens.model);
    *m = (struct encoder){ "static", t->dim, t, table_texts, table_close };
    return true;
}
