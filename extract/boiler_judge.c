/* boiler_judge.c - the trees, asked of sixteen blocks at a time.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Most blocks of a page are plainly not content, and a fifth of the trees see it: the others are asked only
 * where one of the sixteen may be. */
#include "extract/boiler.h"
#include "extract/boiler_view.h"

#include <math.h>
#include <pthread.h>

/* Blocks whose sum after FIRST trees is below NEVER end with p under .12 but for 1 in 10^5 of the trained pages; they are half of all. */
enum { FIRST = 32 };
static const float NEVER = -2.5f;

static struct forest all_trees;                                  /* made at first use, of what is constant */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_trees(void)
{
    static struct arena mem;
    forest_make(&all_trees, &(struct forest_model){ boiler_nodes, boiler_roots, boiler_trees }, boiler_block_features(), &mem);
}

static float chance(float log_odds)
{
    return 1 / (1 + expf(-log_odds));
}

/* p of n blocks whose numbers are in x. */
static void judge(const struct forest *trees, forest_column *x, size_t n, float *p)
{
    size_t first = FIRST < trees->trees ? FIRST : trees->trees;
    forest_column sum, rest;
    bool ask = false;
    forest_sum(trees, 0, first, x, sum);
    for (size_t k = 0; k < n; k++) ask |= !(sum[k] < NEVER);
    if (ask) forest_sum(trees, first, trees->trees, x, rest);
    for (size_t k = 0; k < n; k++) p[k] = chance(sum[k] < NEVER ? 2 * sum[k] : sum[k] + rest[k]);    /* 2: what the other trees make of such a sum, about */
}

void boiler_judge(const struct layout *l, const struct facts *f, float *p, struct arena *mem)
{
    struct page_view v;
    struct forest trees;
    forest_column *x = ZERO(mem, forest_column, boiler_features());
    view_make(&v, l, f, mem);
    boiler_describe_page(&v, x);
    pthread_once(&once, make_trees);
    forest_prune(&trees, &all_trees, x, mem);
    for (size_t i = 0, n; i < l->n_blocks; i += n) {
        n = l->n_blocks - i < FOREST_LANES ? l->n_blocks - i : FOREST_LANES;
        for (size_t lane = 0; lane < n; lane++) boiler_describe_block(&v, i + lane, lane, x);
        judge(&trees, x, n, p + i);
    }
}
