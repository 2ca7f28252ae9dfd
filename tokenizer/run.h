/* run.h - words and their counts in a block of memory, sorted.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   a record   u32 size | u64 count | the bytes       as in scratch files (spill.h) and lists (wordlist.h);
 *                                                     in a block each begins at a multiple of 4
 *
 * The order is count.h's: by the text's bytes, the shorter first, then by the mark, which is the last bytes of a word.
 */
#ifndef TOKENIZER_RUN_H
#define TOKENIZER_RUN_H
#include "core/str.h"

enum { RECORD_HEAD = 12, RECORD_ALIGN = 4 };
static inline void record_head(char *to, size_t size, uint64_t count)
{
    const uint32_t n = (uint32_t)size;
    memcpy(to, &n, sizeof n);
    memcpy(to + 4, &count, sizeof count);
}
static inline void record_put(char *to, struct str word, uint64_t count)
{
    record_head(to, word.n, count);
    if (word.n) memcpy(to + RECORD_HEAD, word.p, word.n);
}
static inline struct str record_word(const char *r)
{
    uint32_t size;
    memcpy(&size, r, sizeof size);
    return (struct str){ r + RECORD_HEAD, size };
}
static inline uint64_t record_count(const char *r)
{
    uint64_t count;
    memcpy(&count, r + 4, sizeof count);
    return count;
}

/* key (n): its low half says where a record begins, in units of RECORD_ALIGN; the other half is the sort's */
struct run { const char *block; uint64_t *key; size_t n, mark; };
static inline const char *run_record(const struct run *r, uint64_t key)
{
    return r->block + (size_t)(uint32_t)key * RECORD_ALIGN;
}
void run_sort(const struct run *r);                          /* the keys, in place, no other memory */
int word_order(struct str a, struct str b, size_t mark);

#endif
