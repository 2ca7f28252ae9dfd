/* dsir.c - count, save, load, score.
 * SPDX-License-Identifier: Apache-2.0 */
#include "quality/dsir.h"
#include "quality/pyhash.h"
#include "record/matrix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* the reference's smoothing, of probabilities and of Poisson terms */
static const double TINY = 1e-8;

size_t dsir_features(const struct words *raw, uint16_t *bucket)
{
    size_t n = 0;
    int64_t before = 0;
    for (size_t i = 0; i < raw->n; i++) {
        int64_t h = pyhash(words_at(raw, i));
        bucket[n++] = (uint16_t)(pyhash_abs(h) % DSIR_BUCKETS);
        if (i) bucket[n++] = (uint16_t)(pyhash_abs(pyhash_pair(before, h)) % DSIR_BUCKETS);
        before = h;
    }
    return n;
}

void dsir_add(struct dsir_counts *c, const struct words *raw)
{
    uint16_t *bucket = mem_alloc(raw->n * 2 + 1, sizeof *bucket);
    size_t n = dsir_features(raw, bucket);
    for (size_t i = 0; i < n; i++) c->count[bucket[i]]++;
    c->words += (double)raw->n;
    c->texts++;
    free(bucket);
}

/* ---- files ---- */

static void path_of(char path[1000], const char *folder, const char *domain, const char *lang, const char *what)
{
    snprintf(path, 1000, "%s/%s.%s.%s.npy", folder, domain, lang, what);
}

static bool write_npy(const char *path, const char *type, const char *shape, const void *data, size_t size,
                      struct err *e)
{
    struct buf b = { 0 };
    char dict[118];
    int n = snprintf(dict, sizeof dict, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", type, shape);
    buf_put(&b, S("\x93NUMPY\x01\x00\x76\x00"));
    buf_printf(&b, "%s%*s\n", dict, 117 - n, "");
    buf_put(&b, (struct str){ data, size });
    struct output *o = output_open(path, e);
    bool ok = o && output_write(o, buf_str(&b), e) && output_done(o, e);
    buf_free(&b);
    return ok;
}

bool dsir_write(const struct dsir_counts *c, const char *folder, const char *domain, const char *lang, struct err *e)
{
    char path[1000];
    double lambda = c->texts ? c->words / (double)c->texts : 0;
    path_of(path, folder, domain, lang, "10000.counts");
    if (!write_npy(path, "<i8", "(10000,)", c->count, sizeof c->count, e)) return false;
    path_of(path, folder, domain, lang, "lambda");
    return write_npy(path, "<f8", "()", &lambda, sizeof lambda, e);
}

static const char counts_magic[] = "TAMDSR1\n";
enum { MAGIC = sizeof counts_magic - 1 };

bool dsir_save(const struct dsir_counts *c, const char *path, struct err *e)
{
    struct buf b = { 0 };
    buf_put(&b, (struct str){ counts_magic, MAGIC });
    buf_put(&b, (struct str){ (const char *)c, sizeof *c });
    bool ok = file_write(path, buf_str(&b), e);
    buf_free(&b);
    return ok;
}

bool dsir_load(struct dsir_counts *c, const char *path, struct err *e)
{
    struct buf b = { 0 };
    struct dsir_counts *one = mem_alloc(1, sizeof *one);
    bool ok = file_slurp(path, &b, MAGIC + sizeof *one, e);
    if (ok && (b.n != MAGIC + sizeof *one || memcmp(b.p, counts_magic, MAGIC) != 0))
        ok = err_set(e, ERR_DATA, "%s: no counts of tamis dsir count", path);
    if (ok) {
        memcpy(one, b.p + MAGIC, sizeof *one);
        for (size_t i = 0; i < DSIR_BUCKETS; i++) c->count[i] += one->count[i];
        c->words += one->words;
        c->texts += one->texts;
    }
    free(one);
    buf_free(&b);
    return ok;
}

bool dsir_exists(const char *folder, const char *domain, const char *lang)
{
    char path[1000];
    path_of(path, folder, domain, lang, "10000.counts");
    return file_exists(path);
}

/* p[b] = count[b] / sum, as doubles. */
static bool read_counts(double *p, const char *path, struct err *e)
{
    struct matrix m;
    if (!matrix_open(&m, path, e)) return false;
    bool ok = m.type == MATRIX_I64 && m.rows * m.cols == DSIR_BUCKETS;
    double sum = 0;
    for (size_t b = 0; ok && b < DSIR_BUCKETS; b++) {
        int64_t x;
        memcpy(&x, (const char *)m.data + b * sizeof x, sizeof x);
        p[b] = (double)x;
        sum += p[b];
        ok = x >= 0;
    }
    for (size_t b = 0; b < DSIR_BUCKETS; b++) p[b] /= sum;
    matrix_close(&m);
    if (!ok || !(sum > 0)) return err_set(e, ERR_DATA, "%s: %d counts of type int64 are needed", path, DSIR_BUCKETS);
    return true;
}

static bool read_lambda(double *lambda, const char *path, struct err *e)
{
    struct matrix m;
    if (!matrix_open(&m, path, e)) return false;
    bool ok = m.type == MATRIX_F64 && (const char *)m.data + sizeof *lambda <= m.map.p + m.map.n;
    if (ok) memcpy(lambda, m.data, sizeof *lambda);
    matrix_close(&m);
    if (!ok || !(*lambda > 0)) return err_set(e, ERR_DATA, "%s: one positive float64 is needed", path);
    return true;
}

static bool read_domain(double *p, double *lambda, const char *folder, const char *domain, const char *lang,
                        struct err *e)
{
    char path[1000];
    path_of(path, folder, domain, lang, "10000.counts");
    if (!read_counts(p, path, e)) return false;
    path_of(path, folder, domain, lang, "lambda");
    return read_lambda(lambda, path, e);
}

struct dsir *dsir_open(const char *folder, const char *target, const char *source, const char *lang, struct err *e)
{
    struct dsir *d = mem_alloc(1, sizeof *d);
    double *p = mem_alloc(DSIR_BUCKETS, sizeof *p);
    bool ok = read_domain(d->weight, &d->target_lambda, folder, target, lang, e)
              && read_domain(p, &d->source_lambda, folder, source, lang, e);
    for (size_t b = 0; ok && b < DSIR_BUCKETS; b++) d->weight[b] = log(d->weight[b] + TINY) - log(p[b] + TINY);
    free(p);
    if (ok) return d;
    free(d);
    return NULL;
}

void dsir_close(struct dsir *d)
{
    free(d);
}

/* ---- score ---- */

double dsir_score(const struct dsir *d, const uint16_t *bucket, size_t n)
{
    /* compensated: the order of a long text's words does not matter */
    double sum = 0, lost = 0;
    for (size_t i = 0; i < n; i++) {
        const double x = d->weight[bucket[i]], t = sum + x, of_x = t - sum;
        /* what rounding lost, exactly (Knuth's TwoSum, which does not ask which is larger) */
        lost += (sum - (t - of_x)) + (x - of_x);
        sum = t;
    }
    return sum + lost;
}

static double poisson(double k, double lambda)
{
    return exp(k * log(lambda) - lgamma(k + 1) - lambda);
}

double dsir_length_term(const struct dsir *d, double length)
{
    return log(poisson(length, d->target_lambda) + TINY) - log(poisson(length, d->source_lambda) + TINY);
}
