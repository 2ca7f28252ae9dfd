/* attention.cu - rotary positions, softmax attention in one pass, its gradient without atomics.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A warp has one row (a query; in the second backward kernel a key) and walks over the other side in tiles of 32 that
 * the block shares. Within a tile a lane makes the score of one pair, then the lanes hold the row's columns and take
 * the
 * 32 scores in turn. The softmax is kept on line: when the maximum grows, what was summed shrinks (Milakov and
 * Gimelshein 2018). */
#include "accel/cuda/device.h"

enum { ROWS = BLOCK / WARP, TILE = WARP, HEAD_MAX = 128, SLOTS = HEAD_MAX / WARP };

__global__ void rope_kernel(const int32_t *start, size_t heads, size_t dim, size_t ld, float *x, const float *turn,
                            float sign)
{
    int32_t begin = start[blockIdx.x], n = start[blockIdx.x + 1] - begin;
    size_t half = dim / 2, all = (size_t)n * heads * half;
    for (size_t i = threadIdx.x; i < all; i += BLOCK) {
        size_t pair = i % half, head = i / half % heads, at = i / half / heads;
        float c = turn[at * dim + pair], s = sign * turn[at * dim + half + pair],
              *p = x + (begin + at) * ld + head * dim + pair, a = p[0], b = p[half];
        p[0] = a * c - b * s;
        p[half] = a * s + b * c;
    }
}

/* Rows [from, from + TILE) of x at one head into the block's memory: (TILE, dim + 1), so that lanes meet no bank twice;
 * zeros behind `end`. */
static __device__ void load_tile(float *tile, const float *x, size_t from, size_t end, size_t dim, size_t ld)
{
    for (size_t i = threadIdx.x; i < TILE * dim; i += BLOCK) {
        size_t row = from + i / dim;
        tile[i / dim * (dim + 1) + i % dim] = row < end ? x[row * ld + i % dim] : 0;
    }
}
static __device__ float dot(const float *a, const float *b, size_t dim)
{
    float sum = 0;
    for (size_t i = 0; i < dim; i++) sum += a[i] * b[i];
    return sum;
}
/* The warp's own row into its place of the block's memory. */
static __device__ void load_row(float *to, const float *x, bool there, size_t dim)
{
    for (size_t i = threadIdx.x % WARP; i < dim; i += WARP) to[i] = there ? x[i] : 0;
}
/* A lane has columns lane, lane + 32, ...: sum[.] += weight * row. */
static __device__ void add_row(float *sum, float weight, const float *row, size_t dim)
{
    for (int s = 0; s < SLOTS; s++) {
        size_t i = s * WARP + threadIdx.x % WARP;
        if (i < dim) sum[s] += weight * row[i];
    }
}
static __device__ void store_row(float *to, const float *sum, float by, size_t dim)
{
    for (int s = 0; s < SLOTS; s++) {
        size_t i = s * WARP + threadIdx.x % WARP;
        if (i < dim) to[i] = sum[s] * by;
    }
}

struct heads { size_t heads, dim, ld, out_ld; int causal; float scale; const int32_t *start; };

