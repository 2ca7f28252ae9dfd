/* sweep.c - a proxy for each cut and seed, and what their losses say.
 * SPDX-License-Identifier: Apache-2.0 */
#include "proxy/sweep.h"

#include "proxy/simplex.h"

#include <math.h>
#include <stdlib.h>

struct sweep {
    const struct sweep_spec *s;
    const struct run *r;
    struct accel *a;
    struct corpus *target;
    enum corpus_part part;
    uint64_t least_documents;
};

static struct corpus *open_cut(const struct sweep *w, double cut, double thin, struct err *e)
{
    struct corpus_opt o = w->s->corpus;
    o.least = cut, o.thin = thin;
    return corpus_open(&o, w->r, w->s->files, e);
}

/* All that the cut keeps, or, with equal documents, about as many as the highest keeps. */
static struct corpus *open_equal(const struct sweep *w, double cut, struct err *e)
{
    struct corpus *c = open_cut(w, cut, 0, e);
    const uint64_t n = c ? c->domains[0].part[CORPUS_TRAIN].n_docs : 0;
    if (!c || !w->s->equal_documents || n <= w->least_documents) return c;
    corpus_close(c);
    return open_cut(w, cut, 1 - (double)w->least_documents / (double)n, e);
}

static bool run_one(const struct sweep *w, const struct corpus *c, uint64_t seed, double *loss, struct err *e)
{
    struct train_spec s = w->s->train;
    struct train_said said;
    s.seed += seed;
    struct train *t = train_open(&s, c, w->a, e);
    bool ok = t != NULL;
    while (ok && t->step < s.steps) ok = train_step(t, &said, e);
    ok = ok && train_eval(t->model, w->target, w->part, w->s->rows, loss, e);
    train_close(t);
    return ok;
}

static bool run_cuts(struct sweep *w, struct sweep_cut *cuts, double *losses, sweep_said *said, struct err *e)
{
    const size_t n = w->s->n_cuts;
    for (size_t i = 0; i < n; i++) {
        struct corpus *c = open_equal(w, w->s->cuts[i], e);
        if (!c) return err_in(e, "cut %g", w->s->cuts[i]);
        cuts[i] = (struct sweep_cut){ c->domains[0].part[CORPUS_TRAIN].n_docs,
                                      c->domains[0].part[CORPUS_TRAIN].n_tokens, 0, 0 };
        bool ok = true;
        for (size_t k = 0; ok && k < w->s->seeds; k++) {
            ok = run_one(w, c, k, &losses[k * n + i], e);
            if (ok) said(i, k, losses[k * n + i]);
        }
        corpus_close(c);
        if (!ok) return false;
    }
    return true;
}

/* The clean text, and how few documents the highest cut leaves. */
static bool open_target(struct sweep *w, struct err *e)
{
    struct corpus *top = open_cut(w, w->s->cuts[w->s->n_cuts - 1], 0, e);
    if (!top) return false;
    w->least_documents = top->domains[0].part[CORPUS_TRAIN].n_docs;
    w->target = top, w->part = CORPUS_HELD;
    if (w->s->target) {
        corpus_close(top);
        w->target = corpus_open(&(struct corpus_opt){ .tokenizer = w->s->corpus.tokenizer }, w->r, w->s->target, e);
        w->part = CORPUS_TRAIN;
    }
    if (!w->target) return err_in(e, "the target");
    return w->target->domains[0].part[w->part].n_tokens > 1
        || err_set(e, ERR_DATA, "no document above the highest cut is held out\nhint: a larger --held, or --target");
}

bool sweep_run(const struct sweep_spec *s, const struct run *r, struct accel *a, struct sweep_cut *cuts, double *losses,
               sweep_said *said, struct err *e)
{
    struct sweep w = { .s = s, .r = r, .a = a };
    double *mean = mem_alloc(2 * s->n_cuts, sizeof *mean), *spread = mean + s->n_cuts;
    const bool ok = open_target(&w, e) && run_cuts(&w, cuts, losses, said, e);
    if (ok) simplex_spread(losses, s->seeds, s->n_cuts, mean, spread);
    for (size_t i = 0; ok && i < s->n_cuts; i++) cuts[i].mean = mean[i], cuts[i].spread = spread[i];
    corpus_close(w.target);
    free(mean);
    return ok;
}

/* ---- the verdict ---- */

static double student_95(size_t freedom)
{
    static const double t[] = { 0, 12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23 };
    const size_t n = sizeof t / sizeof *t;
    return freedom < n ? t[freedom] : 1.96 + 2.4 / (double)freedom;
}

struct sweep_verdict sweep_judge(const struct sweep_cut *cuts, size_t n_cuts, size_t seeds)
{
    struct sweep_verdict v = { 0 };
    for (size_t i = 1; i < n_cuts; i++) if (cuts[i].mean < cuts[v.best].mean) v.best = i;
    v.next = v.best == 0 && n_cuts > 1;
    for (size_t i = 0; i < n_cuts; i++) if (i != v.best && cuts[i].mean < cuts[v.next].mean) v.next = i;
    const struct sweep_cut *a = &cuts[v.best], *b = &cuts[v.next];
    v.difference = b->mean - a->mean;
    v.noise = seeds > 1 ? student_95(2 * seeds - 2)
              * sqrt((a->spread * a->spread + b->spread * b->spread) / (double)seeds) : (double)NAN;
    v.certain = n_cuts > 1 && v.difference > v.noise;
    return v;
}
