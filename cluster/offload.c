/* offload.c - rows on a device, or through it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/offload.h"

#include <stdlib.h>

enum { RUN = 64 << 20 };                             /* bytes of rows that pass at a time */

struct offload {
    struct accel *a;
    const struct matrix *x;
    size_t k, run;                                   /* rows of a run */
    bool stay;                                       /* all rows are on the device */
    float *rows, *c, *half, *score, *wide, *halves;  /* on the device, but for the last two */
    int32_t *best;
};

static void put_rows(struct offload *o, size_t begin, size_t end, float *to)
{
    size_t d = o->x->cols;
    const float *rows = rows_at(o->x, begin, end, o->wide);
    o->a->put(o->a, to, rows, (end - begin) * d * sizeof *rows);
}

void offload_close(struct offload *o)
{
    if (!o) return;
    struct accel *a = o->a;
    a->free(a, o->rows), a->free(a, o->c), a->free(a, o->half), a->free(a, o->score), a->free(a, o->best);
    free(o->wide), free(o->halves), free(o);
}

struct offload *offload_open(struct accel *a, const struct matrix *x, size_t k, struct err *e)
{
    struct offload *o = mem_zero(1, sizeof *o);
    size_t n = x->rows, row = x->cols * sizeof(float), some = RUN / row + 1;
    *o = (struct offload){ .a = a, .x = x, .k = k, .run = some < n ? some : n };
    o->wide = x->type == MATRIX_F32 ? NULL : mem_alloc(o->run, row);
    o->halves = mem_alloc(k, sizeof *o->halves);
    o->c = a->alloc(a, k * row), o->half = a->alloc(a, k * sizeof(float));
    o->best = a->alloc(a, o->run * sizeof *o->best), o->score = a->alloc(a, o->run * sizeof *o->score);
    o->rows = a->alloc(a, n * row), o->stay = o->rows;
    if (!o->stay) o->rows = a->alloc(a, o->run * row);
    if (!o->rows || !o->c || !o->half || !o->best || !o->score) {
        err_set(e, ERR_SYSTEM, "%s: not enough memory for %zu centroids and %zu MiB of rows", a->name, k,
                o->run * row >> 20);
        offload_close(o);
        return NULL;
    }
    for (size_t i = 0; o->stay && i < n; i += o->run)
        put_rows(o, i, i + o->run < n ? i + o->run : n, o->rows + i * x->cols);
    return o;
}

bool offload_nearest(struct offload *o, const struct nearest *s, int32_t *best, float *score, struct err *e)
{
    struct accel *a = o->a;
    size_t n = o->x->rows, d = o->x->cols;
    for (size_t c = 0; c < o->k; c++) o->halves[c] = s->half[s->column[c]];
    a->put(a, o->c, s->c, o->k * d * sizeof(float));
    a->put(a, o->half, o->halves, o->k * sizeof(float));
    for (size_t i = 0; i < n; i += o->run) {
        size_t m = i + o->run < n ? o->run : n - i;
        float *rows = o->stay ? o->rows + i * d : o->rows;
        if (!o->stay) put_rows(o, i, i + m, rows);
        a->nearest(a, rows, m, o->c, o->half, o->k, d, o->best, o->score);
        a->get(a, best + i, o->best, m * sizeof *best);
        a->get(a, score + i, o->score, m * sizeof *score);
    }
    return a->sync(a, e);
}
