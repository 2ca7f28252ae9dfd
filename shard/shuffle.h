/* shuffle.h - put token sequences into random order, more of them than memory holds.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A sequence goes to one of 256 unlinked scratch files by the top byte of its key; at the end each file is read
 * whole and its sequences come by key, equal keys as they were put. A file larger than `memory` is first cut into
 * 256 by the key's next byte, and so on. Memory: 256 small buffers a cut, then one file. The order depends on the keys
 * only.
 *
 *   a sequence:  u64 key, u32 bytes of tag, u32 tokens, the tag, the tokens
 */
#ifndef SHARD_SHUFFLE_H
#define SHARD_SHUFFLE_H
#include "core/str.h"

struct shuffle;
/* bytes of one file's sequences that may be held */
struct shuffle *shuffle_open(size_t memory);
bool shuffle_put(struct shuffle *s, uint64_t key, struct str tag, const uint32_t *tokens, size_t n,
                 struct err *e) MUST_CHECK;
typedef bool shuffle_fn(void *with, struct str tag, const uint32_t *tokens, size_t n, struct err *e);
bool shuffle_all(struct shuffle *s, shuffle_fn *each, void *with, struct err *e) MUST_CHECK;
void shuffle_close(struct shuffle *s);

#endif
