/* kmeans.c - cluster the rows of a matrix; label documents with the nearest centroid.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/kmeans.h"
#include "cluster/minibatch.h"
#include "core/names.h"
#include "frame/stage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct {
    long k, iterations, restarts, batch;
    const char *centroids, *labels, *ladder, *docs, *device;
    double tolerance;
    bool euclidean;
    int init;
} opt = { .k = 0, .iterations = 20, .restarts = 1, .tolerance = 1e-4, .device = "auto" };
static const struct opt options[] = {
    { 'k', "clusters",   INT(&opt.k),          "K",           "how many", .max = 1e8 },
    {  0 , "centroids",  TEXT(&opt.centroids), "FILE.npy",    "where the centroids go" },
    {  0 , "labels",     TEXT(&opt.labels),    "FILE.npy",    "where each row's cluster goes, if anywhere" },
    {  0 , "docs",       TEXT(&opt.docs),      "FILE,...",    "train on the rows of these documents only; @LIST names files" },
    {  0 , "euclidean",  FLAG(&opt.euclidean),                "plain distances; else spherical: unit centroids, cosine" },
    {  0 , "iterations", INT(&opt.iterations), "N",           "at most", .min = 1, .max = 1e6 },
    {  0 , "tolerance",  REAL(&opt.tolerance), "P",           "stop when the objective falls by less than this share", .max = 1 },
    {  0 , "init",       PICK(&opt.init),      "sample|plus", "begin with random rows, or by k-means++" },
    {  0 , "restarts",   INT(&opt.restarts),   "N",           "keep the best of N", .min = 1, .max = 1000 },
    {  0 , "batch",      INT(&opt.batch),      "ROWS",        "mini-batch iterations of this many rows; 0 means all", .max = 1e9 },
    {  0 , "choose-k",   TEXT(&opt.ladder),    "K,K,...",     "print objective and silhouette for each K, write nothing" },
    {  0 , "device",     TEXT(&opt.device),    "auto|cpu|cuda", "what finds the nearest centroids" },
    { END }
};

enum { SILHOUETTE_ROWS = 5000, LADDER_ROWS = 100000 };

static void print_iteration(void *ctx, int restart, int iteration, double objective, double share, size_t changed)
{
    (void)ctx;
    printf("restart %d iteration %d objective %.6f changed %zu scores %.1f%%\n", restart + 1, iteration + 1, objective,
           changed, 100 * share);
}

static struct kmeans_opt settings(const struct run *r, struct accel *device)
{
    return (struct kmeans_opt){
        .k = (size_t)opt.k, .iterations = (int)opt.iterations, .restarts = (int)opt.restarts, .threads = r->threads,
        .spherical = !opt.euclidean,
        .plus = opt.init == 1, .batch = (size_t)opt.batch, .tolerance = opt.tolerance, .memory = r->memory / 2,
        .seed = r->seed, .device = device };
}

static bool write_centroids(const struct kmeans *km, const char *path, struct err *e)
{
    struct matrix_out *m = matrix_create(path, MATRIX_F32, km->d, e);
    if (!m) return false;
    if (matrix_append(m, km->c, km->k, e)) return matrix_done(m, e);
    matrix_drop(m);
    return false;
}

static bool write_labels(const struct kmeans *km, const struct matrix *x, const struct run *r, const char *path,
                         struct err *e)
{
    int32_t *best = mem_alloc(x->rows, sizeof *best);
    struct nearest near;
    nearest_init(&near, km->c, km->k, km->d, km->spherical, 0);
    kmeans_assign(&near, x, r->threads, r->memory / 2, best, NULL);
    nearest_free(&near);
    struct matrix_out *m = matrix_create(path, MATRIX_I32, 1, e);
    bool ok = m && matrix_append(m, best, x->rows, e);
    if (m && !ok) matrix_drop(m);
    free(best);
    return ok && matrix_done(m, e);
}

static bool train(struct kmeans *km, const struct matrix *x, const struct kmeans_opt *o, bool quiet, struct err *e)
{
    return (o->batch ? minibatch_train : kmeans_train)(km, x, o, quiet ? NULL : print_iteration, NULL, e);
}

/* Objective and silhouette over a ladder of k, on the first rows. */
static bool climb(const struct run *r, struct kmeans_opt o, const struct matrix *x, struct err *e)
{
    struct matrix some = *x;
    if (some.rows > LADDER_ROWS) some.rows = LADDER_ROWS;
    struct str rest = str_of(opt.ladder), word;
    printf("%10s %12s %12s\n", "k", "objective", "silhouette");
    while (str_cut(&rest, ',', &word)) {
        struct kmeans km;
        int64_t k;
        if (!json_integer(word, &k) || k < 1)
            return err_set(e, ERR_USAGE, "--choose-k: \"%.*s\" is not a number of clusters", (int)word.n, word.p);
        o.k = (size_t)k;
        if (!train(&km, &some, &o, true, e)) return false;
        printf("%10zu %12.6f %12.6f\n", o.k, km.objective,
               kmeans_silhouette(&km, &some, r->threads, SILHOUETTE_ROWS, r->seed));
        kmeans_free(&km);
    }
    return true;
}

