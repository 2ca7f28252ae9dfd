/* proxy_eval.c - what a trained transformer loses on documents, and what it writes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "core/rng.h"
#include "frame/stage.h"
#include "model/gpt_file.h"
#include "model/tokenizer.h"
#include "proxy/train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 8, BYTES_END = 256 };

static struct gpt *open_model(const char *folder, size_t rows, struct accel *a, struct err *e)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
    return gpt_read(path, rows, 0, GPT_INFER, a, e);
}

/* ---- eval ---- */

static struct { const char *model, *field, *device; long rows; } opt = { .field = "domain", .device = "auto" };
static const struct opt options[] = {
    { 'm', "model",  TEXT(&opt.model),  "FOLDER",        "of proxy train", .required = true },
    {  0 , "field",  TEXT(&opt.field),  "NAME",          "of the domain" },
    {  0 , "rows",   INT(&opt.rows),    "N",             "of each domain; 0: all", .max = 1e9 },
    {  0 , "device", TEXT(&opt.device), "auto|cpu|cuda", "what it runs on" },
    { END }
};

static void put_losses(struct buf *b, const struct corpus *c, const double *loss)
{
    double sum = 0, tokens = 0;
    for (size_t i = 0; i < c->n_domains; i++) {
        const struct corpus_domain *d = &c->domains[i];
        const struct corpus_stream *s = &d->part[CORPUS_TRAIN];
        buf_put(b, S("{\"domain\":"));
        json_put_string(b, d->name);
        buf_printf(b, ",\"documents\":%llu,\"tokens\":%llu,\"loss\":%.6f,\"perplexity\":%.6g}\n",
                   (unsigned long long)s->n_docs, (unsigned long long)s->n_tokens, loss[i], exp(loss[i]));
        sum += loss[i] * (double)s->n_tokens, tokens += (double)s->n_tokens;
    }
    buf_printf(b, "{\"all\":true,\"tokens\":%.0f,\"loss\":%.6f,\"perplexity\":%.6g}\n", tokens, sum / tokens,
               exp(sum / tokens));
}

static bool write_losses(struct gpt *g, const struct corpus *c, const char *path, struct err *e)
{
    struct buf b = { 0 };
    double *loss = mem_alloc(c->n_domains, sizeof *loss);
    bool ok = train_eval(g, c, CORPUS_TRAIN, (size_t)opt.rows, loss, e);
    if (ok) put_losses(&b, c, loss);
    struct output *o = ok ? output_open(path, e) : NULL;
    ok = o && output_write(o, buf_str(&b), e);
    if (o && !ok) output_drop(o);
    ok = ok && output_done(o, e);
    buf_free(&b);
    free(loss);
    return ok;
}

static bool eval(const struct run *r, struct err *e)
{
    struct arena mem = { 0 };
    struct corpus_opt o = { .field = opt.field };
    struct corpus *c = NULL;
    struct gpt *g = NULL;
    struct accel *a = accel_open(opt.device, r->threads, e);
    bool ok = a && (g = open_model(opt.model, ROWS, a, e)) && gpt_folder_tokenizer(opt.model, &mem, &o.tokenizer, e)
              && (c = corpus_open(&o, r, r->files, e));
    if (ok && c->vocab != gpt_spec_of(g)->vocab)
        ok = err_set(e, ERR_DATA, "the tokenizer in %s has %zu tokens, the model %zu", opt.model, c->vocab,
                     gpt_spec_of(g)->vocab);
    ok = ok && write_losses(g, c, r->output, e);
    corpus_close(c);
    gpt_close(g);
    if (a) a->close(a);
    arena_free(&mem);
    return ok;
}

const struct stage stage_proxy_eval = {
    .place = 441, .name = "proxy eval", .brief = "the loss of a trained transformer on documents, by domain",
    .text = "A line of JSON a domain, in nats a token, then one for all. Documents of a domain lie end to end and are cut into rows.",
    .memory = "the model, activations of a few rows, and the documents' tokens",
    .example = "  tamis proxy eval -m model held-out.jsonl.zst", .see = "proxy train, perplexity",
    .options = options, .command = eval,
};

/* ---- sample ---- */

static struct {
    const char *model, *prompt, *device;
    long tokens, top;
    double heat;
} say = { .prompt = "", .device = "auto", .tokens = 200, .top = 50, .heat = 0.8 };
static const struct opt say_options[] = {
    { 'm', "model",       TEXT(&say.model),  "FOLDER",        "of proxy train", .required = true },
    { 'p', "prompt",      TEXT(&say.prompt), "TEXT",          "what it goes on from" },
    { 'n', "tokens",      INT(&say.tokens),  "N",             "to write, unless the text ends before", .min = 1, .max = 1e6 },
    {  0 , "top",         INT(&say.top),     "K",             "draw from the K likeliest tokens", .min = 1, .max = 1e6 },
    {  0 , "temperature", REAL(&say.heat),   "T",             "of the draw; 0: always the likeliest", .max = 100 },
    {  0 , "device",      TEXT(&say.device), "auto|cpu|cuda", "what it runs on" },
    { END }
};

