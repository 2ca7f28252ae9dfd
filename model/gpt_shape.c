/* gpt_shape.c - the table of sizes; where each matrix and each buffer lies.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   parameters:  embedding (vocab, dim) | per layer: Wq Wk Wv (dim, dim) each, Wo (dim, dim), Wgate Wup (inner, dim), Wdown (dim, inner)
 *                | per layer: two norms (dim) | the last norm (dim)
 *
 * Matrices come first, so AdamW decays one stretch and leaves the other. Wq, Wk, Wv are one (3 dim, dim), Wgate and Wup one (2 inner, dim).
 */
#include "model/gpt_model.h"

#include <stdio.h>

const struct gpt_shape gpt_shapes[] = {
    /* name  layers heads  dim inner      parameters, with a vocabulary of */
    { "nano",     4,    4, 128,  352 },  /*    1.1 M,   2048 */
    { "micro",    5,    4, 256,  704 },  /*    5.1 M,   4096 */
    { "mini",     8,    6, 384, 1024 },  /*   20.4 M,  16384 */
    { "small",   12,   12, 768, 2048 },  /*  123.5 M,  50257 */
};
const size_t n_gpt_shapes = sizeof gpt_shapes / sizeof *gpt_shapes;

const struct gpt_shape *gpt_shape_named(struct str name)
{
    for (size_t i = 0; i < n_gpt_shapes; i++) if (str_eq(name, str_of(gpt_shapes[i].name))) return &gpt_shapes[i];
    return NULL;
}

struct gpt_spec gpt_spec(const struct gpt_shape *shape, size_t vocab, size_t rows, size_t length)
{
    return (struct gpt_spec){ .shape = *shape, .vocab = vocab, .rows = rows, .length = length, .base = 10000,
                              .eps = 1e-5f };
}

bool gpt_spec_check(const struct gpt_spec *s, struct err *e)
{
    const struct gpt_shape *h = &s->shape;
    if (!h->layers || h->layers > 1000 || !h->heads || !h->dim || h->dim > 1 << 16 || !h->inner || h->inner > 1 << 18)
        return err_set(e, ERR_DATA, "a transformer of %zu layers, %zu heads, %zu and %zu wide is none that this builds",
                       h->layers, h->heads, h->dim, h->inner);
    if (h->dim % h->heads || h->dim / h->heads % 2)
        return err_set(e, ERR_DATA, "%zu heads do not divide %zu into even parts", h->heads, h->dim);
    if (s->vocab < 2 || s->vocab > 1 << 24)
        return err_set(e, ERR_DATA, "a vocabulary of %zu is outside [2, 2^24]", s->vocab);
    if (!s->rows || !s->length || s->rows > 1 << 20 || s->length > 1 << 20 || s->rows * s->length > 1 << 26)
        return err_set(e, ERR_DATA, "%zu rows of %zu tokens are more than one call takes", s->rows, s->length);
    return true;
}

/* ---- parameters ---- */

enum { MATRICES = 7, NORMS = 2 };                    /* tensors of a layer */

static size_t layer_matrices(const struct gpt_shape *h) { return 4 * h->dim * h->dim + 3 * h->dim * h->inner; }
size_t gpt_n_matrix_parameters(const struct gpt_spec *s)
{
    return s->vocab * s->shape.dim + s->shape.layers * layer_matrices(&s->shape);
}
size_t gpt_n_parameters(const struct gpt_spec *s) { return gpt_at_final_norm(s) + s->shape.dim; }
size_t gpt_at_final_norm(const struct gpt_spec *s)
{
    return gpt_n_matrix_parameters(s) + NORMS * s->shape.layers * s->shape.dim;
}

size_t gpt_at(const struct gpt_spec *s, size_t l, enum gpt_part part)
{
    const size_t d = s->shape.dim, inner = s->shape.inner, at = s->vocab * d + l * layer_matrices(&s->shape);
    const size_t norms = gpt_n_matrix_parameters(s) + NORMS * l * d;
    const size_t to[] = { [GPT_QKV] = at, [GPT_O] = at + 3 * d * d, [GPT_GATE_UP] = at + 4 * d * d,
                          [GPT_DOWN] = at + 4 * d * d + 2 * inner * d, [GPT_NORM] = norms, [GPT_NORM_MID] = norms + d };
    return to[part];
}

size_t gpt_n_tensors(const struct gpt_spec *s) { return 2 + (MATRICES + NORMS) * s->shape.layers; }

static struct gpt_tensor layer_tensor(const struct gpt_spec *s, size_t l, size_t i)
{
    const size_t d = s->shape.dim, inner = s->shape.inner, qkv = gpt_at(s, l, GPT_QKV);
    const struct { const char *name; size_t at, rows, cols; } all[MATRICES + NORMS] = {
        { "self_attn.q_proj", qkv, d, d }, { "self_attn.k_proj", qkv + d * d, d, d }, { "self_attn.v_proj", qkv + 2 * d * d, d, d },
        { "self_attn.o_proj", gpt_at(s, l, GPT_O), d, d }, { "mlp.gate_proj", gpt_at(s, l, GPT_GATE_UP), inner, d },
        { "mlp.up_proj", gpt_at(s, l, GPT_GATE_UP) + inner * d, inner, d }, { "mlp.down_proj", gpt_at(s, l, GPT_DOWN), d, inner },
        { "input_layernorm", gpt_at(s, l, GPT_NORM), 1, d }, { "post_attention_layernorm", gpt_at(s, l, GPT_NORM_MID), 1, d },
    };
    struct gpt_tensor t = { .at = all[i].at, .rows = all[i].rows, .cols = all[i].cols };
    snprintf(t.name, sizeof t.name, "model.layers.%zu.%s.weight", l, all[i].name);
    return t;
}

