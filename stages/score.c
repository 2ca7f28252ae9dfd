/* score.c - p(good): train it, add it, cut by it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/rng.h"
#include "frame/stage.h"
#include "quality/goodness.h"
#include "record/matrix.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

/* ---- columns: the row of a matrix that the document's "row" names ---- */

static bool open_columns(struct matrix *m, const char *path, struct err *e)
{
    if (!matrix_open(m, path, e)) return false;
    if (m->type == MATRIX_F32 || m->type == MATRIX_F16) return true;
    matrix_close(m);
    return err_set(e, ERR_DATA, "%s: numbers of type float32 or float16 are needed", path);
}

/* NULL when the document names no row of the matrix. */
static float *columns_of(const struct matrix *m, const struct doc *d)
{
    int64_t row;
    const struct str named = doc_get(d, "row");
    if (!named.p || !json_integer(named, &row) || row < 0 || (uint64_t)row >= m->rows) return NULL;
    float *to = mem_alloc(m->cols, sizeof *to);
    matrix_rows(m, (size_t)row, (size_t)row + 1, to);
    return to;
}

static void example_free(struct example *x)
{
    free(x->text);
    free(x->columns);
}

/* ---- score train ---- */

static struct { const char *good, *bad, *label, *matrix; int features; double c; long folds; } topt = { .label = "label", .features = 2, .c = 1, .folds = 5 };
static const struct opt train_options[] = {
    {  0 , "good",     TEXT(&topt.good),     "FILE",              "good documents" },
    {  0 , "bad",      TEXT(&topt.bad),      "FILE",              "bad documents" },
    {  0 , "label",    TEXT(&topt.label),    "FIELD",             "of the operands: a number, above 0 is good" },
    {  0 , "features", PICK(&topt.features), "signals|text|both", "what it learns from" },
    {  0 , "matrix",   TEXT(&topt.matrix),   "FILE.npy",          "columns too: the row that a document's \"row\" names" },
    { 'c', "cost",     REAL(&topt.c),        "C",                 "liblinear's: larger fits the training set closer", .min = 1e-6, .max = 1e6 },
    {  0 , "folds",    INT(&topt.folds),     "K",                 "of the cross-validation", .min = 2, .max = 100 },
    { END }
};

/* Past `memory` only documents whose hash is below a limit stay, and the limit halves: a sample that depends on seed and order alone. */
struct set {
    struct example *all;
    uint64_t *place;                             /* (n) of each among all that were read */
    size_t n, cap, n_good, passed_over, bytes, memory;
    uint64_t read, seed;
    unsigned halvings;
    struct matrix matrix;                        /* no columns without --matrix */
};

static bool sampled(const struct set *s, uint64_t place)
{
    enum { STREAM = 1 };
    return s->halvings == 0 || rng_at(s->seed, place, STREAM) >> (64 - s->halvings) == 0;
}

/* Of an example and of its row in liblinear. */
static size_t size_of(const struct set *s, const struct example *x)
{
    enum { NODE = 16 };
    return sizeof *x + sizeof *s->place + x->n_text * (sizeof *x->text + NODE) + s->matrix.cols * (sizeof(float) + NODE) + N_SIGNALS * 2 * NODE;
}

static void halve(struct set *s)
{
    size_t n = 0;
    s->halvings++;
    for (size_t i = 0; i < s->n; i++) {
        if (sampled(s, s->place[i])) {
            s->place[n] = s->place[i];
            s->all[n++] = s->all[i];
            continue;
        }
        s->bytes -= size_of(s, &s->all[i]);
        s->n_good -= s->all[i].good;
        example_free(&s->all[i]);
    }
    s->n = n;
}

static void set_add(struct set *s, struct signals *scratch, struct doc *d, bool good)
{
    struct str text = doc_text(d);
    struct example x = { .good = good };
    if (!text.p || text.n >= UINT32_MAX || (s->matrix.cols && !(x.columns = columns_of(&s->matrix, d)))) { s->passed_over++; return; }
    if (!sampled(s, s->read++)) { example_free(&x); return; }
    goodness_signals(scratch, doc_get(d, "signals"), text, x.signal);
    x.n_text = goodness_text(text, &x.text);
    if (s->n == s->cap) {
        size_t same = s->cap;
        s->place = mem_grow(s->place, &same, s->n + 1, sizeof *s->place);
        s->all = mem_grow(s->all, &s->cap, s->n + 1, sizeof *s->all);
    }
    s->place[s->n] = s->read - 1;
    s->all[s->n++] = x;
    s->n_good += good;
    s->bytes += size_of(s, &x);
    while (s->bytes > s->memory && s->n > 1) halve(s);
}

