/* score.c - p(good) of every document, and the threshold to cut by.
 * SPDX-License-Identifier: Apache-2.0 */
#include "frame/stage.h"
#include "quality/columns.h"
#include "quality/cut.h"
#include "quality/examples.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

/* ---- score ---- */

static struct { const char *model, *matrix; double least; } sopt;
static const struct opt score_options[] = {
    { 'm', "model",  TEXT(&sopt.model),  "FILE",     "of score train", .required = true },
    {  0 , "matrix", TEXT(&sopt.matrix), "FILE.npy", "of a model with columns: the row that \"row\" names" },
    {  0 , "least",  REAL(&sopt.least),  "P",        "drop documents that are less likely good", .max = 1 },
    { END }
};

struct score { struct goodness *model; struct matrix matrix; struct signals **per_worker; int threads; double least; };

static void score_free(void *self)
{
    struct score *s = self;
    for (int t = 0; t < s->threads; t++) signals_free(s->per_worker[t]);
    free(s->per_worker);
    goodness_close(s->model);
    if (s->matrix.cols) matrix_close(&s->matrix);
    free(s);
}

static bool score_columns(struct score *s, struct err *e)
{
    if (!s->model->n_columns)
        return !sopt.matrix || err_set(e, ERR_USAGE, "--matrix: the model was trained without one");
    if (!sopt.matrix) return err_set(e, ERR_USAGE, "the model has %zu columns: --matrix FILE.npy", s->model->n_columns);
    if (!columns_open(&s->matrix, sopt.matrix, e)) return false;
    return s->matrix.cols == s->model->n_columns
        || err_set(e, ERR_DATA, "%s has %zu columns, the model %zu", sopt.matrix, s->matrix.cols, s->model->n_columns);
}

static void *score_open(const struct run *r, struct err *e)
{
    struct goodness *g = goodness_open(sopt.model, e);
    if (!g) return NULL;
    struct score *s = mem_zero(1, sizeof *s);
    *s = (struct score){ .model = g, .per_worker = mem_zero((size_t)r->threads, sizeof *s->per_worker),
                         .threads = r->threads, .least = sopt.least };
    for (int t = 0; t < r->threads; t++) s->per_worker[t] = signals_new();
    if (score_columns(s, e)) return s;
    score_free(s);
    return NULL;
}

/* "scores":{...,"good":p}: other scores stay, an older p(good) goes. */
static void put_score(struct doc *d, double p)
{
    struct str old = doc_get(d, "scores"), rest = old;
    struct buf b = { 0 };
    struct json_field f;
    buf_putc(&b, '{');
    while (old.p && *old.p == '{' && json_next_field(&rest, &f)) {
        if (str_eq(f.key, S("good"))) continue;
        buf_putc(&b, '"');
        buf_put(&b, f.key);
        buf_put(&b, S("\":"));
        buf_put(&b, f.value);
        buf_putc(&b, ',');
    }
    buf_printf(&b, "\"good\":%.6g}", p);
    doc_put_raw(d, "scores", str_copy(d->mem, buf_str(&b)));
    buf_free(&b);
}

static bool score_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct score *s = self;
    struct str text = doc_text(d);
    struct example x = { .n_text = 0 };
    if (!text.p) return run_no_text(d);
    if (text.n >= UINT32_MAX) return run_reject(d, "too-long", "\"bytes\":%zu", text.n);
    if (s->matrix.cols && !(x.columns = columns_of(&s->matrix, d)))
        return run_reject(d, "no-row", "\"field\":\"row\",\"rows\":%zu", s->matrix.rows);
    if (s->model->features & GOODNESS_SIGNALS)
        goodness_signals(s->per_worker[d->worker], doc_get(d, "signals"), text, x.signal);
    if (s->model->features & GOODNESS_TEXT) x.n_text = goodness_text(text, &x.text);
    double p = goodness_p(s->model, goodness_score(s->model, &x));
    example_free(&x);
    put_score(d, p);
    if (p < s->least) doc_drop(d, "score", "\"score\":%.6g,\"least\":%g", p, s->least);
    return true;
}

