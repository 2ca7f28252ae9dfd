/* proxy.c - train a small transformer on documents.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "core/mem.h"
#include "frame/stage.h"
#include "model/tokenizer.h"
#include "proxy/checkpoint.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
    const char *tokenizer, *field, *size, *weights, *device;
    long length, batch, micro, steps, warmup, fall, eval, rows, save;
    double rate, floor, decay, clip, held;
    int schedule;
    bool bf16;
} opt = { .field = "domain", .size = "nano", .device = "auto", .length = 256, .batch = 32, .micro = 8, .steps = 1000,
          .warmup = 50, .fall = 200,
          .eval = 200, .rows = 64, .rate = 1e-3, .floor = 0.1, .decay = 0.1, .clip = 1, .held = 0.05 };
static const struct opt options[] = {
    { 't', "tokenizer", TEXT(&opt.tokenizer), "FILE",                  "tokenizer.json and the like; else bytes are tokens" },
    {  0 , "field",     TEXT(&opt.field),     "NAME",                  "of the domain, for losses and weights" },
    { 'w', "weights",   TEXT(&opt.weights),   "FILE",                  "JSON of domain weights; else the documents' own" },
    {  0 , "held",      REAL(&opt.held),      "P",                     "share of documents kept for evaluation, by id", .max = 0.9 },
    { GROUP("Model") },
    { 's', "size",      TEXT(&opt.size),      "nano|micro|mini|small", "about 1, 5, 20, 124 million parameters" },
    { 'L', "length",    INT(&opt.length),     "N",                     "tokens of a row", .min = 8, .max = 65536 },
    {  0 , "device",    TEXT(&opt.device),    "auto|cpu|cuda",         "what it runs on" },
    {  0 , "bf16",      FLAG(&opt.bf16),                               "CUDA: products of bfloat16, sums of float32" },
    { GROUP("Training") },
    {  0 , "steps",     INT(&opt.steps),      "N",                     "updates", .min = 1, .max = 1e9 },
    {  0 , "batch",     INT(&opt.batch),      "N",                     "rows of a step", .min = 1, .max = 1e6 },
    {  0 , "micro",     INT(&opt.micro),      "N",                     "rows at once: memory, not results", .min = 1, .max = 1e6 },
    {  0 , "rate",      REAL(&opt.rate),      "R",                     "highest learning rate", .max = 10 },
    {  0 , "schedule",  PICK(&opt.schedule),  "cosine|wsd|constant",   "how the rate falls" },
    {  0 , "warmup",    INT(&opt.warmup),     "N",                     "steps in which it rises", .max = 1e9 },
    {  0 , "fall",      INT(&opt.fall),       "N",                     "wsd: last steps, in which it falls", .max = 1e9 },
    {  0 , "floor",     REAL(&opt.floor),     "P",                     "share of the rate at the end", .max = 1 },
    {  0 , "decay",     REAL(&opt.decay),     "D",                     "AdamW's weight decay", .max = 10 },
    {  0 , "clip",      REAL(&opt.clip),      "C",                     "longest gradient; 0: any", .max = 1e9 },
    {  0 , "eval",      INT(&opt.eval),       "N",                     "steps between evaluations; 0: at the end only", .max = 1e9 },
    {  0 , "rows",      INT(&opt.rows),       "N",                     "of each domain in an evaluation; 0: all", .max = 1e9 },
    {  0 , "save",      INT(&opt.save),       "N",                     "steps between states to go on from; 0: none", .max = 1e9 },
    { END }
};

static bool settings(struct train_spec *s, const struct run *r, struct err *e)
{
    *s = train_spec();
    s->shape = gpt_shape_named(str_of(opt.size));
    s->length = (size_t)opt.length, s->batch = (size_t)opt.batch,
    s->micro = (size_t)(opt.micro < opt.batch ? opt.micro : opt.batch), s->steps = opt.steps;
    s->rate = (struct schedule){ (enum schedule_how)opt.schedule, opt.rate, opt.floor, opt.steps, opt.warmup,
                                 opt.fall };
    s->decay = (float)opt.decay, s->clip = opt.clip, s->seed = r->seed;
    return s->shape || err_set(e, ERR_USAGE, "--size: \"%s\" is not nano, micro, mini or small", opt.size);
}

static bool plan(const struct train_spec *s, struct err *e)
{
    size_t vocab = 257;
    if (opt.tokenizer) {
        struct tokenizer *t = tokenizer_open(opt.tokenizer, e);
        if (!t) return false;
        vocab = tokenizer_size(t);
        tokenizer_close(t);
    }
    const struct gpt_spec g = gpt_spec(s->shape, vocab, s->micro, s->length);
    const struct gpt_plan p = gpt_plan(&g, GPT_TRAIN);
    const size_t written = (opt.save ? 3 : 1) * p.parameters;            /* the copy; of the moments too for --save */
    printf("%s: %zu parameters, %.3g tokens in %ld steps\nmemory: %zu MiB of parameters, %zu of gradient and moments, %zu of activations, %zu beside; then the documents' tokens, and %zu when it is written\n",
           opt.size, gpt_n_parameters(&g), (double)s->steps * (double)(s->batch * s->length), s->steps,
           p.parameters >> 20, p.training >> 20, p.activations >> 20, p.scratch >> 20, written >> 20);
    return true;
}

