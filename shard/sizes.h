/* sizes.h - mix among slices: what there is in one, and how often each document of all is to be written.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A slice's sizes are a file of core/runs.h with one cell, kind "sizes", in the order of its documents:
 *
 *   heap     u64 domains | u32 size, name of each in the order they came
 *   record   u32 domain | u64 tokens | f64 score | u64 key
 *
 * The merge sorts by domain, score and key, in memory, then on disk, and takes documents as mixing_choose() does. The
 * answer is a
 * file of core/cuts.h, kind "mix", payload u32 copies | u64 tokens, for each document that is not written once.
 */
#ifndef SHARD_SIZES_H
#define SHARD_SIZES_H
#include "core/cuts.h"
#include "shard/blend.h"
#include "shard/measure.h"

enum { MIX_PAYLOAD = 12 };
static inline struct cuts_kind sizes_cuts(void) { return (struct cuts_kind){ "mix", MIX_PAYLOAD, false, 0 }; }

struct sizes_out;
struct sizes_out *sizes_create(const char *path, size_t memory, int threads, struct err *e) MUST_CHECK;
bool sizes_put(struct sizes_out *o, const struct measured *m, struct err *e) MUST_CHECK;     /* documents in order */
bool sizes_done(struct sizes_out *o, struct err *e) MUST_CHECK;                              /* frees o either way */
void sizes_drop(struct sizes_out *o);

bool sizes_merge(char *const *files, struct blend *b, size_t memory, int threads, const char *path,
                 struct err *e) MUST_CHECK;

#endif
