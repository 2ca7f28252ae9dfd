/* boiler.h - which blocks of a page are its content.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every block is described by FEATURES numbers (what it is, which boxes it lies in, what its
 * neighbours and the page are like) and judged by trees that were grown on labelled pages
 * (tools/train-boiler writes boiler_model.c). A second round of trees sees what the first thought
 * of the block's neighbours and boxes: content comes in runs. doc/EXTRACT.md has the measurements.
 */
#ifndef EXTRACT_BOILER_H
#define EXTRACT_BOILER_H
#include "extract/facts.h"
#include "extract/layout.h"

enum { FEATURES_MAX = 320 };

/* Sets p[i], the probability that block i is content, of l->n_blocks. */
void boiler_judge(const struct layout *l, const struct facts *f, float *p, struct arena *mem);

/* For training: (n_blocks, boiler_features()) numbers of the first round, and of the second given the first's p. */
size_t boiler_features(void);
size_t boiler_features_second(void);
void boiler_describe(const struct layout *l, const struct facts *f, float *to, struct arena *mem);
void boiler_describe_second(const struct layout *l, const float *first, const float *p, float *to, struct arena *mem);

/* A node of a tree: go to `left` when x[feature] <= at, else to the node after; a leaf has feature LEAF and its value in at. */
enum { BOILER_LEAF = 0xFFFF };
struct boiler_node { uint16_t feature, left; float at; };
struct boiler_model { const struct boiler_node *nodes; const uint32_t *roots; size_t n_trees; };
extern const struct boiler_model boiler_first, boiler_second;

#endif