struct choice { float score; int32_t id; };
static int by_score(const void *x, const void *y)
{
    const struct choice *a = x, *b = y;
    return a->score < b->score ? 1 : a->score > b->score ? -1 : (a->id > b->id) - (a->id < b->id);
}

static int32_t draw(const float *logits, size_t V, struct choice *all, struct rng *rng)
{
    for (size_t i = 0; i < V; i++) all[i] = (struct choice){ logits[i], (int32_t)i };
    qsort(all, V, sizeof *all, by_score);
    const size_t top = (size_t)say.top < V ? (size_t)say.top : V;
    if (say.heat <= 0) return all[0].id;
    double sum = 0;
    for (size_t i = 0; i < top; i++) sum += exp((double)(all[i].score - all[0].score) / say.heat);
    double at = rng_real(rng) * sum;
    size_t i = 0;
    while (i + 1 < top && (at -= exp((double)(all[i].score - all[0].score) / say.heat)) >= 0) i++;
    return all[i].id;
}

static void put_token(const struct tokenizer *t, int32_t id, struct buf *b)
{
    const uint32_t u = (uint32_t)id;
    if (t) tokenizer_decode(t, &u, 1, b);
    else if (id < BYTES_END) buf_putc(b, (char)id);
}

/* The prompt behind an end-of-text token, as every text began when it was trained. */
static void begin(const struct tokenizer *t, int32_t end, struct ids *ids)
{
    const struct str prompt = str_of(say.prompt);
    ids_put(ids, (uint32_t)end);
    if (!t) for (size_t i = 0; i < prompt.n; i++) ids_put(ids, (uint8_t)prompt.p[i]);
    else {
        struct tokenizer_worker *w = tokenizer_worker_new(t);
        tokenizer_encode(w, prompt, 0, ids);
        tokenizer_worker_free(w);
    }
}

static void write_text(struct gpt *g, const struct tokenizer *t, int32_t end, uint64_t seed, struct buf *b)
{
    const size_t V = gpt_spec_of(g)->vocab, length = gpt_spec_of(g)->length;
    struct rng rng = rng_init(seed, 0);
    struct ids ids = { 0 };
    float *logits = mem_alloc(V, sizeof *logits);
    struct choice *all = mem_alloc(V, sizeof *all);
    int32_t *row = mem_alloc(length + 1, sizeof *row);
    begin(t, end, &ids);
    buf_put(b, str_of(say.prompt));
    for (long n = 0; n < say.tokens; n++) {
        const size_t m = ids.n < length ? ids.n : length;
        for (size_t i = 0; i < m; i++) row[i] = (int32_t)ids.p[ids.n - m + i];
        row[m] = -1;
        gpt_logits(g, (struct gpt_rows){ row, 1, m }, &(size_t){ m - 1 }, logits);
        const int32_t id = draw(logits, V, all, &rng);
        if (id == end) break;
        ids_put(&ids, (uint32_t)id);
        put_token(t, id, b);
    }
    free(ids.p), free(logits), free(all), free(row);
}

static bool sample(const struct run *r, struct err *e)
{
    struct arena mem = { 0 };
    const char *path = NULL;
    struct gpt *g = NULL;
    struct tokenizer *t = NULL;
    struct buf b = { 0 };
    struct accel *a = accel_open(say.device, r->threads, e);
    bool ok = a && (g = open_model(say.model, 1, a, e)) && gpt_folder_tokenizer(say.model, &mem, &path, e)
              && (!path || (t = tokenizer_open(path, e)));
    const size_t vocab = t ? tokenizer_size(t) : BYTES_END + 1;
    if (ok && gpt_spec_of(g)->vocab != vocab)
        ok = err_set(e, ERR_DATA, "the tokenizer in %s has %zu tokens, the model %zu", say.model, vocab,
                     gpt_spec_of(g)->vocab);
    if (ok) {
        write_text(g, t, t ? (int32_t)tokenizer_end(t) : BYTES_END, r->seed, &b);
        ok = gpt_sync(g, e) && fwrite(b.p, 1, b.n, stdout) == b.n && putchar('\n') != EOF;
    }
    buf_free(&b);
    if (t) tokenizer_close(t);
    gpt_close(g);
    if (a) a->close(a);
    arena_free(&mem);
    return ok;
}

const struct stage stage_proxy_sample = {
    .place = 442, .name = "proxy sample", .brief = "let a trained transformer write", .usage = "",
    .memory = "the model",
    .example = "  tamis proxy sample -m model -p \"The \"", .see = "proxy train", .options = say_options,
    .command = sample,
};
