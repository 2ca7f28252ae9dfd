/* lsa_train.c - counts of a sample of texts, the vocabulary, the singular vectors.
 * SPDX-License-Identifier: Apache-2.0
 *
 * All texts count for idf; the matrix is made of a sample that fits in memory: when it is full, every second
 * of its texts goes, and from then on every second, fourth, ... text is taken. */
#include "embed/lsa.h"

#include "core/par.h"
#include "embed/svd.h"
#include "model/safetensors.h"
#include "record/matrix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct text { uint64_t number; struct feature *at; size_t n; };
struct lsa_train {
    struct lsa_opt o;
    uint32_t *docs_with;             /* (2^FEATURE_BITS) */
    uint64_t docs, every;            /* texts seen; one of `every` is kept */
    struct text *kept;
    size_t n, cap, counts;           /* texts kept; features in them */
    struct features *scratch;        /* (threads) */
};

struct lsa_train *lsa_train_open(const struct lsa_opt *o)
{
    struct lsa_train *t = mem_zero(1, sizeof *t);
    *t = (struct lsa_train){ .o = *o, .every = 1 };
    t->docs_with = mem_zero((size_t)1 << FEATURE_BITS, sizeof *t->docs_with);
    t->scratch = mem_zero((size_t)o->threads, sizeof *t->scratch);
    return t;
}

void lsa_train_close(struct lsa_train *t)
{
    for (int i = 0; i < t->o.threads; i++) features_free(&t->scratch[i]);
    for (size_t i = 0; i < t->n; i++) free(t->kept[i].at);
    free(t->kept), free(t->scratch), free(t->docs_with), free(t);
}

/* ---- texts ---- */

struct job { struct lsa_train *t; const struct str *texts; struct text *made; };

static void count_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk;
    const struct job *j = ctx;
    struct features *f = &j->t->scratch[worker];
    for (size_t i = begin; i < end; i++) {
        struct str s = j->texts[i];
        if (s.n > j->t->o.length) s.n = j->t->o.length;
        features_of(f, s);
        j->made[i].n = f->n;
        j->made[i].at = mem_alloc(f->n, sizeof *f->at);
        if (f->n) memcpy(j->made[i].at, f->at, f->n * sizeof *f->at);
    }
}

static void thin(struct lsa_train *t)
{
    size_t n = 0;
    t->every *= 2;
    for (size_t i = 0; i < t->n; i++) {
        if (t->kept[i].number % t->every == 0) t->kept[n++] = t->kept[i];
        else t->counts -= t->kept[i].n, free(t->kept[i].at);
    }
    t->n = n;
}

void lsa_train_add(struct lsa_train *t, const struct str *texts, size_t n)
{
    struct job j = { t, texts, mem_zero(n, sizeof *j.made) };
    par_for(t->o.threads, n, 8, count_run, &j);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < j.made[i].n; k++) t->docs_with[j.made[i].at[k].bucket]++;
        j.made[i].number = t->docs++;
        if (j.made[i].number % t->every) { free(j.made[i].at); continue; }
        t->kept = mem_grow(t->kept, &t->cap, t->n + 1, sizeof *t->kept);
        t->kept[t->n++] = j.made[i];
        t->counts += j.made[i].n;
        /* counts, matrix, its transpose, room */
        while (t->counts * 4 * sizeof(struct feature) > t->o.memory && t->n > 2) thin(t);
    }
    free(j.made);
}

uint64_t lsa_train_docs(const struct lsa_train *t)
{
    return t->n;
}

/* ---- vocabulary ---- */

struct ranked { uint32_t docs, bucket; };

static int by_docs(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return x->docs != y->docs ? (x->docs < y->docs ? 1 : -1) : x->bucket < y->bucket ? -1 : 1;
}

/* The features that stay, as buckets; *n of them. */
static int32_t *choose(const struct lsa_train *t, size_t *n)
{
    struct ranked *r = mem_alloc((size_t)1 << FEATURE_BITS, sizeof *r);
    size_t m = 0;
    for (uint32_t b = 0; b >> FEATURE_BITS == 0; b++)
        if (t->docs_with[b] > 1 && t->docs_with[b] <= t->docs / 2) r[m++] = (struct ranked){ t->docs_with[b], b };
    qsort(r, m, sizeof *r, by_docs);
    *n = m < t->o.features ? m : t->o.features;
    int32_t *bucket = mem_alloc(*n, sizeof *bucket);
    for (size_t i = 0; i < *n; i++) bucket[i] = (int32_t)r[i].bucket;
    free(r);
    return bucket;
}

