/* test_forest.c - every way of asking trees gives the sum of a walk down each, to the bit.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/rng.h"
#include "extract/forest.h"
#include "tests/test.h"

enum { FEATURES = 40, FIXED = 30, TREES = 60, NODES = TREES * (2 * FOREST_LEAVES - 1) };

static struct forest_node nodes[NODES];
static uint32_t roots[TREES];
static size_t n_nodes;

static float some_number(struct rng *r)
{
    switch (rng_below(r, 20)) {
    case 0: return NAN;
    case 1: return INFINITY;
    default: return (float)rng_below(r, 9) * 0.25f - 1;          /* few values: a number often is the border itself */
    }
}

/* A tree with this many leaves. */
static void plant(struct rng *r, int leaves, uint32_t root)
{
    struct forest_node *n = &nodes[n_nodes++];
    if (leaves == 1) { *n = (struct forest_node){ FOREST_LEAF, 0, (float)rng_normal(r) }; return; }
    int left = 1 + (int)rng_below(r, (uint64_t)leaves - 1);
    n->feature = (uint16_t)rng_below(r, FEATURES);
    n->at = (float)rng_below(r, 9) * 0.25f - 1;
    plant(r, left, root);
    n->right = (uint16_t)(n_nodes - root);
    plant(r, leaves - left, root);
}

static struct forest_model planted(struct rng *r)
{
    n_nodes = 0;
    for (int t = 0; t < TREES; t++) {
        roots[t] = (uint32_t)n_nodes;
        plant(r, t ? 1 + (int)rng_below(r, FOREST_LEAVES) : FOREST_LEAVES, roots[t]);
    }
    return (struct forest_model){ nodes, roots, TREES };
}

static float walked(forest_column *x, size_t lane)
{
    float sum = 0;
    for (size_t t = 0; t < TREES; t++) {
        const struct forest_node *root = &nodes[roots[t]], *n = root;
        while (n->feature != FOREST_LEAF) n = x[n->feature][lane] <= n->at ? n + 1 : root + n->right;
        sum += n->at;
    }
    return sum;
}

TEST(every_way_adds_the_leaves_that_a_walk_reaches)
{
    struct rng r = rng_init(3, 1);
    struct arena mem = { 0 };
    for (int round = 0; round < 50; round++, arena_reset(&mem)) {
        struct forest_model m = planted(&r);
        struct forest all, f;
        forest_column x[FEATURES], sum;
        size_t fixed = round % 2 ? FIXED : FEATURES;
        for (size_t k = 0; k < FEATURES; k++) {
            x[k][0] = some_number(&r);
            for (size_t lane = 1; lane < FOREST_LANES; lane++) x[k][lane] = k < fixed ? some_number(&r) : x[k][0];
        }
        forest_make(&all, &m, fixed, &mem);
        forest_prune(&f, &all, x, &mem);
        for (int way = 0; way < FOREST_WAYS; way++) {
            if (!forest_sum_by((enum forest_way)way, &f, x, sum)) {
                printf("# way %d: not on this processor\n", way);
                continue;
            }
            for (size_t lane = 0; lane < FOREST_LANES; lane++) OK(sum[lane] == walked(x, lane));
        }
    }
    arena_free(&mem);
}

TEST(what_is_the_same_for_all_is_asked_once)
{
    struct rng r = rng_init(5, 1);
    struct arena mem = { 0 };
    struct forest_model m = planted(&r);
    struct forest all, left, none;
    forest_column x[FEATURES] = { 0 };
    forest_make(&all, &m, FEATURES, &mem);
    EQ(2 * all.begin[TREES] + TREES, n_nodes);                   /* a tree has a leaf more than tests */
    EQ(all.fixed_begin[TREES], 0);
    forest_make(&all, &m, FIXED, &mem);
    forest_prune(&left, &all, x, &mem);
    OK(left.begin[TREES] < all.begin[TREES]);
    forest_make(&all, &m, 0, &mem);
    forest_prune(&none, &all, x, &mem);
    EQ(none.begin[TREES], 0);
    for (size_t t = 0; t < TREES; t++) EQ(__builtin_popcount(none.stand[t]), 1);
    arena_free(&mem);
}

MAIN
