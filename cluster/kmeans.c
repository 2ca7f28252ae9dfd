/* kmeans.c - assign, move, until nothing changes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/kmeans.h"

#include "cluster/offload.h"
#include "cluster/seed.h"
#include "cluster/sums.h"
#include "core/par.h"
#include "core/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct train {
    const struct matrix *x;
    const struct kmeans_opt *o;
    struct kmeans *km;
    struct nearest near;
    struct sums sums;
    int32_t *best;                   /* (rows): centroid at the last assignment, -1 before the first */
    float *norms, *low;              /* (rows): |x|^2; (rows, groups): bounds */
    float *moved;                    /* (groups): the longest move */
    float **wide;                    /* a run of rows for each worker, when they must be widened */
    double *chunk, magic;            /* (chunks): objective, of numbers rounded by magic */
    uint64_t *computed;
    size_t *changed;
    bool *bad;
    struct offload *offload;         /* NULL: assign_run finds the nearest itself */
    int32_t *found;                  /* (rows): what the device found, and its score */
    float *found_score;
};

static const float *run_of(const struct train *t, size_t begin, size_t end, int worker)
{
    return rows_at(t->x, begin, end, t->wide[worker]);
}

static void point(const float *run, size_t n, size_t d, const float **rows)
{
    for (size_t i = 0; i < n; i++) rows[i] = run + i * d;
}

static void norms_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    struct train *t = ctx;
    const float *rows[NEAREST_CHUNK];
    point(run_of(t, begin, end, worker), end - begin, t->x->cols, rows);
    rows_dot(rows, rows, end - begin, t->x->cols, t->norms + begin);
    for (size_t i = begin; i < end; i++) if (!isfinite(t->norms[i])) t->bad[chunk] = true;
    rows_done(t->x, begin, end, t->o->memory);
}

/* Puts the rows' nearest centroids into t->best and score; how many scores were computed. */
static uint64_t find_nearest(struct train *t, const float *const *rows, size_t begin, size_t n, float *score)
{
    int32_t *best = t->best + begin;
    if (t->offload) {
        memcpy(best, t->found + begin, n * sizeof *best);
        memcpy(score, t->found_score + begin, n * sizeof *score);
    } else if (t->low)
        return nearest_bounded(&t->near, rows, t->norms + begin, n, t->moved, t->low + begin * t->near.n_groups, best,
                               score);
    else nearest_plain(&t->near, rows, n, best, score);
    return n * panel_count(t->near.k) * PANEL;
}

static void assign_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    struct train *t = ctx;
    const float *rows[NEAREST_CHUNK];
    int32_t was[NEAREST_CHUNK];
    float score[NEAREST_CHUNK];
    size_t n = end - begin, d = t->x->cols, changed = 0;
    double sum = 0;
    point(run_of(t, begin, end, worker), n, d, rows);
    memcpy(was, t->best + begin, n * sizeof *was);
    t->computed[chunk] += find_nearest(t, rows, begin, n, score);
    for (size_t i = 0; i < n; i++) {
        sum += kmeans_far(t->near.spherical, t->norms[begin + i], score[i]) + t->magic - t->magic;
        if (t->best[begin + i] == was[i]) continue;
        changed++;
        sums_move(&t->sums, worker, rows[i], was[i], t->best[begin + i]);
    }
    t->chunk[chunk] = sum;
    t->changed[chunk] = changed;
    rows_done(t->x, begin, end, t->o->memory);
}

/* The largest cluster gives one random row to a centroid that has none. */
static void refill(struct train *t, size_t c, int iteration, float *to)
{
    size_t largest = sums_largest(t->sums.count, t->near.k), seen = 0;
    struct rng r = rng_init(t->o->seed, (uint64_t)iteration << 32 | c);
    size_t want = rng_below(&r, (uint64_t)t->sums.count[largest]), row = 0;
    for (; row < t->x->rows; row++) if (t->best[row] == (int32_t)largest && seen++ == want) break;
    matrix_rows(t->x, row, row + 1, to);
}

/* Puts the centroids where their rows say; notes the longest move of each group. */
static void move_centroids(struct train *t, int iteration)
{
    size_t d = t->x->cols;
    float *now = mem_alloc(d, sizeof *now);
    memset(t->moved, 0, t->near.n_groups * sizeof *t->moved);
    for (size_t c = 0; c < t->near.k; c++) {
        float *at = t->km->c + c * d;
        double move = 0;
        if (t->sums.count[c] > 0) sums_mean(&t->sums, c, t->o->spherical, now);
        else refill(t, c, iteration, now);
        for (size_t i = 0; i < d; i++) {
            double v = (double)now[i] - (double)at[i];
            move += v * v;
            at[i] = now[i];
        }
        float *most = &t->moved[t->near.column[c] / PANEL / t->near.group], m = (float)(sqrt(move) * (1 + 0x1p-20));
        if (m > *most) *most = m;
    }
    free(now);
    nearest_pack(&t->near);
}

