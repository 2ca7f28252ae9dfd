/* proxy_sweep.c - find a score's cut by training small transformers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "frame/stage.h"
#include "proxy/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { CUTS = 32 };
static struct {
    const char *tokenizer, *score, *cuts, *target, *size, *device;
    long length, batch, micro, steps, warmup, seeds, rows;
    double rate, held;
    int equal;
} opt = { .score = "scores.good", .cuts = "0.2,0.4,0.6,0.8", .size = "nano", .device = "auto", .length = 256,
          .batch = 32, .micro = 8, .steps = 500, .warmup = 50,
          .seeds = 3, .rows = 128, .rate = 2e-3, .held = 0.05 };
static const struct opt options[] = {
    { 't', "tokenizer", TEXT(&opt.tokenizer), "FILE",                  "tokenizer.json and the like; else bytes are tokens" },
    {  0 , "score",     TEXT(&opt.score),     "NAME",                  "the number that is cut; \"a.b\" reaches into objects" },
    {  0 , "cuts",      TEXT(&opt.cuts),      "P,...",                 "rising; each keeps documents of at least P" },
    {  0 , "equal",     PICK(&opt.equal),     "tokens|documents",      "documents: every cut is thinned to the highest's" },
    {  0 , "target",    TEXT(&opt.target),    "FILE",                  "clean documents; else held-out ones of the top cut" },
    {  0 , "held",      REAL(&opt.held),      "P",                     "share of documents held out, by id", .min = 0.001, .max = 0.9 },
    {  0 , "rows",      INT(&opt.rows),       "N",                     "of the target in an evaluation; 0: all", .max = 1e9 },
    {  0 , "seeds",     INT(&opt.seeds),      "N",                     "runs of each cut", .min = 1, .max = 100 },
    { 's', "size",      TEXT(&opt.size),      "nano|micro|mini|small", "of the proxy" },
    { 'L', "length",    INT(&opt.length),     "N",                     "tokens of a row", .min = 8, .max = 65536 },
    {  0 , "steps",     INT(&opt.steps),      "N",                     "updates", .min = 1, .max = 1e9 },
    {  0 , "batch",     INT(&opt.batch),      "N",                     "rows of a step", .min = 1, .max = 1e6 },
    {  0 , "micro",     INT(&opt.micro),      "N",                     "rows at once", .min = 1, .max = 1e6 },
    {  0 , "warmup",    INT(&opt.warmup),     "N",                     "steps in which the rate rises", .max = 1e9 },
    {  0 , "rate",      REAL(&opt.rate),      "R",                     "highest learning rate; it falls as a cosine", .max = 10 },
    {  0 , "device",    TEXT(&opt.device),    "auto|cpu|cuda",         "what it runs on" },
    { END }
};

static bool read_cuts(double *cuts, size_t *n, struct err *e)
{
    struct str rest = str_of(opt.cuts);
    for (struct str item; str_cut(&rest, ',', &item); (*n)++) {
        if (*n == CUTS) return err_set(e, ERR_USAGE, "--cuts has more than %d", CUTS);
        if (!json_number(item, &cuts[*n]) || (*n && cuts[*n] <= cuts[*n - 1]))
            return err_set(e, ERR_USAGE, "--cuts: \"%s\" are not rising numbers", opt.cuts);
    }
    return *n > 0 || err_set(e, ERR_USAGE, "--cuts is empty");
}

static bool settings(struct sweep_spec *s, const struct run *r, double *cuts, struct err *e)
{
    *s = (struct sweep_spec){ .train = train_spec(), .corpus = { .tokenizer = opt.tokenizer, .score = opt.score,
                                                                 .held = opt.held }, .cuts = cuts,
                              .seeds = (size_t)opt.seeds, .rows = (size_t)opt.rows, .equal_documents = opt.equal,
                              .files = r->files };
    struct train_spec *t = &s->train;
    t->shape = gpt_shape_named(str_of(opt.size));
    t->length = (size_t)opt.length, t->batch = (size_t)opt.batch,
    t->micro = (size_t)(opt.micro < opt.batch ? opt.micro : opt.batch), t->steps = opt.steps;
    t->rate = (struct schedule){ SCHEDULE_COSINE, opt.rate, 0.1, opt.steps, opt.warmup, 0 };
    t->seed = r->seed;
    if (!t->shape) return err_set(e, ERR_USAGE, "--size: \"%s\" is not nano, micro, mini or small", opt.size);
    return read_cuts(cuts, &s->n_cuts, e);
}

/* ---- what came out ---- */

static bool quiet;
static const double *said_cuts;
static void said(size_t cut, size_t seed, double loss)
{
    if (quiet) return;
    printf("cut %g, seed %zu: %.4f\n", said_cuts[cut], seed, loss);
    fflush(stdout);
}

