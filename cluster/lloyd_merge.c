/* lloyd_merge.c - seeds from the rows of all parts; centroids from the sums of all parts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/lloyd.h"
#include "cluster/seed.h"
#include "cluster/sums.h"
#include "core/rng.h"

#include <math.h>
#include <stdlib.h>

/* ---- seeds ---- */

struct pick { size_t row, at; };                     /* a row of all, and where it goes */

static int by_row(const void *a, const void *b)
{
    const struct pick *x = a, *y = b;
    return (x->row > y->row) - (x->row < y->row);
}

static bool look(struct lloyd *s, char *const *parts, struct err *e)
{
    for (size_t i = 0; parts[i]; i++) {
        struct lloyd_part p;
        if (!lloyd_part_open(&p, parts[i], 0, 0, 0, e)) return false;
        const uint64_t d = p.head->d;
        s->head.rows += p.head->rows;
        s->head.longest = fmax(s->head.longest, p.head->longest);
        bool same = !i || d == s->head.d || !d;
        if (d) s->head.d = d;
        lloyd_part_close(&p);
        if (!same) return err_set(e, ERR_DATA, "%s: rows of %llu columns", parts[i], (unsigned long long)d);
    }
    return true;
}

/* picks: by row. rows (n, d) in the order they were drawn. */
static bool read_rows(const struct lloyd *s, char *const *parts, const struct pick *picks, size_t n, float *rows,
                      struct err *e)
{
    uint64_t first = 0;
    bool ok = true;
    for (size_t i = 0, next = 0; ok && parts[i] && next < n; i++) {
        struct lloyd_part p;
        if (!lloyd_part_open(&p, parts[i], 0, 0, 0, e)) return false;
        for (; ok && next < n && picks[next].row < first + p.head->rows; next++)
            ok = lloyd_part_row(&p, picks[next].row - first, rows + picks[next].at * s->head.d, e);
        first += p.head->rows;
        lloyd_part_close(&p);
    }
    return ok;
}

bool lloyd_seed(struct lloyd *s, char *const *parts, const struct kmeans_opt *o, struct err *e)
{
    *s = (struct lloyd){ .head = { .magic = "TAMKMS1", .k = o->k, .iterations = (uint64_t)o->iterations,
                                   .seed = o->seed, .spherical = o->spherical,
                                   .tolerance = o->tolerance, .objective = INFINITY } };
    s->head.magic[7] = '\n';
    if (!look(s, parts, e)) return false;
    if (o->k < 1 || o->k > s->head.rows)
        return err_set(e, ERR_DATA, "%zu clusters of %llu rows", o->k, (unsigned long long)s->head.rows);
    const size_t n = seed_rows(o, s->head.rows), d = s->head.d, *sample = seed_sample(n, s->head.rows, o->seed);
    struct pick *picks = mem_alloc(n, sizeof *picks);
    float *rows = mem_alloc(mem_size(n, d), sizeof *rows);
    for (size_t i = 0; i < n; i++) picks[i] = (struct pick){ sample[i], i };
    qsort(picks, n, sizeof *picks, by_row);
    bool ok = read_rows(s, parts, picks, n, rows, e);
    s->c = mem_alloc(mem_size(o->k, d), sizeof *s->c);
    if (ok) seed_from(s->c, rows, n, d, o, o->seed);
    free((size_t *)(uintptr_t)sample), free(picks), free(rows);
    return ok;
}

/* ---- a step ---- */

static bool add_parts(const struct lloyd *s, char *const *parts, struct sums *sums, double *objective,
                      struct lloyd_tally *t, struct err *e)
{
    const size_t k = s->head.k, d = s->head.d;
    for (size_t i = 0; parts[i]; i++) {
        struct lloyd_part p;
        if (!lloyd_part_open(&p, parts[i], s->stamp, k, d, e)) return false;
        for (size_t c = 0; c < k; c++) sums->count[c] += p.count[c];
        for (size_t x = 0; x < k * d; x++) sums->sum[x] += p.sum[x];
        *objective += p.head->objective;
        t->changed += p.head->changed;
        t->rows += p.head->rows;
        lloyd_part_close(&p);
    }
    return t->rows == s->head.rows
        || err_set(e, ERR_DATA, "the parts have %llu rows, the state %llu: one is missing or named twice",
                   (unsigned long long)t->rows, (unsigned long long)s->head.rows);
}

/* The largest cluster gives one random row to centroid c, which has none: the same that kmeans.c gives. */
static bool refill(const struct lloyd *s, char *const *parts, const struct sums *sums, size_t c, float *to,
                   struct err *e)
{
    const size_t largest = sums_largest(sums->count, s->head.k);
    struct rng r = rng_init(s->head.seed, s->head.iteration << 32 | c);
    uint64_t want = rng_below(&r, (uint64_t)sums->count[largest]);
    for (size_t i = 0; parts[i]; i++) {
        struct lloyd_part p;
        if (!lloyd_part_open(&p, parts[i], s->stamp, s->head.k, s->head.d, e)) return false;
        const bool here = want < (uint64_t)p.count[largest];
        uint64_t row = 0, seen = 0;
        if (here) while (row < p.head->rows && (p.labels[row] != (int32_t)largest || seen++ != want)) row++;
        else want -= (uint64_t)p.count[largest];
        bool ok = !here || (row < p.head->rows ? lloyd_part_row(&p, row, to, e)
                            : err_set(e, ERR_DATA, "%s: its labels disagree with its counts", parts[i]));
        lloyd_part_close(&p);
        if (here || !ok) return ok;
    }
    return err_set(e, ERR_DATA, "the parts disagree with their counts");
}

static bool move(struct lloyd *s, char *const *parts, const struct sums *sums, struct err *e)
{
    bool ok = true;
    float *now = mem_alloc(mem_size(s->head.k, s->head.d), sizeof *now);
    for (size_t c = 0; ok && c < s->head.k; c++) {
        float *to = now + c * s->head.d;
        if (sums->count[c] > 0) sums_mean(sums, c, s->head.spherical, to);
        else ok = refill(s, parts, sums, c, to, e);
    }
    free(s->c);
    s->c = now;
    return ok;
}

bool lloyd_step(struct lloyd *s, char *const *parts, struct lloyd_tally *t, struct err *e)
{
    *t = (struct lloyd_tally){ 0 };
    if (s->head.done) return true;
    struct sums sums;
    double objective = 0;
    sums_init(&sums, s->head.k, s->head.d, s->head.rows, (float)s->head.longest, 0);
    bool ok = add_parts(s, parts, &sums, &objective, t, e);
    objective /= (double)s->head.rows;
    s->head.done = !t->changed || s->head.objective - objective < s->head.tolerance * s->head.objective;
    s->head.objective = objective;
    ok = ok && (s->head.done || move(s, parts, &sums, e));
    if (++s->head.iteration == s->head.iterations) s->head.done = 1;
    sums_free(&sums);
    return ok;
}
