/* weigh.c - from options to a corpus, seed after seed, to the answer.
 * SPDX-License-Identifier: Apache-2.0 */
#include "proxy/weigh.h"

#include "core/mem.h"
#include "core/rng.h"
#include "proxy/simplex.h"
#include "record/json.h"

#include <math.h>
#include <stdlib.h>

enum { MICRO_TOKENS = 8192, TIMED_STEPS = 2 };

/* ---- opening ---- */

/* Rows at once: the most that divide the batch and stay under MICRO_TOKENS. It changes the last bits, so it hangs on
 * options only. */
static size_t micro_of(size_t batch, size_t length)
{
    size_t micro = 1;
    for (size_t m = 1; m <= batch; m++) if (batch % m == 0 && m * length <= MICRO_TOKENS) micro = m;
    return micro;
}

static struct gpt_spec model_spec(const struct weigh *w)
{
    return gpt_spec(w->spec.shape, w->corpus->vocab, w->spec.micro, w->spec.length);
}

static size_t gradients_size(const struct weigh *w)
{
    const struct gpt_spec s = model_spec(w);
    return w->method->gradients ? (w->k + 1) * gpt_n_parameters(&s) * sizeof(float) : 0;
}

static bool fill_spec(struct weigh *w, struct err *e)
{
    const struct weigh_opt *o = w->opt;
    struct train_spec *s = &w->spec;
    const uint64_t seed = s->seed;
    *s = train_spec();
    s->seed = seed;
    if (!(s->shape = gpt_shape_named(str_of(o->size))))
        return err_set(e, ERR_USAGE, "--size: \"%s\" is none of nano, micro, mini, small", o->size);
    s->length = (size_t)o->length;
    s->batch = (size_t)o->batch;
    s->steps = s->rate.steps = o->steps;
    s->rate.peak = o->rate;
    s->rate.warmup = o->steps / 20;
    return true;
}

static void weigh_close(struct weigh *w)
{
    weigh_forget(w);
    run_told(&w->line);
    if (w->corpus) corpus_close(w->corpus);
    if (w->accel) w->accel->close(w->accel);
    buf_free(&w->trajectory);
    free(w->natural);
    free(w->start);
    free(w->results);
}

static bool weigh_open(struct weigh *w, struct err *e)
{
    const struct weigh_opt *o = w->opt;
    const struct corpus_opt c = { .tokenizer = o->tokenizer, .field = o->by, .held = o->held };
    if (!fill_spec(w, e) || !(w->accel = accel_open(o->device, w->run->threads, e))
        || !(w->corpus = corpus_open(&c, w->run, w->run->files, e)))
        return false;
    w->k = w->corpus->n_domains;
    if (w->k < 2)
        return err_set(e, ERR_USAGE, "one domain needs no weights: --by \"%s\" tells no documents apart", o->by);
    if (w->method->equal_rows) w->spec.batch = w->k * (w->spec.batch > w->k ? w->spec.batch / w->k : 1);
    w->spec.micro = micro_of(w->method->equal_rows ? w->spec.batch / w->k : w->spec.batch, w->spec.length);
    if (gradients_size(w) > w->run->memory)
        return err_set(e, ERR_USAGE, "a gradient for each of %zu domains is %zu MB, more than --memory", w->k,
                       gradients_size(w) >> 20);
    w->natural = mem_alloc(w->k, sizeof *w->natural);
    w->start = mem_alloc(w->k, sizeof *w->start);
    w->results = mem_zero((size_t)o->seeds * w->k, sizeof *w->results);
    w->total = w->method->steps * o->seeds;
    corpus_natural(w->corpus, w->natural);
    simplex_uniform(w->start, w->k);
    if (w->method->from_natural) memcpy(w->start, w->natural, w->k * sizeof *w->start);
    return true;
}

bool weigh_read(const struct weigh *w, const char *from, double *weight, struct err *e)
{
    if (!strcmp(from, "natural")) return memcpy(weight, w->natural, w->k * sizeof *weight) != NULL;
    if (!strcmp(from, "uniform")) return simplex_uniform(weight, w->k), true;
    return corpus_weights(w->corpus, from, weight, e);
}

bool weigh_domains(const struct weigh *w, const char *names, bool *is, struct err *e)
{
    struct str rest = str_of(names);
    for (size_t d = 0; d < w->k; d++) is[d] = !names;
    for (struct str name; str_cut(&rest, ',', &name); ) {
        const size_t d = corpus_domain(w->corpus, name);
        if (d == w->k)
            return err_set(e, ERR_USAGE, "--target: no document has \"%s\" %.*s", w->opt->by, (int)name.n, name.p);
        is[d] = true;
    }
    return true;
}