struct gpt_tensor gpt_tensor(const struct gpt_spec *s, size_t i)
{
    const size_t layers = s->shape.layers;
    if (i == 0) return (struct gpt_tensor){ "model.embed_tokens.weight", 0, s->vocab, s->shape.dim };
    if (--i < MATRICES * layers) return layer_tensor(s, i / MATRICES, i % MATRICES);
    i -= MATRICES * layers;
    if (i < NORMS * layers) return layer_tensor(s, i / NORMS, MATRICES + i % NORMS);
    return (struct gpt_tensor){ "model.norm.weight", gpt_at_final_norm(s), 1, s->shape.dim };
}

/* ---- activations ---- */

enum { ALIGN = 64 };
static const size_t HEAD_LOGITS = 1 << 22;           /* floats: 16 MiB */
static const size_t HEAD_ROWS_LEAST = 128;           /* fewer would read the embedding for too little work */
enum { HEAD_SHARE = 4 };                             /* of the tokens at most a quarter */

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

size_t gpt_head_rows(const struct gpt_spec *s)
{
    const size_t n = s->rows * s->length, rows = least(HEAD_LOGITS / s->vocab, n / HEAD_SHARE);
    return least(n, rows < HEAD_ROWS_LEAST ? HEAD_ROWS_LEAST : rows);
}

struct carve { char *base; size_t at; };

static void *carve(struct carve *c, size_t n, size_t size)
{
    char *p = c->base ? c->base + c->at : NULL;
    c->at += (n * size + ALIGN - 1) / ALIGN * ALIGN;
    return p;
}
static float *carve_floats(struct carve *c, size_t n) { return carve(c, n, sizeof(float)); }

static struct gpt_layer carve_layer(struct carve *c, const struct gpt_spec *s)
{
    const size_t n = s->rows * s->length, d = s->shape.dim, inner = s->shape.inner;
    struct gpt_layer l;
    l.x = carve_floats(c, n * d), l.h = carve_floats(c, n * d), l.rstd = carve_floats(c, n);
    l.qkv = carve_floats(c, n * 3 * d), l.lse = carve_floats(c, n * s->shape.heads), l.att = carve_floats(c, n * d);
    l.x_mid = carve_floats(c, n * d), l.h_mid = carve_floats(c, n * d), l.rstd_mid = carve_floats(c, n);
    l.gate_up = carve_floats(c, n * 2 * inner), l.act = carve_floats(c, n * inner);
    return l;
}

size_t gpt_layout(const struct gpt_spec *s, enum gpt_use use, struct gpt_work *w, char *base, size_t *activations)
{
    struct carve c = { base, 0 };
    const size_t n = s->rows * s->length, d = s->shape.dim, inner = s->shape.inner;
    for (size_t l = 0; l < s->shape.layers; l++) {
        const bool shared = use == GPT_INFER && l;
        struct gpt_layer layer = shared && w->layer ? w->layer[0] : (struct gpt_layer){ 0 };
        if (!shared) layer = carve_layer(&c, s);
        if (w->layer) w->layer[l] = layer;
    }
    w->x = carve_floats(&c, n * d), w->h = carve_floats(&c, n * d), w->rstd = carve_floats(&c, n);
    *activations = c.at;
    w->ids = carve(&c, n, 4), w->target = carve(&c, n, 4), w->start = carve(&c, s->rows + 1, 4);
    w->turn = carve_floats(&c, s->length * (d / s->shape.heads));
    w->weight = carve_floats(&c, n), w->loss = carve_floats(&c, n);
    w->logits = carve_floats(&c, gpt_head_rows(s) * s->vocab);
    w->sum = carve(&c, 1, sizeof *w->sum);
    if (use == GPT_TRAIN) {
        struct gpt_back *b = &w->back;
        b->dx = carve_floats(&c, n * d), b->dh = carve_floats(&c, n * d), b->dqkv = carve_floats(&c, n * 3 * d),
        b->datt = carve_floats(&c, n * d);
        b->dgate_up = carve_floats(&c, n * 2 * inner), b->dact = carve_floats(&c, n * inner);
    }
    return c.at;
}

struct gpt_plan gpt_plan(const struct gpt_spec *s, enum gpt_use use)
{
    struct gpt_work none = { 0 };
    struct gpt_plan p = { .parameters = gpt_n_parameters(s) * sizeof(float) };
    p.training = use == GPT_TRAIN ? (GPT_VECTORS - 1) * p.parameters : 0;
    p.scratch = gpt_layout(s, use, &none, NULL, &p.activations) - p.activations;
    p.total = p.parameters + p.training + p.activations + p.scratch;
    return p;
}
