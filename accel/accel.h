/* accel.h - the operations on floats that a device provides, and how one is chosen.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     struct accel *a = accel_open("auto", 4, e);
 *     float *x = a->alloc(a, n * 4);
 *     a->put(a, x, host, n * 4);
 *     a->gelu(a, x, n, x);
 *     a->get(a, host, x, n * 4);
 *     if (!a->sync(a, e)) ...
 *     a->close(a);
 *
 * "cpu" is linked in and is the definition; "cuda" is accel-cuda.so beside the program, or where $TAMIS_ACCEL says;
 * "emulated" is the same CUDA source run on the CPU, slowly, for tests; "auto" is cuda where it works, else cpu.
 *
 * Operations are queued in order and return nothing: the first that failed is told by sync(). Memory of a device is the
 * device's: reach it by put and get only. All float32, row-major. One thread at a time may use a device.
 * Names of sizes: n rows, d columns, T tokens, H heads, V vocabulary. `+=` marks what is added to.
 */
#ifndef ACCEL_ACCEL_H
#define ACCEL_ACCEL_H
#ifdef __cplusplus
extern "C" {
#endif
#include "accel/gemm.h"
#include "core/err.h"

#include <stdint.h>

enum { ACCEL_ABI = 4 };

/* Sequences lie one after another without padding: sequence s is tokens [start[s], start[s+1]). q, k, v and their
 * gradients: (T, ld),
   head h at columns h*dim; out and dout: (T, out_ld), or (T, ld) when out_ld is 0. start: (n_seqs+1) on the device. */
struct attention {
    size_t n_seqs, T, heads, dim, ld;
    bool causal;
    float scale;
    const int32_t *start;
    size_t longest, out_ld;
};
struct adamw { float rate, beta1, beta2, eps, decay; int step; };     /* step counts from 1 */

struct accel {
    int abi, threads;
    const char *name;
    /* the caller's wish: products may round their operands to bfloat16, sums stay float32; the CPU does not */
    bool bf16;

    void *(*alloc)(struct accel *a, size_t size);                      /* zeroed; NULL when the device has no more */
    void (*free)(struct accel *a, void *p);
    void (*put)(struct accel *a, void *device, const void *host, size_t size);   /* host may be used again at once */
    void (*get)(struct accel *a, void *host, const void *device, size_t size);   /* waits for it */
    void (*zero)(struct accel *a, void *p, size_t size);
    /* waits for all; what failed since the last sync */
    bool (*sync)(struct accel *a, struct err *e);
    void (*close)(struct accel *a);

    void (*gemm)(struct accel *a, const struct gemm *g, const float *A, const float *B, float *C);
    /* best[i] = argmax over j of x_i.c_j - half[j], of equal ones the least j; score[i] is that maximum. x (n, d), c
     * (k, d). */
    void (*nearest)(struct accel *a, const float *x, size_t n, const float *c, const float *half, size_t k, size_t d,
                    int32_t *best, float *score);

    void (*add)(struct accel *a, float *y, const float *x, size_t n);                                      /* y += x */
    void (*scale)(struct accel *a, float *x, size_t n, float by);                                          /* x *= by */
    /* *sum (on the device) = x.y, in fixed chunks */
    void (*dot)(struct accel *a, const float *x, const float *y, size_t n, double *sum);
    /* y (n, d) += b (d) in every row */
    void (*bias)(struct accel *a, float *y, const float *b, size_t n, size_t d);
    /* db += column sums of dy */
    void (*bias_back)(struct accel *a, const float *dy, size_t n, size_t d, float *db);
    /* y[i] = table[ids[i]] */
    void (*gather)(struct accel *a, const float *table, const int32_t *ids, size_t n, size_t d, float *y);
    /* dt[ids[i]] += dy[i], i in order */
    void (*scatter)(struct accel *a, const float *dy, const int32_t *ids, size_t n, size_t d, float *dt);

    void (*layernorm)(struct accel *a, const float *x, const float *w, const float *b, float eps, size_t n, size_t d,
                      float *y);
    void (*rmsnorm)(struct accel *a, const float *x, const float *w, float eps, size_t n, size_t d, float *y,
                    float *rstd);
    /* dx +=, dw += */
    void (*rmsnorm_back)(struct accel *a, const float *dy, const float *x, const float *w, const float *rstd, size_t n,
                         size_t d, float *dx, float *dw);

    /* x/2 (1 + erf(x/sqrt 2)) */
    void (*gelu)(struct accel *a, const float *x, size_t n, float *y);
    void (*gelu_back)(struct accel *a, const float *dy, const float *x, size_t n, float *dx);
    /* g sigmoid(g) u; gu (n, 2 d) is g and u side by side, y (n, d) */
    void (*swiglu)(struct accel *a, const float *gu, size_t n, size_t d, float *y);
    void (*swiglu_back)(struct accel *a, const float *dy, const float *gu, size_t n, size_t d, float *dgu);

    /* Turns pairs (x[i], x[i + dim/2]) of every head by the angle of row p of `turn` (longest, dim), p the place in the
     * sequence:
       cos of the pairs' angles, then their sin: accel_turns. Backwards with sign -1. */
    void (*rope)(struct accel *a, const struct attention *t, float *x, const float *turn, int sign);
    /* lse (T, H): log of the sum of exp */
    void (*attention)(struct accel *a, const struct attention *t, const float *q, const float *k, const float *v,
                      float *out, float *lse);
    /* dq, dk, dv are written */
    void (*attention_back)(struct accel *a, const struct attention *t, const float *dout, const float *q,
                           const float *k, const float *v,
                           const float *out, const float *lse, float *dq, float *dk, float *dv);

    /* loss[i] = -log softmax(logits_i)[target[i]] and dlogits = (softmax - onehot) * scale[i]; target < 0: both 0.
       dlogits may be logits, or NULL: the loss only. */
    void (*xent)(struct accel *a, const float *logits, const int32_t *target, const float *scale, size_t n, size_t V,
                 float *loss, float *dlogits);
    void (*adamw)(struct accel *a, const struct adamw *o, float *p, const float *g, float *m, float *v, size_t n);
};

struct accel *accel_open(const char *which, int threads, struct err *e) MUST_CHECK;
struct accel *accel_cpu(int threads);
/* on the host: angle p * base^(-2i/dim) of place p, pair i */
void accel_turns(size_t length, size_t dim, float base, float *turn);
struct accel *accel_emulated(int threads);

#ifdef __cplusplus
}
#endif
#endif
