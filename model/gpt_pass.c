/* gpt_pass.c - tokens through the layers and back.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every gradient is the transpose of its forward line, in reverse order; what a line needs was kept by the forward. */
#include "model/gpt_model.h"

#include "core/arena.h"

#include <math.h>
#include <stdlib.h>

static const float *weights(const struct gpt *g, size_t l, enum gpt_part part)
{
    return g->vector[GPT_WEIGHTS] + gpt_at(&g->spec, l, part);
}
static float *gradient(const struct gpt *g, size_t l, enum gpt_part part)
{
    return g->vector[GPT_GRADIENT] + gpt_at(&g->spec, l, part);
}
static size_t tokens(const struct gpt *g) { return g->rows * g->length; }

/* y (N, out) = x (N, in) W', W (out, in). */
static void linear(const struct gpt *g, const float *x, const float *w, size_t in, size_t out, float *y)
{
    g->a->gemm(g->a, &(struct gemm){ false, true, false, tokens(g), out, in, in, in, out }, x, w, y);
}

/* dx = dy W; dW += dy' x. */
static void linear_back(const struct gpt *g, const float *dy, const float *x, const float *w, size_t in, size_t out,
                        float *dx, float *dw)
{
    g->a->gemm(g->a, &(struct gemm){ false, false, false, tokens(g), in, out, out, in, in }, dy, w, dx);
    g->a->gemm(g->a, &(struct gemm){ true, false, true, out, in, tokens(g), out, in, in }, dy, x, dw);
}

/* ---- forward ---- */

static void layer_forward(const struct gpt *g, size_t l, float *out)
{
    const struct gpt_layer *y = &g->w.layer[l];
    const size_t n = tokens(g), d = g->spec.shape.dim, inner = g->spec.shape.inner;
    struct accel *a = g->a;
    struct attention qk = g->seqs;
    qk.heads *= 2;                                   /* q and k lie side by side */

    a->rmsnorm(a, y->x, weights(g, l, GPT_NORM), g->spec.eps, n, d, y->h, y->rstd);
    linear(g, y->h, weights(g, l, GPT_QKV), d, 3 * d, y->qkv);
    a->rope(a, &qk, y->qkv, g->w.turn, 1);
    a->attention(a, &g->seqs, y->qkv, y->qkv + d, y->qkv + 2 * d, y->att, y->lse);
    linear(g, y->att, weights(g, l, GPT_O), d, d, y->x_mid);
    a->add(a, y->x_mid, y->x, n * d);

    a->rmsnorm(a, y->x_mid, weights(g, l, GPT_NORM_MID), g->spec.eps, n, d, y->h_mid, y->rstd_mid);
    linear(g, y->h_mid, weights(g, l, GPT_GATE_UP), d, 2 * inner, y->gate_up);
    a->swiglu(a, y->gate_up, n, inner, y->act);
    linear(g, y->act, weights(g, l, GPT_DOWN), inner, d, out);
    a->add(a, out, y->x_mid, n * d);
}

static void body(struct gpt *g)
{
    const struct gpt_work *w = &g->w;
    const size_t n = tokens(g), d = g->spec.shape.dim, layers = g->spec.shape.layers;
    g->a->gather(g->a, g->vector[GPT_WEIGHTS], w->ids, n, d, w->layer[0].x);
    for (size_t l = 0; l < layers; l++) layer_forward(g, l, l + 1 < layers ? w->layer[l + 1].x : w->x);
    g->a->rmsnorm(g->a, w->x, g->vector[GPT_WEIGHTS] + gpt_at_final_norm(&g->spec), g->spec.eps, n, d, w->h, w->rstd);
}

/* ---- backward ---- */

static void layer_back(const struct gpt *g, size_t l)
{
    const struct gpt_layer *y = &g->w.layer[l];
    const struct gpt_back *b = &g->w.back;
    const size_t n = tokens(g), d = g->spec.shape.dim, inner = g->spec.shape.inner;
    struct accel *a = g->a;
    struct attention qk = g->seqs;
    qk.heads *= 2;

    linear_back(g, b->dx, y->act, weights(g, l, GPT_DOWN), inner, d, b->dact, gradient(g, l, GPT_DOWN));
    a->swiglu_back(a, b->dact, y->gate_up, n, inner, b->dgate_up);
    linear_back(g, b->dgate_up, y->h_mid, weights(g, l, GPT_GATE_UP), d, 2 * inner, b->dh, gradient(g, l, GPT_GATE_UP));
    a->rmsnorm_back(a, b->dh, y->x_mid, weights(g, l, GPT_NORM_MID), y->rstd_mid, n, d, b->dx,
                    gradient(g, l, GPT_NORM_MID));

    linear_back(g, b->dx, y->att, weights(g, l, GPT_O), d, d, b->datt, gradient(g, l, GPT_O));
    a->attention_back(a, &g->seqs, b->datt, y->qkv, y->qkv + d, y->qkv + 2 * d, y->att, y->lse, b->dqkv, b->dqkv + d,
                      b->dqkv + 2 * d);
    a->rope(a, &qk, b->dqkv, g->w.turn, -1);
    linear_back(g, b->dqkv, y->h, weights(g, l, GPT_QKV), d, 3 * d, b->dh, gradient(g, l, GPT_QKV));
    a->rmsnorm_back(a, b->dh, y->x, weights(g, l, GPT_NORM), y->rstd, n, d, b->dx, gradient(g, l, GPT_NORM));
}

