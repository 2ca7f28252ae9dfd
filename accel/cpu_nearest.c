/* cpu_nearest.c - the greatest of x.c - half.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/cpu.h"
#include "accel/panel.h"
#include "core/arena.h"
#include "core/par.h"

#include <math.h>
#include <stdlib.h>

enum { CHUNK = 8 * PANEL_ROWS };

struct task { const float *x, *panels, *half; size_t k, d; int32_t *best; float *score; };

static void take(const struct task *t, const float *dots, size_t column, size_t i)
{
    for (size_t j = column; j < t->k && j < column + PANEL; j++) {
        float s = dots[j - column] - t->half[j];
        if (s > t->score[i]) t->score[i] = s, t->best[i] = (int32_t)j;
    }
}

static void chunk_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct task *t = ctx;
    const float *rows[CHUNK];
    float tile[PANEL_ROWS * PANEL];
    panel_fn *kernel = panel_kernel();
    for (size_t i = begin; i < end; i++) rows[i - begin] = t->x + i * t->d, t->best[i] = -1, t->score[i] = -INFINITY;
    for (size_t p = 0; p < panel_count(t->k); p++)
        for (size_t i = begin; i < end; i += PANEL_ROWS) {
            size_t n = end - i < PANEL_ROWS ? end - i : PANEL_ROWS;
            kernel(rows + (i - begin), n, t->panels + p * PANEL * t->d, t->d, tile);
            for (size_t r = 0; r < n; r++) take(t, tile + r * PANEL, p * PANEL, i + r);
        }
}

void cpu_nearest(struct accel *a, const float *x, size_t n, const float *c, const float *half, size_t k, size_t d,
                 int32_t *best, float *score)
{
    float *panels = mem_lines(panel_size(k, d), sizeof *panels);
    panel_pack(panels, c, d, true, k, d);
    struct task t = { x, panels, half, k, d, best, score };
    par_for(a->threads, n, CHUNK, chunk_run, &t);
    free(panels);
}