struct train *weigh_train(struct weigh *w, const double *weights, uint64_t stream, struct err *e)
{
    struct train_spec s = w->spec;
    s.weights = weights;
    s.seed = rng_at(w->spec.seed, stream, 0);
    return train_open(&s, w->corpus, w->accel, e);
}

/* ---- telling ---- */

void weigh_tell(struct weigh *w, const char *what, const struct train *t, double loss)
{
    w->done++;
    run_tell(w->run, &w->line, (double)w->done / (double)w->total, "seed %llu, %s, step %ld of %ld, loss %.3f",
             (unsigned long long)w->spec.seed, what, t->step, t->spec.steps, loss);
}

void weigh_put_numbers(struct buf *b, const char *name, const double *x, size_t n)
{
    buf_printf(b, ",\"%s\":[", name);
    for (size_t i = 0; i < n; i++) {
        if (i) buf_putc(b, ',');
        json_put_number(b, x[i]);
    }
    buf_putc(b, ']');
}

bool weigh_step(struct weigh *w, const struct train *t, const struct weigh_step *s, struct err *e)
{
    struct buf *b = &w->trajectory;
    buf_printf(b, "{\"seed\":%llu,\"round\":%llu,\"step\":%ld,\"loss\":%.6f", (unsigned long long)w->spec.seed,
               (unsigned long long)s->round, t->step, s->loss);
    weigh_put_numbers(b, s->name, s->gain, w->k);
    weigh_put_numbers(b, "weights", s->weight, w->k);
    buf_put(b, S("}\n"));
    weigh_tell(w, "proxy", t, s->loss);
    if (!gpt_sync(t->model, e)) return false;
    return isfinite(s->loss)
        || err_set(e, ERR_DATA, "the proxy's loss at step %ld is no number\nhint: a lower --rate", t->step);
}

/* ---- the plan: memory from the sizes, time from two steps ---- */

static bool time_steps(struct weigh *w, double *seconds, struct err *e)
{
    struct train_said said;
    struct train *t = weigh_train(w, w->natural, 0, e);
    bool ok = t && train_step(t, &said, e);
    const double began = time_now();
    for (int i = 0; ok && i < TIMED_STEPS; i++) ok = train_step(t, &said, e);
    *seconds = (time_now() - began) / TIMED_STEPS;
    train_close(t);
    return ok;
}

static bool tell_plan(struct weigh *w, struct err *e)
{
    const struct weigh_method *m = w->method;
    double seconds;
    const struct gpt_spec s = model_spec(w);
    const size_t n = gpt_n_parameters(&s), training = gpt_plan(&s, GPT_TRAIN).total,
                 reference = m->reference ? gpt_plan(&s, GPT_INFER).total : 0;
    uint64_t tokens = 0;
    for (size_t d = 0; d < w->k; d++)
        for (int p = 0; p < CORPUS_PARTS; p++) tokens += w->corpus->domains[d].part[p].n_tokens;
    if (!time_steps(w, &seconds, e)) return false;
    printf("model: %s, %zu parameters, vocabulary %zu; %zu domains, %llu tokens\n", w->spec.shape->name, n,
           w->corpus->vocab, w->k, (unsigned long long)tokens);
    printf("memory: %zu MB to train, %zu MB for a reference model, %zu MB of gradients kept, %zu MB of tokens\n",
           training >> 20, reference >> 20, gradients_size(w) >> 20, (size_t)tokens * w->corpus->width >> 20);
    printf("time: %ld steps of %zu tokens, about %.2f s each: %.1f minutes\n", w->total, w->spec.batch * w->spec.length,
           seconds * m->cost, (double)w->total * seconds * m->cost / 60);
    return true;
}

/* ---- running ---- */

static bool run_seeds(struct weigh *w, void *own, struct err *e)
{
    for (uint64_t s = w->place.seed; s < (uint64_t)w->opt->seeds; s++) {
        w->spec.seed = w->run->seed + s;
        if (!w->method->seed(w, own, w->results + s * w->k, e)) return false;
        w->place = (struct weigh_place){ .seed = s + 1 };
        if (w->opt->checkpoint && !weigh_save(w, w->place, &(struct weigh_state){ 0 }, e)) return false;
    }
    return true;
}

bool weigh_run(const struct weigh_opt *o, const struct run *r, const struct weigh_method *m, void *own, struct err *e)
{
    struct weigh w = { .run = r, .opt = o, .method = m };
    w.spec.seed = r->seed;
    const bool ok = weigh_open(&w, e)
                    && (r->plan ? tell_plan(&w, e) : weigh_load(&w, e) && run_seeds(&w, own, e) && weigh_write(&w, e));
    weigh_close(&w);
    return ok;
}
