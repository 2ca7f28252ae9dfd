/* lloyd_part.c - the rows of some matrices: labels, counts and sums at the centroids of a state.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/lloyd.h"
#include "cluster/sums.h"
#include "core/par.h"

#include <math.h>
#include <stdlib.h>

struct part {
    const struct lloyd_part_job *j;
    const struct matrix *x;
    const struct nearest *near;      /* NULL: only norms */
    struct sums sums;
    double magic, *far;              /* far (chunks): objective */
    float **wide, *norm;             /* wide (threads): a run of rows; norm (chunks): the largest squared */
    const int32_t *before;           /* (rows): labels at the state before, or NULL */
    int32_t *best;                   /* (rows) */
    uint64_t *changed;               /* (chunks) */
    struct lloyd_part_head head;
};

static void part_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    struct part *p = ctx;
    const size_t n = end - begin, d = p->x->cols;
    const float *run = rows_at(p->x, begin, end, p->wide[worker]), *rows[NEAREST_CHUNK];
    float norms[NEAREST_CHUNK], score[NEAREST_CHUNK];
    for (size_t i = 0; i < n; i++) rows[i] = run + i * d;
    rows_dot(rows, rows, n, d, norms);
    p->norm[chunk] = 0;
    /* not finite: stays */
    for (size_t i = 0; i < n; i++) if (!(norms[i] <= p->norm[chunk])) p->norm[chunk] = norms[i];
    if (!p->near) { rows_done(p->x, begin, end, p->j->memory); return; }
    nearest_plain(p->near, rows, n, p->best + begin, score);
    p->far[chunk] = 0;
    p->changed[chunk] = 0;
    for (size_t i = 0; i < n; i++) {
        p->far[chunk] += kmeans_far(p->near->spherical, norms[i], score[i]) + p->magic - p->magic;
        p->changed[chunk] += !p->before || p->before[begin + i] != p->best[begin + i];
        sums_move(&p->sums, worker, rows[i], -1, p->best[begin + i]);
    }
    rows_done(p->x, begin, end, p->j->memory);
}

/* One matrix into the head, the sums and best. */
static bool take(struct part *p, const struct matrix *x, const char *name, struct err *e)
{
    const size_t chunks = x->rows / NEAREST_CHUNK + 1;
    p->x = x;
    p->far = mem_zero(chunks, sizeof *p->far), p->norm = mem_zero(chunks, sizeof *p->norm),
    p->changed = mem_zero(chunks, sizeof *p->changed);
    par_for(p->j->threads, x->rows, NEAREST_CHUNK, part_run, p);
    bool finite = true;
    for (size_t i = 0; i < chunks; i++) {
        p->head.objective += p->far[i];
        p->head.changed += p->changed[i];
        finite = finite && isfinite(p->norm[i]);
        if ((double)p->norm[i] > p->head.longest) p->head.longest = (double)p->norm[i];
    }
    free(p->far), free(p->norm), free(p->changed);
    return finite || err_set(e, ERR_DATA, "%s: a row is not finite", name);
}

static bool put(struct output *o, const void *p, size_t n, struct err *e)
{
    return output_write(o, (struct str){ p, n }, e);
}

/* Opens matrix i, which must be like those before. */
static bool open_matrix(struct part *p, size_t i, struct matrix *x, struct err *e)
{
    const char *path = p->j->matrices[i];
    const uint64_t d = p->j->s ? p->j->s->head.d : p->head.d;
    if (!rows_open_slice(x, path, e)) return false;
    if (!d || x->cols == d) { p->head.d = x->cols; return true; }
    matrix_close(x);
    return err_set(e, ERR_DATA, "%s has %zu columns, not %llu", path, x->cols, (unsigned long long)d);
}

static bool run_all(struct part *p, struct buf *rows, struct buf *names, struct buf *labels, struct err *e)
{
    bool ok = true;
    for (size_t i = 0; ok && i < p->j->n; i++) {
        struct matrix x;
        const char *name = p->j->matrices[i];
        const uint32_t size = (uint32_t)strlen(name);
        if (!open_matrix(p, i, &x, e)) return false;
        const uint64_t n = x.rows;
        for (int w = 0; w < p->j->threads; w++)
            if (!p->wide[w]) p->wide[w] = mem_alloc(NEAREST_CHUNK * x.cols, sizeof **p->wide);
        p->best = p->near ? (void *)buf_room(labels, n * 4) : NULL;
        ok = take(p, &x, name, e);
        if (p->near) labels->n += n * 4;
        if (p->before) p->before += n;
        p->head.rows += n;
        buf_put(rows, (struct str){ (const char *)&n, 8 });
        buf_put(names, (struct str){ (const char *)&size, 4 });
        buf_put(names, (struct str){ name, size });
        matrix_close(&x);
    }
    return ok;
}

