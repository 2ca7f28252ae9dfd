/* gemm.c - panels of B, row tiles of A.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/gemm.h"

#include "accel/panel.h"
#include "core/arena.h"
#include "core/par.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 8 * PANEL_ROWS };                     /* rows of one task: 112 rows x 384 floats stay in the L2 beside a panel */

struct task { const struct gemm *g; const float *a, *panels; float *c; panel_fn *kernel; };

/* c = alpha tile + beta c; the plain product is a copy. */
static void tile_add(const struct gemm *g, const float *tile, size_t rows, size_t cols, float *c)
{
    for (size_t r = 0; r < rows; r++, tile += PANEL, c += g->ldc) {
        if (g->beta != 0) for (size_t j = 0; j < cols; j++) c[j] = g->alpha * tile[j] + g->beta * c[j];
        else if (g->alpha != 1) for (size_t j = 0; j < cols; j++) c[j] = g->alpha * tile[j];
        else memcpy(c, tile, cols * sizeof *c);
    }
}

/* rows[r] points at row begin + r of op(A), k floats; a transposed A is copied to scratch first. */
static void point_rows(const struct task *t, size_t begin, size_t end, float *scratch, const float **rows)
{
    const struct gemm *g = t->g;
    for (size_t r = begin; r < end; r++) {
        if (g->ta) for (size_t i = 0; i < g->k; i++) scratch[(r - begin) * g->k + i] = t->a[i * g->lda + r];
        rows[r - begin] = g->ta ? scratch + (r - begin) * g->k : t->a + r * g->lda;
    }
}

static void chunk_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    const struct gemm *g = t->g;
    const float *rows[CHUNK];
    float tile[PANEL_ROWS * PANEL], *scratch = g->ta ? mem_alloc(CHUNK * g->k, sizeof *scratch) : NULL;
    point_rows(t, begin, end, scratch, rows);
    for (size_t p = 0; p < panel_count(g->n); p++) {
        size_t cols = g->n - p * PANEL < PANEL ? g->n - p * PANEL : PANEL;
        for (size_t r = begin; r < end; r += PANEL_ROWS) {
            size_t n = end - r < PANEL_ROWS ? end - r : PANEL_ROWS;
            t->kernel(rows + (r - begin), n, t->panels + p * PANEL * g->k, g->k, tile);
            tile_add(g, tile, n, cols, t->c + r * g->ldc + p * PANEL);
        }
    }
    free(scratch);
}

void gemm_cpu(int threads, const struct gemm *g, const float *a, const float *b, float *c)
{
    float *panels = mem_alloc(panel_size(g->n, g->k), sizeof *panels);
    panel_pack(panels, b, g->ldb, g->tb, g->n, g->k);
    struct task t = { g, a, panels, c, panel_kernel() };
    par_for(threads, g->m, CHUNK, chunk_run, &t);
    free(panels);
}
