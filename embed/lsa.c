/* lsa.c - the trained model: load, embed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "embed/lsa.h"

#include "model/safetensors.h"

#include <math.h>
#include <stdlib.h>

enum { DIM_MAX = 1 << 16 };

static bool check_notes(struct lsa *m, struct tensors *t, struct err *e)
{
    struct str kind = tensors_note(t, "kind"), bits = tensors_note(t, "bits"), length = tensors_note(t, "length");
    if (!str_eq(kind, S("lsa"))) return err_set(e, ERR_DATA, "this is no lsa model");
    if (atoi(str_c(&t->mem, bits)) != FEATURE_BITS)
        return err_set(e, ERR_DATA, "features of %.*s bits are not known here", (int)bits.n, bits.p);
    m->length = (size_t)atoll(str_c(&t->mem, length));
    return true;
}

static bool read_places(struct lsa *m, const struct tensor *bucket, struct err *e)
{
    m->place = mem_alloc((size_t)1 << FEATURE_BITS, sizeof *m->place);
    memset(m->place, 0xFF, sizeof *m->place << FEATURE_BITS);
    for (size_t i = 0; i < m->n; i++) {
        int32_t b = ((const int32_t *)bucket->data)[i];
        if (b < 0 || b >> FEATURE_BITS) return err_set(e, ERR_DATA, "feature %zu has bucket %d", i, (int)b);
        m->place[b] = (int32_t)i;
    }
    return true;
}

static bool load(struct lsa *m, struct tensors *t, struct err *e)
{
    const struct tensor *table = tensors_get(t, "table"), *bucket, *idf;
    if (!check_notes(m, t, e)) return false;
    if (!table || table->n_dims != 2 || table->shape[1] - 1 >= DIM_MAX || table->shape[0] >> FEATURE_BITS)
        return err_set(e, ERR_DATA, "there is no table of a sound shape");
    m->n = table->shape[0], m->dim = table->shape[1];
    if (!(bucket = tensors_want(t, "bucket", m->n, 0, e)) || !(idf = tensors_want(t, "idf", m->n, 0, e))) return false;
    if (bucket->type != TENSOR_I32) return err_set(e, ERR_DATA, "buckets are not I32");
    m->table = mem_alloc(table->count, sizeof *m->table);
    m->idf = mem_alloc(m->n, sizeof *m->idf);
    return tensor_floats(table, m->table, e) && tensor_floats(idf, m->idf, e) && read_places(m, bucket, e);
}

bool lsa_open(struct lsa *m, const char *path, struct err *e)
{
    struct tensors t;
    *m = (struct lsa){ 0 };
    if (!tensors_open(&t, path, e)) return false;
    bool ok = load(m, &t, e) || err_in(e, "%s", path);
    tensors_close(&t);
    if (!ok) lsa_close(m);
    return ok;
}

void lsa_close(struct lsa *m)
{
    free(m->place), free(m->idf), free(m->table);
    *m = (struct lsa){ 0 };
}

void lsa_embed(const struct lsa *m, struct str text, struct features *f, float *restrict to)
{
    if (text.n > m->length) text.n = m->length;
    features_of(f, text);
    memset(to, 0, m->dim * sizeof *to);
    for (size_t i = 0; i < f->n; i++) {
        int32_t at = m->place[f->at[i].bucket];
        if (at < 0) continue;
        const float *restrict row = m->table + (size_t)at * m->dim;
        float w = (1 + logf((float)f->at[i].count)) * m->idf[at];
        for (size_t t = 0; t < m->dim; t++) to[t] += w * row[t];
    }
    double norm = 0;
    for (size_t t = 0; t < m->dim; t++) norm += (double)to[t] * (double)to[t];
    for (size_t t = 0; norm > 0 && t < m->dim; t++) to[t] = (float)((double)to[t] / sqrt(norm));
}
