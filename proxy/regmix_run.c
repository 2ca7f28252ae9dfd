/* regmix_run.c - RegMix with models (proxy/regmix.h has the arithmetic).
 * SPDX-License-Identifier: Apache-2.0 */
#include "proxy/regmix_run.h"

#include "proxy/regmix.h"

#include <math.h>
#include <stdlib.h>

struct regmix_run {
    struct weigh *w;
    const struct regmix_opt *opt;
    bool *target;                                    /* (k) */
    double *mixture, *losses;                        /* (runs, k) drawn; (runs) the targets' mean */
};

/* The mean over the target domains that have held-out rows. */
static bool target_loss(const struct regmix_run *r, const double *of, double *mean, struct err *e)
{
    size_t n = 0;
    *mean = 0;
    for (size_t d = 0; d < r->w->k; d++) if (r->target[d] && !isnan(of[d])) { *mean += of[d]; n++; }
    if (!n) return err_set(e, ERR_USAGE, "no target domain has a document held out\nhint: a larger --held");
    *mean /= (double)n;
    return isfinite(*mean) || err_set(e, ERR_DATA, "a held-out loss is no number\nhint: a lower --rate");
}

static void put_run(struct regmix_run *r, size_t i, const double *losses)
{
    struct buf *b = &r->w->trajectory;
    buf_printf(b, "{\"seed\":%llu,\"run\":%zu", (unsigned long long)r->w->spec.seed, i);
    weigh_put_numbers(b, "weights", r->mixture + i * r->w->k, r->w->k);
    weigh_put_numbers(b, "losses", losses, r->w->k);
    buf_put(b, S("}\n"));
}

static bool one_run(struct regmix_run *r, size_t i, struct err *e)
{
    char what[40];
    struct train_said said;
    double *losses = mem_alloc(r->w->k, sizeof *losses);
    struct train *t = weigh_train(r->w, r->mixture + i * r->w->k, 0, e);
    bool ok = t != NULL;
    snprintf(what, sizeof what, "run %zu of %ld", i + 1, r->opt->runs);
    while (ok && t->step < t->spec.steps) {
        ok = train_step(t, &said, e);
        weigh_tell(r->w, what, t, said.loss);
    }
    ok = ok && train_eval(t->model, t->corpus, CORPUS_HELD, (size_t)r->opt->eval, losses, e)
         && target_loss(r, losses, &r->losses[i], e);
    if (ok) put_run(r, i, losses);
    train_close(t);
    free(losses);
    return ok;
}

/* Between runs there is no model to keep: the losses so far are the state. */
static bool save_run(struct regmix_run *r, uint64_t seed, size_t runs, struct err *e)
{
    return weigh_save(r->w, (struct weigh_place){ .seed = seed, .step = runs },
                      &(struct weigh_state){ .numbers = r->losses, .n_numbers = runs }, e);
}

static bool all_runs(struct regmix_run *r, struct err *e)
{
    const size_t runs = (size_t)r->opt->runs, from = (size_t)r->w->place.step;
    const uint64_t seed = r->w->place.seed;
    if (from > runs) return err_set(e, ERR_DATA, "%s: %zu runs are done of %zu", r->w->opt->checkpoint, from, runs);
    bool ok = weigh_restore(r->w, &(struct weigh_state){ .numbers = r->losses, .n_numbers = from }, e);
    for (size_t i = from; ok && i < runs; i++)
        ok = one_run(r, i, e) && (!r->w->opt->checkpoint || save_run(r, seed, i + 1, e));
    return ok;
}

static void put_fit(struct regmix_run *r, const struct regmix_fit *f, const double *weight)
{
    struct buf *b = &r->w->trajectory;
    buf_printf(b, "{\"seed\":%llu,\"penalty\":%.6g,\"error\":%.6f,\"rank\":%.4f,\"predicted\":%.6f",
               (unsigned long long)r->w->spec.seed, f->penalty, f->error, f->rank, regmix_predict(f, weight));
    weigh_put_numbers(b, "weights", weight, r->w->k);
    buf_put(b, S("}\n"));
}

bool regmix_seed(struct weigh *w, void *regmix_opt, double *weight, struct err *e)
{
    const struct regmix_opt *o = regmix_opt;
    const size_t runs = (size_t)o->runs;
    struct regmix_run r = { w, o, mem_zero(w->k, sizeof(bool)), mem_alloc(runs * w->k, sizeof(double)),
                            mem_zero(runs, sizeof(double)) };
    for (size_t i = 0; i < runs; i++) regmix_draw(w->natural, w->k, w->spec.seed, i, r.mixture + i * w->k);
    const bool ok = weigh_domains(w, o->target, r.target, e) && all_runs(&r, e);
    if (ok) {
        struct regmix_fit f;
        regmix_fit(r.mixture, r.losses, runs, w->k, &f);
        regmix_best(&f, w->natural, w->spec.seed, weight);
        put_fit(&r, &f, weight);
        regmix_fit_free(&f);
    }
    free(r.target), free(r.mixture), free(r.losses);
    return ok;
}