enum kind { BAD, GOOD, BY_LABEL };

static bool read_set(struct set *s, const struct run *r, char **files, enum kind kind, struct err *e)
{
    struct reader *rd = reader_open(r, files, e);
    if (!rd) return false;
    struct signals *scratch = signals_new();
    for (struct doc *d; (d = reader_next(rd, e)); ) {
        double label = kind;
        if (kind == BY_LABEL && (!doc_get(d, topt.label).p || !json_number(doc_get(d, topt.label), &label))) s->passed_over++;
        else set_add(s, scratch, d, label > 0);
    }
    signals_free(scratch);
    reader_close(rd);
    return !e->kind;
}

static bool read_all(struct set *s, const struct run *r, struct err *e)
{
    if (topt.matrix && !open_columns(&s->matrix, topt.matrix, e)) return false;
    char *good[] = { (char *)(uintptr_t)topt.good, NULL }, *bad[] = { (char *)(uintptr_t)topt.bad, NULL };
    if (!topt.good != !topt.bad) return err_set(e, ERR_USAGE, "--good and --bad go together");
    bool ok = topt.good ? read_set(s, r, good, GOOD, e) && read_set(s, r, bad, BAD, e) : read_set(s, r, r->files, BY_LABEL, e);
    if (ok && (s->n_good < 10 || s->n - s->n_good < 10))
        return err_set(e, ERR_DATA, "%zu good and %zu bad documents: at least 10 of each are needed", s->n_good, s->n - s->n_good);
    return ok;
}

/* z of every document from a model that has not seen its fold. Folds by a hash of the row and the seed. */
static void held_out(const struct set *s, uint64_t seed, enum goodness_features f, double *z, double *mean_auc)
{
    bool *use = mem_alloc(s->n, sizeof *use), *good = mem_alloc(s->n, sizeof *good);
    double *fold_z = mem_alloc(s->n, sizeof *fold_z), sum = 0, folds = 0;
    for (long k = 0; k < topt.folds; k++) {
        size_t n = 0;
        for (size_t i = 0; i < s->n; i++) use[i] = rng_at(seed, i, 0) % (uint64_t)topt.folds != (uint64_t)k;
        struct goodness *g = goodness_train(s->all, s->n, use, f, s->matrix.cols, topt.c);
        for (size_t i = 0; i < s->n; i++) {
            if (use[i]) continue;
            z[i] = goodness_score(g, &s->all[i]);
            fold_z[n] = z[i];
            good[n++] = s->all[i].good;
        }
        goodness_close(g);
        double a = auc(fold_z, good, n);
        if (!isnan(a)) { sum += a; folds++; }
    }
    *mean_auc = sum / folds;
    free(use);
    free(good);
    free(fold_z);
}

/* Held-out probabilities in ten bins: how many documents, what was said, what was so. */
static void print_reliability(const double *p, const bool *good, size_t n)
{
    printf("\ncalibration, held out:  p(good)    documents  mean p  share good\n");
    for (int bin = 0; bin < 10; bin++) {
        double sum = 0, n_good = 0, count = 0;
        for (size_t i = 0; i < n; i++) {
            if ((int)fmin(p[i] * 10, 9) != bin) continue;
            sum += p[i];
            n_good += good[i];
            count++;
        }
        if (count > 0) printf("                        %.1f - %.1f  %9.0f  %6.3f  %10.3f\n", bin / 10.0, (bin + 1) / 10.0, count, sum / count, n_good / count);
    }
}

static const struct goodness *sorting;

static int by_weight(const void *a, const void *b)
{
    const double *x = sorting->weight[*(const size_t *)a], *y = sorting->weight[*(const size_t *)b];
    double u = fabs(x[0]) + fabs(x[1]), v = fabs(y[0]) + fabs(y[1]);
    return (u < v) - (u > v);
}

static void print_weights(const struct goodness *g)
{
    size_t order[N_SIGNALS];
    for (size_t i = 0; i < N_SIGNALS; i++) order[i] = i;
    sorting = g;
    qsort(order, N_SIGNALS, sizeof *order, by_weight);
    printf("\nweights:  more   extreme   null  signal\n");
    for (size_t i = 0; i < 15; i++) {
        const double *w = g->weight[order[i]];
        printf("       %+7.3f  %+7.3f  %+6.3f  ", w[0], w[1], w[2]);
        for (const char *p = signal_info[order[i]].name; *p; p++) putchar(tolower((unsigned char)*p));
        putchar('\n');
    }
}

