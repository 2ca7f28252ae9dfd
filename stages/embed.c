/* embed.c - one vector a document; train a model on the corpus itself.
 * SPDX-License-Identifier: Apache-2.0 */
#include "embed/encoder.h"
#include "embed/lsa.h"
#include "frame/stage.h"
#include "record/matrix.h"

#include <stdlib.h>

static struct {
    const char *model, *matrix, *device;
    long windows, tokens, first;
    int type;
} opt = { .windows = 1, .device = "auto" };
static const struct opt options[] = {
    { 'm', "model",   TEXT(&opt.model),   "PATH",            "file of embed train, or a Hugging Face folder", .required = true },
    {  0 , "matrix",  TEXT(&opt.matrix),  "FILE.npy",        "where the vectors go", .required = true },
    {  0 , "type",    PICK(&opt.type),    "float16|float32", "of the vectors" },
    {  0 , "first-row", INT(&opt.first), "N",              "number of the first vector: documents in the slices before", .max = 1e15 },
    {  0 , "windows", INT(&opt.windows),  "N",               "encoders: mean over up to N windows of a text", .min = 1, .max = 1e4 },
    {  0 , "tokens",  INT(&opt.tokens),   "N",               "encoders: tokens in a window; 0 means the model's own", .max = 1e4 },
    {  0 , "device",  TEXT(&opt.device),  "auto|cpu|cuda",   "what encoders run on" },
    { END }
};

struct embed { struct encoder model; struct matrix_out *out; int64_t rows; };

static void embed_free(void *self)
{
    struct embed *s = self;
    encoder_close(&s->model);
    if (s->out) matrix_drop(s->out);
    free(s);
}

static void *embed_open(const struct run *r, struct err *e)
{
    struct embed *s = mem_zero(1, sizeof *s);
    s->rows = opt.first;
    struct encoder_opt o = { r->threads, opt.windows, opt.tokens, opt.device };
    if (encoder_open(&s->model, opt.model, &o, e))
        s->out = matrix_create(opt.matrix, opt.type ? MATRIX_F32 : MATRIX_F16, s->model.dim, e);
    if (s->out) return s;
    embed_free(s);
    return NULL;
}

/* Vectors wait in d->note for the document's turn. */
static bool embed_batch(void *self, struct doc **docs, size_t n, struct err *e)
{
    (void)e;
    const struct embed *s = self;
    if (!n) return true;
    struct str *texts = NEW(docs[0]->mem, struct str, n);
    float *rows = NEW(docs[0]->mem, float, n * s->model.dim);
    for (size_t i = 0; i < n; i++) {
        texts[i] = doc_text(docs[i]);
        if (!texts[i].p) texts[i] = S("");
        docs[i]->note = rows + i * s->model.dim;
    }
    s->model.embed(s->model.self, texts, n, rows, docs[0]->worker);
    return true;
}

static bool embed_turn(void *self, struct doc *d, struct err *e)
{
    struct embed *s = self;
    doc_put_int(d, "row", s->rows++);
    return matrix_append_float(s->out, d->note, 1, e);
}

static bool embed_close(void *self, struct err *e)
{
    struct embed *s = self;
    struct matrix_out *out = s->out;
    s->out = NULL;
    return matrix_done(out, e);
}

const struct stage stage_embed = {
    .place = 310, .name = "embed", .brief = "give every document a vector",
    .text = "Writes vectors of length 1, in the documents' order, and adds \"row\", the number of the document's vector.",
    .memory = "the model; BERT: activations of one batch a thread too",
    .example = "  tamis embed train docs.jsonl.zst -o lsa.safetensors\n  tamis embed -m lsa.safetensors --matrix v.npy docs.jsonl.zst -o out.jsonl.zst",
    .see = "embed train, kmeans, semdedup", .options = options,
    .open = embed_open, .batch = embed_batch, .turn = embed_turn, .close = embed_close, .free = embed_free,
};

/* ---- train ---- */

static struct {
    long dim, features, rounds;
    size_t length;
} train = { .dim = 256, .features = 65536, .rounds = 3, .length = 20000 };
static const struct opt train_options[] = {
    {  0 , "dim",      INT(&train.dim),      "N",    "length of a vector", .min = 1, .max = 4096 },
    {  0 , "features", INT(&train.features), "N",    "words and character runs that are known", .min = 1, .max = 1048576 },
    {  0 , "rounds",   INT(&train.rounds),   "N",    "of subspace iteration", .max = 100 },
    {  0 , "length",   SIZE(&train.length),  "SIZE", "bytes of a text that are read" },
    { END }
};
enum { TEXTS = 512 };

static bool add_texts(struct lsa_train *t, struct reader *rd, struct err *e)
{
    struct arena mem = { 0 };
    struct str texts[TEXTS];
    size_t n = 0;
    for (struct doc *d; (d = reader_next(rd, e)); ) {
        struct str s = doc_text(d);
        if (s.n > train.length) s.n = train.length;
        texts[n++] = str_copy(&mem, s);
        if (n < TEXTS) continue;
        lsa_train_add(t, texts, n);
        arena_reset(&mem);
        n = 0;
    }
    lsa_train_add(t, texts, n);
    arena_free(&mem);
    return !e->kind;
}

static bool train_command(const struct run *r, struct err *e)
{
    struct lsa_opt o = { .features = (size_t)train.features, .dim = (size_t)train.dim, .length = train.length,
                         .memory = r->memory / 2,
                         .threads = r->threads, .rounds = (int)train.rounds, .seed = r->seed };
    if (r->plan)
        return printf("memory: up to %zu MiB of counts, %zu MiB of table\n", o.memory >> 20,
                      o.features * o.dim * 10 >> 20) > 0;
    struct reader *rd = reader_open(r, r->files, e);
    if (!rd) return false;
    struct lsa_train *t = lsa_train_open(&o);
    bool ok = add_texts(t, rd, e) && lsa_train_write(t, r->output, e);
    if (ok && !r->quiet) printf("trained on %llu documents\n", (unsigned long long)lsa_train_docs(t));
    lsa_train_close(t);
    reader_close(rd);
    return ok;
}

const struct stage stage_embed_train = {
    .place = 311, .name = "embed train", .brief = "train an embedding model on the corpus itself",
    .text = "Latent semantic analysis: hashed words and character runs, tf-idf, the first singular vectors. Needs no download.",
    .example = "  tamis embed train docs.jsonl.zst --dim 256 -o lsa.safetensors",
    .see = "embed", .writes = "MODEL", .options = train_options, .command = train_command, .plans = true,
};
