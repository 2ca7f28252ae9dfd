/* minibatch.c - a centroid moves to each row by 1/n.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/minibatch.h"

#include "cluster/seed.h"
#include "core/rng.h"

#include <math.h>
#include <stdlib.h>

struct mini {
    const struct matrix *x;
    const struct kmeans_opt *o;
    double *sum;
    uint64_t *count;
    float *rows;
    int32_t *best;
};

static void draw(const struct mini *m, int iteration)
{
    for (size_t i = 0; i < m->o->batch; i++) {
        struct rng r = rng_init(m->o->seed, (uint64_t)iteration << 32 | i);
        size_t row = rng_below(&r, m->x->rows);
        matrix_rows(m->x, row, row + 1, m->rows + i * m->x->cols);
    }
}

static void move(const struct mini *m, struct kmeans *km, size_t c)
{
    double norm = 0, by = (double)m->count[c];
    for (size_t t = 0; t < km->d; t++) norm += m->sum[c * km->d + t] * m->sum[c * km->d + t];
    if (km->spherical && norm > 0) by = sqrt(norm);
    for (size_t t = 0; t < km->d; t++) km->c[c * km->d + t] = (float)(m->sum[c * km->d + t] / by);
}

static void add_rows(const struct mini *m, struct kmeans *km)
{
    for (size_t i = 0; i < m->o->batch; i++) {
        size_t c = (size_t)m->best[i];
        m->count[c]++;
        for (size_t t = 0; t < km->d; t++) m->sum[c * km->d + t] += (double)m->rows[i * km->d + t];
    }
    for (size_t c = 0; c < km->k; c++) if (m->count[c]) move(m, km, c);
}

bool minibatch_train(struct kmeans *km, const struct matrix *x, const struct kmeans_opt *o, kmeans_report *report,
                     void *ctx, struct err *e)
{
    size_t d = x->cols, k = o->k;
    *km = (struct kmeans){ .k = k, .d = d, .spherical = o->spherical };
    if (k < 1 || k > x->rows) return err_set(e, ERR_DATA, "%zu clusters of %zu rows", k, x->rows);
    km->c = mem_alloc(k * d, sizeof *km->c);
    struct mini m = { x, o, mem_zero(k * d, sizeof *m.sum), mem_zero(k, sizeof *m.count),
                      mem_alloc(o->batch * d, sizeof *m.rows), mem_alloc(o->batch, sizeof *m.best) };
    struct matrix batch = { .type = MATRIX_F32, .rows = o->batch, .cols = d, .data = m.rows };
    seed_centroids(km->c, x, o, o->seed);
    for (int i = 0; i < o->iterations; i++) {
        struct nearest near;
        draw(&m, i);
        nearest_init(&near, km->c, k, d, o->spherical, 0);
        km->objective = kmeans_assign(&near, &batch, o->threads, o->memory, m.best, NULL);
        nearest_free(&near);
        km->iterations = i + 1;
        if (report) report(ctx, 0, i, km->objective, 1, o->batch);
        if (!isfinite(km->objective)) break;
        add_rows(&m, km);
    }
    free(m.sum), free(m.count), free(m.rows), free(m.best);
    if (isfinite(km->objective)) return true;
    kmeans_free(km);
    return err_set(e, ERR_DATA, "a row is not finite");
}