static struct goodness *train_and_report(const struct set *s, const struct run *r, struct buf *report)
{
    static const char *const names[] = { "signals", "text", "both" };
    double *z = mem_alloc(s->n, sizeof *z), mean_auc;
    bool *good = mem_alloc(s->n, sizeof *good);
    enum goodness_features f = (enum goodness_features)(topt.features + 1);
    for (size_t i = 0; i < s->n; i++) good[i] = s->all[i].good;
    held_out(s, r->seed, f, z, &mean_auc);
    struct goodness *g = goodness_train(s->all, s->n, NULL, f, s->matrix.cols, topt.c);
    goodness_platt(z, good, s->n, &g->a, &g->b);
    buf_printf(report, ",\"features\":\"%s\",\"good\":%zu,\"bad\":%zu,\"folds\":%ld,\"auc\":%.6f", names[topt.features], s->n_good, s->n - s->n_good, topt.folds,
               mean_auc);
    if (!r->quiet) {
        if (s->halvings) printf("%llu documents do not fit in --memory: a sample of 1 in %u is learnt from\n", (unsigned long long)s->read, 1u << s->halvings);
        printf("%zu good, %zu bad, %zu passed over; features: %s\nAUC of %ld folds: mean %.4f, pooled %.4f\n", s->n_good, s->n - s->n_good, s->passed_over,
               names[topt.features], topt.folds, mean_auc, auc(z, good, s->n));
        for (size_t i = 0; i < s->n; i++) z[i] = goodness_p(g, z[i]);
        print_reliability(z, good, s->n);
        if (f & GOODNESS_SIGNALS) print_weights(g);
    }
    free(z);
    free(good);
    return g;
}

static bool train_command(const struct run *r, struct err *e)
{
    struct set s = { .memory = r->memory, .seed = r->seed };
    struct buf report = { 0 };
    if (!strcmp(r->output, "-")) return err_set(e, ERR_USAGE, "a model needs a name: -o MODEL.json");
    bool ok = read_all(&s, r, e);
    if (ok) {
        struct goodness *g = train_and_report(&s, r, &report);
        ok = goodness_write(g, r->output, buf_str(&report), e);
        goodness_close(g);
    }
    for (size_t i = 0; i < s.n; i++) example_free(&s.all[i]);
    free(s.all);
    free(s.place);
    if (s.matrix.cols) matrix_close(&s.matrix);
    buf_free(&report);
    return ok;
}

const struct stage stage_score_train = {
    .place = 228, .name = "score train", .brief = "learn p(good) from good and bad documents",
    .text = "Logistic regression over the percentiles of all quality signals, over hashed words, and with --matrix over embeddings;\n"
            "prints the AUC and calibration on held-out folds and the weights by name. More than --memory holds is sampled.\n"
            "Signals are read from \"signals\" where documents have them, else computed.",
    .example = "  tamis score train --good wiki.jsonl.zst --bad crawl.jsonl.zst -o good.json", .see = "score, score cut, signals",
    .options = train_options, .command = train_command,
};

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
    if (!s->model->n_columns) return !sopt.matrix || err_set(e, ERR_USAGE, "--matrix: the model was trained without one");
    if (!sopt.matrix) return err_set(e, ERR_USAGE, "the model has %zu columns: --matrix FILE.npy", s->model->n_columns);
    if (!open_columns(&s->matrix, sopt.matrix, e)) return false;
    return s->matrix.cols == s->model->n_columns
        || err_set(e, ERR_DATA, "%s has %zu columns, the model %zu", sopt.matrix, s->matrix.cols, s->model->n_columns);
}

static void *score_open(const struct run *r, struct err *e)
{
    struct goodness *g = goodness_open(sopt.model, e);
    if (!g) return NULL;
    struct score *s = mem_zero(1, sizeof *s);
    *s = (struct score){ .model = g, .per_worker = mem_zero((size_t)r->threads, sizeof *s->per_worker), .threads = r->threads, .least = sopt.least };
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
    if (s->matrix.cols && !(x.columns = columns_of(&s->matrix, d))) return run_reject(d, "no-row", "\"field\":\"row\",\"rows\":%zu", s->matrix.rows);
    if (s->model->features & GOODNESS_SIGNALS) goodness_signals(s->per_worker[d->worker], doc_get(d, "signals"), text, x.signal);
    if (s->model->features & GOODNESS_TEXT) x.n_text = goodness_text(text, &x.text);
    double p = goodness_p(s->model, goodness_score(s->model, &x));
    example_free(&x);
    put_score(d, p);
    if (p < s->least) doc_drop(d, "score", "\"score\":%.6g,\"least\":%g", p, s->least);
    return true;
}

