/* regmix.c - RegMix's arithmetic.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Ridge in the primal: A = X'X + penalty I is (2k, 2k), factored by Cholesky once a penalty; the leave-one-out residual
 * of run i is r_i / (1 - h_i) with h_i = 1/n + x_i' A^-1 x_i, no refit needed. */
#include "proxy/regmix.h"

#include "core/arena.h"
#include "core/rng.h"
#include "proxy/simplex.h"

#include <stdlib.h>

enum { CANDIDATES = 100000, BEST = 100, LADDER = 13 };
static const double FLOOR = 0.01, LEAST_STRENGTH = 0.3, MOST_STRENGTH = 3;
static const uint64_t CANDIDATE_STREAM = (uint64_t)1 << 40;            /* apart from the runs' mixtures */

/* ---- drawing ---- */

/* Marsaglia and Tsang 2000. */
static double gamma_draw(struct rng *r, double shape)
{
    if (shape < 1) {
        const double u = 1 - rng_real(r);
        return gamma_draw(r, shape + 1) * pow(u, 1 / shape);
    }
    const double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        const double x = rng_normal(r), v = (1 + c * x) * (1 + c * x) * (1 + c * x), u = 1 - rng_real(r);
        if (v > 0 && log(u) < 0.5 * x * x + d - d * v + d * log(v)) return d * v;
    }
}

void regmix_draw(const double *prior, size_t k, uint64_t seed, uint64_t i, double *weight)
{
    struct rng r = rng_init(seed, i);
    double sum = 0;
    for (size_t d = 0; d < k; d++) sum += sqrt(prior[d]);
    const double strength = LEAST_STRENGTH * pow(MOST_STRENGTH / LEAST_STRENGTH, rng_real(&r));
    do for (size_t d = 0; d < k; d++) weight[d] = prior[d] > 0
                                                  ? gamma_draw(&r, (double)k * strength * sqrt(prior[d]) / sum) : 0;
    while (!simplex_scale(weight, k));
}

/* ---- ridge ---- */

static double feature(const double *weight, size_t k, size_t j)
{
    return j < k ? weight[j] : log(weight[j - k] + FLOOR);
}

struct ridge {
    size_t n, p;
    double *x;                       /* (n, p) standardised */
    double *mean, *scale;            /* (p) */
    double *y, middle;               /* (n) less its mean */
    double *gram, *factor;           /* (p, p) X'X; the Cholesky factor of it with a penalty, lower */
    double *b, *left;                /* (p) coefficients; (n) leave-one-out residuals */
};

static void standardise(struct ridge *r, const double *weight, const double *loss, size_t k)
{
    for (size_t j = 0; j < r->p; j++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < r->n; i++) sum += r->x[i * r->p + j] = feature(weight + i * k, k, j);
        r->mean[j] = sum / (double)r->n;
        for (size_t i = 0; i < r->n; i++) squares += pow(r->x[i * r->p + j] -= r->mean[j], 2);
        r->scale[j] = squares > 0 ? sqrt(squares / (double)r->n) : 1;
        for (size_t i = 0; i < r->n; i++) r->x[i * r->p + j] /= r->scale[j];
    }
    for (size_t i = 0; i < r->n; i++) r->middle += loss[i] / (double)r->n;
    for (size_t i = 0; i < r->n; i++) r->y[i] = loss[i] - r->middle;
    for (size_t a = 0; a < r->p; a++)
        for (size_t b = 0; b <= a; b++)
            for (size_t i = 0; i < r->n; i++) r->gram[a * r->p + b] += r->x[i * r->p + a] * r->x[i * r->p + b];
}

static void factorise(struct ridge *r, double penalty)
{
    double *L = r->factor;
    for (size_t a = 0; a < r->p; a++)
        for (size_t b = 0; b <= a; b++) {
            double sum = r->gram[a * r->p + b] + (a == b ? penalty : 0);
            for (size_t c = 0; c < b; c++) sum -= L[a * r->p + c] * L[b * r->p + c];
            L[a * r->p + b] = a == b ? sqrt(sum) : sum / L[b * r->p + b];
        }
}

/* v = L^-1 v, and with both also v = L'^-1 v. */
static void solve(const struct ridge *r, double *v, bool both)
{
    const double *L = r->factor;
    for (size_t a = 0; a < r->p; a++) {
        for (size_t c = 0; c < a; c++) v[a] -= L[a * r->p + c] * v[c];
        v[a] /= L[a * r->p + a];
    }
    for (size_t a = r->p; both && a-- > 0; ) {
        for (size_t c = a + 1; c < r->p; c++) v[a] -= L[c * r->p + a] * v[c];
        v[a] /= L[a * r->p + a];
    }
}

