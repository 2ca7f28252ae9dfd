/* kmeans_slices.c - k-means on many machines: the rows of some matrices against a state, and the next state.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/lloyd.h"
#include "frame/stage.h"

#include <stdio.h>

/* ---- part ---- */

static struct { const char *state, *before; } popt;
static const struct opt part_options[] = {
    {  0 , "state",  TEXT(&popt.state),  "FILE", "what kmeans merge wrote last; without: the first look at the rows" },
    {  0 , "before", TEXT(&popt.before), "FILE", "the part of these matrices at the state before" },
    { END }
};

static bool part_command(const struct run *r, struct err *e)
{
    struct lloyd s = { .c = NULL };
    struct lloyd_part_job j = { r->files, r->n_files, popt.state ? &s : NULL, popt.before, r->threads, r->memory / 2 };
    if (popt.state && !lloyd_read(&s, popt.state, e)) return false;
    bool ok = r->plan ? printf("memory: %llu MiB of sums\n",
                               (unsigned long long)(s.head.k * s.head.d * (12 + 8 * (uint64_t)r->threads) >> 20)) > 0
                      : lloyd_part(&j, r->output, e);
    lloyd_free(&s);
    return ok;
}

const struct stage stage_kmeans_part = {
    .place = 322, .name = "kmeans part", .brief = "kmeans on many machines: the sums of some matrices",
    .usage = "[--state STATE] MATRIX.npy... -o PART",
    .text = "Labels the rows of some slices' matrices and sums them; once without --state, then at each state. A task may take many matrices.",
    .example = "  tamis kmeans part --state 4.state --before 3.part 0.npy 1.npy -o 4.part", .see = "kmeans merge",
    .reads_files = true, .writes = "PART", .options = part_options, .command = part_command, .plans = true,
};

/* ---- merge ---- */

static struct {
    long k, iterations;
    const char *state, *centroids;
    double tolerance;
    bool euclidean;
    int init;
} mopt = { .iterations = 20, .tolerance = 1e-4 };
static const struct opt merge_options[] = {
    {  0 , "state",      TEXT(&mopt.state),      "FILE",        "the state that the parts are of; without: begin one" },
    {  0 , "centroids",  TEXT(&mopt.centroids),  "FILE.npy",    "where the centroids go, if anywhere" },
    { GROUP("To begin") },
    { 'k', "clusters",   INT(&mopt.k),           "K",           "how many", .max = 1e8 },
    {  0 , "euclidean",  FLAG(&mopt.euclidean),                 "plain distances; else spherical: unit centroids, cosine" },
    {  0 , "iterations", INT(&mopt.iterations),  "N",           "at most", .min = 1, .max = 1e6 },
    {  0 , "tolerance",  REAL(&mopt.tolerance),  "P",           "stop when the objective falls by less than this share", .max = 1 },
    {  0 , "init",       PICK(&mopt.init),       "sample|plus", "begin with random rows, or by k-means++" },
    { END }
};

static bool write_centroids(const struct lloyd *s, const char *path, struct err *e)
{
    struct matrix_out *m = matrix_create(path, MATRIX_F32, s->head.d, e);
    if (!m) return false;
    if (matrix_append(m, s->c, s->head.k, e)) return matrix_done(m, e);
    matrix_drop(m);
    return false;
}

static bool step(struct lloyd *s, const struct run *r, struct err *e)
{
    struct lloyd_tally t;
    if (!lloyd_read(s, mopt.state, e)) return false;
    if (s->head.done) return r->quiet || puts("done") >= 0;
    if (!lloyd_step(s, r->files, &t, e)) return false;
    return r->quiet || printf("iteration %llu objective %.6f changed %llu%s\n", (unsigned long long)s->head.iteration,
                              s->head.objective, (unsigned long long)t.changed, s->head.done ? "; done" : "") > 0;
}

static bool begin(struct lloyd *s, const struct run *r, struct err *e)
{
    struct kmeans_opt o = { .k = (size_t)mopt.k, .iterations = (int)mopt.iterations, .threads = r->threads,
                            .spherical = !mopt.euclidean, .plus = mopt.init == 1,
                            .tolerance = mopt.tolerance, .memory = r->memory / 2, .seed = r->seed };
    if (!mopt.k) return err_set(e, ERR_USAGE, "give -k to begin, or --state to go on");
    return lloyd_seed(s, r->files, &o, e);
}

static bool merge_command(const struct run *r, struct err *e)
{
    struct lloyd s = { .c = NULL };
    bool ok = (mopt.state ? step(&s, r, e) : begin(&s, r, e))
              && (!mopt.centroids || write_centroids(&s, mopt.centroids, e)) && lloyd_write(&s, r->output, e);
    lloyd_free(&s);
    return ok;
}

const struct stage stage_kmeans_merge = {
    .place = 323, .name = "kmeans merge", .brief = "kmeans on many machines: the next centroids",
    .usage = "[--state STATE] PART... -o STATE",
    .text = "Begins with the parts of the first look, then takes those of each state, all of them, in the order of the slices; @LIST names files.\n"
            "A state that is done stays as it is: a chain of as many tasks as iterations may be sent at once.",
    .memory = "centroids, their sums, and one part at a time",
    .example = "  tamis kmeans merge -k 1000 0.look 1.look -o 0.state\n  tamis kmeans merge --state 0.state 0.part 1.part --centroids c.npy -o 1.state", .see = "kmeans part, kmeans apply",
    .reads_files = true, .writes = "STATE", .options = merge_options, .command = merge_command,
};
