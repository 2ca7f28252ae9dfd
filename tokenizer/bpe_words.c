/* bpe_words.c - the words that merges are learned from, as symbols.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokenizer/bpe_words.h"

#include "tokenizer/fit.h"

#include <stdlib.h>

void bpe_words_add(struct bpe_words *w, const uint32_t *symbols, size_t n, uint64_t count)
{
    if (n < 2) return;
    const size_t size = w->size + BPE_WORD_HEAD + n;
    if (size > w->cap) w->row = mem_grow(w->row, &w->cap, size, sizeof *w->row);
    uint32_t *to = w->row + w->size;
    memcpy(to, &count, sizeof count);
    to[2] = to[3] = (uint32_t)n;
    memcpy(to + BPE_WORD_HEAD, symbols, n * sizeof *symbols);
    w->size = size;
    w->total += count;
    w->n++;
}

void bpe_words_fit(struct bpe_words *w)
{
    uint32_t *less = realloc(w->row, (w->size + 1) * sizeof *less);
    if (!less) return;
    w->row = less;
    w->cap = w->size + 1;
}

void bpe_words_free(struct bpe_words *w)
{
    free(w->row);
    *w = (struct bpe_words){ 0 };
}

static struct str symbols_of(const uint32_t *r)
{
    return (struct str){ (const char *)(r + BPE_WORD_HEAD), r[2] * sizeof *r };
}

/* The words move together: those that stay, with the symbols they have now. */
void bpe_words_drop(struct bpe_words *w)
{
    struct fit *fit = mem_zero(1, sizeof *fit);
    const struct bpe_words was = *w;
    const uint32_t *end = was.row + was.size;
    uint64_t cost = 0;
    for (const uint32_t *r = was.row; r < end; r = bpe_word_next(r)) {
        const uint64_t own = BPE_WORD_COST + (uint64_t)BPE_SYMBOL_COST * r[2];
        fit_add(fit, symbols_of(r), (uint64_t)bpe_word_count(r), own);
        cost += own;
    }
    fit_cut(fit, cost / 4 * 3);
    w->size = w->n = w->total = 0;
    for (const uint32_t *r = was.row, *behind; r < end; r = behind) {
        const uint32_t n = r[2];
        const uint64_t count = (uint64_t)bpe_word_count(r);
        behind = bpe_word_next(r);
        if (!fit_keeps(fit, symbols_of(r), count)) continue;
        uint32_t *to = w->row + w->size;
        memmove(to, r, (BPE_WORD_HEAD + n) * sizeof *r);
        to[3] = n;
        w->size += BPE_WORD_HEAD + n;
        w->total += count;
        w->n++;
    }
    bpe_words_fit(w);
    free(fit);
}