static void weigh(const struct text *x, const int32_t *place, const float *idf, struct sparse *a, size_t row)
{
    uint64_t begin = a->start[row], at = begin;
    double norm = 0;
    for (size_t i = 0; i < x->n; i++) {
        int32_t f = place[x->at[i].bucket];
        if (f < 0) continue;
        float w = (1 + logf((float)x->at[i].count)) * idf[f];
        a->col[at] = (uint32_t)f, a->value[at++] = w;
        norm += (double)w * (double)w;
    }
    for (uint64_t i = begin; i < at; i++) a->value[i] = (float)((double)a->value[i] / sqrt(norm));
    a->start[row + 1] = at;
}

static struct sparse tf_idf(const struct lsa_train *t, const int32_t *bucket, const float *idf, size_t n)
{
    int32_t *place = mem_alloc((size_t)1 << FEATURE_BITS, sizeof *place);
    struct sparse a = { t->n, n, mem_zero(t->n + 1, sizeof *a.start), mem_alloc(t->counts, sizeof *a.col),
                        mem_alloc(t->counts, sizeof *a.value) };
    memset(place, 0xFF, sizeof *place << FEATURE_BITS);
    for (size_t f = 0; f < n; f++) place[bucket[f]] = (int32_t)f;
    for (size_t r = 0; r < t->n; r++) weigh(&t->kept[r], place, idf, &a, r);
    free(place);
    return a;
}

static bool write_model(const struct lsa_train *t, const char *path, const int32_t *bucket, const float *idf,
                        const float *table, const float *values, size_t n, struct err *e)
{
    size_t dim = t->o.dim;
    uint16_t *half = mem_alloc(n * dim, sizeof *half);
    for (size_t i = 0; i < n * dim; i++) {
        float share = values[i % dim] / values[0];
        half[i] = half_from_float(share > 0 ? table[i] / sqrtf(sqrtf(share)) : 0);
    }
    char notes[200];
    snprintf(notes, sizeof notes,
             "{\"kind\":\"lsa\",\"bits\":\"%d\",\"length\":\"%zu\",\"docs\":\"%llu\",\"sample\":\"%zu\"}", FEATURE_BITS,
             t->o.length, (unsigned long long)t->docs, t->n);
    struct tensor all[] = {
        { S("idf"), TENSOR_F32, 1, { n }, n, idf },      { S("bucket"), TENSOR_I32, 1, { n }, n, bucket },
        { S("values"), TENSOR_F32, 1, { dim }, dim, values }, { S("table"), TENSOR_F16, 2, { n, dim }, n * dim, half },
    };
    bool ok = tensors_write(path, all, sizeof all / sizeof *all, notes, e);
    free(half);
    return ok;
}

bool lsa_train_write(struct lsa_train *t, const char *path, struct err *e)
{
    size_t n, dim = t->o.dim;
    int32_t *bucket = choose(t, &n);
    if (n < dim || t->n < dim) {
        free(bucket);
        return err_set(e, ERR_DATA, "%zu texts with %zu features are too few for %zu dimensions\nhint: a smaller --dim",
                       t->n, n, dim);
    }
    float *idf = mem_alloc(n, sizeof *idf), *table = mem_alloc(n * dim, sizeof *table),
          *values = mem_alloc(dim, sizeof *values);
    for (size_t f = 0; f < n; f++)
        idf[f] = (float)log((1.0 + (double)t->docs) / (1.0 + (double)t->docs_with[bucket[f]]));
    struct sparse a = tf_idf(t, bucket, idf, n);
    svd_right(&a, dim, t->o.rounds, t->o.seed, t->o.threads, table, values);
    sparse_free(&a);
    bool ok = write_model(t, path, bucket, idf, table, values, n, e);
    free(bucket), free(idf), free(table), free(values);
    return ok;
}
