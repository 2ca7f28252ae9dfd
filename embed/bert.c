/* bert.c - weights to the device, the forward pass.
 * SPDX-License-Identifier: Apache-2.0 */
#include "embed/bert.h"

#include "record/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- weights ---- */

struct loader { struct bert *b; struct tensors *file; const char *prefix; struct err *e; };

/* Reads tensor `name` into `to` + at, (rows, cols); to is made on the device by the caller. */
static bool read_part(const struct loader *l, float *to, size_t at, const char *name, size_t rows, size_t cols)
{
    char full[200];
    snprintf(full, sizeof full, "%s%s", l->prefix, name);
    const struct tensor *t = tensors_want(l->file, full, rows, cols, l->e);
    if (!t) return false;
    float *host = mem_alloc(t->count, sizeof *host);
    bool ok = tensor_floats(t, host, l->e);
    if (ok) l->b->a->put(l->b->a, to + at, host, t->count * sizeof *host);
    free(host);
    return ok;
}

static float *make(const struct loader *l, size_t n)
{
    float *p = l->b->a->alloc(l->b->a, n * sizeof *p);
    if (!p) err_set(l->e, ERR_SYSTEM, "the device has no memory for the weights");
    return p;
}

static bool read_all(const struct loader *l, float **to, const char *name, size_t rows, size_t cols)
{
    return (*to = make(l, rows * (cols ? cols : 1))) && read_part(l, *to, 0, name, rows, cols);
}

static const char *in_layer(char name[200], size_t i, const char *rest)
{
    snprintf(name, 200, "encoder.layer.%zu.%s", i, rest);
    return name;
}

static bool read_qkv(const struct loader *l, struct bert_layer *y, size_t i)
{
    static const char *const parts[] = { "query", "key", "value" };
    size_t d = l->b->d;
    char name[200], rest[100];
    if (!(y->qkv = make(l, 3 * d * d)) || !(y->qkv_b = make(l, 3 * d))) return false;
    for (size_t p = 0; p < 3; p++) {
        snprintf(rest, sizeof rest, "attention.self.%s.weight", parts[p]);
        if (!read_part(l, y->qkv, p * d * d, in_layer(name, i, rest), d, d)) return false;
        snprintf(rest, sizeof rest, "attention.self.%s.bias", parts[p]);
        if (!read_part(l, y->qkv_b, p * d, in_layer(name, i, rest), d, 0)) return false;
    }
    return true;
}

static bool read_layer(const struct loader *l, size_t i)
{
    struct bert_layer *y = &l->b->layer[i];
    size_t d = l->b->d, inner = l->b->inner;
    const struct { float **to; const char *name; size_t rows, cols; } parts[] = {
        { &y->out, "attention.output.dense.weight", d, d },        { &y->out_b, "attention.output.dense.bias", d, 0 },
        { &y->norm1, "attention.output.LayerNorm.weight", d, 0 },  { &y->norm1_b, "attention.output.LayerNorm.bias", d, 0 },
        { &y->up, "intermediate.dense.weight", inner, d },         { &y->up_b, "intermediate.dense.bias", inner, 0 },
        { &y->down, "output.dense.weight", d, inner },             { &y->down_b, "output.dense.bias", d, 0 },
        { &y->norm2, "output.LayerNorm.weight", d, 0 },            { &y->norm2_b, "output.LayerNorm.bias", d, 0 },
    };
    char name[200];
    if (!read_qkv(l, y, i)) return false;
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
        if (!read_all(l, parts[p].to, in_layer(name, i, parts[p].name), parts[p].rows, parts[p].cols)) return false;
    return true;
}

static bool config_size(struct str config, const char *name, int64_t most, size_t *to, struct err *e)
{
    int64_t x;
    if (!json_integer(json_get(config, str_of(name)), &x) || x < 1 || x > most)
        return err_set(e, ERR_DATA, "config.json: no sound \"%s\"", name);
    *to = (size_t)x;
    return true;
}

static bool read_config(struct bert *b, struct str config, struct err *e)
{
    double eps = 1e-12;
    struct str act = json_get(config, S("hidden_act"));
    json_number(json_get(config, S("layer_norm_eps")), &eps);
    b->eps = (float)eps;
    if (!config_size(config, "hidden_size", 1 << 14, &b->d, e)
        || !config_size(config, "num_hidden_layers", BERT_LAYERS, &b->layers, e))
        return false;
    if (!config_size(config, "num_attention_heads", 1 << 10, &b->heads, e)
        || !config_size(config, "intermediate_size", 1 << 17, &b->inner, e))
        return false;
    if (!config_size(config, "vocab_size", 1 << 24, &b->vocab, e)
        || !config_size(config, "max_position_embeddings", 1 << 20, &b->positions, e))
        return false;
    if (b->d % b->heads) return err_set(e, ERR_DATA, "config.json: %zu columns for %zu heads", b->d, b->heads);
    if (act.p && !str_eq(act, S("\"gelu\"")))
        return err_set(e, ERR_DATA, "config.json: only \"gelu\" is known, not %.*s", (int)act.n, act.p);
    return true;
}

