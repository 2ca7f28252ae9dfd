/* doge.c - DoGE's arithmetic.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One pass over the gradients, a chunk of all k at a time while it lies in the cache: the chunk's target is summed,
 * then each gradient's product with it. A domain's own part is taken out of its product, not of the sum. */
#include "proxy/doge.h"

#include "core/arena.h"
#include "core/par.h"

#include <stdlib.h>

enum { CHUNK = 4096 };               /* floats: 12 domains of it are 192 KiB, a core's cache */

/* part (chunks, k) */
struct aligning { const float *const *gradient; const bool *target; size_t k; bool own; double *part; };

static void align_chunk(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)worker;
    const struct aligning *a = ctx;
    float sum[CHUNK] = { 0 };
    for (size_t j = 0; j < a->k; j++)
        for (size_t i = begin; a->target[j] && i < end; i++) sum[i - begin] += a->gradient[j][i];
    for (size_t j = 0; j < a->k; j++) {
        const float *g = a->gradient[j];
        double all = 0, own = 0;
        for (size_t i = begin; i < end; i++) all += (double)g[i] * (double)sum[i - begin];
        for (size_t i = begin; !a->own && a->target[j] && i < end; i++) own += (double)g[i] * (double)g[i];
        a->part[chunk * a->k + j] = all - own;
    }
}

void doge_align(int threads, const float *const *gradient, const bool *target, size_t k, size_t n, bool own,
                double *align)
{
    const size_t chunks = (n + CHUNK - 1) / CHUNK;
    struct aligning a = { gradient, target, k, own, mem_zero(chunks * k + 1, sizeof *a.part) };
    par_for(threads, n, CHUNK, align_chunk, &a);
    for (size_t j = 0; j < k; j++) {
        align[j] = 0;
        for (size_t c = 0; c < chunks; c++) align[j] += a.part[c * k + j];
    }
    free(a.part);
}

struct mixing { const float *const *gradient; const double *weight; size_t k; float *to; };

static void mix_chunk(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct mixing *m = ctx;
    for (size_t i = begin; i < end; i++) m->to[i] = 0;
    for (size_t j = 0; j < m->k; j++) {
        const float w = (float)m->weight[j], *g = m->gradient[j];
        for (size_t i = begin; i < end; i++) m->to[i] += w * g[i];
    }
}

void doge_mix(int threads, const float *const *gradient, const double *weight, size_t k, size_t n, float *to)
{
    par_for(threads, n, CHUNK, mix_chunk, &(struct mixing){ gradient, weight, k, to });
}
