/* trie.c - which strings of a set begin at a place in a text.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/trie.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 1 << 12 };

static void place(struct trie *t, struct trie_edge e)
{
    size_t i = hash_mix(e.key) & (t->slots - 1);
    while (t->edge[i].key) i = (i + 1) & (t->slots - 1);
    t->edge[i] = e;
}

static void widen(struct trie *t)
{
    struct trie_edge *old = t->edge;
    const size_t n = t->slots;
    t->slots = n ? 2 * n : FIRST_SLOTS;
    t->edge = mem_zero(t->slots, sizeof *t->edge);
    for (size_t i = 0; i < n; i++) if (old[i].key) place(t, old[i]);
    free(old);
}

static uint32_t add_node(struct trie *t)
{
    if (t->n == t->cap) t->value = mem_grow(t->value, &t->cap, t->n + 1, sizeof *t->value);
    t->value[t->n] = TRIE_NONE;
    return (uint32_t)t->n++;
}

void trie_put(struct trie *t, struct str s, uint32_t value)
{
    if (!t->n) { widen(t); add_node(t); }
    uint32_t at = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint32_t next = trie_step(t, at, s.p[i]);
        if (next == TRIE_NONE) {
            if (3 * ++t->n_edges > t->slots) widen(t);
            next = add_node(t);
            place(t, (struct trie_edge){ ((uint64_t)at << 8 | (uint8_t)s.p[i]) + 1, next });
        }
        at = next;
    }
    if (t->value[at] == TRIE_NONE) t->value[at] = value;
}

void trie_free(struct trie *t)
{
    free(t->edge);
    free(t->value);
    *t = (struct trie){ 0 };
}
