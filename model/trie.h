/* trie.h - which strings of a set begin at a place in a text.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A node's child is looked up in one hash table by (node, byte); node 0 is the root. Strings carry a value
 * below TRIE_NONE; a string that is put twice keeps its first.
 *
 *     for (uint32_t at = 0; p < end && (at = trie_step(&t, at, *p)) != TRIE_NONE; p++)
 *         if (t.value[at] != TRIE_NONE) ... the string up to and with *p is in the set ...
 */
#ifndef MODEL_TRIE_H
#define MODEL_TRIE_H
#include "core/hash.h"

static const uint32_t TRIE_NONE = UINT32_MAX;

struct trie_edge { uint64_t key; uint32_t to; };                     /* key: node << 8 | byte, + 1; 0: free */
struct trie { struct trie_edge *edge; size_t slots, n_edges; uint32_t *value; size_t n, cap; };   /* value (n nodes) */

void trie_put(struct trie *t, struct str s, uint32_t value);         /* the first call makes the root */
void trie_free(struct trie *t);

static inline uint32_t trie_step(const struct trie *t, uint32_t node, char byte)
{
    const uint64_t key = ((uint64_t)node << 8 | (uint8_t)byte) + 1;
    for (size_t i = hash_mix(key) & (t->slots - 1); t->edge[i].key; i = (i + 1) & (t->slots - 1))
        if (t->edge[i].key == key) return t->edge[i].to;
    return TRIE_NONE;
}

#endif
