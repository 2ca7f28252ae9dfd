/* train.h - a training run of the proxy: rows drawn by domain weights, AdamW, a rate schedule, clipping, evaluation.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     struct train_spec s = train_spec();                                  defaults; s.shape, s.steps as you like
 *     struct train *t = train_open(&s, corpus, accel, e);
 *     while (t->step < s.steps) { if (!train_step(t, &said, e)) ... }
 *     train_eval(t->model, corpus, CORPUS_HELD, 64, loss, e);
 *     train_close(t);
 *
 * A step takes `batch` rows, `micro` at a time, and sums their gradients in order: the same bits for any threads.
 * The state is the weights, the moments and the step: a run that is stopped and goes on gives the same bits as one that
 * was not. Methods with a loop of their own (DoReMi, DoGE) use schedule_rate, train_rows, train_update and train_eval.
 */
#ifndef PROXY_TRAIN_H
#define PROXY_TRAIN_H
#include "model/gpt.h"
#include "proxy/corpus.h"

/* ---- the rate ---- */
enum schedule_how { SCHEDULE_COSINE, SCHEDULE_WSD, SCHEDULE_CONSTANT };
struct schedule {
    enum schedule_how how;
    double peak, floor;                  /* floor: share of peak at the end */
    long steps, warmup, decay;           /* warmup: steps of linear rise; decay: last steps of WSD's linear fall */
};
/* step from 0: the rate of the next update */
double schedule_rate(const struct schedule *s, long step);

/* ---- a run ---- */
struct train_spec {
    const struct gpt_shape *shape;
    size_t length, batch, micro;         /* tokens of a row; rows of a step; rows at once, dividing batch */
    long steps;
    struct schedule rate;
    float beta1, beta2, eps, decay;
    double clip;                         /* gradients longer than this are shortened to it; 0: never */
    const double *weights;               /* (n_domains) of sampling, borrowed; NULL: the corpus's own shares */
    uint64_t seed;                       /* of the initial weights and of the rows */
};
/* nano, 256 tokens, 32 rows, 1000 steps, cosine */
struct train_spec train_spec(void);

/* of one step: mean nats a token; norm before clipping */
struct train_said { double loss, rate, norm; };
struct train {
    struct train_spec spec;
    const struct corpus *corpus;
    struct gpt *model;
    double *weights;                     /* (n_domains) may be changed between steps */
    long step;                           /* updates done */
    double *domain_loss;                 /* (n_domains) sum of nats of the last step */
    uint64_t *domain_tokens;             /* (n_domains) of the last step */
    int32_t *tokens;                     /* (batch, length + 1) of the last step */
    size_t *domain;                      /* (batch) */
    float *weight, *loss;                /* (batch, length) */
};

struct train *train_open(const struct train_spec *s, const struct corpus *c, struct accel *a, struct err *e) MUST_CHECK;
void train_close(struct train *t);
bool train_step(struct train *t, struct train_said *said, struct err *e) MUST_CHECK;

/* Its parts: draws the rows of t->step into tokens and domain; clips, takes the AdamW step, counts it. */
void train_rows(struct train *t);
/* sets said->rate and norm; the gradient is 0 again */
void train_update(struct train *t, struct train_said *said);

/* Mean loss of each domain over up to max_rows rows of a part, spread evenly; NAN where it has none. 0: all rows. */
bool train_eval(struct gpt *g, const struct corpus *c, enum corpus_part part, size_t max_rows, double *loss,
                struct err *e) MUST_CHECK;

#endif
