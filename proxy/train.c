/* train.c - rows to gradients to a step; evaluation.
 * SPDX-License-Identifier: Apache-2.0 */
#include "proxy/train.h"

#include <math.h>
#include <stdlib.h>

struct train_spec train_spec(void)
{
    return (struct train_spec){
        .shape = gpt_shapes, .length = 256, .batch = 32, .micro = 8, .steps = 1000,
        .rate = { .how = SCHEDULE_COSINE, .peak = 1e-3, .floor = 0.1, .steps = 1000, .warmup = 50, .decay = 200 },
        .beta1 = 0.9f, .beta2 = 0.95f, .eps = 1e-8f, .decay = 0.1f, .clip = 1, .seed = 1,
    };
}

struct train *train_open(const struct train_spec *s, const struct corpus *c, struct accel *a, struct err *e)
{
    if (!s->micro || s->batch % s->micro) {
        err_set(e, ERR_USAGE, "%zu rows at once do not divide the %zu of a step", s->micro, s->batch);
        return NULL;
    }
    struct gpt_spec shape = gpt_spec(s->shape, c->vocab, s->micro, s->length);
    struct gpt *g = gpt_open(&shape, GPT_TRAIN, a, e);
    if (!g) return NULL;
    gpt_seed(g, s->seed);
    struct train *t = mem_zero(1, sizeof *t);
    const size_t n = s->batch * s->length;
    *t = (struct train){
        .spec = *s, .corpus = c, .model = g, .weights = mem_alloc(c->n_domains, sizeof *t->weights),
        .domain_loss = mem_zero(c->n_domains, sizeof *t->domain_loss),
        .domain_tokens = mem_zero(c->n_domains, sizeof *t->domain_tokens),
        .tokens = mem_alloc(n + s->batch, sizeof *t->tokens), .domain = mem_alloc(s->batch, sizeof *t->domain),
        .weight = mem_alloc(n, sizeof *t->weight), .loss = mem_zero(n, sizeof *t->loss),
    };
    if (s->weights) memcpy(t->weights, s->weights, c->n_domains * sizeof *t->weights);
    else corpus_natural(c, t->weights);
    for (size_t i = 0; i < n; i++) t->weight[i] = 1.0f / (float)n;
    gpt_zero(g);
    return t;
}

void train_close(struct train *t)
{
    if (!t) return;
    gpt_close(t->model);
    free(t->weights), free(t->domain_loss), free(t->domain_tokens);
    free(t->tokens), free(t->domain), free(t->weight), free(t->loss);
    free(t);
}

/* ---- a step ---- */

void train_rows(struct train *t)
{
    const struct train_spec *s = &t->spec;
    const uint64_t step = (uint64_t)t->step;
    for (size_t i = 0; i < s->batch; i++) {
        t->domain[i] = corpus_pick(t->corpus, t->weights, s->seed, step, i);
        corpus_row(t->corpus, t->domain[i], s->seed, step, i, t->tokens + i * (s->length + 1), s->length);
    }
}

static double sum_losses(struct train *t)
{
    const size_t length = t->spec.length, k = t->corpus->n_domains;
    double all = 0;
    memset(t->domain_loss, 0, k * sizeof *t->domain_loss);
    memset(t->domain_tokens, 0, k * sizeof *t->domain_tokens);
    for (size_t i = 0; i < t->spec.batch; i++) {
        double row = 0;
        for (size_t j = 0; j < length; j++) row += (double)t->loss[i * length + j];
        t->domain_loss[t->domain[i]] += row;
        t->domain_tokens[t->domain[i]] += length;
        all += row;
    }
    return all / (double)(t->spec.batch * length);
}

void train_update(struct train *t, struct train_said *said)
{
    const struct train_spec *s = &t->spec;
    said->norm = gpt_norm(t->model);
    said->rate = schedule_rate(&s->rate, t->step);
    if (s->clip > 0 && said->norm > s->clip) gpt_scale(t->model, (float)(s->clip / said->norm));
    t->step++;
    gpt_adamw(t->model, &(struct adamw){ (float)said->rate, s->beta1, s->beta2, s->eps, s->decay, (int)t->step });
    gpt_zero(t->model);
}

bool train_step(struct train *t, struct train_said *said, struct err *e)
{
    const struct train_spec *s = &t->spec;
    train_rows(t);
    for (size_t i = 0; i < s->batch; i += s->micro) {
        const struct gpt_rows rows = { t->tokens + i * (s->length + 1), s->micro, s->length };
        gpt_learn(t->model, rows, t->weight + i * s->length, t->loss + i * s->length);
    }
    said->loss = sum_losses(t);
    train_update(t, said);
    if (!gpt_sync(t->model, e)) return false;
    return isfinite(said->loss)
        || err_set(e, ERR_DATA, "the loss of step %ld is no number\nhint: a lower rate", t->step);
}

/* ---- evaluation ---- */

struct eval { struct gpt *model; const struct corpus *corpus; enum corpus_part part; int32_t *tokens; float *loss; };

static double domain_loss(const struct eval *v, size_t domain, size_t max_rows)
{
    const struct gpt_spec *s = gpt_spec_of(v->model);
    const size_t length = s->length, all = corpus_n_rows(v->corpus, domain, v->part, length), n = max_rows
                          && max_rows < all ? max_rows : all;
    double sum = 0;
    uint64_t counted = 0;
    for (size_t at = 0; at < n; at += s->rows) {
        const size_t rows = n - at < s->rows ? n - at : s->rows;
        for (size_t i = 0; i < rows; i++)
            corpus_row_at(v->corpus, domain, v->part, (at + i) * all / n, v->tokens + i * (length + 1), length);
        gpt_forward(v->model, (struct gpt_rows){ v->tokens, rows, length }, v->loss);
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < length; j++)
                if (v->tokens[i * (length + 1) + j + 1] >= 0) { sum += (double)v->loss[i * length + j]; counted++; }
    }
    return counted ? sum / (double)counted : (double)NAN;
}

bool train_eval(struct gpt *g, const struct corpus *c, enum corpus_part part, size_t max_rows, double *loss,
                struct err *e)
{
    const struct gpt_spec *s = gpt_spec_of(g);
    struct eval v = { g, c, part, mem_alloc(s->rows * (s->length + 1), sizeof *v.tokens),
                      mem_alloc(s->rows * s->length, sizeof *v.loss) };
    for (size_t i = 0; i < c->n_domains; i++) loss[i] = domain_loss(&v, i, max_rows);
    free(v.tokens), free(v.loss);
    return gpt_sync(g, e);
}