/* The rows that the documents of --docs name take x's place. */
static bool only_docs(const struct run *r, struct matrix *x, struct err *e)
{
    struct names files = { 0 };
    struct reader *rd = names_split(&files, opt.docs, e) && files.n ? reader_open(r, files.all, e) : NULL;
    if (!rd) { names_free(&files); return !e->kind && err_set(e, ERR_USAGE, "--docs names no file"); }
    uint32_t *rows = NULL;
    size_t n = 0, cap = 0, row;
    for (struct doc *d; (d = reader_next(rd, e)); ) {
        if (!rows_field(d, "row", x->rows, &row)) {
            err_set(e, ERR_DATA, "%s: document %zu has no \"row\" of the matrix", opt.docs, n);
            break;
        }
        rows = mem_grow(rows, &cap, n + 1, sizeof *rows);
        rows[n++] = (uint32_t)row;
    }
    reader_close(rd);
    names_free(&files);
    struct matrix some;
    bool ok = !e->kind && rows_gather(x, rows, n, &some, e);
    free(rows);
    if (!ok) return false;
    matrix_close(x);
    *x = some;
    return true;
}

static bool cluster(const struct run *r, struct kmeans_opt o, const struct matrix *x, struct err *e)
{
    struct kmeans km;
    if (r->plan)
        return printf("memory: up to %zu MiB of bounds and of the matrix at a time, %zu MiB of sums\n", o.memory >> 20,
                      o.k * x->cols * (16 + 8 * (size_t)r->threads) >> 20) > 0;
    if (opt.ladder) return climb(r, o, x, e);
    if (!train(&km, x, &o, r->quiet, e)) return false;
    bool ok = write_centroids(&km, opt.centroids, e) && (!opt.labels || write_labels(&km, x, r, opt.labels, e));
    kmeans_free(&km);
    return ok;
}

static bool kmeans_command(const struct run *r, struct err *e)
{
    struct matrix x;
    if (!opt.ladder && (!opt.k || !opt.centroids))
        return err_set(e, ERR_USAGE, "-k and --centroids, or --choose-k, must be given");
    struct accel *a = accel_open(opt.device, r->threads, e);
    if (!a) return false;
    bool open = rows_join(&x, r->files, r->n_files, e), here = !strcmp(a->name, "cpu");
    bool ok = open && (!opt.docs || only_docs(r, &x, e)) && cluster(r, settings(r, here ? NULL : a), &x, e);
    if (open) matrix_close(&x);
    a->close(a);
    return ok || err_in(e, "%s", r->files[0]);
}

const struct stage stage_kmeans = {
    .place = 320, .name = "kmeans", .brief = "cluster the rows of a matrix",
    .usage = "-k K --centroids C.npy [OPTION]... MATRIX.npy...",
    .text = "Lloyd's k-means, spherical unless --euclidean; rows are expected to have length 1 then. The matrix may be larger than --memory.",
    .example = "  tamis kmeans -k 1000 --centroids c.npy vectors.npy\n  tamis kmeans --choose-k 10,30,100,300 vectors.npy",
    .see = "kmeans apply, embed, semdedup", .reads_files = true, .options = options, .command = kmeans_command, .plans = true,
};

