/* boiler_judge.c - the trees, asked of sixteen blocks at a time.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/boiler.h"
#include "extract/boiler_view.h"

#include <math.h>
#include <pthread.h>

static struct forest all_trees;                                  /* made at first use, of what is constant */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_trees(void)
{
    static struct arena mem;
    forest_make(&all_trees, &(struct forest_model){ boiler_nodes, boiler_roots, boiler_trees }, boiler_block_features(),
                &mem);
}

static float chance(float log_odds)
{
    return 1 / (1 + expf(-log_odds));
}

void boiler_judge(const struct layout *l, const struct facts *f, float *p, struct arena *mem)
{
    struct page_view v;
    struct forest trees;
    forest_column *x = ZERO(mem, forest_column, boiler_features()), sum;
    view_make(&v, l, f, mem);
    boiler_describe_page(&v, x);
    pthread_once(&once, make_trees);
    forest_prune(&trees, &all_trees, x, mem);
    for (size_t i = 0, n; i < l->n_blocks; i += n) {
        n = l->n_blocks - i < FOREST_LANES ? l->n_blocks - i : FOREST_LANES;
        for (size_t lane = 0; lane < n; lane++) boiler_describe_block(&v, i + lane, lane, x);
        forest_sum(&trees, x, sum);
        for (size_t lane = 0; lane < n; lane++) p[i + lane] = chance(sum[lane]);
    }
}
