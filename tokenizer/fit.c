/* fit.c - which words fit in memory.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokenizer/fit.h"

#include "core/hash.h"

static uint32_t part_of(struct str word, uint64_t count)
{
    uint32_t class = (uint32_t)count;
    if (count >= 64) {
        const unsigned log2 = 63 - (unsigned)__builtin_clzll(count);
        class = 64 + (log2 - 6) * 16 + (uint32_t)(count >> (log2 - 4) & 15);
    }
    return class * FIT_PARTS + (uint32_t)(hash64(word, 1) >> 60);
}

void fit_add(struct fit *f, struct str word, uint64_t count, uint64_t cost) { f->cost[part_of(word, count)] += cost; }

void fit_cut(struct fit *f, uint64_t budget)
{
    uint64_t sum = 0;
    f->least = FIT_CLASSES * FIT_PARTS;
    while (f->least && sum + f->cost[f->least - 1] <= budget) sum += f->cost[--f->least];
}

bool fit_keeps(const struct fit *f, struct str word, uint64_t count) { return part_of(word, count) >= f->least; }

bool fit_takes(const struct fit *f, struct str word, uint64_t count, struct seen *seen)
{
    const bool keeps = fit_keeps(f, word, count);
    seen->n_words++;
    seen->total += count;
    if (keeps) seen->n_seen++, seen->seen += count;
    return keeps;
}
