/* fasttext_corpus.c - labelled texts as numbers: every distinct word once, every text as word numbers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/fasttext_corpus.h"

#include <stdlib.h>

static void lexicon_grow(struct ft_lexicon *x)
{
    x->mask = x->mask ? x->mask * 2 + 1 : 1023;
    free(x->slots);
    x->slots = mem_zero((size_t)x->mask + 1, sizeof *x->slots);
    for (uint32_t i = 0; i < x->n; i++) {
        uint32_t at = x->entries[i].hash & x->mask;
        while (x->slots[at]) at = (at + 1) & x->mask;
        x->slots[at] = i + 1;
    }
}

uint32_t ft_lexicon_add(struct ft_lexicon *x, struct str s)
{
    const uint32_t hash = ft_hash(s);
    if (x->n >= x->mask / 2) lexicon_grow(x);
    uint32_t at = hash & x->mask;
    for (uint32_t slot; (slot = x->slots[at]); at = (at + 1) & x->mask) {
        const struct ft_entry *it = &x->entries[slot - 1];
        if (it->hash == hash && it->n == s.n && !memcmp(it->p, s.p, s.n)) { x->counts[slot - 1]++; return slot - 1; }
    }
    if (x->n == x->cap) {
        size_t same = x->cap;
        x->entries = mem_grow(x->entries, &same, x->n + 1, sizeof *x->entries);
        x->counts = mem_grow(x->counts, &x->cap, x->n + 1, sizeof *x->counts);
    }
    struct str own = str_copy(&x->text, s);
    x->entries[x->n] = (struct ft_entry){ own.p, (uint32_t)own.n, hash };
    x->counts[x->n] = 1;
    x->slots[at] = x->n + 1;
    return x->n++;
}

void ft_lexicon_free(struct ft_lexicon *x)
{
    free(x->entries);
    free(x->counts);
    free(x->slots);
    arena_free(&x->text);
}

static void list_add(struct ft_list *l, uint32_t x)
{
    if (l->n == l->cap) l->at = mem_grow(l->at, &l->cap, l->n + 1, sizeof *l->at);
    l->at[l->n++] = x;
}

struct fasttext_corpus *fasttext_corpus_new(void) { return mem_zero(1, sizeof(struct fasttext_corpus)); }

void fasttext_corpus_add(struct fasttext_corpus *c, struct str text, const struct str *labels, size_t n)
{
    if (!n) return;
    if (c->n == c->cap) c->examples = mem_grow(c->examples, &c->cap, c->n + 1, sizeof *c->examples);
    struct ft_example *x = &c->examples[c->n++];
    x->words = c->tokens.n;
    x->labels = c->label_of.n;
    for (const char *p = text.p, *end = p + text.n; p < end; ) {
        const char *word = p;
        while (p < end && !ft_space(*p)) p++;
        struct str it = str_span(word, p++);
        if (it.n && !str_starts(it, FT_LABEL)) list_add(&c->tokens, ft_lexicon_add(&c->words, it));
    }
    list_add(&c->tokens, ft_lexicon_add(&c->words, FT_EOS));
    for (size_t i = 0; i < n; i++) list_add(&c->label_of, ft_lexicon_add(&c->labels, labels[i]));
    x->n_words = (uint32_t)(c->tokens.n - x->words);
    x->n_labels = (uint32_t)n;
}

size_t fasttext_corpus_words(const struct fasttext_corpus *c) { return c->tokens.n; }

void fasttext_corpus_free(struct fasttext_corpus *c)
{
    if (!c) return;
    ft_lexicon_free(&c->words);
    ft_lexicon_free(&c->labels);
    free(c->tokens.at);
    free(c->label_of.at);
    free(c->examples);
    free(c);
}