/* The objective goes to t->km. */
static bool assign(struct train *t, size_t *changed, struct err *e)
{
    size_t n_chunks = (t->x->rows + NEAREST_CHUNK - 1) / NEAREST_CHUNK;
    double sum = 0;
    if (t->offload && !offload_nearest(t->offload, &t->near, t->found, t->found_score, e)) return false;
    par_for(t->o->threads, t->x->rows, NEAREST_CHUNK, assign_run, t);
    sums_settle(&t->sums, t->o->threads);
    *changed = 0;
    for (size_t i = 0; i < n_chunks; i++) sum += t->chunk[i], *changed += t->changed[i];
    t->km->objective = sum / (double)t->x->rows;
    return true;
}

static double share_computed(struct train *t, uint64_t *before)
{
    size_t n_chunks = (t->x->rows + NEAREST_CHUNK - 1) / NEAREST_CHUNK;
    uint64_t now = 0, all = (uint64_t)t->x->rows * panel_count(t->near.k) * PANEL;
    for (size_t i = 0; i < n_chunks; i++) now += t->computed[i];
    double share = (double)(now - *before) / (double)all;
    t->km->computed = now;
    t->km->all += all;
    *before = now;
    return share;
}

static bool lloyd(struct train *t, int restart, kmeans_report *report, void *ctx, struct err *e)
{
    size_t n = t->x->rows, changed;
    double last = INFINITY;
    uint64_t computed = 0;
    for (size_t i = 0; i < n; i++) t->best[i] = -1;
    if (t->low) memset(t->low, 0, n * t->near.n_groups * sizeof *t->low);
    memset(t->moved, 0, t->near.n_groups * sizeof *t->moved);
    memset(t->computed, 0, (n / NEAREST_CHUNK + 1) * sizeof *t->computed);
    sums_clear(&t->sums);
    for (int i = 0; i < t->o->iterations; i++) {
        if (!assign(t, &changed, e)) return false;
        t->km->iterations = i + 1;
        double share = share_computed(t, &computed);
        if (report) report(ctx, restart, i, t->km->objective, share, changed);
        if (!changed || last - t->km->objective < t->o->tolerance * last) break;
        last = t->km->objective;
        move_centroids(t, i);
    }
    return true;
}

static size_t bounds_of(const struct matrix *x, const struct kmeans_opt *o)
{
    size_t groups = o->memory / 2 / sizeof(float) / x->rows;
    return o->plain || o->device ? 0 : groups;
}

static void train_open(struct train *t)
{
    size_t n = t->x->rows, d = t->x->cols, n_chunks = n / NEAREST_CHUNK + 1, bounds = bounds_of(t->x, t->o);
    nearest_init(&t->near, t->km->c, t->o->k, d, t->o->spherical, bounds);
    t->best = mem_alloc(n, sizeof *t->best);
    t->norms = mem_alloc(n, sizeof *t->norms);
    t->low = bounds ? mem_alloc(mem_size(n, t->near.n_groups), sizeof *t->low) : NULL;
    t->moved = mem_zero(t->near.n_groups, sizeof *t->moved);
    t->chunk = mem_alloc(n_chunks, sizeof *t->chunk);
    t->computed = mem_alloc(n_chunks, sizeof *t->computed);
    t->changed = mem_alloc(n_chunks, sizeof *t->changed);
    t->bad = mem_zero(n_chunks, sizeof *t->bad);
    t->wide = mem_alloc((size_t)t->o->threads, sizeof *t->wide);
    for (int w = 0; w < t->o->threads; w++)
        t->wide[w] = t->x->type == MATRIX_F32 ? NULL : mem_alloc(NEAREST_CHUNK * d, sizeof **t->wide);
}

static void train_close(struct train *t)
{
    nearest_free(&t->near);
    sums_free(&t->sums);
    for (int w = 0; w < t->o->threads; w++) free(t->wide[w]);
    free(t->wide), free(t->best), free(t->norms), free(t->low), free(t->moved);
    free(t->chunk), free(t->computed), free(t->changed), free(t->bad);
    offload_close(t->offload);
    free(t->found), free(t->found_score);
}

