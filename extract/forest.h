/* forest.h - boosted trees, asked of sixteen things at a time.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A tree of at most 32 leaves is a list of tests, and no walk: the leaves are the bits of a word, from the
 * left; a test that says "right" strikes out the leaves on its left; when all were asked, the first leaf that
 * stands is the one that a walk would have reached (Lucchese et al., QuickScorer, SIGIR 2015). So nothing
 * branches on what the numbers are, and one instruction asks one test of eight or sixteen things.
 *
 * Numbers lie in columns: x[k][lane] is number k of a thing. Those from `fixed` on are the same for all things
 * of a set (the page of a block): forest_prune answers their tests once for all, and leaves out what cannot be reached.
 */
#ifndef EXTRACT_FOREST_H
#define EXTRACT_FOREST_H
#include "core/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum { FOREST_LANES = 16, FOREST_LEAVES = 32 };
typedef float forest_column[FOREST_LANES];

/* A node of a tree: when x[feature] <= at go to the node after, else to root + right; a leaf has feature FOREST_LEAF
 * and its value in at. */
enum { FOREST_LEAF = 0xFFFF };
struct forest_node { uint16_t feature, right; float at; };
struct forest_model { const struct forest_node *nodes; const uint32_t *roots; size_t trees; };

struct forest_test { uint32_t feature, left, right; float at; };         /* the leaves on either side of it */

struct forest {
    size_t trees;
    uint32_t *begin;                         /* (trees + 1): each tree's tests */
    struct forest_test *tests;
    uint32_t *fixed_begin;                   /* likewise of those that ask what is fixed; none in a pruned forest */
    struct forest_test *fixed_tests;
    uint32_t *stand;                         /* (trees): the leaves that can be reached */
    float (*leaves)[FOREST_LEAVES];          /* (trees, 32) */
};

void forest_make(struct forest *f, const struct forest_model *m, size_t fixed, struct arena *mem);
/* Of x the columns from `fixed` on are read. The pruned forest stands on f. */
void forest_prune(struct forest *pruned, const struct forest *f, forest_column *x, struct arena *mem);
/* sum[lane]: the leaves of all trees added in their order: the same bits whatever the processor can do. */
void forest_sum(const struct forest *f, forest_column *x, float *sum);

/* The ways to do it, for tests; false where the processor cannot. */
enum forest_way { FOREST_PLAIN, FOREST_AVX2, FOREST_AVX512, FOREST_WAYS };
bool forest_sum_by(enum forest_way way, const struct forest *f, forest_column *x, float *sum);

#endif