bool bert_load(struct bert *b, struct accel *a, struct tensors *file, struct str config, struct err *e)
{
    *b = (struct bert){ .a = a };
    struct loader l = { b, file, tensors_get(file, "bert.embeddings.word_embeddings.weight") ? "bert." : "", e };
    if (!read_config(b, config, e)) return false;
    bool ok = read_all(&l, &b->word, "embeddings.word_embeddings.weight", b->vocab, b->d)
        && read_all(&l, &b->position, "embeddings.position_embeddings.weight", b->positions, b->d)
        && (b->type = make(&l, 2 * b->d))
            && read_part(&l, b->type, 0, "embeddings.token_type_embeddings.weight", 2, b->d)
        && read_all(&l, &b->norm, "embeddings.LayerNorm.weight", b->d, 0)
            && read_all(&l, &b->norm_b, "embeddings.LayerNorm.bias", b->d, 0);
    for (size_t i = 0; ok && i < b->layers; i++) ok = read_layer(&l, i);
    return ok;
}

void bert_free(struct bert *b)
{
    if (!b->a) return;
    float *all[] = { b->word, b->position, b->type, b->norm, b->norm_b };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) b->a->free(b->a, all[i]);
    for (size_t i = 0; i < b->layers; i++) {
        struct bert_layer *y = &b->layer[i];
        float *part[] = { y->qkv, y->qkv_b, y->out, y->out_b, y->norm1, y->norm1_b, y->up, y->up_b, y->down, y->down_b,
                          y->norm2, y->norm2_b };
        for (size_t p = 0; p < sizeof part / sizeof *part; p++) b->a->free(b->a, part[p]);
    }
}

/* ---- forward ---- */

void bert_room_init(struct bert_room *r, const struct bert *b, struct accel *a, size_t tokens, size_t seqs)
{
    *r = (struct bert_room){ tokens, seqs, a->alloc(a, tokens * 4), a->alloc(a, tokens * 4),
                             a->alloc(a, (seqs + 1) * 4), a->alloc(a, tokens * b->d * 4),
                             a->alloc(a, tokens * b->d * 4), a->alloc(a, tokens * 3 * b->d * 4),
                             a->alloc(a, tokens * (b->inner > 3 * b->d ? b->inner : 3 * b->d) * 4),
                             a->alloc(a, tokens * b->heads * 4) };
}

void bert_room_free(struct bert_room *r, struct accel *a)
{
    void *all[] = { r->ids, r->places, r->start, r->x, r->y, r->qkv, r->inner, r->lse };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) a->free(a, all[i]);
}

/* y (T, out) = x (T, in; ld) w' + bias */
static void linear(struct accel *a, const float *x, size_t T, size_t in, size_t ld, const float *w, const float *bias,
                   size_t out, float *y)
{
    a->gemm(a, &(struct gemm){ false, true, false, T, out, in, ld, in, out }, x, w, y);
    a->bias(a, y, bias, T, out);
}

static void layer(const struct bert *b, struct accel *a, struct bert_room *r, const struct bert_layer *y,
                  const struct attention *t)
{
    size_t T = t->T, d = b->d;
    float *context = r->inner;                       /* (T, 3d): attention has one row length for all */
    linear(a, r->x, T, d, d, y->qkv, y->qkv_b, 3 * d, r->qkv);
    a->attention(a, t, r->qkv, r->qkv + d, r->qkv + 2 * d, context, r->lse);
    linear(a, context, T, d, 3 * d, y->out, y->out_b, d, r->y);
    a->add(a, r->y, r->x, T * d);
    a->layernorm(a, r->y, y->norm1, y->norm1_b, b->eps, T, d, r->x);
    linear(a, r->x, T, d, d, y->up, y->up_b, b->inner, r->inner);
    a->gelu(a, r->inner, T * b->inner, r->inner);
    linear(a, r->inner, T, b->inner, b->inner, y->down, y->down_b, d, r->y);
    a->add(a, r->y, r->x, T * d);
    a->layernorm(a, r->y, y->norm2, y->norm2_b, b->eps, T, d, r->x);
}

void bert_forward(const struct bert *b, struct accel *a, struct bert_room *r, const int32_t *ids, const int32_t *start,
                  size_t n_seqs, float *hidden)
{
    size_t T = (size_t)start[n_seqs], longest = 0;
    int32_t *places = mem_alloc(T, sizeof *places);
    for (size_t s = 0; s < n_seqs; s++) {
        size_t n = (size_t)(start[s + 1] - start[s]);
        for (size_t i = 0; i < n; i++) places[(size_t)start[s] + i] = (int32_t)i;
        if (n > longest) longest = n;
    }
    a->put(a, r->ids, ids, T * 4);
    a->put(a, r->places, places, T * 4);
    a->put(a, r->start, start, (n_seqs + 1) * 4);
    free(places);
    struct attention t = { n_seqs, T, b->heads, b->d / b->heads, 3 * b->d, false,
                           (float)(1 / sqrt((double)(b->d / b->heads))), r->start, longest };
    a->gather(a, b->word, r->ids, T, b->d, r->y);
    a->gather(a, b->position, r->places, T, b->d, r->x);
    a->add(a, r->y, r->x, T * b->d);
    a->bias(a, r->y, b->type, T, b->d);
    a->layernorm(a, r->y, b->norm, b->norm_b, b->eps, T, b->d, r->x);
    for (size_t i = 0; i < b->layers; i++) layer(b, a, r, &b->layer[i], &t);
    a->get(a, hidden, r->x, T * b->d * 4);
}
