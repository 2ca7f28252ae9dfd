/* gpt.c - a transformer's memory, its weights, its steps.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/gpt_model.h"

#include "core/arena.h"
#include "core/par.h"
#include "core/rng.h"

#include <math.h>
#include <stdlib.h>

/* ---- memory ---- */

static void *claim(struct gpt *g, size_t size)
{
    void *p = g->a->alloc(g->a, size);
    if (p) g->used += size;
    else g->failed = true;
    return p;
}

static void put_turns(struct gpt *g)
{
    const size_t dim = g->spec.shape.dim / g->spec.shape.heads, n = g->spec.length * dim;
    float *turn = mem_alloc(n, sizeof *turn);
    accel_turns(g->spec.length, dim, g->spec.base, turn);
    g->a->put(g->a, g->w.turn, turn, n * sizeof *turn);
    free(turn);
}

struct gpt *gpt_open(const struct gpt_spec *s, enum gpt_use use, struct accel *a, struct err *e)
{
    if (!gpt_spec_check(s, e)) return NULL;
    struct gpt *g = mem_zero(1, sizeof *g);
    size_t activations;
    *g = (struct gpt){ .spec = *s, .use = use, .a = a, .n = gpt_n_parameters(s),
                       .n_matrices = gpt_n_matrix_parameters(s) };
    g->w.layer = mem_zero(s->shape.layers, sizeof *g->w.layer);
    for (int v = 0; v < (use == GPT_TRAIN ? GPT_VECTORS : 1); v++) g->vector[v] = claim(g, g->n * sizeof(float));
    g->block = claim(g, gpt_layout(s, use, &g->w, NULL, &activations));
    if (g->failed) {
        err_set(e, ERR_SYSTEM, "the device has no room for a model of %zu MiB", gpt_plan(s, use).total >> 20);
        gpt_close(g);
        return NULL;
    }
    gpt_layout(s, use, &g->w, g->block, &activations);
    put_turns(g);
    return g;
}

void gpt_close(struct gpt *g)
{
    if (!g) return;
    for (int v = 0; v < GPT_VECTORS; v++) if (g->vector[v]) g->a->free(g->a, g->vector[v]);
    if (g->block) g->a->free(g->a, g->block);
    free(g->w.layer);
    free(g);
}

const struct gpt_spec *gpt_spec_of(const struct gpt *g) { return &g->spec; }
size_t gpt_used(const struct gpt *g) { return g->used; }
bool gpt_sync(struct gpt *g, struct err *e) { return g->a->sync(g->a, e); }

/* ---- vectors ---- */

void gpt_get(const struct gpt *g, enum gpt_vector v, float *to)
{
    g->a->get(g->a, to, g->vector[v], g->n * sizeof *to);
}
void gpt_put(struct gpt *g, enum gpt_vector v, const float *from)
{
    g->a->put(g->a, g->vector[v], from, g->n * sizeof *from);
}

void gpt_copy(struct gpt *to, const struct gpt *from)
{
    float *host = mem_alloc(from->n, sizeof *host);
    gpt_get(from, GPT_WEIGHTS, host);
    gpt_put(to, GPT_WEIGHTS, host);
    free(host);
}

void gpt_seed(struct gpt *g, uint64_t seed)
{
    const double residual = 0.02 / sqrt(2 * (double)g->spec.shape.layers);
    for (size_t i = 0; i < gpt_n_tensors(&g->spec); i++) {
        const struct gpt_tensor t = gpt_tensor(&g->spec, i);
        const bool into_residual = strstr(t.name, "o_proj") || strstr(t.name, "down_proj"), norm = t.rows == 1;
        const size_t n = t.rows * t.cols;
        float *host = mem_alloc(n, sizeof *host);
        struct rng r = rng_init(seed, i);
        for (size_t k = 0; k < n; k++)
            host[k] = norm ? 1 : (float)(rng_normal(&r) * (into_residual ? residual : 0.02));
        g->a->put(g->a, g->vector[GPT_WEIGHTS] + t.at, host, n * sizeof *host);
        free(host);
    }
    for (int v = GPT_MOMENT1; v <= GPT_MOMENT2; v++)
        if (g->vector[v]) g->a->zero(g->a, g->vector[v], g->n * sizeof(float));
}

/* ---- steps ---- */

void gpt_zero(struct gpt *g) { g->a->zero(g->a, g->vector[GPT_GRADIENT], g->n * sizeof(float)); }
void gpt_scale(struct gpt *g, float factor) { g->a->scale(g->a, g->vector[GPT_GRADIENT], g->n, factor); }

double gpt_norm(struct gpt *g)
{
    double squares;
    g->a->dot(g->a, g->vector[GPT_GRADIENT], g->vector[GPT_GRADIENT], g->n, g->w.sum);
    g->a->get(g->a, &squares, g->w.sum, sizeof squares);
    return sqrt(squares);
}

void gpt_adamw(struct gpt *g, const struct adamw *o)
{
    struct adamw bare = *o;
    bare.decay = 0;
    float *const *v = g->vector;
    const size_t n = g->n_matrices;
    g->a->adamw(g->a, o, v[GPT_WEIGHTS], v[GPT_GRADIENT], v[GPT_MOMENT1], v[GPT_MOMENT2], n);
    g->a->adamw(g->a, &bare, v[GPT_WEIGHTS] + n, v[GPT_GRADIENT] + n, v[GPT_MOMENT1] + n, v[GPT_MOMENT2] + n, g->n - n);
}

double gpt_dot(int threads, const float *x, const float *y, size_t n)
{
    struct accel *a = accel_cpu(threads);
    double sum;
    a->dot(a, x, y, n, &sum);
    a->close(a);
    return sum;
}
