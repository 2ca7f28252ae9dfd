/* svd.c - subspace iteration, Cholesky, Jacobi.
 * SPDX-License-Identifier: Apache-2.0 */
#include "embed/svd.h"

#include "accel/gemm.h"
#include "core/arena.h"
#include "core/par.h"
#include "core/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EXTRA = 10, CHUNK = 64, GRAM_CHUNKS = 32, SWEEPS = 30 };

void sparse_free(struct sparse *a)
{
    free(a->start), free(a->col), free(a->value);
    *a = (struct sparse){ 0 };
}

static struct sparse transposed(const struct sparse *a)
{
    size_t nnz = a->start[a->rows];
    struct sparse t = { a->cols, a->rows, mem_zero(a->cols + 2, sizeof *t.start), mem_alloc(nnz, sizeof *t.col),
                        mem_alloc(nnz, sizeof *t.value) };
    for (size_t i = 0; i < nnz; i++) t.start[a->col[i] + 2]++;
    for (size_t c = 2; c < t.rows + 2; c++) t.start[c] += t.start[c - 1];
    for (size_t r = 0; r < a->rows; r++)
        for (uint64_t i = a->start[r]; i < a->start[r + 1]; i++) {
            uint64_t at = t.start[a->col[i] + 1]++;
            t.col[at] = (uint32_t)r;
            t.value[at] = a->value[i];
        }
    return t;
}

/* ---- y (rows, l) = A x (cols, l) ---- */

struct product { const struct sparse *a; const float *x; float *y; size_t l; };

static void product_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct product *p = ctx;
    for (size_t r = begin; r < end; r++) {
        float *restrict y = p->y + r * p->l;
        memset(y, 0, p->l * sizeof *y);
        for (uint64_t i = p->a->start[r]; i < p->a->start[r + 1]; i++) {
            const float *restrict x = p->x + p->a->col[i] * p->l, v = p->a->value[i];
            for (size_t j = 0; j < p->l; j++) y[j] += v * x[j];
        }
    }
}

static void multiply(const struct sparse *a, const float *x, float *y, size_t l, int threads)
{
    struct product p = { a, x, y, l };
    par_for(threads, a->rows, CHUNK, product_run, &p);
}

/* ---- gram (l, l) = y' y in double ---- */

struct gram { const float *y; size_t l; double *part; };

static void gram_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)worker;
    const struct gram *g = ctx;
    double *sum = g->part + chunk * g->l * g->l;
    for (size_t r = begin; r < end; r++)
        for (size_t i = 0; i < g->l; i++) {
            double v = (double)g->y[r * g->l + i], *restrict to = sum + i * g->l;
            for (size_t j = 0; j <= i; j++) to[j] += v * (double)g->y[r * g->l + j];
        }
}

static void gram_of(const float *y, size_t n, size_t l, int threads, double *sum)
{
    size_t size = n / GRAM_CHUNKS + 1;
    struct gram g = { y, l, mem_zero(GRAM_CHUNKS * l * l, sizeof *g.part) };
    par_for(threads, n, size, gram_run, &g);
    memset(sum, 0, l * l * sizeof *sum);
    for (size_t c = 0; c < GRAM_CHUNKS; c++)
        for (size_t i = 0; i < l * l; i++) sum[i] += g.part[c * l * l + i];
    for (size_t i = 0; i < l; i++)
        for (size_t j = 0; j < i; j++) sum[j * l + i] = sum[i * l + j];
    free(g.part);
}

/* to = inverse of the lower triangular L with g = L L', transposed; a column that depends on others becomes zero. */
static void inverse_factor(double *g, size_t l, float *to)
{
    double *inverse = mem_zero(l * l, sizeof *inverse), most = 0;
    for (size_t i = 0; i < l; i++) if (g[i * l + i] > most) most = g[i * l + i];
    for (size_t i = 0; i < l; i++) {
        for (size_t j = 0; j <= i; j++) {
            double sum = g[i * l + j];
            for (size_t t = 0; t < j; t++) sum -= g[i * l + t] * g[j * l + t];
            if (j < i) g[i * l + j] = g[j * l + j] > 0 ? sum / g[j * l + j] : 0;
            else g[i * l + i] = sum > most * 1e-10 ? sqrt(sum) : 0;
        }
        double pivot = g[i * l + i];
        for (size_t j = 0; j <= i && pivot > 0; j++) {
            double sum = j == i;
            for (size_t t = j; t < i; t++) sum -= g[i * l + t] * inverse[t * l + j];
            inverse[i * l + j] = sum / pivot;
        }
    }
    for (size_t i = 0; i < l; i++)
        for (size_t j = 0; j < l; j++) to[j * l + i] = (float)inverse[i * l + j];
    free(inverse);
}