static void body_back(struct gpt *g)
{
    const struct gpt_work *w = &g->w;
    const size_t n = tokens(g), d = g->spec.shape.dim, norm = gpt_at_final_norm(&g->spec);
    g->a->zero(g->a, w->back.dx, n * d * sizeof(float));
    g->a->rmsnorm_back(g->a, w->back.dh, w->x, g->vector[GPT_WEIGHTS] + norm, w->rstd, n, d, w->back.dx,
                       g->vector[GPT_GRADIENT] + norm);
    for (size_t l = g->spec.shape.layers; l-- > 0; ) layer_back(g, l);
    g->a->scatter(g->a, w->back.dx, w->ids, n, d, g->vector[GPT_GRADIENT]);
}

/* ---- the head: logits of some tokens at a time, never of all ---- */

static void head(struct gpt *g, bool back)
{
    const struct gpt_work *w = &g->w;
    const size_t n = tokens(g), d = g->spec.shape.dim, V = g->spec.vocab, step = gpt_head_rows(&g->spec);
    struct accel *a = g->a;
    for (size_t at = 0; at < n; at += step) {
        const size_t m = n - at < step ? n - at : step;
        const float *h = w->h + at * d;
        a->gemm(a, &(struct gemm){ false, true, false, m, V, d, d, d, V }, h, g->vector[GPT_WEIGHTS], w->logits);
        a->xent(a, w->logits, w->target + at, w->weight + at, m, V, w->loss + at, back ? w->logits : NULL);
        if (!back) continue;
        a->gemm(a, &(struct gemm){ false, false, false, m, d, V, V, d, d }, w->logits, g->vector[GPT_WEIGHTS],
                w->back.dh + at * d);
        a->gemm(a, &(struct gemm){ true, false, true, V, d, m, V, d, d }, w->logits, h, g->vector[GPT_GRADIENT]);
    }
}

/* ---- what callers call ---- */

static void put_rows(struct gpt *g, struct gpt_rows r)
{
    const struct gpt_work *w = &g->w;
    const size_t n = r.rows * r.length;
    int32_t *ids = mem_alloc(2 * n, sizeof *ids), *target = ids + n, *start = mem_alloc(r.rows + 1, sizeof *start);
    for (size_t i = 0; i < r.rows; i++)
        for (size_t k = 0; k < r.length; k++) {
            const int32_t *t = r.tokens + i * (r.length + 1) + k;
            ids[i * r.length + k] = t[0] < 0 ? 0 : t[0];
            target[i * r.length + k] = t[1];
        }
    for (size_t i = 0; i <= r.rows; i++) start[i] = (int32_t)(i * r.length);
    g->rows = r.rows, g->length = r.length;
    g->a->put(g->a, w->ids, ids, n * sizeof *ids);
    g->a->put(g->a, w->target, target, n * sizeof *target);
    g->a->put(g->a, w->start, start, (r.rows + 1) * sizeof *start);
    const size_t d = g->spec.shape.dim, dim = d / g->spec.shape.heads;
    g->seqs = (struct attention){ .n_seqs = r.rows, .T = n, .heads = g->spec.shape.heads, .dim = dim, .ld = 3 * d,
                                  .causal = true,
                                  .scale = (float)(1 / sqrt((double)dim)), .start = w->start, .longest = r.length,
                                  .out_ld = d };
    free(ids), free(start);
}

static void put_weight(struct gpt *g, const float *weight)
{
    g->a->put(g->a, g->w.weight, weight, tokens(g) * sizeof *weight);
}
static void get_loss(struct gpt *g, float *loss) { g->a->get(g->a, loss, g->w.loss, tokens(g) * sizeof *loss); }

void gpt_forward(struct gpt *g, struct gpt_rows r, float *loss)
{
    put_rows(g, r);
    body(g);
    head(g, false);
    get_loss(g, loss);
}

void gpt_backward(struct gpt *g, const float *weight)
{
    put_weight(g, weight);
    head(g, true);
    body_back(g);
}

void gpt_learn(struct gpt *g, struct gpt_rows r, const float *weight, float *loss)
{
    put_rows(g, r);
    put_weight(g, weight);
    body(g);
    head(g, true);
    body_back(g);
    get_loss(g, loss);
}

void gpt_hidden(struct gpt *g, struct gpt_rows r, float *to)
{
    put_rows(g, r);
    body(g);
    g->a->get(g->a, to, g->w.h, tokens(g) * g->spec.shape.dim * sizeof *to);
}

void gpt_logits(struct gpt *g, struct gpt_rows r, const size_t *at, float *to)
{
    const size_t d = g->spec.shape.dim, V = g->spec.vocab;
    put_rows(g, r);
    body(g);
    for (size_t i = 0; i < r.rows; i++) {
        g->a->gemm(g->a, &(struct gemm){ false, true, false, 1, V, d, d, d, V }, g->w.h + (i * r.length + at[i]) * d,
                   g->vector[GPT_WEIGHTS], g->w.logits);
        g->a->get(g->a, to + i * V, g->w.logits, V * sizeof *to);
    }
}
