/* weigh.h - what the methods that weigh domains share: a corpus by domain, several seeds, checkpoints, and the answer's
 * files.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     weights.json      {"method": "doremi", "by": "domain", "weights": {"books": 0.31, ...}, "spread": {...}, "start": {...},
 *                       "natural": {...}, "runs": [{"seed": 0, "weights": {...}}, ...], "said": "..."}
 *                       weights: the mean over seeds, what `tamis mix --weights` reads; spread: the standard deviation
 *                       over seeds (null for one); start: where each run began; natural: shares of the training tokens
 *     --trajectory      JSON lines: {"domains": ["books", ...]}, then an object a step (regmix: a run) with arrays in that order
 *     --checkpoint DIR  state.json, and the two generations state-0.* and state-1.* of which it names the whole one:
 *                       .npy (vectors, parameters), .jsonl the trajectory so far. A run that goes on gives the same
 *                       bytes as one that never stopped
 *
 * A method is a function that finds the weights for one seed. It saves where it is when weigh_due() says so, and begins
 * where w->place says, which is all 0 unless a checkpoint was read.
 */
#ifndef PROXY_WEIGH_H
#define PROXY_WEIGH_H
#include "proxy/train.h"
#include "record/matrix.h"

struct weigh_opt {
    const char *tokenizer, *by, *size, *device, *trajectory, *checkpoint;
    long steps, length, batch, seeds, every;
    double rate, held;
};
#define WEIGH_DEFAULTS .by = "domain", .size = "nano", .device = "auto", .length = 128, .seeds = 1, .every = 100, .rate = 2e-3, .held = 0.05
#define WEIGH_OPTIONS(o) \
    { 'm', "model",      TEXT(&(o).tokenizer),  "FILE",          "tokenizer; without, bytes are tokens" }, \
    {  0 , "by",         TEXT(&(o).by),         "FIELD",         "what a domain is: domain, cluster, lang, source" }, \
    {  0 , "size",       TEXT(&(o).size),       "NAME",          "of the proxy: nano, micro, mini, small" }, \
    {  0 , "steps",      INT(&(o).steps),       "N",             "of each training run", .min = 1, .max = 1e9 }, \
    { 'L', "length",     INT(&(o).length),      "N",             "tokens of a row", .min = 8, .max = 1 << 16 }, \
    { 'b', "batch",      INT(&(o).batch),       "ROWS",          "of a step", .min = 1, .max = 1 << 16 }, \
    {  0 , "rate",       REAL(&(o).rate),       "X",             "AdamW's, at its peak", .min = 1e-9, .max = 1 }, \
    {  0 , "seeds",      INT(&(o).seeds),       "N",             "run N times: mean, spread, and what to make of them", .min = 1, .max = 1000 }, \
    {  0 , "held",       REAL(&(o).held),       "P",             "share of the documents that no run trains on", .min = 0, .max = 0.9 }, \
    {  0 , "trajectory", TEXT(&(o).trajectory), "FILE",          "JSON lines: what each step saw and did" }, \
    {  0 , "checkpoint", TEXT(&(o).checkpoint), "DIR",           "save there, and go on from there" }, \
    {  0 , "every",      INT(&(o).every),       "N",             "steps between two checkpoints", .min = 1, .max = 1e9 }, \
    {  0 , "device",     TEXT(&(o).device),     "auto|cpu|cuda", "what computes" }

struct weigh;
struct weigh_method {
    const char *name;
    const char *options;                 /* of its own, in words: a checkpoint with others is refused */
    bool from_natural;                   /* begins at the natural weights, not at uniform ones */
    /* a step has the same number of rows of every domain: the batch is rounded to it */
    bool equal_rows;
    bool gradients;                      /* keeps one a domain, and their mixture: memory */
    bool reference;                      /* keeps a second model, for inference: memory */
    long steps;                          /* training steps of one seed */
    double cost;                         /* of one, in times of train_step */
    bool (*seed)(struct weigh *w, void *own, double *weight, struct err *e);       /* the weights that one seed finds */
};

/* counted from 0; what they count is the method's */
struct weigh_place { uint64_t seed, round, phase, step; };
struct weigh {
    const struct run *run;
    const struct weigh_opt *opt;
    const struct weigh_method *method;
    struct corpus *corpus;
    struct accel *accel;
    struct train_spec spec;              /* of one run; its seed is the seed of this one */
    size_t k;                            /* domains */
    /* (k) shares of the training tokens; where the method begins: uniform, unless it says otherwise */
    double *natural, *start;
    double *results;                     /* (seeds, k) of the seeds that are done */
    struct weigh_place place;            /* where this seed begins */
    struct buf trajectory;
    struct run_line line;
    long done, total;                    /* steps, of all seeds */
    struct weigh_kept *kept;             /* what a checkpoint held; NULL: none */
};

/* Opens, runs every seed, writes; or says the plan. own is handed to seed(). */
bool weigh_run(const struct weigh_opt *o, const struct run *r, const struct weigh_method *m, void *own,
               struct err *e) MUST_CHECK;

/* Weights of w's domains from a file as mix reads it, or "natural", or "uniform"; sums to 1. */
bool weigh_read(const struct weigh *w, const char *from, double *weight, struct err *e) MUST_CHECK;
/* Names, comma-separated, to flags (k); NULL: all. */
bool weigh_domains(const struct weigh *w, const char *names, bool *is, struct err *e) MUST_CHECK;
/* a fresh run of this seed; stream: sets runs of a seed apart */
struct train *weigh_train(struct weigh *w, const double *weights, uint64_t stream, struct err *e) MUST_CHECK;

void weigh_tell(struct weigh *w, const char *what, const struct train *t, double loss);       /* one step done */
/* A proxy's step done: a line of the trajectory, gain (k) under its name, and word of it; false when training broke. */
struct weigh_step { uint64_t round; double loss; const char *name; const double *gain, *weight; };
bool weigh_step(struct weigh *w, const struct train *t, const struct weigh_step *s, struct err *e) MUST_CHECK;
void weigh_put_numbers(struct buf *b, const char *name, const double *x, size_t n);           /* ,"name":[...] */

/* ---- checkpoints ---- */
/* train, reference: may be NULL */
struct weigh_state { double *numbers; size_t n_numbers; struct train *train; struct gpt *reference; };
bool weigh_due(const struct weigh *w, long step);
bool weigh_save(struct weigh *w, struct weigh_place at, const struct weigh_state *s, struct err *e) MUST_CHECK;
/* Fills what s points at from the checkpoint that w began with, once; true and nothing done when there is none. */
bool weigh_restore(struct weigh *w, const struct weigh_state *s, struct err *e) MUST_CHECK;

/* ---- for weigh_run ---- */
/* reads DIR/state.json when it is there: place, done, results, trajectory */
bool weigh_load(struct weigh *w, struct err *e) MUST_CHECK;
void weigh_forget(struct weigh *w);                                    /* frees what was kept of it */
/* weights.json, the trajectory, a table on standard output */
bool weigh_write(const struct weigh *w, struct err *e) MUST_CHECK;

#endif
