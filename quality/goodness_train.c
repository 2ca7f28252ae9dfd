/* goodness_train.c - digests, then liblinear, then Platt.
 * SPDX-License-Identifier: Apache-2.0 */
#include "quality/goodness.h"
#include "core/late.h"

#include <linear.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

enum { SIGNAL_FEATURES = N_SIGNALS * PER_SIGNAL };

/* ---- liblinear ---- */

#define LINEAR_FUNCTIONS(X) X(set_print_string_function) X(train) X(free_and_destroy_model)
static struct linear { LINEAR_FUNCTIONS(LATE_MEMBER) } linear;

static void load_linear(void)
{
    void *so = late_open(LATE_LINEAR);
#define FIND(f) LATE_FIND(linear, so, f)
    LINEAR_FUNCTIONS(FIND)
#undef FIND
}

/* ---- what it is given, and what it gives ---- */

static void quiet(const char *s)
{
    (void)s;
}

static void add_digests(struct goodness *g, const struct example *x)
{
    for (size_t id = 0; id < N_SIGNALS; id++) if (!isnan(x->signal[id])) tdigest_add(&g->digest[id], x->signal[id], 1);
}

/* Mean and scale of every column over the examples in use. */
static void measure_columns(struct goodness *g, const struct example *all, size_t n, const bool *use)
{
    for (size_t c = 0; c < g->n_columns; c++) {
        double sum = 0, squares = 0, count = 0;
        for (size_t i = 0; i < n; i++) {
            if (use && !use[i]) continue;
            const double x = (double)all[i].columns[c];
            sum += x;
            squares += x * x;
            count++;
        }
        const double mean = sum / count, variance = squares / count - mean * mean;
        g->columns[c] = (struct column){ mean, variance > 1e-12 ? 1 / sqrt(variance * (double)g->n_columns) : 0, 0 };
    }
}

/* Indices count from 1: signals first, three each, then columns, then text; room for a bias and the end mark. */
static struct feature_node *nodes(struct goodness *g, const struct example *x)
{
    struct feature_node *f = mem_alloc(SIGNAL_FEATURES + g->n_columns + x->n_text + 2, sizeof *f);
    size_t n = 0;
    for (size_t id = 0; id < N_SIGNALS && g->features & GOODNESS_SIGNALS; id++) {
        int at = (int)(id * PER_SIGNAL) + 1;
        if (isnan(x->signal[id])) { f[n++] = (struct feature_node){ at + 2, 1 }; continue; }
        double u = 2 * tdigest_cdf(&g->digest[id], x->signal[id]) - 1;
        f[n++] = (struct feature_node){ at, u };
        f[n++] = (struct feature_node){ at + 1, u * u - 1.0 / 3 };
    }
    const int columns = SIGNAL_FEATURES + 1, text = columns + (int)g->n_columns;
    for (size_t i = 0; i < g->n_columns; i++)
        f[n++] = (struct feature_node){ columns + (int)i, goodness_column(&g->columns[i], x->columns[i]) };
    for (size_t i = 0; i < x->n_text && g->features & GOODNESS_TEXT; i++)
        f[n++] = (struct feature_node){ text + (int)x->text[i].index, (double)x->text[i].value };
    f[n] = (struct feature_node){ -1, 0 };
    return f;
}

static void take_weights(struct goodness *g, const struct model *m)
{
    double sign = m->label[0] == 1 ? 1 : -1;
    for (size_t i = 0; i < SIGNAL_FEATURES && (int)i < m->nr_feature; i++)
        g->weight[i / PER_SIGNAL][i % PER_SIGNAL] = sign * m->w[i];
    g->bias = sign * m->w[m->nr_feature];
    const double *columns = m->w + SIGNAL_FEATURES, *text = columns + g->n_columns;
    for (size_t i = 0; i < g->n_columns; i++) g->columns[i].weight = sign * columns[i];
    if (!(g->features & GOODNESS_TEXT)) return;
    g->text = mem_zero(TEXT_FEATURES, sizeof *g->text);
    for (size_t i = 0; i < TEXT_FEATURES; i++) g->text[i] = sign * text[i];
}

