/* gemm.c - blocks of C, each a task of its own.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A task makes some rows and some panels of C, DEPTH of the sum at a time (Goto and van de Geijn 2008):
 *
 *     its panels of B, packed                                      32 KiB each: the L2
 *     for every few strips of A, as they lie, or copied            14 KiB a strip: the L1
 *         for every panel: a strip times it                        28 sums in registers, then to C
 *
 * It packs what it needs itself: nothing is handed from thread to thread, and nothing waits. A number of C is the sum
 * of its blocks of k, each one sum in one order: the grid of tasks does not show in the bits. */
#include "accel/gemm.h"

#include "accel/panel.h"
#include "core/arena.h"
#include "core/par.h"

#include <stdint.h>
#include <stdlib.h>

/* terms; panels of a task, strips copied at once, tasks of a thread: at most */
enum { DEPTH = 256, PANELS = 16, STRIPS = 8, TASKS = 4 };

struct task {
    const struct gemm *g;
    const float *a, *b;
    float *c, *scratch;
    size_t depth, rows, panels, across;              /* of one block of k; of one task; tasks side by side */
    bool copied;                                     /* strips of A */
};

static size_t least(size_t a, size_t b) { return a < b ? a : b; }
static size_t parts(size_t n, size_t size) { return n / size + (n % size != 0); }

static size_t scratch_size(const struct task *t)
{
    return t->panels * PANEL * t->depth + (t->copied ? panel_size(STRIPS * PANEL_ROWS, t->depth) : 0);
}

/* Rows [row, row + m) of C, m <= STRIPS * PANEL_ROWS, n columns from `column`, terms [at, at + k) of the sum. */
static void block(const struct task *t, size_t row, size_t m, size_t column, size_t n, size_t at, size_t k,
                  const float *panels, float *copy)
{
    const struct gemm *g = t->g;
    const float *rows[STRIPS * PANEL_ROWS], *a = t->a + (g->ta ? at * g->lda + row : row * g->lda + at);
    if (t->copied) panel_pack(copy, a, g->lda, !g->ta, m, k);
    for (size_t r = 0; r < m; r++) rows[r] = t->copied ? copy + r / PANEL * PANEL * k + r % PANEL : a + r * g->lda;
    for (size_t r = 0; r < m; r += PANEL_ROWS)
        for (size_t j = 0; j < n; j += PANEL)
            panel_into(rows + r, t->copied ? PANEL : 1, least(PANEL_ROWS, m - r), panels + j * k, k, n - j,
                       g->add || at, t->c + (row + r) * g->ldc + column + j, g->ldc);
}

static void task_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)begin, (void)end;
    const struct task *t = ctx;
    const struct gemm *g = t->g;
    const size_t row = chunk / t->across * t->rows, column = chunk % t->across * t->panels * PANEL;
    const size_t last = least(row + t->rows, g->m), n = least(t->panels * PANEL, g->n - column);
    float *panels = t->scratch + (size_t)worker * scratch_size(t);
    for (size_t at = 0; at == 0 || at < g->k; at += t->depth) {
        const size_t k = least(t->depth, g->k - at);
        panel_pack(panels, t->b + (g->tb ? column * g->ldb + at : at * g->ldb + column), g->ldb, g->tb, n, k);
        for (size_t r = row; r < last; r += STRIPS * PANEL_ROWS)
            block(t, r, least(STRIPS * PANEL_ROWS, last - r), column, n, at, k, panels, panels + panel_size(n, k));
    }
}

/* Strips and panels of a task, such that the threads are ready first, with half a task waited for at the end. A term
 * of a sum costs 1/16 cycle, a number that is packed about one. Returns how many tasks. */
static size_t choose_grid(struct task *t, int threads)
{
    const size_t strips = parts(t->g->m, PANEL_ROWS), panels = panel_count(t->g->n), T = (size_t)threads;
    size_t least_time = SIZE_MAX, tasks = 0;
    for (size_t across = parts(panels, PANELS); across <= least(panels, parts(panels, PANELS) + TASKS * T);
         across += 1 + across / 8)
        for (size_t down = 1; down <= least(strips, TASKS * T); down += 1 + down / 8) {
            const size_t s = parts(strips, down), p = parts(panels, across), rows = s * PANEL_ROWS, columns = p * PANEL,
                         n = parts(strips, s) * parts(panels, p),
                         one = rows * columns + 16 * (columns + (t->copied ? rows : 0)),
                         time = (2 * parts(n, T) + (T > 1)) * one;
            if (time >= least_time) continue;
            least_time = time, tasks = n;
            t->rows = rows, t->panels = p, t->across = parts(panels, p);
        }
    return tasks;
}

void gemm_cpu(int threads, const struct gemm *g, const float *a, const float *b, float *c)
{
    if (!g->m || !g->n) return;
    struct task t = { .g = g, .a = a, .b = b, .c = c };
    t.depth = g->k ? parts(g->k, parts(g->k, DEPTH)) : 1;
    t.copied = g->ta || g->lda % 512 == 0;           /* rows 2 KiB apart are in two of the L1's 64 sets */
    const size_t tasks = choose_grid(&t, threads);
    t.scratch = mem_lines((size_t)threads * scratch_size(&t), sizeof *t.scratch);
    par_for(threads, tasks, 1, task_run, &t);
    free(t.scratch);
}