static bool norms_find(struct train *t, float *longest, struct err *e)
{
    size_t n = t->x->rows;
    par_for(t->o->threads, n, NEAREST_CHUNK, norms_run, t);
    *longest = 0;
    for (size_t i = 0; i < n; i++) {
        if (t->bad[i / NEAREST_CHUNK] && !isfinite(t->norms[i]))
            return err_set(e, ERR_DATA, "row %zu is not finite", i);
        if (t->norms[i] > *longest) *longest = t->norms[i];
    }
    *longest = sqrtf(*longest);
    return true;
}

static bool train_offload(struct train *t, struct err *e)
{
    if (!t->o->device) return true;
    t->found = mem_alloc(t->x->rows, sizeof *t->found), t->found_score = mem_alloc(t->x->rows, sizeof *t->found_score);
    return (t->offload = offload_open(t->o->device, t->x, t->o->k, e));
}

bool kmeans_train(struct kmeans *km, const struct matrix *x, const struct kmeans_opt *o, kmeans_report *report,
                  void *ctx, struct err *e)
{
    *km = (struct kmeans){ .k = o->k, .d = x->cols, .spherical = o->spherical };
    if (o->k < 1 || o->k > x->rows) return err_set(e, ERR_DATA, "%zu clusters of %zu rows", o->k, x->rows);
    float *best = mem_alloc(o->k * x->cols, sizeof *best), longest;
    struct kmeans won = { .objective = INFINITY };
    km->c = mem_alloc(o->k * x->cols, sizeof *km->c);
    struct train t = { .x = x, .o = o, .km = km };
    train_open(&t);
    bool ok = norms_find(&t, &longest, e) && train_offload(&t, e);
    if (ok) {
        sums_init(&t.sums, o->k, x->cols, x->rows, longest, o->threads);
        t.magic = sums_magic(kmeans_farthest(longest), x->rows);
    }
    for (int r = 0; ok && r < (o->restarts > 0 ? o->restarts : 1); r++) {
        seed_centroids(km->c, x, o, o->seed + (uint64_t)r);
        nearest_sort(&t.near);
        ok = lloyd(&t, r, report, ctx, e);
        if (ok && km->objective < won.objective) memcpy(best, km->c, o->k * x->cols * sizeof *best), won = *km;
    }
    train_close(&t);
    if (ok) {
        uint64_t all = km->all;
        memcpy(km->c, best, o->k * x->cols * sizeof *best);
        *km = (struct kmeans){ km->k, km->d, km->spherical, km->c, won.objective, won.iterations, won.computed, all };
    } else kmeans_free(km);
    free(best);
    return ok;
}

void kmeans_free(struct kmeans *km)
{
    free(km->c);
    km->c = NULL;
}

/* ---- one pass with given centroids ---- */

struct pass {
    const struct nearest *near;
    const struct matrix *x;
    size_t memory;
    int32_t *best;
    float *distance;
    double *chunk;
};

static void pass_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)worker;
    const struct pass *p = ctx;
    size_t n = end - begin, d = p->x->cols;
    const float *rows[NEAREST_CHUNK];
    float score[NEAREST_CHUNK], norms[NEAREST_CHUNK],
          *wide = p->x->type == MATRIX_F32 ? NULL : mem_alloc(n * d, sizeof *wide);
    point(rows_at(p->x, begin, end, wide), n, d, rows);
    nearest_plain(p->near, rows, n, p->best + begin, score);
    rows_dot(rows, rows, n, d, norms);
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double far = kmeans_far(p->near->spherical, norms[i], score[i]);
        sum += far;
        if (p->distance) p->distance[begin + i] = (float)(p->near->spherical ? far : sqrt(far));
    }
    p->chunk[chunk] = sum;
    rows_done(p->x, begin, end, p->memory);
    free(wide);
}

double kmeans_assign(const struct nearest *s, const struct matrix *x, int threads, size_t memory, int32_t *best,
                     float *distance)
{
    size_t n_chunks = x->rows / NEAREST_CHUNK + 1;
    struct pass p = { s, x, memory, best, distance, mem_zero(n_chunks, sizeof *p.chunk) };
    par_for(threads, x->rows, NEAREST_CHUNK, pass_run, &p);
    double sum = 0;
    for (size_t i = 0; i < n_chunks; i++) sum += p.chunk[i];
    free(p.chunk);
    return sum / (double)x->rows;
}
