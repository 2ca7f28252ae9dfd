/* embed_rows.c - the vectors of some documents: what k-means on many machines trains on when documents were dropped.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/rows.h"
#include "frame/stage.h"

#include <stdlib.h>

static struct { const char *matrix; long first; } opt;
static const struct opt options[] = {
    { 'm', "matrix",    TEXT(&opt.matrix), "FILE.npy", "the documents' vectors, by their \"row\"", .required = true },
    {  0 , "first-row", INT(&opt.first),   "N",        "the number of the matrix's first row, of a slice", .max = 1e15 },
    { END }
};

struct rows { struct matrix x; size_t first; struct matrix_out *out; };

static void rows_free(void *self)
{
    struct rows *s = self;
    if (s->out) matrix_drop(s->out);
    matrix_close(&s->x);
    free(s);
}

static void *rows_begin(const struct run *r, struct err *e)
{
    struct rows *s = mem_zero(1, sizeof *s);
    s->first = (size_t)opt.first;
    if (rows_open_slice(&s->x, opt.matrix, e)
        && (r->plan || (s->out = matrix_create(r->output, s->x.type, s->x.cols, e)))) return s;
    rows_free(s);
    return NULL;
}

static bool rows_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct rows *s = self;
    size_t row;
    return rows_of(d, &s->x, s->first, &row) || run_reject(d, "no-row", "\"rows\":%zu", s->x.rows);
}

static bool rows_turn(void *self, struct doc *d, struct err *e)
{
    struct rows *s = self;
    size_t row = 0;
    rows_of(d, &s->x, s->first, &row);
    return matrix_append(s->out, (const char *)s->x.data + row * s->x.cols * matrix_size(s->x.type), 1, e);
}

static bool rows_end(void *self, struct err *e)
{
    struct rows *s = self;
    struct matrix_out *out = s->out;
    s->out = NULL;
    return matrix_done(out, e);
}

const struct stage stage_embed_rows = {
    .place = 312, .name = "embed rows", .brief = "the vectors of some documents as a matrix of their own",
    .text = "Copies the rows of the matrix that the documents name, in their order.",
    .sink = true, .writes = "VECTORS.npy",
    .example = "  tamis embed rows -m v.npy kept.jsonl.zst -o kept.npy", .see = "embed, kmeans",
    .options = options, .open = rows_begin, .each = rows_each, .turn = rows_turn, .close = rows_end, .free = rows_free,
};