/* y (n, l) becomes orthonormal columns: y = y L'^-1. */
static void orthonormalise(float *y, size_t n, size_t l, int threads)
{
    double *g = mem_alloc(l * l, sizeof *g);
    float *r = mem_alloc(l * l, sizeof *r), *was = mem_alloc(n * l, sizeof *was);
    gram_of(y, n, l, threads, g);
    inverse_factor(g, l, r);
    memcpy(was, y, n * l * sizeof *y);
    gemm_cpu(threads, &(struct gemm){ .m = n, .n = l, .k = l, .lda = l, .ldb = l, .ldc = l }, was, r, y);
    free(g), free(r), free(was);
}

/* ---- eigenvectors of a symmetric matrix, by rotations ---- */

static void rotate(double *x, size_t a, size_t b, size_t step, size_t n, double c, double s)
{
    for (size_t i = 0; i < n; i++) {
        double p = x[a + i * step], q = x[b + i * step];
        x[a + i * step] = c * p - s * q;
        x[b + i * step] = s * p + c * q;
    }
}

/* g becomes diagonal; row i of v is the eigenvector of g[i][i]. */
static void jacobi(double *g, double *v, size_t l)
{
    for (size_t i = 0; i < l * l; i++) v[i] = i % (l + 1) == 0;
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        double off = 0, all = 0;
        for (size_t i = 0; i < l; i++)
            for (size_t j = 0; j < l; j++) *(i == j ? &all : &off) += g[i * l + j] * g[i * l + j];
        if (off <= all * 1e-20) break;
        for (size_t p = 0; p < l; p++)
            for (size_t q = p + 1; q < l; q++) {
                if (g[p * l + q] * g[p * l + q] <= all * 1e-26 / (double)(l * l)) continue;
                double theta = (g[q * l + q] - g[p * l + p]) / (2 * g[p * l + q]);
                double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1)), c = 1 / sqrt(t * t + 1),
                       s = t * c;
                rotate(g, p * l, q * l, 1, l, c, s);
                rotate(g, p, q, l, l, c, s);
                rotate(v, p * l, q * l, 1, l, c, s);
            }
    }
}

struct pair { double value; size_t at; };

static int by_value(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    return x->value != y->value ? (x->value < y->value ? 1 : -1) : x->at < y->at ? -1 : 1;
}

/* z (cols, l) = A' Q, so z' z = W S^2 W' and right = z W S^-1. */
static void solve(const float *z, size_t cols, size_t l, size_t dim, int threads, float *right, float *values)
{
    double *g = mem_alloc(l * l, sizeof *g), *v = mem_alloc(l * l, sizeof *v);
    float *w = mem_alloc(l * dim, sizeof *w);
    struct pair *p = mem_alloc(l, sizeof *p);
    gram_of(z, cols, l, threads, g);
    jacobi(g, v, l);
    for (size_t i = 0; i < l; i++) p[i] = (struct pair){ g[i * l + i], i };
    qsort(p, l, sizeof *p, by_value);
    for (size_t j = 0; j < dim; j++) {
        bool in_rank = p[j].value > p[0].value * 1e-9;
        double s = in_rank ? sqrt(p[j].value) : 0;
        values[j] = (float)s;
        for (size_t i = 0; i < l; i++) w[i * dim + j] = in_rank ? (float)(v[p[j].at * l + i] / s) : 0;
    }
    gemm_cpu(threads, &(struct gemm){ .m = cols, .n = dim, .k = l, .lda = l, .ldb = dim, .ldc = dim }, z, w,
             right);
    free(g), free(v), free(w), free(p);
}

void svd_right(const struct sparse *a, size_t dim, int rounds, uint64_t seed, int threads, float *right, float *values)
{
    size_t most = a->rows < a->cols ? a->rows : a->cols, l = dim + EXTRA < most ? dim + EXTRA : most;
    struct sparse t = transposed(a);
    float *y = mem_alloc(mem_size(a->rows, l), sizeof *y), *z = mem_alloc(mem_size(a->cols, l), sizeof *z);
    for (size_t i = 0; i < a->cols; i++) {
        struct rng r = rng_init(seed, i);
        for (size_t j = 0; j < l; j++) z[i * l + j] = (float)rng_normal(&r);
    }
    for (int i = 0; i <= rounds; i++) {
        if (i) orthonormalise(z, a->cols, l, threads);
        multiply(a, z, y, l, threads);
        orthonormalise(y, a->rows, l, threads);
        multiply(&t, y, z, l, threads);
    }
    solve(z, a->cols, l, dim, threads, right, values);
    sparse_free(&t);
    free(y), free(z);
}
