/* gpt.h - a small decoder-only transformer: losses, gradients and steps, by hand over accel.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     x = E[token]                                             (N, dim), N = rows * length
 *     a layer:  x += Wo attention(rope(Wq h), rope(Wk h), Wv h)       h = rms(x) * w
 *               x += Wdown (silu(Wgate h) * (Wup h))                   h = rms(x) * w
 *     loss = -log softmax(E (rms(x) * w))[next token]
 *
 * Llama's block (Touvron et al. 2023: RMSNorm before, rotary positions, SwiGLU, no biases), the embedding tied to the
 * head. Logits are made for some tokens at a time, turned into their gradient in place and used: 16 MiB of them,
 * or a quarter of the batch's, or 128 tokens' where that is more. A batch's logits are never all there. Parameters are
 * one flat vector of float32, so are the gradient and AdamW's two moments: gpt_tensor() says where each matrix lies.
 * The same bits for any number of threads.
 *
 *     struct gpt_spec s = gpt_spec(gpt_shape_named(S("nano")), 32768, 8, 256);
 *     struct gpt *g = gpt_open(&s, GPT_TRAIN, accel, e);                  the accel is kept, not owned
 *     gpt_seed(g, 7);
 *     for (int step = 1; step <= 100; step++) {
 *         gpt_zero(g);
 *         gpt_learn(g, (struct gpt_rows){ tokens, 8, 256 }, weight, loss);
 *         gpt_adamw(g, &(struct adamw){ 1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, step });
 *     }
 *     if (!gpt_sync(g, e)) ...
 *     gpt_close(g);
 *
 * Operations are queued as accel's are; gpt_sync tells what failed. Those that fill host memory have waited for it.
 */
#ifndef MODEL_GPT_H
#define MODEL_GPT_H
#include "accel/accel.h"
#include "core/str.h"

/* ---- sizes ---- */
struct gpt_shape { const char *name; size_t layers, heads, dim, inner; };
/* nano, micro, mini, small: 1, 5, 20, 124 million parameters */
extern const struct gpt_shape gpt_shapes[];
extern const size_t n_gpt_shapes;
const struct gpt_shape *gpt_shape_named(struct str name);              /* NULL: none of that name */

struct gpt_spec {
    struct gpt_shape shape;
    size_t vocab, rows, length;          /* rows and length: the most that one call is given */
    float base, eps;                     /* of rotary positions, of RMSNorm */
};
struct gpt_spec gpt_spec(const struct gpt_shape *shape, size_t vocab, size_t rows, size_t length);
bool gpt_spec_check(const struct gpt_spec *s, struct err *e) MUST_CHECK;

/* Matrix i of the flat vector, rows x cols as PyTorch's Linear has them (out, in); a norm is (1, dim). name: Hugging
 * Face's for Llama. */
struct gpt_tensor { char name[64]; size_t at, rows, cols; };
size_t gpt_n_tensors(const struct gpt_spec *s);
struct gpt_tensor gpt_tensor(const struct gpt_spec *s, size_t i);
/* of the flat vector; the embedding counts once */
size_t gpt_n_parameters(const struct gpt_spec *s);

/* ---- a model ---- */
enum gpt_use { GPT_INFER, GPT_TRAIN };                                 /* GPT_INFER: forward only, less memory */
enum gpt_vector { GPT_WEIGHTS, GPT_GRADIENT, GPT_MOMENT1, GPT_MOMENT2, GPT_VECTORS };
/* bytes on the device; training: gradient and moments */
struct gpt_plan { size_t parameters, training, activations, scratch, total; };
struct gpt_plan gpt_plan(const struct gpt_spec *s, enum gpt_use use);

struct gpt;
/* NULL with e set; weights are 0 */
struct gpt *gpt_open(const struct gpt_spec *s, enum gpt_use use, struct accel *a, struct err *e) MUST_CHECK;
void gpt_close(struct gpt *g);
const struct gpt_spec *gpt_spec_of(const struct gpt *g);
/* bytes it asked the device for: gpt_plan's total */
size_t gpt_used(const struct gpt *g);

/* normal(0, 0.02), into the residual 0.02 / sqrt(2 layers); norms 1; moments 0 */
void gpt_seed(struct gpt *g, uint64_t seed);
void gpt_copy(struct gpt *to, const struct gpt *from);                 /* weights; shape and vocabulary must be equal */
void gpt_get(const struct gpt *g, enum gpt_vector v, float *to);       /* gpt_n_parameters floats, on the host */
void gpt_put(struct gpt *g, enum gpt_vector v, const float *from);
bool gpt_sync(struct gpt *g, struct err *e) MUST_CHECK;

/* ---- work: tokens are (rows, length + 1), row i's inputs the first length of them, its targets the last length; loss
 * and      weight are (rows, length). Tokens are below the
 *      vocabulary; a target below 0 counts for nothing, an input below 0 reads as 0. ---- */
struct gpt_rows { const int32_t *tokens; size_t rows, length; };

/* loss in nats, a token each */
void gpt_forward(struct gpt *g, struct gpt_rows r, float *loss);
/* gradient += sum of weight * d loss; once after gpt_forward */
void gpt_backward(struct gpt *g, const float *weight);
/* both at once, faster: where weight does not hang on loss */
void gpt_learn(struct gpt *g, struct gpt_rows r, const float *weight, float *loss);
/* (rows, length, dim): what the head would see */
void gpt_hidden(struct gpt *g, struct gpt_rows r, float *to);
/* (rows, vocab) after input at[row] of each row */
void gpt_logits(struct gpt *g, struct gpt_rows r, const size_t *at, float *to);

void gpt_zero(struct gpt *g);                                          /* the gradient */
double gpt_norm(struct gpt *g);                                        /* of the gradient, Euclidean */
void gpt_scale(struct gpt *g, float factor);                           /* the gradient */
void gpt_adamw(struct gpt *g, const struct adamw *o);                  /* decay on matrices, not on norms */

/* Of two flat vectors on the host, in double, summed in fixed chunks. */
double gpt_dot(int threads, const float *x, const float *y, size_t n);

#endif