static bool write_part(struct part *p, const struct buf *rows, struct buf *names, const struct buf *labels,
                       const char *path, struct err *e)
{
    const size_t k = p->near ? p->near->k : 0, d = p->head.d;
    while ((sizeof p->head + rows->n + names->n) % 8) buf_putc(names, 0);
    p->head.matrices = rows->n / 8;
    p->head.labels_at = sizeof p->head + rows->n + names->n + k * 8 + k * d * 8;
    struct output *o = output_open(path, e);
    if (!o) return false;
    if (put(o, &p->head, sizeof p->head, e) && put(o, rows->p, rows->n, e) && put(o, names->p, names->n, e)
        && (!k || (put(o, p->sums.count, k * 8, e) && put(o, p->sums.sum, k * d * 8, e)
                   && put(o, labels->p, labels->n, e)))) return output_done(o, e);
    output_drop(o);
    return false;
}

static bool part(struct part *p, const char *path, struct err *e)
{
    struct buf rows = { 0 }, names = { 0 }, labels = { 0 };
    bool ok = run_all(p, &rows, &names, &labels, e);
    if (ok && p->near) sums_settle(&p->sums, p->j->threads);
    p->head.longest = sqrt(p->head.longest);
    ok = ok && write_part(p, &rows, &names, &labels, path, e);
    buf_free(&rows), buf_free(&names), buf_free(&labels);
    return ok;
}

/* The labels before must be of these rows. */
static bool open_before(struct part *p, struct lloyd_part *before, struct err *e)
{
    const struct lloyd *s = p->j->s;
    if (!s->head.iteration) return true;
    if (!p->j->before)
        return err_set(e, ERR_USAGE, "from the second iteration on, --before names the part of the iteration before");
    struct map m;
    if (!map_open(&m, p->j->before, e)) return false;
    uint64_t stamp = 0;
    if (m.n >= 16) memcpy(&stamp, m.p + 8, 8);
    map_close(&m);
    if (!lloyd_part_open(before, p->j->before, stamp, s->head.k, s->head.d, e)) return false;
    p->before = before->labels;
    bool same = before->head->matrices == p->j->n;
    for (size_t i = 0; same && i < p->j->n; i++) {
        struct matrix x;
        if (!rows_open_slice(&x, p->j->matrices[i], e)) return false;
        same = x.rows == before->rows[i];
        matrix_close(&x);
    }
    return same || err_set(e, ERR_DATA, "%s is of other matrices", p->j->before);
}

bool lloyd_part(const struct lloyd_part_job *j, const char *path, struct err *e)
{
    const struct lloyd *s = j->s;
    struct part p = { .j = j, .head = { .magic = "TAMKMP1", .stamp = s ? s->stamp : 0 },
                      .wide = mem_zero((size_t)j->threads, sizeof *p.wide) };
    struct lloyd_part before = { .count = NULL };
    struct nearest near;
    p.head.magic[7] = '\n';
    const bool work = s && !s->head.done;            /* of a state that is done no merge reads the parts */
    bool ok = !work || open_before(&p, &before, e);
    if (work) {
        p.magic = sums_magic(kmeans_farthest((float)s->head.longest), s->head.rows);
        sums_init(&p.sums, s->head.k, s->head.d, s->head.rows, (float)s->head.longest, j->threads);
        nearest_init(&near, s->c, s->head.k, s->head.d, s->head.spherical, 0);
        p.near = &near;
    }
    struct lloyd_part_job none = { .threads = j->threads, .s = s };
    if (s && s->head.done) p.j = &none;
    ok = ok && part(&p, path, e);
    if (work) { nearest_free(&near); sums_free(&p.sums); }
    for (int w = 0; w < j->threads; w++) free(p.wide[w]);
    free(p.wide);
    lloyd_part_close(&before);
    return ok;
}
