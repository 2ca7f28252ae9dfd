/* classify.c - train a text classifier, and label documents with one: fastText's models.
 * SPDX-License-Identifier: Apache-2.0 */
#include "frame/stage.h"
#include "model/fasttext_quantise.h"

#include <stdlib.h>

/* ---- classify train ---- */

static struct { const char *label; struct fasttext_options o; } topt = { "label", FASTTEXT_DEFAULTS };
static const struct opt train_options[] = {
    {  0 , "label",       TEXT(&topt.label),         "FIELD",              "the label: a string, or an array of them" },
    {  0 , "loss",        PICK(&topt.o.loss),        "softmax|hs|ns|ova",  "softmax, hierarchical, negative sampling, one or all" },
    {  0 , "rate",        REAL(&topt.o.rate),        "R",                  "of the first step; falls to 0", .min = 1e-6, .max = 100 },
    {  0 , "epochs",      INT(&topt.o.epochs),       "N",                  "passes over the documents", .min = 1, .max = 10000 },
    {  0 , "dim",         INT(&topt.o.dim),          "N",                  "numbers in a word's vector", .min = 1, .max = 4096 },
    {  0 , "min-count",   INT(&topt.o.min_count),    "N",                  "rarer words are not in the dictionary", .min = 1, .max = 1e9 },
    {  0 , "word-ngrams", INT(&topt.o.word_ngrams),  "N",                  "longest word n-gram", .min = 1, .max = 10 },
    {  0 , "minn",        INT(&topt.o.minn),         "N",                  "shortest character n-gram", .max = 64 },
    {  0 , "maxn",        INT(&topt.o.maxn),         "N",                  "longest character n-gram; 0: none", .max = 64 },
    {  0 , "bucket",      INT(&topt.o.bucket),       "N",                  "rows that all n-grams share", .min = 1, .max = 1 << 28 },
    {  0 , "negatives",   INT(&topt.o.negatives),    "N",                  "labels drawn against the right one (ns)", .min = 1, .max = 1000 },
    { END }
};

struct train { struct fasttext_corpus *corpus; struct fasttext_options o; const char *label, *output; bool quiet; };

static void *train_open(const struct run *r, struct err *e)
{
    (void)e;
    struct train *s = mem_zero(1, sizeof *s);
    *s = (struct train){ fasttext_corpus_new(), topt.o, topt.label, r->output, r->quiet };
    s->o.seed = r->seed;
    s->o.threads = r->threads;
    return s;
}

static size_t labels_of(const struct doc *d, const char *name, struct str **labels)
{
    struct str value = doc_get(d, name), item;
    size_t n = 0, cap = 8;
    *labels = NEW(d->mem, struct str, cap);
    if (json_string(value, d->mem, &(*labels)[0])) return 1;
    while (n < cap && value.p && json_next(&value, &item)) n += json_string(item, d->mem, &(*labels)[n]);
    return n;
}

static bool no_white_space(const struct str *labels, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!labels[i].n || strcspn(labels[i].p, " \t\n\v\f\r") < labels[i].n || memchr(labels[i].p, 0, labels[i].n))
            return false;
    return true;
}

/* false: it has no text, or no label that fastText could read. */
static bool add_example(struct fasttext_corpus *c, struct doc *d, const char *field)
{
    struct str *labels, text = doc_text(d);
    size_t n = labels_of(d, field, &labels);
    if (!text.p || !n || !no_white_space(labels, n)) return false;
    fasttext_corpus_add(c, text, labels, n);
    return true;
}

static bool train_turn(void *self, struct doc *d, struct err *e)
{
    (void)e;
    struct train *s = self;
    if (!doc_text(d).p) return run_no_text(d);
    return add_example(s->corpus, d, s->label) || run_reject(d, "no-label", "\"field\":\"%s\"", s->label);
}

static bool train_close(void *self, struct err *e)
{
    struct train *s = self;
    double seconds;
    if (!fasttext_train(s->corpus, &s->o, s->output, &seconds, e)) return false;
    double words = (double)fasttext_corpus_words(s->corpus) * (double)s->o.epochs;
    if (!s->quiet)
        printf("%.0f words in %.2f s: %.0f words/s/thread\n", words, seconds, words / seconds / s->o.threads);
    return true;
}