/* ---- apply ---- */

static struct { const char *centroids, *matrix; long first; bool euclidean; } use;
static const struct opt apply_options[] = {
    { 'm', "matrix",    TEXT(&use.matrix),    "FILE.npy", "the documents' vectors, by their \"row\"", .required = true },
    {  0 , "centroids", TEXT(&use.centroids), "FILE.npy", "what kmeans wrote", .required = true },
    {  0 , "first-row", INT(&use.first),      "N",        "the number of the matrix's first row, of a slice", .max = 1e15 },
    {  0 , "euclidean", FLAG(&use.euclidean),             "plain distances, as the centroids were trained" },
    { END }
};

struct apply { struct matrix x, c; size_t first; float *centroids; struct nearest near; };

static void apply_free(void *self)
{
    struct apply *a = self;
    nearest_free(&a->near);
    matrix_close(&a->x);
    matrix_close(&a->c);
    free(a->centroids);
    free(a);
}

static void *apply_open(const struct run *r, struct err *e)
{
    (void)r;
    struct apply *a = mem_zero(1, sizeof *a);
    a->first = (size_t)use.first;
    bool ok = rows_open_slice(&a->x, use.matrix, e) && rows_open(&a->c, use.centroids, e);
    if (ok && a->x.cols != a->c.cols)
        ok = err_set(e, ERR_DATA, "%s has %zu columns, %s %zu", use.matrix, a->x.cols, use.centroids, a->c.cols);
    if (!ok) { apply_free(a); return NULL; }
    a->centroids = mem_alloc(a->c.rows * a->c.cols, sizeof *a->centroids);
    matrix_rows(&a->c, 0, a->c.rows, a->centroids);
    nearest_init(&a->near, a->centroids, a->c.rows, a->c.cols, !use.euclidean, 0);
    return a;
}

static void label(const struct apply *a, struct doc **docs, size_t n, struct arena *mem)
{
    size_t d = a->x.cols;
    float *wide = NEW(mem, float, n * d), norms[NEAREST_CHUNK], score[NEAREST_CHUNK];
    const float *rows[NEAREST_CHUNK];
    int32_t best[NEAREST_CHUNK];
    for (size_t i = 0; i < n; i++) {
        size_t row = 0;
        rows_of(docs[i], &a->x, a->first, &row);
        matrix_rows(&a->x, row, row + 1, wide + i * d);
        rows[i] = wide + i * d;
    }
    rows_dot(rows, rows, n, d, norms);
    nearest_plain(&a->near, rows, n, best, score);
    for (size_t i = 0; i < n; i++) {
        float far = (float)(use.euclidean ? sqrt(fmax(0, (double)norms[i] - 2.0 * (double)score[i]))
                            : 1.0 - (double)score[i]);
        doc_put_int(docs[i], "cluster", best[i]);
        doc_put_real(docs[i], "distance", rows_round(far));
    }
}

static bool apply_batch(void *self, struct doc **docs, size_t n, struct err *e)
{
    (void)e;
    const struct apply *a = self;
    struct doc *some[NEAREST_CHUNK];
    for (size_t i = 0, m = 0; i < n || m; ) {
        size_t row;
        if (i < n && !rows_of(docs[i], &a->x, a->first, &row))
            run_reject(docs[i++], "no-row", "\"rows\":%zu", a->x.rows);
        else if (i < n) some[m++] = docs[i++];
        if (m < NEAREST_CHUNK && i < n) continue;
        if (m) label(a, some, m, some[0]->mem);
        m = 0;
    }
    return true;
}

const struct stage stage_kmeans_apply = {
    .place = 321, .name = "kmeans apply", .brief = "label documents with their cluster",
    .text = "Adds \"cluster\", the nearest centroid's number, and \"distance\", 1 - cosine to it.",
    .memory = "the centroids",
    .example = "  tamis kmeans apply -m vectors.npy --centroids c.npy docs.jsonl.zst -o out.jsonl.zst",
    .see = "kmeans", .options = apply_options, .open = apply_open, .batch = apply_batch, .free = apply_free,
};