/* Coefficients and leave-one-out residuals at one penalty; returns the sum of the residuals' squares. */
static double fit_at(struct ridge *r, double penalty)
{
    double *v = mem_alloc(r->p, sizeof *v), squares = 0;
    factorise(r, penalty);
    for (size_t j = 0; j < r->p; j++) {
        r->b[j] = 0;
        for (size_t i = 0; i < r->n; i++) r->b[j] += r->x[i * r->p + j] * r->y[i];
    }
    solve(r, r->b, true);
    for (size_t i = 0; i < r->n; i++) {
        double said = 0, h = 1.0 / (double)r->n;
        for (size_t j = 0; j < r->p; j++) said += (v[j] = r->x[i * r->p + j]) * r->b[j];
        solve(r, v, false);
        for (size_t j = 0; j < r->p; j++) h += v[j] * v[j];
        r->left[i] = (r->y[i] - said) / fmax(1 - h, 1e-9);
        squares += r->left[i] * r->left[i];
    }
    free(v);
    return squares;
}

/* ---- fitting ---- */

static double rank_of(const double *x, size_t n, size_t i)             /* of equal ones the middle */
{
    double rank = 0;
    for (size_t j = 0; j < n; j++) rank += x[j] < x[i] ? 1 : x[j] == x[i] ? 0.5 : 0;
    return rank - (double)n / 2;
}

static double spearman(const double *x, const double *y, size_t n)
{
    double xy = 0, xx = 0, yy = 0;
    for (size_t i = 0; i < n; i++) {
        const double a = rank_of(x, n, i), b = rank_of(y, n, i);
        xy += a * b, xx += a * a, yy += b * b;
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

/* 1e-4 n .. 100 n */
static double penalty_at(size_t step, size_t n) { return (double)n * pow(10, -4 + 0.5 * (double)step); }

static void fill(const struct ridge *r, struct regmix_fit *fit)
{
    fit->coefficient[r->p] = r->middle;
    for (size_t j = 0; j < r->p; j++) {
        fit->coefficient[j] = r->b[j] / r->scale[j];
        fit->coefficient[r->p] -= r->mean[j] * fit->coefficient[j];
    }
    double *said = mem_alloc(r->n, sizeof *said);
    for (size_t i = 0; i < r->n; i++) said[i] = r->y[i] - r->left[i];
    fit->rank = spearman(said, r->y, r->n);
    free(said);
}

void regmix_fit(const double *weight, const double *loss, size_t n, size_t k, struct regmix_fit *fit)
{
    const size_t p = 2 * k;
    struct ridge r = { .n = n, .p = p, .x = mem_alloc(n * p, sizeof(double)), .mean = mem_zero(p, sizeof(double)),
                       .scale = mem_zero(p, sizeof(double)),
                       .y = mem_zero(n, sizeof(double)), .gram = mem_zero(p * p, sizeof(double)),
                       .factor = mem_zero(p * p, sizeof(double)),
                       .b = mem_zero(p, sizeof(double)), .left = mem_zero(n, sizeof(double)) };
    standardise(&r, weight, loss, k);
    size_t best = 0;
    double least = INFINITY;
    for (size_t s = 0; s < LADDER; s++) {
        const double squares = fit_at(&r, penalty_at(s, n));
        if (squares < least) { least = squares; best = s; }
    }
    *fit = (struct regmix_fit){ .k = k, .coefficient = mem_zero(p + 1, sizeof(double)),
                                .penalty = penalty_at(best, n) };
    fit->error = sqrt(fit_at(&r, fit->penalty) / (double)n);
    fill(&r, fit);
    free(r.x), free(r.mean), free(r.scale), free(r.y), free(r.gram), free(r.factor), free(r.b), free(r.left);
}

void regmix_fit_free(struct regmix_fit *fit) { free(fit->coefficient); }

double regmix_predict(const struct regmix_fit *fit, const double *weight)
{
    double sum = fit->coefficient[2 * fit->k];
    for (size_t j = 0; j < 2 * fit->k; j++) sum += fit->coefficient[j] * feature(weight, fit->k, j);
    return sum;
}

struct candidate { double loss; uint64_t i; };

static int by_loss(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->loss != y->loss ? (x->loss < y->loss ? -1 : 1) : (x->i > y->i) - (x->i < y->i);
}

void regmix_best(const struct regmix_fit *fit, const double *prior, uint64_t seed, double *weight)
{
    struct candidate *all = mem_alloc(CANDIDATES, sizeof *all);
    double *w = mem_alloc(fit->k, sizeof *w);
    for (size_t c = 0; c < CANDIDATES; c++) {
        all[c].i = CANDIDATE_STREAM + c;
        regmix_draw(prior, fit->k, seed, all[c].i, w);
        all[c].loss = regmix_predict(fit, w);
    }
    qsort(all, CANDIDATES, sizeof *all, by_loss);
    for (size_t d = 0; d < fit->k; d++) weight[d] = 0;
    for (size_t c = 0; c < BEST; c++) {
        regmix_draw(prior, fit->k, seed, all[c].i, w);
        for (size_t d = 0; d < fit->k; d++) weight[d] += w[d] / BEST;
    }
    free(w);
    free(all);
}