__global__ void attention_kernel(struct heads t, const float *q, const float *k, const float *v, float *out, float *lse)
{
    DYN_SHARED(float, shared);
    float *keys = shared, *values = keys + TILE * (t.dim + 1),
          *own = values + TILE * (t.dim + 1) + threadIdx.x / WARP * t.dim;
    size_t begin = t.start[blockIdx.z], end = t.start[blockIdx.z + 1],
           row = begin + blockIdx.x * ROWS + threadIdx.x / WARP, head = blockIdx.y * t.dim;
    if (begin + blockIdx.x * ROWS >= end) return;    /* the whole block */
    float sum[SLOTS] = { 0 }, most = -INFINITY, all = 0;
    load_row(own, q + row * t.ld + head, row < end, t.dim);
    for (size_t from = begin; from < end; from += TILE) {
        __syncthreads();
        load_tile(keys, k + head, from, end, t.dim, t.ld);
        load_tile(values, v + head, from, end, t.dim, t.ld);
        __syncthreads();
        size_t key = from + threadIdx.x % WARP;
        bool seen = key < end && (!t.causal || key <= row);
        if (t.causal && from > row) continue;        /* all behind the row: the whole warp */
        float score = seen ? t.scale * dot(own, keys + threadIdx.x % WARP * (t.dim + 1), t.dim) : -INFINITY,
              top = fmaxf(warp_max(score), most);
        float p = expf(score - top), shrink = expf(most - top);
        all = all * shrink + warp_sum(p);
        for (int s = 0; s < SLOTS; s++) sum[s] *= shrink;
        for (int j = 0; j < TILE; j++) add_row(sum, __shfl_sync(~0u, p, j), values + j * (t.dim + 1), t.dim);
        most = top;
    }
    if (row >= end) return;
    store_row(out + row * t.out_ld + head, sum, 1 / all, t.dim);
    if (threadIdx.x % WARP == 0) lse[row * t.heads + blockIdx.y] = most + logf(all);
}

/* own (rows of dout . out): what the softmax's gradient takes off. */
static __device__ float take_off(const float *dout, const float *out, bool there, size_t dim)
{
    float sum = 0;
    for (size_t i = threadIdx.x % WARP; there && i < dim; i += WARP) sum += dout[i] * out[i];
    return warp_sum(sum);
}

__global__ void attention_dq_kernel(struct heads t, const float *dout, const float *q, const float *k, const float *v,
                                    const float *out, const float *lse, float *dq)
{
    DYN_SHARED(float, shared);
    float *keys = shared, *values = keys + TILE * (t.dim + 1),
          *own = values + TILE * (t.dim + 1) + threadIdx.x / WARP * 2 * t.dim, *grad = own + t.dim;
    size_t begin = t.start[blockIdx.z], end = t.start[blockIdx.z + 1],
           row = begin + blockIdx.x * ROWS + threadIdx.x / WARP, head = blockIdx.y * t.dim;
    if (begin + blockIdx.x * ROWS >= end) return;
    bool there = row < end;
    float sum[SLOTS] = { 0 }, l = there ? lse[row * t.heads + blockIdx.y] : 0,
          off = take_off(dout + row * t.out_ld + head, out + row * t.out_ld + head, there, t.dim);
    load_row(own, q + row * t.ld + head, there, t.dim);
    load_row(grad, dout + row * t.out_ld + head, there, t.dim);
    for (size_t from = begin; from < end; from += TILE) {
        __syncthreads();
        load_tile(keys, k + head, from, end, t.dim, t.ld);
        load_tile(values, v + head, from, end, t.dim, t.ld);
        __syncthreads();
        size_t lane = threadIdx.x % WARP, key = from + lane;
        bool seen = there && key < end && (!t.causal || key <= row);
        float p = seen ? expf(t.scale * dot(own, keys + lane * (t.dim + 1), t.dim) - l) : 0,
              ds = p * (dot(grad, values + lane * (t.dim + 1), t.dim) - off);
        for (int j = 0; j < TILE; j++) add_row(sum, __shfl_sync(~0u, ds, j), keys + j * (t.dim + 1), t.dim);
    }
    if (there) store_row(dq + row * t.ld + head, sum, t.scale, t.dim);
}