static void train_free(void *self)
{
    struct train *s = self;
    fasttext_corpus_free(s->corpus);
    free(s);
}

const struct stage stage_classify_train = {
    .place = 260, .name = "classify train", .brief = "train a classifier on labelled documents",
    .text = "Writes a supervised fastText model that the fasttext tool loads, the same bytes for any -j.",
    .memory = "4 bytes a word of all texts, the words themselves, and a table of 4 bytes x --dim x (words + --bucket)",
    .example = "  tamis classify train --label quality good-and-bad.jsonl.zst -o quality.bin", .see = "classify apply",
    .options = train_options, .open = train_open, .turn = train_turn, .close = train_close, .free = train_free,
    .sink = true, .writes = "MODEL.bin",
};

/* ---- classify quantize ---- */

static struct {
    const char *again, *label;
    struct fasttext_quantise_options o;
} qopt = { NULL, "label", { .dsub = 2, .train = FASTTEXT_DEFAULTS } };
static const struct opt quantize_options[] = {
    {  0 , "cutoff",  INT(&qopt.o.cutoff),       "N",     "words and n-grams that stay; 0: all", .max = 1 << 30 },
    {  0 , "retrain", TEXT(&qopt.again),         "FILE",  "train what stays again on these labelled documents" },
    {  0 , "label",   TEXT(&qopt.label),         "FIELD", "their label: a string, or an array of them" },
    {  0 , "epochs",  INT(&qopt.o.train.epochs), "N",     "passes over them", .min = 1, .max = 10000 },
    {  0 , "rate",    REAL(&qopt.o.train.rate),  "R",     "of the first step; falls to 0", .min = 1e-6, .max = 100 },
    {  0 , "qnorm",   FLAG(&qopt.o.norms),                "quantise the lengths of rows apart" },
    {  0 , "qout",    FLAG(&qopt.o.output),               "quantise the output matrix too" },
    {  0 , "dsub",    INT(&qopt.o.dsub),         "N",     "numbers that share one byte", .min = 1, .max = 4096 },
    { END }
};

static struct fasttext_corpus *read_corpus(const struct run *r, const char *path, struct err *e)
{
    char *files[] = { (char *)(uintptr_t)path, NULL };
    struct reader *rd = reader_open(r, files, e);
    if (!rd) return NULL;
    struct fasttext_corpus *c = fasttext_corpus_new();
    size_t n = 0;
    for (struct doc *d; (d = reader_next(rd, e)); n++)
        if (!add_example(c, d, qopt.label)) {
            err_set(e, ERR_DATA, "%s: document %zu has no text or no label in \"%s\"", path, n, qopt.label);
            break;
        }
    reader_close(rd);
    if (!e->kind) return c;
    fasttext_corpus_free(c);
    return NULL;
}

static bool quantize(const struct run *r, struct err *e)
{
    if (r->n_files != 1) return err_set(e, ERR_USAGE, "one model must be named");
    struct fasttext *m = fasttext_open(r->files[0], e);
    if (!m) return false;
    qopt.o.train.seed = r->seed;
    qopt.o.train.threads = r->threads;
    struct fasttext_corpus *c = qopt.again ? read_corpus(r, qopt.again, e) : NULL;
    bool ok = !e->kind && (fasttext_quantise(m, c, &qopt.o, r->output, e) || err_in(e, "%s", r->files[0]));
    fasttext_corpus_free(c);
    fasttext_close(m);
    return ok;
}

const struct stage stage_classify_quantize = {
    .place = 262, .name = "classify quantize", .brief = "make a classifier small: a byte for two numbers",
    .usage = "[OPTION]... MODEL.bin -o MODEL.ftz",
    .text = "Writes fastText's .ftz, which \"classify apply\", lang and the fasttext tool load. With --cutoff only the rows of the\n"
            "greatest length stay. The same bytes for any -j.",
    .memory = "2.2 times the model; --retrain: 4 bytes a word of the texts too",
    .example = "  tamis classify quantize --cutoff 100000 --qnorm --retrain train.jsonl.zst quality.bin -o quality.ftz",
    .see = "classify train", .writes = "MODEL.ftz", .options = quantize_options, .command = quantize,
};

/* ---- classify apply ---- */

