/* order.c - related documents side by side.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/order.h"
#include "core/names.h"
#include "core/rng.h"
#include "frame/stage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
    const char *matrix, *index, *parameters;
    long neighbours, batch;
    bool whole;
} opt = { .neighbours = 10 };
static const struct opt options[] = {
    { 'm', "matrix",     TEXT(&opt.matrix),    "FILE,...", "the documents' vectors (.npy) by \"row\"; those of all slices in order", .required = true },
    { 'n', "neighbours", INT(&opt.neighbours), "K",        "of a document that are considered", .min = 1, .max = 1000 },
    {  0 , "index",      TEXT(&opt.index),     "FAISS",    "find them by this index: HNSW32, IVF1024,Flat, ...; else by all pairs" },
    {  0 , "search",     TEXT(&opt.parameters), "NAME=N,...", "the index's search parameters: nprobe=16, efSearch=64" },
    {  0 , "whole",      FLAG(&opt.whole),                 "one path through all, not one through each \"cluster\"" },
    {  0 , "curriculum", INT(&opt.batch),      "N",        "cut paths into batches of N documents and shuffle these; 0: do not", .max = 1e9 },
    { END }
};
static const double SAME = 0.999;                    /* cosine of what is counted as a copy */
enum { FRAME = 1 << 20 };

/* Documents wait in a scratch file; what is kept of each is where it lies. */
struct docs { int fd; uint64_t size; uint64_t *at; uint32_t *row, *cluster; size_t n, cap_at, cap_row, cap_cluster; };