__global__ void attention_dkv_kernel(struct heads t, const float *dout, const float *q, const float *k, const float *v,
                                     const float *out, const float *lse, float *dk, float *dv)
{
    DYN_SHARED(float, shared);
    float *queries = shared, *grads = queries + TILE * (t.dim + 1),
          *own = grads + TILE * (t.dim + 1) + threadIdx.x / WARP * 2 * t.dim, *value = own + t.dim;
    size_t begin = t.start[blockIdx.z], end = t.start[blockIdx.z + 1],
           row = begin + blockIdx.x * ROWS + threadIdx.x / WARP, head = blockIdx.y * t.dim;
    if (begin + blockIdx.x * ROWS >= end) return;
    bool there = row < end;
    float sum_k[SLOTS] = { 0 }, sum_v[SLOTS] = { 0 };
    load_row(own, k + row * t.ld + head, there, t.dim);
    load_row(value, v + row * t.ld + head, there, t.dim);
    for (size_t from = begin; from < end; from += TILE) {
        __syncthreads();
        load_tile(queries, q + head, from, end, t.dim, t.ld);
        load_tile(grads, dout + head, from, end, t.dim, t.out_ld);
        __syncthreads();
        size_t lane = threadIdx.x % WARP, query = from + lane;
        bool seen = there && query < end && (!t.causal || row <= query);
        float off = query < end ? dot(dout + query * t.out_ld + head, out + query * t.out_ld + head, t.dim) : 0;
        float p = seen ? expf(t.scale * dot(own, queries + lane * (t.dim + 1),
                                            t.dim) - lse[query * t.heads + blockIdx.y]) : 0;
        float ds = p * (dot(value, grads + lane * (t.dim + 1), t.dim) - off);
        for (int j = 0; j < TILE; j++) {
            add_row(sum_k, __shfl_sync(~0u, ds, j), queries + j * (t.dim + 1), t.dim);
            add_row(sum_v, __shfl_sync(~0u, p, j), grads + j * (t.dim + 1), t.dim);
        }
    }
    if (!there) return;
    store_row(dk + row * t.ld + head, sum_k, t.scale, t.dim);
    store_row(dv + row * t.ld + head, sum_v, 1, t.dim);
}

static struct heads heads_of(const struct attention *t)
{
    return { t->heads, t->dim, t->ld, t->out_ld ? t->out_ld : t->ld, t->causal, t->scale, t->start };
}
static dim3 grid_of(const struct attention *t)
{
    return dim3(blocks_for(t->longest, ROWS), (unsigned)t->heads, (unsigned)t->n_seqs);
}
static size_t shared_of(const struct attention *t, size_t rows)
{
    return (2 * TILE * (t->dim + 1) + rows * ROWS * t->dim) * sizeof(float);
}

static bool fits(struct device *v, const struct attention *t)
{
    if (t->dim > HEAD_MAX && !v->failed) v->failed = "attention: a head of more than 128 columns";
    return t->dim <= HEAD_MAX && t->n_seqs && t->longest;
}

void cuda_rope(struct accel *a, const struct attention *t, float *x, const float *turn, int sign)
{
    struct device *v = device_of(a);
    if (t->n_seqs)
        LAUNCH(rope_kernel, dim3((unsigned)t->n_seqs), dim3(BLOCK), 0, v->stream, t->start, t->heads, t->dim, t->ld, x,
               turn, (float)sign);
    device_check(v, "rope");
}

void cuda_attention(struct accel *a, const struct attention *t, const float *q, const float *k, const float *v,
                    float *out, float *lse)
{
    struct device *d = device_of(a);
    struct heads h = heads_of(t);
    if (fits(d, t)) LAUNCH(attention_kernel, grid_of(t), dim3(BLOCK), shared_of(t, 1), d->stream, h, q, k, v, out, lse);
    device_check(d, "attention");
}

void cuda_attention_back(struct accel *a, const struct attention *t, const float *dout, const float *q, const float *k,
                         const float *v, const float *out, const float *lse, float *dq, float *dk, float *dv)
{
    struct device *d = device_of(a);
    struct heads h = heads_of(t);
    if (!fits(d, t)) return;
    LAUNCH(attention_dq_kernel, grid_of(t), dim3(BLOCK), shared_of(t, 2), d->stream, h, dout, q, k, v, out, lse, dq);
    LAUNCH(attention_dkv_kernel, grid_of(t), dim3(BLOCK), shared_of(t, 2), d->stream, h, dout, q, k, v, out, lse, dk,
           dv);
    device_check(d, "attention_back");
}
