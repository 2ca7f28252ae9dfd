/* goodness.h - p(good): a logistic regression over the percentiles of all quality signals, and over hashed words.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each signal goes through the t-digest of its training values to a percentile p in [0, 1], so that no unit or outlier
 * matters; the features are 2p - 1 and its square less a third (too much and too little can both be bad), or for a null
 * signal one feature of its own. A line signal counts by its mean over the lines. Text features are the words and word
 * pairs of the normalised text, hashed, 1 + ln(count), scaled to length 1. Columns are numbers that come with a
 * document, such as its embedding: each less its mean, by its standard deviation and the root of how many there are, so
 * that they too are about 1 long. Weights come from liblinear (L2-regularised logistic regression, solver 0, which
 * draws no random numbers); the probability is Platt's: 1 / (1 + exp(-(a z + b))), a and b fitted to the scores of
 * held-out folds.
 *
 * A model is one JSON file (doc/score.md).
 */
#ifndef QUALITY_GOODNESS_H
#define QUALITY_GOODNESS_H
#include "quality/signals.h"
#include "text/tdigest.h"

enum { TEXT_BITS = 18, TEXT_FEATURES = 1 << TEXT_BITS, PER_SIGNAL = 3 };         /* linear, square, null */
/* columns: when there are any */
enum goodness_features { GOODNESS_SIGNALS = 1, GOODNESS_TEXT = 2, GOODNESS_BOTH = 3 };

struct text_feature { uint32_t index; float value; };
struct example {                             /* what is learnt from, or scored, of a document */
    double signal[N_SIGNALS];
    struct text_feature *text;
    size_t n_text;
    float *columns;                          /* (n_columns), or NULL */
    bool good;
};
struct column { double mean, scale, weight; };

struct goodness {
    enum goodness_features features;
    struct tdigest digest[N_SIGNALS];
    double weight[N_SIGNALS][PER_SIGNAL], bias;
    double *text;                            /* (TEXT_FEATURES), NULL without */
    struct column *columns;                  /* (n_columns) */
    size_t n_columns;
    double a, b;                             /* Platt's */
};

static inline double goodness_column(const struct column *c, float x) { return ((double)x - c->mean) * c->scale; }

/* The values of a document: from its "signals" when it has them, else computed from the text. */
void goodness_signals(struct signals *s, struct str stored, struct str text, double value[N_SIGNALS]);
size_t goodness_text(struct str text, struct text_feature **to);                 /* mem_alloc'ed; sorted by index */

struct goodness *goodness_open(const char *path, struct err *e) MUST_CHECK;
void goodness_close(struct goodness *g);
/* z: the logit before Platt; x->good unused */
double goodness_score(struct goodness *g, const struct example *x);
double goodness_p(const struct goodness *g, double z);
/* report: JSON members, ",\"auc\":..." or empty */
bool goodness_write(struct goodness *g, const char *path, struct str report, struct err *e) MUST_CHECK;

/* ---- training ---- */

/* use: (n) or NULL for all */
struct goodness *goodness_train(const struct example *all, size_t n, const bool *use, enum goodness_features f,
                                size_t n_columns, double c);
void goodness_platt(const double *z, const bool *good, size_t n, double *a, double *b);
/* 0.5 for ties; NaN without both kinds */
double auc(const double *z, const bool *good, size_t n);

#endif
