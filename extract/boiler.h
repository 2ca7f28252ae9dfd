/* boiler.h - which blocks of a page are its content.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every block is described by some 330 numbers (what it is, which boxes it lies in, what its neighbours,
 * the page and the page's head are like, what a learned lexicon says of its words) and judged by trees that
 * were grown on labelled pages (tools/train-boiler writes boiler_model.c, lexicon and trees). doc/html.md has the
 * measurements.
 */
#ifndef EXTRACT_BOILER_H
#define EXTRACT_BOILER_H
#include "extract/facts.h"
#include "extract/forest.h"
#include "extract/layout.h"

/* Sets p[i], the probability that block i is content, of l->n_blocks. */
void boiler_judge(const struct layout *l, const struct facts *f, float *p, struct arena *mem);

/* For training: (n_blocks, boiler_features()) numbers. */
size_t boiler_features(void);
void boiler_describe(const struct layout *l, const struct facts *f, float *to, struct arena *mem);

extern const struct forest_node boiler_nodes[];
extern const uint32_t boiler_roots[];
extern const size_t boiler_trees;
extern const struct lexicon boiler_lexicon;

#endif
