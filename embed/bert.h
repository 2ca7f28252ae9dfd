/* bert.h - BERT encoders: post-layer-norm transformers with learned positions.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Devlin et al. 2019; MiniLM, BGE, E5, GTE differ in size, in pooling, and in names before "embeddings." and
 * "encoder.":
 *
 *     x = norm(word[id] + position[i] + type[0])
 *     layer: x = norm(x + out(attention(q(x), k(x), v(x))));  x = norm(x + down(gelu(up(x))))
 *
 * Sequences are packed one after another, no padding; every result is that of the sequence alone.
 */
#ifndef EMBED_BERT_H
#define EMBED_BERT_H
#include "accel/accel.h"
#include "model/safetensors.h"

enum { BERT_LAYERS = 48 };
struct bert_layer { float *qkv, *qkv_b, *out, *out_b, *norm1, *norm1_b, *up, *up_b, *down, *down_b, *norm2, *norm2_b; };
struct bert {
    struct accel *a;                 /* owns the weights */
    size_t d, heads, layers, inner, vocab, positions;
    float eps;
    float *word, *position, *type, *norm, *norm_b;
    struct bert_layer layer[BERT_LAYERS];
};
/* one forward's memory, on a device */
struct bert_room { size_t tokens, seqs; int32_t *ids, *places, *start; float *x, *y, *qkv, *inner, *lse; };

bool bert_load(struct bert *b, struct accel *a, struct tensors *file, struct str config, struct err *e) MUST_CHECK;
void bert_free(struct bert *b);
void bert_room_init(struct bert_room *r, const struct bert *b, struct accel *a, size_t tokens, size_t seqs);
void bert_room_free(struct bert_room *r, struct accel *a);

/* ids: T tokens of n_seqs sequences, start (n_seqs+1), each at most b->positions long. hidden: (T, d) on the host. */
void bert_forward(const struct bert *b, struct accel *a, struct bert_room *r, const int32_t *ids, const int32_t *start,
                  size_t n_seqs, float *hidden);

#endif