const struct stage stage_score = {
    .place = 226, .name = "score", .brief = "add p(good) by a model of score train",
    .text = "Adds \"scores\":{\"good\":P}. Signals are read from \"signals\" where the document has them, else computed.",
    .memory = "the model",
    .example = "  tamis score -m good.json docs.jsonl.zst -o out.jsonl.zst", .see = "score train, score cut",
    .options = score_options, .open = score_open, .each = score_each, .free = score_free,
};

/* ---- score cut ---- */

static struct { const char *by, *tokens, *score; double keep; } copt = { .score = "scores.good", .keep = 0.4 };
static const struct opt cut_options[] = {
    {  0 , "keep",   REAL(&copt.keep),   "SHARE", "of the tokens that are to be kept", .min = 1e-9, .max = 1 },
    {  0 , "by",     TEXT(&copt.by),     "FIELD", "a threshold for each of its values: lang, domain, cluster" },
    {  0 , "tokens", TEXT(&copt.tokens), "FIELD", "number of tokens (default: words between white space)" },
    {  0 , "score",  TEXT(&copt.score),  "PATH",  "what is cut by" },
    { END }
};

static double tokens_of(struct doc *d)
{
    double n = 0;
    if (copt.tokens) return doc_get(d, copt.tokens).p && json_number(doc_get(d, copt.tokens), &n) ? n : NAN;
    struct str text = doc_text(d);
    if (!text.p) return NAN;
    for (size_t i = 0; i < text.n; i++)
        n += !isspace((unsigned char)text.p[i]) && (i == 0 || isspace((unsigned char)text.p[i - 1]));
    return n;
}

/* Whether the document has a score and tokens. */
static bool add_document(struct cut *c, struct doc *d)
{
    double score, tokens = tokens_of(d);
    struct str found = doc_path(d, str_of(copt.score)), name = S("all"),
               raw = copt.by ? doc_get(d, copt.by) : (struct str){ 0 };
    if (!found.p || !json_number(found, &score) || isnan(tokens)) return false;
    if (raw.p && !json_string(raw, d->mem, &name)) name = raw;
    else if (copt.by && !raw.p) name = S("none");
    cut_add(c, name, score, tokens);
    return true;
}

static void print_at(const struct cut_group *g, double least, bool chosen)
{
    const struct cut_kept kept = cut_at(g, least);
    printf("%-16.*s %-9.6g %10.0f %7.2f%% %14.0f %7.2f%%%s\n", (int)g->name.n, g->name.p, least, kept.docs,
           100 * kept.docs / (double)g->n, kept.tokens, g->tokens > 0 ? 100 * kept.tokens / g->tokens : 0,
           chosen ? "  <- --keep" : "");
}

static void print_cut(struct cut *c)
{
    cut_sort(c);
    printf("%-16s %-9s %10s %8s %14s %8s\n", copt.by ? copt.by : "", "threshold", "documents", "", "tokens", "");
    for (size_t k = 0; k < c->n; k++) {
        print_at(&c->all[k], cut_threshold(&c->all[k], copt.keep), true);
        for (int i = 1; i < 10; i++) print_at(&c->all[k], i / 10.0, false);
    }
}

static bool cut_command(const struct run *r, struct err *e)
{
    struct cut c = { 0 };
    size_t passed_over = 0;
    struct reader *rd = reader_open(r, r->files, e);
    if (!rd) return false;
    for (struct doc *d; (d = reader_next(rd, e)); ) passed_over += !add_document(&c, d);
    reader_close(rd);
    if (!e->kind && !c.n) err_set(e, ERR_DATA, "no document has \"%s\" and tokens", copt.score);
    if (!e->kind) print_cut(&c);
    if (!e->kind && passed_over) printf("%zu documents without score or tokens\n", passed_over);
    cut_free(&c);
    return !e->kind;
}

const struct stage stage_score_cut = {
    .place = 229, .name = "score cut", .brief = "which threshold keeps how many tokens",
    .text = "Prints the threshold that keeps the share of tokens that --keep names, and what thresholds from 0.1 to 0.9 would keep.",
    .memory = "16 to 24 bytes a document",
    .example = "  tamis score cut --keep 0.4 --by lang scored.jsonl.zst", .see = "score, filter",
    .options = cut_options, .command = cut_command,
};
