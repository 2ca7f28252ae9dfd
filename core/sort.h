/* sort.h - sort more fixed-size records than memory holds.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Records are compared as bytes over their first key_size bytes (memcmp), so write keys
 * big-endian; equal keys keep the order in which they came. Up to `memory` bytes are sorted
 * in place (radix); past that, sorted runs go to an unlinked scratch file and are merged.
 *
 *     struct sort *s = sort_open(16, 12, 1 << 30, 2);
 *     while (...) if (!sort_put(s, record, e)) ...
 *     for (const void *r; (r = sort_next(s, e)); ) ...
 *     sort_close(s);
 */
#ifndef CORE_SORT_H
#define CORE_SORT_H
#include "core/err.h"
#include <stddef.h>
#include <stdint.h>

struct sort;
struct sort *sort_open(size_t record_size, size_t key_size, size_t memory, int threads);
bool sort_put(struct sort *s, const void *record, struct err *e) MUST_CHECK;
/* the first call ends the input; NULL at the end or with e set */
const void *sort_next(struct sort *s, struct err *e) MUST_CHECK;
uint64_t sort_count(const struct sort *s);
uint64_t sort_spilled(const struct sort *s);                          /* bytes written to disk */
void sort_close(struct sort *s);

static inline void be32_put(void *to, uint32_t x) { x = __builtin_bswap32(x); __builtin_memcpy(to, &x, 4); }
static inline void be64_put(void *to, uint64_t x) { x = __builtin_bswap64(x); __builtin_memcpy(to, &x, 8); }
static inline uint32_t be32_get(const void *p) { uint32_t x; __builtin_memcpy(&x, p, 4); return __builtin_bswap32(x); }
static inline uint64_t be64_get(const void *p) { uint64_t x; __builtin_memcpy(&x, p, 8); return __builtin_bswap64(x); }

#endif
