/* doremi_run.c - DoReMi with models (proxy/doremi.h has the arithmetic).
 * SPDX-License-Identifier: Apache-2.0 */
#include "proxy/doremi_run.h"

#include "proxy/doremi.h"
#include "proxy/simplex.h"

#include <math.h>
#include <stdlib.h>

enum phase { PHASE_REFERENCE, PHASE_PROXY };
/* (k) each, in numbers: of the reference; now; of the steps so far that count; the last */
enum { FROM, WEIGHT, SUM, EXCESS, NUMBERS };

struct doremi_run {
    struct weigh *w;
    const struct doremi_opt *opt;
    double *numbers;                                 /* (NUMBERS, k) */
    struct gpt *reference;
    float *loss;                                     /* (batch, length) the reference's */
    long mean_from;                                  /* the step from which SUM counts */
};

static double *number(const struct doremi_run *d, int which) { return d->numbers + (size_t)which * d->w->k; }

static bool save(struct doremi_run *d, struct weigh_place at, struct train *t, struct err *e)
{
    if (!weigh_due(d->w, t->step)) return true;
    at.seed = d->w->place.seed;
    at.step = (uint64_t)t->step;
    return weigh_save(d->w, at, &(struct weigh_state){ d->numbers, NUMBERS * d->w->k, t, d->reference }, e);
}

static bool restore(struct doremi_run *d, struct train *t, struct err *e)
{
    return weigh_restore(d->w, &(struct weigh_state){ d->numbers, NUMBERS * d->w->k, t, d->reference }, e);
}

/* ---- the reference ---- */

static bool open_reference(struct doremi_run *d, const struct train *t, struct err *e)
{
    if (!d->reference) d->reference = gpt_open(gpt_spec_of(t->model), GPT_INFER, d->w->accel, e);
    return d->reference != NULL;
}

static bool train_reference(struct doremi_run *d, uint64_t round, struct err *e)
{
    struct train_said said = { 0 };
    struct train *t = weigh_train(d->w, number(d, FROM), 2 * round, e);
    if (d->reference) gpt_close(d->reference);
    d->reference = NULL;
    bool ok = t && restore(d, t, e);
    while (ok && t->step < t->spec.steps) {
        ok = train_step(t, &said, e);
        weigh_tell(d->w, "reference", t, said.loss);
        ok = ok && save(d, (struct weigh_place){ .round = round, .phase = PHASE_REFERENCE }, t, e);
    }
    ok = ok && open_reference(d, t, e);
    if (ok) gpt_copy(d->reference, t->model);
    train_close(t);
    return ok;
}

/* ---- the proxy ---- */

static void rows_by_turns(struct train *t)
{
    const struct train_spec *s = &t->spec;
    for (size_t i = 0; i < s->batch; i++) {
        t->domain[i] = ((size_t)t->step * s->batch + i) % t->corpus->n_domains;
        corpus_row(t->corpus, t->domain[i], s->seed, (uint64_t)t->step, i, t->tokens + i * (s->length + 1), s->length);
    }
}

static struct gpt_rows rows_at(const struct train *t, size_t i)
{
    return (struct gpt_rows){ t->tokens + i * (t->spec.length + 1), t->spec.micro, t->spec.length };
}

static void losses(struct gpt *g, const struct train *t, float *loss)
{
    for (size_t i = 0; i < t->spec.batch; i += t->spec.micro) gpt_forward(g, rows_at(t, i), loss + i * t->spec.length);
}

/* The gradient needs the weights, which need every row's loss: a batch in several parts goes forward twice. */
static void gradient(struct train *t)
{
    const struct train_spec *s = &t->spec;
    if (s->micro == s->batch) gpt_backward(t->model, t->weight);
    else for (size_t i = 0; i < s->batch; i += s->micro)
        gpt_learn(t->model, rows_at(t, i), t->weight + i * s->length, t->loss + i * s->length);
}

static double mean_of(const float *loss, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)loss[i];
    return sum / (double)n;
}

static bool proxy_step(struct doremi_run *d, uint64_t round, struct train *t, struct err *e)
{
    const size_t k = d->w->k, n = t->spec.batch * t->spec.length;
    const struct doremi_rows rows = { t->domain, t->spec.batch, t->spec.length, k };
    struct train_said said;
    rows_by_turns(t);
    losses(d->reference, t, d->loss);
    losses(t->model, t, t->loss);
    doremi_excess(&rows, t->loss, d->loss, number(d, EXCESS));
    simplex_step(number(d, WEIGHT), number(d, EXCESS), k, d->opt->eta, d->opt->smoothing);
    if (t->step >= d->mean_from) for (size_t i = 0; i < k; i++) number(d, SUM)[i] += number(d, WEIGHT)[i];
    doremi_token_weights(&rows, number(d, WEIGHT), t->weight);
    const double loss = mean_of(t->loss, n);
    gradient(t);
    train_update(t, &said);
    return weigh_step(d->w, t, &(struct weigh_step){ round, loss, "excess", number(d, EXCESS), number(d, WEIGHT) }, e);
}

static bool train_proxy(struct doremi_run *d, uint64_t round, struct err *e)
{
    struct train *t = weigh_train(d->w, NULL, 2 * round + 1, e);
    simplex_uniform(number(d, WEIGHT), d->w->k);
    memset(number(d, SUM), 0, 2 * d->w->k * sizeof(double));             /* and EXCESS */
    bool ok = t && open_reference(d, t, e) && restore(d, t, e);
    while (ok && t->step < t->spec.steps)
        ok = proxy_step(d, round, t, e) && save(d, (struct weigh_place){ .round = round, .phase = PHASE_PROXY }, t, e);
    train_close(t);
    return ok;
}

/* At least the last step counts. */
static long mean_from(long steps, double share) { return steps - (long)fmax(1, round(share * (double)steps)); }

bool doremi_seed(struct weigh *w, void *doremi_opt, double *weight, struct err *e)
{
    const struct weigh_place from = w->place;
    const struct doremi_opt *o = doremi_opt;
    struct doremi_run d = { .w = w, .opt = o, .numbers = mem_zero(NUMBERS * w->k, sizeof(double)),
                            .loss = mem_alloc(w->spec.batch * w->spec.length, sizeof(float)),
                            .mean_from = mean_from(w->spec.steps, o->mean) };
    bool ok = weigh_read(w, o->reference, number(&d, FROM), e);
    for (uint64_t round = from.round; ok && round < (uint64_t)o->rounds; round++) {
        const bool trained = round == from.round && from.phase == PHASE_PROXY;
        ok = (trained || train_reference(&d, round, e)) && train_proxy(&d, round, e);
        for (size_t i = 0; ok && i < w->k; i++)
            weight[i] = number(&d, FROM)[i] = number(&d, SUM)[i] / (double)(w->spec.steps - d.mean_from);
    }
    if (d.reference) gpt_close(d.reference);
    free(d.numbers);
    free(d.loss);
    return ok;
}