static struct { const char *model, *as, *of; double least; } aopt = { .as = "class" };
static const struct opt apply_options[] = {
    { 'm', "model", TEXT(&aopt.model), "FILE",  "fastText model, .bin or .ftz", .required = true },
    {  0 , "as",    TEXT(&aopt.as),    "FIELD", "field for the likeliest label; FIELD_score is its probability" },
    {  0 , "of",    TEXT(&aopt.of),    "LABEL", "instead: FIELD_score is this label's probability" },
    {  0 , "least", REAL(&aopt.least), "P",     "drop documents of a lower probability", .max = 1 },
    { END }
};

struct apply {
    struct fasttext *model;
    struct fasttext_scratch **scratch;
    struct fasttext_hit **hits;                                  /* (threads, k) */
    int threads;
    size_t k;
    uint32_t of;
    bool one;
    double least;
    char *as, *as_score;
};

static bool find_label(struct apply *s, struct str name, struct err *e)
{
    s->one = true;
    for (s->of = 0; s->of < s->k; s->of++) if (str_eq(fasttext_label_short(s->model, s->of), name)) return true;
    return err_set(e, ERR_USAGE, "--of: the model has no label \"%.*s\"", (int)name.n, name.p);
}

static void apply_free(void *self)
{
    struct apply *s = self;
    for (int t = 0; t < s->threads; t++) {
        fasttext_scratch_free(s->scratch[t]);
        free(s->hits[t]);
    }
    free(s->scratch);
    free(s->hits);
    free(s->as);
    free(s->as_score);
    fasttext_close(s->model);
    free(s);
}

static void *apply_open(const struct run *r, struct err *e)
{
    struct fasttext *model = fasttext_open(aopt.model, e);
    if (!model) return NULL;
    struct apply *s = mem_zero(1, sizeof *s);
    *s = (struct apply){ .model = model, .threads = r->threads, .k = fasttext_labels(model), .least = aopt.least,
                         .scratch = mem_zero((size_t)r->threads, sizeof *s->scratch),
                         .hits = mem_zero((size_t)r->threads, sizeof *s->hits),
                         .as = mem_alloc(strlen(aopt.as) + 1, 1), .as_score = mem_alloc(strlen(aopt.as) + 7, 1) };
    sprintf(s->as, "%s", aopt.as);
    sprintf(s->as_score, "%s_score", aopt.as);
    for (int t = 0; t < r->threads; t++) {
        s->scratch[t] = fasttext_scratch_new(model);
        s->hits[t] = mem_alloc(s->k, sizeof **s->hits);
    }
    if (!aopt.of || find_label(s, str_of(aopt.of), e)) return s;
    apply_free(s);
    return NULL;
}

static struct fasttext_hit the_hit(const struct apply *s, const struct fasttext_hit *hits, size_t n)
{
    for (size_t i = 0; i < n; i++) if (!s->one || hits[i].label == s->of) return hits[i];
    return (struct fasttext_hit){ s->of, 0 };
}

static bool apply_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct apply *s = self;
    struct str text = doc_text(d);
    if (!text.p) return run_no_text(d);
    struct fasttext_hit *hits = s->hits[d->worker];
    size_t n = fasttext_predict(s->model, s->scratch[d->worker], text, s->one ? s->k : 1, 0, hits);
    struct fasttext_hit hit = the_hit(s, hits, n);
    char score[40];
    snprintf(score, sizeof score, "%.6g", (double)hit.p);
    if (!s->one) doc_put_str(d, s->as, n ? fasttext_label_short(s->model, hit.label) : S(""));
    doc_put_real(d, s->as_score, strtod(score, NULL));
    if ((double)hit.p < s->least) doc_drop(d, "class", "\"score\":%s,\"least\":%g", score, s->least);
    return true;
}

const struct stage stage_classify_apply = {
    .place = 261, .name = "classify apply", .brief = "label every document with a classifier",
    .text = "Adds \"class\" and \"class_score\". With --of LABEL only the score: the probability of that label.",
    .memory = "the model",
    .example = "  tamis classify apply -m quality.bin --as quality --of good --least 0.5 docs.jsonl.zst -o good.jsonl.zst",
    .see = "classify train", .options = apply_options, .open = apply_open, .each = apply_each, .free = apply_free,
};