const struct stage stage_score = {
    .place = 227, .name = "score", .brief = "add p(good) by a model of score train",
    .text = "Adds \"scores\":{\"good\":P}. Signals are read from \"signals\" where the document has them, else computed.",
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

struct item { double score, tokens; };
struct group { struct str name; struct item *items; size_t n, cap; double tokens; };
struct groups { struct group *all; size_t n, cap; struct arena mem; size_t passed_over; };

static struct group *group_of(struct groups *g, struct str name)
{
    for (size_t i = 0; i < g->n; i++) if (str_eq(g->all[i].name, name)) return &g->all[i];
    if (g->n == g->cap) g->all = mem_grow(g->all, &g->cap, g->n + 1, sizeof *g->all);
    g->all[g->n] = (struct group){ .name = str_copy(&g->mem, name) };
    return &g->all[g->n++];
}

static double tokens_of(struct doc *d)
{
    double n = 0;
    if (copt.tokens) return doc_get(d, copt.tokens).p && json_number(doc_get(d, copt.tokens), &n) ? n : NAN;
    struct str text = doc_text(d);
    if (!text.p) return NAN;
    for (size_t i = 0; i < text.n; i++) n += !isspace((unsigned char)text.p[i]) && (i == 0 || isspace((unsigned char)text.p[i - 1]));
    return n;
}

static void cut_add(struct groups *g, struct doc *d)
{
    struct item x = { NAN, tokens_of(d) };
    struct str score = doc_path(d, str_of(copt.score)), name = S("all"), raw = copt.by ? doc_get(d, copt.by) : (struct str){ 0 };
    if (!score.p || !json_number(score, &x.score) || isnan(x.tokens)) { g->passed_over++; return; }
    if (raw.p && !json_string(raw, d->mem, &name)) name = raw;
    else if (copt.by && !raw.p) name = S("none");
    struct group *to = group_of(g, name);
    if (to->n == to->cap) to->items = mem_grow(to->items, &to->cap, to->n + 1, sizeof *to->items);
    to->items[to->n++] = x;
    to->tokens += x.tokens;
}

static int best_first(const void *a, const void *b)
{
    double x = ((const struct item *)a)->score, y = ((const struct item *)b)->score;
    return (x < y) - (x > y);
}

/* The highest threshold T so that documents with score >= T hold at least the share of tokens. */
static double threshold(const struct group *g, double keep)
{
    double sum = 0;
    size_t i = 0;
    while (i + 1 < g->n && (sum += g->items[i].tokens) < keep * g->tokens) i++;
    return g->items[i].score;
}

static void print_at(const struct group *g, double least, bool chosen)
{
    double docs = 0, tokens = 0;
    for (size_t i = 0; i < g->n && g->items[i].score >= least; i++) { docs++; tokens += g->items[i].tokens; }
    printf("%-16.*s %-9.6g %10.0f %7.2f%% %14.0f %7.2f%%%s\n", (int)g->name.n, g->name.p, least, docs, 100 * docs / (double)g->n, tokens,
           g->tokens > 0 ? 100 * tokens / g->tokens : 0, chosen ? "  <- --keep" : "");
}

static bool cut_command(const struct run *r, struct err *e)
{
    struct groups g = { .n = 0 };
    struct reader *rd = reader_open(r, r->files, e);
    if (!rd) return false;
    for (struct doc *d; (d = reader_next(rd, e)); ) cut_add(&g, d);
    reader_close(rd);
    if (!e->kind && !g.n) err_set(e, ERR_DATA, "no document has \"%s\" and tokens", copt.score);
    if (!e->kind) printf("%-16s %-9s %10s %8s %14s %8s\n", copt.by ? copt.by : "", "threshold", "documents", "", "tokens", "");
    for (size_t k = 0; k < g.n; k++) {
        struct group *x = &g.all[k];
        if (!e->kind) {
            qsort(x->items, x->n, sizeof *x->items, best_first);
            print_at(x, threshold(x, copt.keep), true);
            for (int i = 1; i < 10; i++) print_at(x, i / 10.0, false);
        }
        free(x->items);
    }
    if (!e->kind && g.passed_over) printf("%zu documents without score or tokens\n", g.passed_over);
    free(g.all);
    arena_free(&g.mem);
    return !e->kind;
}

const struct stage stage_score_cut = {
    .place = 229, .name = "score cut", .brief = "which threshold keeps how many tokens",
    .text = "Prints the threshold that keeps the share of tokens that --keep names, and what thresholds from 0.1 to 0.9 would keep.",
    .example = "  tamis score cut --keep 0.4 --by lang scored.jsonl.zst", .see = "score, filter",
    .options = cut_options, .command = cut_command,
};
