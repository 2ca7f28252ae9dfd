/* gather.c - the words that come out of counting.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokenizer/gather.h"

#include "core/utf8.h"
#include "tokenizer/bpe_words.h"

#include <stdlib.h>

/* The cut is looked for again when this share of the budget came. */
enum { LOOKS = 16 };

void gather_init(struct gather *g, bool chars, size_t memory, size_t budget)
{
    *g = (struct gather){ .list.run.limit = memory, .chars = chars, .budget = budget };
    if (budget) g->fit = mem_zero(1, sizeof *g->fit);
}

/* false: what is there already fills the budget with commoner words */
static bool may_stay(struct gather *g, struct str word, uint64_t count)
{
    const uint64_t cost = BPE_WORD_COST + BPE_SYMBOL_COST * (uint64_t)(g->chars ? utf8_length(word) : word.n);
    fit_add(g->fit, word, count, cost);
    if (!fit_keeps(g->fit, word, count)) return false;
    g->fresh += cost;
    if (g->fresh > g->budget / LOOKS) {
        fit_cut(g->fit, g->budget);
        g->fresh = 0;
    }
    return true;
}

bool gather_word(void *gather, struct str word, uint64_t count, struct err *e)
{
    struct gather *g = gather;
    g->seen.n_words++;
    g->seen.total += count;
    if (g->chars) alphabet_see(&g->alphabet, word, count);
    else for (size_t i = 0; i < word.n; i++) g->byte[(uint8_t)word.p[i]] = true;
    return (g->fit && !may_stay(g, word, count)) || wordlist_add(&g->list, word, count, e);
}

void gather_end(struct gather *g)
{
    if (g->fit) fit_cut(g->fit, g->budget);
    for (struct word_at at = wordlist_all(&g->list); gather_next(g, &at); g->seen.n_seen++) g->seen.seen += at.count;
}

bool gather_next(const struct gather *g, struct word_at *at)
{
    while (word_next(at)) if (!g->fit || fit_keeps(g->fit, at->text, at->count)) return true;
    return false;
}

void gather_free(struct gather *g)
{
    wordlist_free(&g->list);
    alphabet_free(&g->alphabet);
    free(g->fit);
    *g = (struct gather){ 0 };
}
