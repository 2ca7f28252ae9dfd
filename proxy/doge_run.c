/* doge_run.c - DoGE with a model (proxy/doge.h has the arithmetic).
 * SPDX-License-Identifier: Apache-2.0 */
#include "proxy/doge_run.h"

#include "proxy/doge.h"
#include "proxy/simplex.h"

#include <stdlib.h>

enum { WEIGHT, SUM, NUMBERS };                        /* (k) each, in numbers: now; of the steps so far */

struct doge_run {
    struct weigh *w;
    const struct doge_opt *opt;
    double *numbers;                                 /* (NUMBERS, k) */
    double *align;                                   /* (k) */
    bool *target;                                    /* (k) */
    float **gradient, *mixed;                        /* (k, n), (n) on the host */
    size_t n;                                        /* parameters */
};

static double *number(const struct doge_run *d, int which) { return d->numbers + (size_t)which * d->w->k; }

static void begin(struct doge_run *d)
{
    for (size_t i = 0; i < d->w->k; i++) number(d, WEIGHT)[i] = d->opt->target && d->target[i] ? 0 : 1;
    simplex_scale(number(d, WEIGHT), d->w->k);
    memcpy(d->w->start, number(d, WEIGHT), d->w->k * sizeof(double));
}

/* The mean loss of a domain's rows; its gradient, shortened, goes to d->gradient. */
static double domain_gradient(struct doge_run *d, struct train *t, size_t domain)
{
    const struct train_spec *s = &t->spec;
    const size_t rows = s->batch / d->w->k, first = domain * rows, n = rows * s->length;
    double sum = 0;
    for (size_t i = first; i < first + rows; i++) {
        t->domain[i] = domain;
        corpus_row(t->corpus, domain, s->seed, (uint64_t)t->step, i, t->tokens + i * (s->length + 1), s->length);
    }
    for (size_t i = first; i < first + rows; i += s->micro) {
        const struct gpt_rows micro = { t->tokens + i * (s->length + 1), s->micro, s->length };
        gpt_learn(t->model, micro, t->weight + i * s->length, t->loss + i * s->length);
    }
    const double norm = gpt_norm(t->model);
    if (s->clip > 0 && norm > s->clip) gpt_scale(t->model, (float)(s->clip / norm));
    gpt_get(t->model, GPT_GRADIENT, d->gradient[domain]);
    gpt_zero(t->model);
    for (size_t i = first * s->length; i < first * s->length + n; i++) sum += (double)t->loss[i];
    return sum / (double)n;
}

static bool doge_step(struct doge_run *d, struct train *t, struct err *e)
{
    const size_t k = d->w->k;
    const int threads = d->w->run->threads;
    const float *const *gradient = (const float *const *)d->gradient;
    struct train_said said;
    double loss = 0;
    for (size_t i = 0; i < k; i++) loss += domain_gradient(d, t, i) / (double)k;
    doge_align(threads, gradient, d->target, k, d->n, d->opt->own, d->align);
    simplex_step(number(d, WEIGHT), d->align, k, schedule_rate(&t->spec.rate, t->step) / d->opt->mu, 0);
    for (size_t i = 0; i < k; i++) number(d, SUM)[i] += number(d, WEIGHT)[i];
    doge_mix(threads, gradient, number(d, WEIGHT), k, d->n, d->mixed);
    gpt_put(t->model, GPT_GRADIENT, d->mixed);
    train_update(t, &said);
    return weigh_step(d->w, t, &(struct weigh_step){ 0, loss, "align", d->align, number(d, WEIGHT) }, e);
}

static bool save(struct doge_run *d, struct train *t, struct err *e)
{
    const struct weigh_place at = { .seed = d->w->place.seed, .step = (uint64_t)t->step };
    return !weigh_due(d->w, t->step)
        || weigh_save(d->w, at, &(struct weigh_state){ d->numbers, NUMBERS * d->w->k, t, NULL }, e);
}

static bool train_proxy(struct doge_run *d, struct train *t, struct err *e)
{
    const float even = (float)((double)d->w->k / (double)(t->spec.batch * t->spec.length));
    /* the mean over a domain's tokens */
    for (size_t i = 0; i < t->spec.batch * t->spec.length; i++) t->weight[i] = even;
    bool ok = weigh_restore(d->w, &(struct weigh_state){ d->numbers, NUMBERS * d->w->k, t, NULL }, e);
    while (ok && t->step < t->spec.steps) ok = doge_step(d, t, e) && save(d, t, e);
    return ok;
}

bool doge_seed(struct weigh *w, void *doge_opt, double *weight, struct err *e)
{
    struct doge_run d = { .w = w, .opt = doge_opt, .numbers = mem_zero(NUMBERS * w->k, sizeof(double)),
                          .align = mem_zero(w->k, sizeof(double)),
                          .target = mem_zero(w->k, sizeof(bool)), .gradient = mem_zero(w->k, sizeof(float *)) };
    struct train *t = weigh_domains(w, d.opt->target, d.target, e) ? weigh_train(w, NULL, 0, e) : NULL;
    bool ok = t != NULL;
    if (ok) {
        d.n = gpt_n_parameters(gpt_spec_of(t->model));
        d.mixed = mem_alloc(d.n, sizeof *d.mixed);
        for (size_t i = 0; i < w->k; i++) d.gradient[i] = mem_alloc(d.n, sizeof(float));
        begin(&d);
        ok = train_proxy(&d, t, e);
    }
    for (size_t i = 0; ok && i < w->k; i++) weight[i] = number(&d, SUM)[i] / (double)w->spec.steps;
    for (size_t i = 0; i < w->k; i++) free(d.gradient[i]);
    free(d.gradient), free(d.mixed), free(d.target), free(d.align), free(d.numbers);
    train_close(t);
    return ok;
}
