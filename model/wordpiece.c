/* wordpiece.c - BERT's way with a word.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/wordpiece.h"

#include "core/utf8.h"

void wordpiece_init(struct wordpiece *w, const struct vocab *v, struct str prefix, uint32_t unk, size_t most_chars)
{
    *w = (struct wordpiece){ .unk = unk, .most_chars = most_chars };
    trie_put(&w->first, S(""), TRIE_NONE);
    trie_put(&w->rest, S(""), TRIE_NONE);
    for (uint32_t id = 0; id < v->n; id++) {
        const struct str t = v->token[id];
        if (!t.n || vocab_find(v, t) != id) continue;
        trie_put(&w->first, t, id);
        if (t.n > prefix.n && str_starts(t, prefix))
            trie_put(&w->rest, (struct str){ t.p + prefix.n, t.n - prefix.n }, id);
    }
}

void wordpiece_free(struct wordpiece *w)
{
    trie_free(&w->first);
    trie_free(&w->rest);
}

/* The longest token at the beginning of s: its bytes, or 0. */
static size_t longest(const struct trie *t, struct str s, uint32_t *id)
{
    size_t best = 0;
    uint32_t node = 0;
    for (size_t i = 0; i < s.n && (node = trie_step(t, node, s.p[i])) != TRIE_NONE; i++) {
        if (t->value[node] == TRIE_NONE) continue;
        *id = t->value[node];
        best = i + 1;
    }
    return best;
}

void wordpiece_encode(const struct wordpiece *w, struct str word, struct ids *to)
{
    const size_t first = to->n;
    bool known = utf8_length(word) <= w->most_chars;
    for (size_t at = 0; known && at < word.n; ) {
        uint32_t id;
        const size_t n = longest(at ? &w->rest : &w->first, (struct str){ word.p + at, word.n - at }, &id);
        known = n > 0;
        if (known) ids_put(to, id);
        at += n;
    }
    if (known) return;
    to->n = first;
    if (w->unk != VOCAB_NONE) ids_put(to, w->unk);
}