static void put_words(struct buf *b, const struct sweep_spec *s, const struct sweep_verdict *v)
{
    const double best = s->cuts[v->best], next = s->cuts[v->next];
    if (s->n_cuts == 1) buf_printf(b, "one cut: nothing to choose from");
    else if (isnan(v->noise))
        buf_printf(b, "cut %g is ahead of %g by %.4f nats; one seed does not say whether that is noise", best, next,
                   v->difference);
    else if (v->certain)
        buf_printf(b, "choose cut %g: it is ahead of %g, the next, by %.4f nats; noise would explain up to %.4f", best,
                   next, v->difference, v->noise);
    else buf_printf(b, "no clear choice: cut %g is ahead of %g by %.4f nats, and noise alone explains up to %.4f; of the two, %g keeps more", best, next, v->difference, v->noise,
                    best < next ? best : next);
}

static void put_cuts(struct buf *b, const struct sweep_spec *s, const struct sweep_cut *cuts, const double *losses)
{
    buf_printf(b, "{\n  \"score\": ");
    json_put_string(b, str_of(opt.score));
    buf_printf(b, ", \"size\": \"%s\", \"equal\": \"%s\", \"tokens\": %zu, \"seeds\": %zu,\n  \"cuts\": [", opt.size,
               s->equal_documents ? "documents" : "tokens", (size_t)s->train.steps * s->train.batch * s->train.length,
               s->seeds);
    for (size_t i = 0; i < s->n_cuts; i++) {
        buf_printf(b, "%s\n    {\"cut\": %g, \"documents\": %llu, \"tokens\": %llu, \"loss\": %.6f, \"spread\": ",
                   i ? "," : "", s->cuts[i], (unsigned long long)cuts[i].documents, (unsigned long long)cuts[i].tokens,
                   cuts[i].mean);
        json_put_number(b, isnan(cuts[i].spread) ? cuts[i].spread : round(cuts[i].spread * 1e6) / 1e6);
        buf_put(b, S(", \"losses\": ["));
        for (size_t k = 0; k < s->seeds; k++) buf_printf(b, "%s%.6f", k ? ", " : "", losses[k * s->n_cuts + i]);
        buf_put(b, S("]}"));
    }
}

static bool write_report(const struct sweep_spec *s, const struct sweep_cut *cuts, const double *losses,
                         const char *path, struct err *e)
{
    const struct sweep_verdict v = sweep_judge(cuts, s->n_cuts, s->seeds);
    struct buf report = { 0 }, words = { 0 };
    put_words(&words, s, &v);
    put_cuts(&report, s, cuts, losses);
    buf_printf(&report, "\n  ],\n  \"best\": %g, \"certain\": %s,\n  \"verdict\": ", s->cuts[v.best],
               v.certain ? "true" : "false");
    json_put_string(&report, buf_str(&words));
    buf_put(&report, S("\n}\n"));
    if (!quiet) printf("%.*s\n", (int)words.n, words.p);
    const bool ok = file_write(path, buf_str(&report), e);
    buf_free(&report), buf_free(&words);
    return ok;
}

static bool sweep(const struct sweep_spec *s, const struct run *r, struct accel *a, struct err *e)
{
    struct sweep_cut cuts[CUTS];
    double *losses = mem_alloc(s->seeds * s->n_cuts, sizeof *losses);
    quiet = r->quiet || !strcmp(r->output, "-"), said_cuts = s->cuts;
    const bool ok = sweep_run(s, r, a, cuts, losses, said, e) && write_report(s, cuts, losses, r->output, e);
    free(losses);
    return ok;
}

static bool command(const struct run *r, struct err *e)
{
    double cuts[CUTS];
    struct sweep_spec s;
    if (!settings(&s, r, cuts, e)) return false;
    char target[4096], *targets[] = { target, NULL };
    if (opt.target) snprintf(target, sizeof target, "%s", opt.target), s.target = targets;
    if (r->plan)
        return printf("%zu runs of %g tokens each\n", s.n_cuts * s.seeds,
                      (double)s.train.steps * (double)(s.train.batch * s.train.length)) > 0;
    for (size_t i = 0; i < r->n_files; i++)
        if (!strcmp(r->files[i], "-")) return err_set(e, ERR_USAGE, "documents are read once a cut: give files");
    struct accel *a = accel_open(opt.device, r->threads, e);
    const bool ok = a && sweep(&s, r, a, e);
    if (a) a->close(a);
    return ok;
}

const struct stage stage_proxy_sweep = {
    .place = 443, .name = "proxy sweep", .brief = "find a score's cut by training small transformers",
    .text = "Trains a proxy on the documents that each cut keeps, for the same tokens and over --seeds, and compares their losses on\n"
            "clean text: JSON with mean, spread and a verdict that says when the difference is no more than noise.",
    .example = "  tamis proxy sweep -t tokenizer.json --score scores.good --cuts 0.2,0.4,0.6,0.8 scored.jsonl.zst -o sweep.json",
    .see = "score, score cut, proxy train", .options = options, .command = command, .plans = true,
};
