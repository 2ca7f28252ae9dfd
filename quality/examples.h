/* examples.h - what score train learns from, in memory or in files of slices; and what a model says of what it has not
 * seen.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Past `memory` only documents whose hash of place and seed is below a limit stay, and the limit halves: a sample that
 * depends on seed and order alone. Examples of slices, loaded in the order of the slices, are those of one machine.
 *
 * A file of examples, little-endian: "TAMEXA1\n" | u64 signals | u64 columns | u64 examples | u64 documents passed over, then for each example
 *
 *   f64 x signals (null: NaN) | u32 good | u32 texts | { u32 index  f32 value } x texts | f32 x columns
 *
 *     struct examples s = { .memory = 1 << 30, .seed = 1 };
 *     if (!examples_pass(&s)) examples_add(&s, &x);            // takes what x owns; or examples_load(&s, "0.examples", e)
 *     struct held_out h = held_out(&s, 5, GOODNESS_BOTH, 1);
 *     examples_free(&s);
 */
#ifndef QUALITY_EXAMPLES_H
#define QUALITY_EXAMPLES_H
#include "quality/goodness.h"

struct examples {
    struct example *all;
    uint64_t *place;                             /* (n) of each among all that were read */
    size_t n, cap, n_good, n_columns, passed_over, bytes, memory;
    uint64_t read, seed;
    unsigned halvings;
};

void example_free(struct example *x);
void examples_add(struct examples *s, const struct example *x);
/* true: the next one is in no sample, and counts as read: do not make it */
bool examples_pass(struct examples *s);
bool examples_load(struct examples *s, const char *path, struct err *e) MUST_CHECK;
void examples_free(struct examples *s);

/* ---- to a file, one at a time ---- */
struct examples_out;
struct examples_out *examples_create(const char *path, size_t n_columns, struct err *e) MUST_CHECK;
bool examples_put(struct examples_out *o, const struct example *x, struct err *e) MUST_CHECK;
/* frees o either way */
bool examples_done(struct examples_out *o, uint64_t passed_over, struct err *e) MUST_CHECK;
void examples_drop(struct examples_out *o);

/* ---- cross-validation: folds by a hash of the example's number and the seed ---- */
/* z: (n) from a model that has not seen the fold */
struct held_out { double *z; bool *good; size_t n; double mean_auc, pooled_auc; };
struct held_out held_out(const struct examples *s, long folds, enum goodness_features f, double c);
void held_out_free(struct held_out *h);

#endif
