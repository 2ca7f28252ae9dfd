/* score_train.c - learn p(good), on one machine or from the examples of many.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/names.h"
#include "frame/stage.h"
#include "quality/columns.h"
#include "quality/examples.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

static struct {
    const char *good, *bad, *label, *matrix, *parts;
    int features;
    double c;
    long folds;
} topt = { .label = "label", .features = 2, .c = 1, .folds = 5 };
static const struct opt train_options[] = {
    {  0 , "good",     TEXT(&topt.good),     "FILE",              "good documents" },
    {  0 , "bad",      TEXT(&topt.bad),      "FILE",              "bad documents" },
    {  0 , "label",    TEXT(&topt.label),    "FIELD",             "of the operands: a number, above 0 is good" },
    {  0 , "features", PICK(&topt.features), "signals|text|both", "what it learns from" },
    {  0 , "matrix",   TEXT(&topt.matrix),   "FILE.npy",          "columns too: the row that a document's \"row\" names" },
    {  0 , "parts",    TEXT(&topt.parts),    "FILE,...",          "of score part, in place of documents; @LIST names files" },
    { 'c', "cost",     REAL(&topt.c),        "C",                 "liblinear's: larger fits the training set closer", .min = 1e-6, .max = 1e6 },
    {  0 , "folds",    INT(&topt.folds),     "K",                 "of the cross-validation", .min = 2, .max = 100 },
    { END }
};

/* Those of them that say what the documents are. */
static const struct opt part_options[] = {
    {  0 , "good",     TEXT(&topt.good),     "FILE",     "good documents" },
    {  0 , "bad",      TEXT(&topt.bad),      "FILE",     "bad documents" },
    {  0 , "label",    TEXT(&topt.label),    "FIELD",    "of the operands: a number, above 0 is good" },
    {  0 , "matrix",   TEXT(&topt.matrix),   "FILE.npy", "columns too: the row that a document's \"row\" names" },
    { END }
};

/* ---- reading ---- */

/* Where examples go: to the set that is learnt from, or to the file of a slice. */
/* matrix: no columns without --matrix */
struct reading { struct examples set; struct examples_out *out; struct matrix matrix; struct signals *scratch; };

static bool read_one(struct reading *s, struct doc *d, bool good, struct err *e)
{
    struct str text = doc_text(d);
    struct example x = { .good = good };
    if (!text.p || text.n >= UINT32_MAX || (s->matrix.cols && !(x.columns = columns_of(&s->matrix, d)))) {
        s->set.passed_over++;
        return true;
    }
    if (!s->out && examples_pass(&s->set)) { example_free(&x); return true; }
    goodness_signals(s->scratch, doc_get(d, "signals"), text, x.signal);
    x.n_text = goodness_text(text, &x.text);
    if (!s->out) { examples_add(&s->set, &x); return true; }
    const bool ok = examples_put(s->out, &x, e);
    example_free(&x);
    return ok;
}

enum kind { BAD, GOOD, BY_LABEL };

static bool read_files(struct reading *s, const struct run *r, char **files, enum kind kind, struct err *e)
{
    struct reader *rd = reader_open(r, files, e);
    if (!rd) return false;
    s->scratch = signals_new();
    bool ok = true;
    for (struct doc *d; ok && (d = reader_next(rd, e)); ) {
        double label = kind;
        if (kind == BY_LABEL && (!doc_get(d, topt.label).p || !json_number(doc_get(d, topt.label), &label)))
            s->set.passed_over++;
        else ok = read_one(s, d, label > 0, e);
    }
    signals_free(s->scratch);
    reader_close(rd);
    return ok && !e->kind;
}

static bool read_documents(struct reading *s, const struct run *r, struct err *e)
{
    char *good[] = { (char *)(uintptr_t)topt.good, NULL }, *bad[] = { (char *)(uintptr_t)topt.bad, NULL };
    if (!topt.good && !topt.bad) return read_files(s, r, r->files, BY_LABEL, e);
    return (!topt.good || read_files(s, r, good, GOOD, e)) && (!topt.bad || read_files(s, r, bad, BAD, e));
}

static bool load_parts(struct reading *s, struct err *e)
{
    struct names files = { 0 };
    bool ok = names_split(&files, topt.parts, e);
    for (size_t i = 0; ok && i < files.n; i++) ok = examples_load(&s->set, files.all[i], e);
    names_free(&files);
    return ok;
}