static void fit(struct goodness *g, struct problem *p, double c)
{
    struct parameter param = { .solver_type = L2R_LR, .eps = 1e-4, .C = c };
    p->n = SIGNAL_FEATURES + (int)g->n_columns + (g->features & GOODNESS_TEXT ? TEXT_FEATURES : 0) + 1;
    /* train() then says nr_feature = n - 1, and w[n - 1] is the bias */
    p->bias = 1;
    /* liblinear wants the bias as the last feature of each row */
    for (int i = 0; i < p->l; i++) {
        struct feature_node *end = p->x[i];
        while (end->index != -1) end++;
        end[0] = (struct feature_node){ p->n, 1 };
        end[1] = (struct feature_node){ -1, 0 };
    }
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_linear);
    linear.set_print_string_function(quiet);
    struct model *m = linear.train(p, &param);
    take_weights(g, m);
    linear.free_and_destroy_model(&m);
}

struct goodness *goodness_train(const struct example *all, size_t n, const bool *use, enum goodness_features f,
                                size_t n_columns, double c)
{
    struct goodness *g = mem_zero(1, sizeof *g);
    struct problem p = { .y = mem_alloc(n, sizeof *p.y), .x = mem_alloc(n, sizeof *p.x) };
    g->features = f;
    g->a = 1;
    g->n_columns = n_columns;
    g->columns = mem_zero(n_columns + 1, sizeof *g->columns);
    measure_columns(g, all, n, use);
    for (size_t i = 0; i < n; i++) if (!use || use[i]) add_digests(g, &all[i]);
    for (size_t i = 0; i < n; i++) {
        if (use && !use[i]) continue;
        p.y[p.l] = all[i].good ? 1 : -1;
        p.x[p.l++] = nodes(g, &all[i]);
    }
    fit(g, &p, c);
    for (int i = 0; i < p.l; i++) free(p.x[i]);
    free(p.x);
    free(p.y);
    return g;
}

/* Platt 1999 with his softened targets; Newton's steps, halved while they do not help (Lin, Lin & Weng 2007). */
static double loss(const double *z, const bool *good, size_t n, const double target[2], double a, double b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double f = a * z[i] + b;
        sum += f > 0 ? log1p(exp(-f)) + (1 - target[good[i]]) * f : log1p(exp(f)) - target[good[i]] * f;
    }
    return sum;
}

void goodness_platt(const double *z, const bool *good, size_t n, double *a, double *b)
{
    double n_good = 0;
    for (size_t i = 0; i < n; i++) n_good += good[i];
    double n_bad = (double)n - n_good, target[2] = { 1 / (n_bad + 2), (n_good + 1) / (n_good + 2) };
    *a = 0;
    *b = log((n_good + 1) / (n_bad + 1));
    double now = loss(z, good, n, target, *a, *b);
    for (int round = 0; round < 100; round++) {
        double h11 = 1e-12, h12 = 0, h22 = 1e-12, g1 = 0, g2 = 0;
        for (size_t i = 0; i < n; i++) {
            double p = 1 / (1 + exp(-(*a * z[i] + *b))), d = p - target[good[i]], w = p * (1 - p);
            h11 += z[i] * z[i] * w; h12 += z[i] * w; h22 += w;
            g1 += z[i] * d; g2 += d;
        }
        if (fabs(g1) < 1e-7 && fabs(g2) < 1e-7) return;
        double det = h11 * h22 - h12 * h12, da = -(h22 * g1 - h12 * g2) / det, db = -(h11 * g2 - h12 * g1) / det,
               step = 1, next = 0;
        for (; step > 1e-10; step /= 2)
            if ((next = loss(z, good, n, target, *a + step * da, *b + step * db)) < now) break;
        if (step <= 1e-10) return;
        *a += step * da;
        *b += step * db;
        now = next;
    }
}

struct scored { double z; bool good; };

static int by_score(const void *a, const void *b)
{
    double x = ((const struct scored *)a)->z, y = ((const struct scored *)b)->z;
    return (x > y) - (x < y);
}

/* The Mann-Whitney statistic: the share of (good, bad) pairs that are in order, half for equal scores. */
double auc(const double *z, const bool *good, size_t n)
{
    struct scored *s = mem_alloc(n, sizeof *s);
    double pairs = 0, bad = 0, n_good = 0;
    for (size_t i = 0; i < n; i++) s[i] = (struct scored){ z[i], good[i] };
    qsort(s, n, sizeof *s, by_score);
    for (size_t i = 0, j; i < n; i = j) {
        double tied_good = 0, tied_bad = 0;
        for (j = i; j < n && s[j].z == s[i].z; j++) *(s[j].good ? &tied_good : &tied_bad) += 1;
        pairs += tied_good * (bad + tied_bad / 2);
        bad += tied_bad;
        n_good += tied_good;
    }
    free(s);
    return pairs / (n_good * bad);
}
