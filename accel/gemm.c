/* gemm.c - panels of B, row tiles of A.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A number of C is one sum in one order, whatever the tile: how rows are shared among threads does not show in the
 * bits. A transposed A is copied strip by strip, PANEL_ROWS of its columns side by side, so that the kernel reads it
 * straight on. */
#include "accel/gemm.h"

#include "accel/panel.h"
#include "accel/vector.h"
#include "core/arena.h"
#include "core/par.h"

#include <stdlib.h>

/* most strips of one task: 112 rows x 384 floats stay in the L2 beside a panel */
enum { STRIPS = 8, PACK_PANELS = 8 };

struct task { const struct gemm *g; const float *a, *b; float *panels, *c; panel_step_fn *kernel; };

VECTOR_INLINE void put_row(float alpha, float beta, const float *tile, size_t cols, float *c)
{
    if (beta != 0) for (size_t j = 0; j < cols; j++) c[j] = alpha * tile[j] + beta * c[j];
    else for (size_t j = 0; j < cols; j++) c[j] = alpha * tile[j];
}
VECTOR_INLINE void put_body(const struct gemm *g, const float *tile, size_t rows, size_t cols, float *c)
{
    for (size_t r = 0; r < rows; r++, tile += PANEL, c += g->ldc) {
        if (cols == PANEL) put_row(g->alpha, g->beta, tile, PANEL, c);
        else put_row(g->alpha, g->beta, tile, cols, c);
    }
}
VECTOR_DISPATCH(put_tile, put_body, (const struct gemm *g, const float *tile, size_t rows, size_t cols, float *c),
                (g, tile, rows, cols, c))

/* Columns [begin, begin + n) of a transposed A: (k, PANEL_ROWS). */
static void copy_strip(const struct task *t, size_t begin, size_t n, float *to)
{
    const float *from = t->a + begin;
    for (size_t i = 0; i < t->g->k; i++, from += t->g->lda, to += PANEL_ROWS)
        for (size_t r = 0; r < n; r++) to[r] = from[r];
}

static void chunk_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    const struct gemm *g = t->g;
    const float *rows[STRIPS * PANEL_ROWS];
    float tile[PANEL_ROWS * PANEL], *strips = g->ta ? mem_alloc(STRIPS * PANEL_ROWS * g->k, sizeof *strips) : NULL;
    for (size_t r = 0; r < end - begin; r++)
        rows[r] = g->ta ? strips + r / PANEL_ROWS * PANEL_ROWS * g->k + r % PANEL_ROWS : t->a + (begin + r) * g->lda;
    for (size_t r = begin; g->ta && r < end; r += PANEL_ROWS)
        copy_strip(t, r, end - r < PANEL_ROWS ? end - r : PANEL_ROWS, strips + (r - begin) * g->k);
    for (size_t p = 0; p < panel_count(g->n); p++) {
        const size_t cols = g->n - p * PANEL < PANEL ? g->n - p * PANEL : PANEL;
        for (size_t r = begin; r < end; r += PANEL_ROWS) {
            const size_t n = end - r < PANEL_ROWS ? end - r : PANEL_ROWS;
            t->kernel(rows + (r - begin), g->ta ? PANEL_ROWS : 1, n, t->panels + p * PANEL * g->k, g->k, tile);
            put_tile(g, tile, n, cols, t->c + r * g->ldc + p * PANEL);
        }
    }
    free(strips);
}

static void pack_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    const struct gemm *g = t->g;
    const size_t from = begin * PANEL, n = (end * PANEL < g->n ? end * PANEL : g->n) - from;
    panel_pack(t->panels + from * g->k, t->b + from * (g->tb ? g->ldb : 1), g->ldb, g->tb, n, g->k);
}

/* Rows of a task: four tasks a thread where there are so many rows, that none waits long. */
static size_t task_rows(size_t m, int threads)
{
    const size_t strips = m / PANEL_ROWS / (4 * (size_t)threads);
    return PANEL_ROWS * (strips < 1 ? 1 : strips > STRIPS ? STRIPS : strips);
}

void gemm_cpu(int threads, const struct gemm *g, const float *a, const float *b, float *c)
{
    struct task t = { g, a, b, mem_alloc(panel_size(g->n, g->k), sizeof *t.panels), c, panel_step_kernel() };
    par_for(threads, panel_count(g->n), PACK_PANELS, pack_run, &t);
    par_for(threads, g->m, task_rows(g->m, threads), chunk_run, &t);
    free(t.panels);
}