static bool read_all(struct reading *s, const struct run *r, struct err *e)
{
    if (topt.matrix && !columns_open(&s->matrix, topt.matrix, e)) return false;
    s->set.n_columns = s->matrix.cols;
    if (!topt.good != !topt.bad) return err_set(e, ERR_USAGE, "--good and --bad go together");
    if (topt.parts && (topt.good || topt.matrix))
        return err_set(e, ERR_USAGE, "--parts stands in place of --good, --bad and --matrix");
    if (!(topt.parts ? load_parts(s, e) : read_documents(s, r, e))) return false;
    const size_t n = s->set.n, n_good = s->set.n_good;
    return (n_good >= 10 && n - n_good >= 10)
        || err_set(e, ERR_DATA, "%zu good and %zu bad documents: at least 10 of each are needed", n_good, n - n_good);
}

/* ---- what is printed ---- */

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
        if (count > 0)
            printf("                        %.1f - %.1f  %9.0f  %6.3f  %10.3f\n", bin / 10.0, (bin + 1) / 10.0, count,
                   sum / count, n_good / count);
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

static const char *const feature_names[] = { "signals", "text", "both" };

static void print_training(const struct examples *s, const struct held_out *h, struct goodness *g)
{
    if (s->halvings)
        printf("%llu documents do not fit in --memory: a sample of 1 in %u is learnt from\n",
               (unsigned long long)s->read, 1u << s->halvings);
    printf("%zu good, %zu bad, %zu passed over; features: %s\nAUC of %ld folds: mean %.4f, pooled %.4f\n", s->n_good,
           s->n - s->n_good, s->passed_over, feature_names[topt.features], topt.folds, h->mean_auc, h->pooled_auc);
    for (size_t i = 0; i < h->n; i++) h->z[i] = goodness_p(g, h->z[i]);
    print_reliability(h->z, h->good, h->n);
    if (g->features & GOODNESS_SIGNALS) print_weights(g);
}

/* ---- commands ---- */

static bool learn(const struct examples *s, const struct run *r, struct err *e)
{
    const enum goodness_features f = (enum goodness_features)(topt.features + 1);
    struct held_out h = held_out(s, topt.folds, f, topt.c);
    struct goodness *g = goodness_train(s->all, s->n, NULL, f, s->n_columns, topt.c);
    struct buf report = { 0 };
    goodness_platt(h.z, h.good, h.n, &g->a, &g->b);
    buf_printf(&report, ",\"features\":\"%s\",\"good\":%zu,\"bad\":%zu,\"folds\":%ld,\"auc\":%.6f",
               feature_names[topt.features], s->n_good, s->n - s->n_good, topt.folds, h.mean_auc);
    if (!r->quiet) print_training(s, &h, g);
    const bool ok = goodness_write(g, r->output, buf_str(&report), e);
    goodness_close(g);
    buf_free(&report);
    held_out_free(&h);
    return ok;
}

static bool train_command(const struct run *r, struct err *e)
{
    struct reading s = { .set = { .memory = r->memory, .seed = r->seed } };
    const bool ok = read_all(&s, r, e) && learn(&s.set, r, e);
    examples_free(&s.set);
    if (s.matrix.cols) matrix_close(&s.matrix);
    return ok;
}

const struct stage stage_score_train = {
    .place = 227, .name = "score train", .brief = "learn p(good) from good and bad documents",
    .text = "Logistic regression over the percentiles of all quality signals, over hashed words, and with --matrix over embeddings;\n"
            "prints the AUC and calibration on held-out folds and the weights by name. More than --memory holds is sampled.\n"
            "Signals are read from \"signals\" where documents have them, else computed.",
    .memory = "up to --memory, past it a sample of the documents",
    .example = "  tamis score train --good wiki.jsonl.zst --bad crawl.jsonl.zst -o good.json",
    .see = "score, score cut, signals",
    .writes = "MODEL.json", .options = train_options, .command = train_command,
};


static bool part_command(const struct run *r, struct err *e)
{
    struct reading s = { .out = NULL };
    if (topt.matrix && !columns_open(&s.matrix, topt.matrix, e)) return false;
    bool ok = (s.out = examples_create(r->output, s.matrix.cols, e)) != NULL;
    if (ok && !read_documents(&s, r, e)) {
        examples_drop(s.out);
        ok = false;
    }
    ok = ok && examples_done(s.out, s.set.passed_over, e);
    if (s.matrix.cols) matrix_close(&s.matrix);
    return ok;
}

const struct stage stage_score_part = {
    .place = 228, .name = "score part", .brief = "score train on many machines: the examples of one slice",
    .text = "Writes the signals and hashed words of labelled documents, or of good ones, or of bad ones. score train --parts reads them\n"
            "in the order given, which is to be that of the slices: first those of --good, then those of --bad.",
    .example = "  tamis score part --good 3.jsonl.zst -o 3.examples\n  tamis score train --parts 0.examples,1.examples -o good.json", .see = "score train",
    .writes = "EXAMPLES", .options = part_options, .command = part_command,
};