static bool put(int fd, struct str s, struct err *e)
{
    while (s.n) {
        ssize_t n = write(fd, s.p, s.n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return err_sys(e, "could not write to a scratch file");
        s.p += n, s.n -= (size_t)n;
    }
    return true;
}

static bool add(struct docs *s, const struct doc *d, const struct matrix *x, struct buf *line, struct err *e)
{
    size_t row, cluster = 0;
    if (!rows_field(d, "row", x->rows, &row))
        return err_set(e, ERR_DATA, "document %zu has no \"row\" of the matrix\nhint: tamis embed adds it", s->n);
    if (!opt.whole) rows_field(d, "cluster", UINT32_MAX, &cluster);
    s->at = mem_grow(s->at, &s->cap_at, s->n + 2, sizeof *s->at);
    s->row = mem_grow(s->row, &s->cap_row, s->n + 1, sizeof *s->row);
    s->cluster = mem_grow(s->cluster, &s->cap_cluster, s->n + 1, sizeof *s->cluster);
    buf_reset(line);
    doc_write(d, line);
    s->at[s->n] = s->size, s->row[s->n] = (uint32_t)row, s->cluster[s->n] = (uint32_t)cluster;
    s->at[++s->n] = s->size += line->n;
    return put(s->fd, buf_str(line), e);
}

static bool read_docs(struct docs *s, const struct run *r, const struct matrix *x, struct err *e)
{
    struct buf line = { 0 };
    struct reader *rd = reader_open(r, r->files, e);
    s->fd = rd ? file_scratch(e) : -1;
    bool ok = s->fd >= 0;
    for (struct doc *d; ok && (d = reader_next(rd, e)); ) ok = add(s, d, x, &line, e);
    buf_free(&line);
    if (rd) reader_close(rd);
    return ok && !e->kind;
}

static bool write_docs(const struct docs *s, const uint32_t *order, const char *path, struct err *e)
{
    struct output *o = output_open(path, e);
    struct buf b = { 0 };
    bool ok = o;
    for (size_t i = 0; ok && i < s->n; i++) {
        size_t size = (size_t)(s->at[order[i] + 1] - s->at[order[i]]);
        ok = file_read_at(s->fd, buf_room(&b, size), size, s->at[order[i]], "documents being ordered", e);
        b.n += size;
        if (ok && (b.n >= FRAME || i + 1 == s->n)) { ok = output_write(o, buf_str(&b), e); buf_reset(&b); }
    }
    buf_free(&b);
    if (o && !ok) output_drop(o);
    return ok && output_done(o, e);
}

static void shuffle(uint32_t *x, size_t n, uint64_t seed)
{
    struct rng r = rng_init(seed, 0);
    for (size_t i = n; i > 1; i--) {
        size_t j = rng_below(&r, i);
        uint32_t t = x[i - 1];
        x[i - 1] = x[j], x[j] = t;
    }
}

/* Runs of `batch` documents in random order. */
static void deal(uint32_t *order, size_t n, size_t batch, uint64_t seed)
{
    size_t n_runs = (n + batch - 1) / batch, at = 0;
    uint32_t *run = mem_alloc(n_runs, sizeof *run), *was = mem_alloc(n, sizeof *was);
    memcpy(was, order, n * sizeof *was);
    for (size_t i = 0; i < n_runs; i++) run[i] = (uint32_t)i;
    shuffle(run, n_runs, seed);
    for (size_t i = 0; i < n_runs; i++)
        for (size_t k = run[i] * batch; k < n && k < (run[i] + 1) * batch; k++) order[at++] = was[k];
    free(run), free(was);
}

static void say(const struct docs *s, const struct matrix *x, const uint32_t *order, uint64_t seed)
{
    uint32_t *random = mem_alloc(s->n, sizeof *random);
    size_t copies, by_chance;
    for (size_t i = 0; i < s->n; i++) random[i] = (uint32_t)i;
    shuffle(random, s->n, seed + 1);
    double found = order_similarity(x, s->row, order, s->n, SAME, &copies),
           chance = order_similarity(x, s->row, random, s->n, SAME, &by_chance);
    printf("%zu documents: neighbours' cosine %.4f, at random %.4f; copies side by side %zu, at random %zu\n", s->n,
           found, chance, copies, by_chance);
    free(random);
}

static bool find_order(const struct docs *s, const struct run *r, const struct matrix *x, uint32_t *order,
                       struct err *e)
{
    struct ann *ann = opt.index ? ann_open(opt.index, opt.parameters, r->threads, e) : NULL;
    bool ok = (ann || !opt.index) && order_find(x, s->row, s->cluster, s->n,
                                                (struct order_opt){ (size_t)opt.neighbours, r->threads, ann }, order,
                                                e);
    if (ann) ann_close(ann);
    if (ok && opt.batch) deal(order, s->n, (size_t)opt.batch, r->seed);
    return ok;
}

static bool open_rows(struct matrix *x, struct err *e)
{
    struct names names = { 0 };
    bool ok = names_split(&names, opt.matrix, e) && (names.n || err_set(e, ERR_USAGE, "--matrix names no file"))
           && rows_join(x, names.all, names.n, e);
    names_free(&names);
    return ok;
}

static bool order_command(const struct run *r, struct err *e)
{
    struct matrix x;
    struct docs s = { .fd = -1 };
    if (!open_rows(&x, e)) return false;
    bool ok = read_docs(&s, r, &x, e);
    uint32_t *order = mem_alloc(s.n, sizeof *order);
    if (ok && r->plan)
        printf("memory: %zu MiB of rows and neighbours; disk: the documents, not compressed\n",
               s.n * (x.cols * 8 + (size_t)opt.neighbours * 12 + 24) >> 20);
    else if (ok && (ok = find_order(&s, r, &x, order, e))) {
        if (!r->quiet && strcmp(r->output, "-") != 0) say(&s, &x, order, r->seed);
        ok = write_docs(&s, order, r->output, e);
    }
    if (s.fd >= 0) close(s.fd);
    free(s.at), free(s.row), free(s.cluster), free(order);
    matrix_close(&x);
    return ok;
}

const struct stage stage_order = {
    .place = 510, .name = "order", .brief = "put related documents side by side",
    .text = "In-context pre-training's order: a path through each cluster along the most similar pairs, every document once.",
    .example = "  tamis order -m vectors.npy docs.jsonl.zst -o ordered.jsonl.zst",
    .see = "embed, kmeans apply, pack", .options = options, .command = order_command, .plans = true,
};
