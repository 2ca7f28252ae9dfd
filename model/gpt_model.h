/* gpt_model.h - inside a transformer: where its vectors and activations lie. For gpt*.c only.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_GPT_MODEL_H
#define MODEL_GPT_MODEL_H
#include "model/gpt.h"

/* What a layer's forward leaves for its backward. N = rows * length. */
struct gpt_layer {
    float *x, *h, *rstd;                 /* input (N, dim); normed (N, dim); 1 / rms (N) */
    float *qkv, *lse, *att;              /* rotated (N, 3 dim); (N, heads); (N, dim) */
    float *x_mid, *h_mid, *rstd_mid;     /* after attention, likewise */
    float *gate_up, *act;                /* (N, 2 inner); (N, inner) */
};

/* What the gradient needs while it goes through one layer. */
struct gpt_back { float *dx, *dh, *dqkv, *datt, *dgate_up, *dact; };

struct gpt_work {
    int32_t *ids, *target, *start;       /* (N), (N), (rows + 1) */
    float *turn;                         /* (length, head dim): accel's rope */
    float *weight, *loss;                /* (N) */
    struct gpt_layer *layer;             /* (layers): all the same buffers when inferring, but for x */
    float *x, *h, *rstd;                 /* after the last layer; normed */
    float *logits;                       /* (head_rows, vocab) */
    double *sum;                         /* (1) */
    struct gpt_back back;
};

struct gpt {
    struct gpt_spec spec;
    enum gpt_use use;
    struct accel *a;
    size_t n, n_matrices, used;          /* parameters; of these in matrices: they come first */
    float *vector[GPT_VECTORS];          /* (n) each; all but the weights NULL when inferring */
    void *block;                         /* the work's memory */
    struct gpt_work w;
    struct attention seqs;               /* of the rows now in work */
    size_t rows, length;
    bool failed;                         /* the device had no memory */
};

/* Lays the work out from `base` (or from NULL, to measure); returns its bytes. */
size_t gpt_layout(const struct gpt_spec *s, enum gpt_use use, struct gpt_work *w, char *base, size_t *activations);
size_t gpt_head_rows(const struct gpt_spec *s);                        /* tokens whose logits are held at once */
size_t gpt_n_matrix_parameters(const struct gpt_spec *s);

/* Where the weights of layer l begin; the same place in the gradient. */
enum gpt_part { GPT_QKV, GPT_O, GPT_GATE_UP, GPT_DOWN, GPT_NORM, GPT_NORM_MID };
size_t gpt_at(const struct gpt_spec *s, size_t l, enum gpt_part part);
size_t gpt_at_final_norm(const struct gpt_spec *s);

#endif