/* ---- the run ---- */

struct session {
    struct train *t;
    struct train_log *log;
    const char *folder;
    double began, told, *held;
    long first;
    bool tell;
};

static void tell(struct session *v, const struct train_said *said)
{
    const double now = time_now(), seconds = now - v->began;
    if (!v->tell || (now - v->told < 0.5 && v->t->step < v->t->spec.steps)) return;
    v->told = now;
    const double steps = (double)(v->t->step - v->first),
                 left = (double)(v->t->spec.steps - v->t->step) * seconds / steps;
    fprintf(stderr, "\rstep %ld/%ld  loss %.4f  %.0f tokens/s  %d:%02d left\033[K", v->t->step, v->t->spec.steps,
            said->loss, steps * (double)(v->t->spec.batch * v->t->spec.length) / seconds, (int)(left / 60),
            (int)left % 60);
    if (v->t->step == v->t->spec.steps) fputc('\n', stderr);
}

static bool evaluate(struct session *v, struct err *e)
{
    if (!train_eval(v->t->model, v->t->corpus, CORPUS_HELD, (size_t)opt.rows, v->held, e)) return false;
    train_log_held(v->log, v->t, v->held);
    return true;
}

static bool steps(struct session *v, struct err *e)
{
    struct train *t = v->t;
    v->began = time_now(), v->first = t->step;
    while (t->step < t->spec.steps) {
        struct train_said said;
        if (!train_step(t, &said, e)) return false;
        train_log_step(v->log, t, &said);
        tell(v, &said);
        const bool last = t->step == t->spec.steps;
        if ((last || (opt.eval && t->step % opt.eval == 0)) && !evaluate(v, e)) return false;
        if (!last && opt.save && t->step % opt.save == 0 && !checkpoint_save(t, v->folder, e)) return false;
    }
    return true;
}

static void say(const struct session *v)
{
    const struct corpus *c = v->t->corpus;
    printf("%ld steps, %zu tokens; held-out loss:", v->t->step,
           (size_t)v->t->step * v->t->spec.batch * v->t->spec.length);
    for (size_t i = 0; i < c->n_domains; i++)
        if (!isnan(v->held[i])) printf(" %.*s %.4f", (int)c->domains[i].name.n, c->domains[i].name.p, v->held[i]);
    putchar('\n');
    if (c->n_skipped) printf("%llu documents without text were passed over\n", (unsigned long long)c->n_skipped);
}

static bool train_on(struct train *t, const struct run *r, struct err *e)
{
    struct session v = { .t = t, .folder = r->output, .held = mem_alloc(t->corpus->n_domains, sizeof *v.held),
                         .tell = !r->quiet && isatty(2) };
    bool found = false, ok = file_folder(v.folder, e) && checkpoint_resume(t, v.folder, &found, e)
                 && (v.log = train_log_open(v.folder, t->step, e));
    if (ok && found && !r->quiet) printf("going on from step %ld\n", t->step);
    ok = ok && steps(&v, e);
    ok = train_log_close(v.log, e) && ok && checkpoint_finish(t, v.folder, opt.tokenizer, e);
    if (ok && !r->quiet) say(&v);
    free(v.held);
    return ok;
}

static struct accel *open_device(const struct run *r, struct err *e)
{
    struct accel *a = accel_open(opt.device, r->threads, e);
    if (a) a->bf16 = opt.bf16;
    return a;
}

static bool train_corpus(struct train_spec *s, const struct corpus *c, const struct run *r, struct err *e)
{
    double *weights = opt.weights ? mem_alloc(c->n_domains, sizeof *weights) : NULL;
    struct accel *a = NULL;
    struct train *t = NULL;
    s->weights = weights;
    const bool ok = (!weights || corpus_weights(c, opt.weights, weights, e)) && (a = open_device(r, e))
                 && (t = train_open(s, c, a, e)) && train_on(t, r, e);
    train_close(t);
    if (a) a->close(a);
    free(weights);
    return ok;
}

static bool command(const struct run *r, struct err *e)
{
    struct train_spec s;
    if (!settings(&s, r, e)) return false;
    if (r->plan) return plan(&s, e);
    struct corpus *c = corpus_open(&(struct corpus_opt){ .tokenizer = opt.tokenizer, .field = opt.field,
                                                         .held = opt.held }, r, r->files, e);
    const bool ok = c && train_corpus(&s, c, r, e);
    corpus_close(c);
    return ok;
}

const struct stage stage_proxy_train = {
    .place = 440, .name = "proxy train", .brief = "train a small transformer on documents",
    .text = "Writes FOLDER/model.safetensors and config.json, as Hugging Face's Llama, and log.jsonl: the loss of every step and\n"
            "domain. With --save the same command goes on where it was stopped, to the same bits.",
    .example = "  tamis proxy train -t tokenizer.json -s nano --steps 1000 docs.jsonl.zst -o model",
    .see = "proxy eval, proxy sample, proxy sweep, doremi", .writes = "FOLDER", .options = options, .command = command, .plans = true,
};
