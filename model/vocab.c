/* vocab.c - tokens by number and numbers by token.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/vocab.h"

#include "core/hash.h"

#include <assert.h>
#include <stdlib.h>

enum { ID_BITS = 25 };
static const uint32_t ID_MASK = ((uint32_t)1 << ID_BITS) - 1;

static uint32_t tag_of(uint64_t hash) { return (uint32_t)(hash >> 32) & ~ID_MASK; }

/* A token is only looked at where the tag is that of its hash: it is mostly far from here. */
static uint32_t *place(const struct vocab *v, struct str token, uint64_t hash)
{
    size_t i = hash & (v->slots - 1);
    for (uint32_t at; (at = v->slot[i]); i = (i + 1) & (v->slots - 1))
        if ((at & ~ID_MASK) == tag_of(hash) && str_eq(v->token[(at & ID_MASK) - 1], token)) break;
    return &v->slot[i];
}

void vocab_reserve(struct vocab *v, size_t n)
{
    uint32_t *old = v->slot;
    const size_t n_old = v->slots;
    if (n_old && 2 * n <= n_old) return;
    if (!n_old) v->slots = 1024;
    while (2 * n > v->slots) v->slots *= 2;
    v->slot = mem_zero(v->slots, sizeof *v->slot);
    for (size_t i = 0; i < n_old; i++) {
        if (!old[i]) continue;
        const struct str token = v->token[(old[i] & ID_MASK) - 1];
        *place(v, token, hash64(token, 0)) = old[i];
    }
    free(old);
}

void vocab_set(struct vocab *v, uint32_t id, struct str token)
{
    assert(id < VOCAB_MAX);
    vocab_reserve(v, v->used + 1);
    if (id >= v->cap) v->token = mem_grow(v->token, &v->cap, (size_t)id + 1, sizeof *v->token);
    while (v->n <= id) v->token[v->n++] = (struct str){ NULL, 0 };
    v->token[id] = str_copy(&v->mem, token);
    if (token.n > v->longest) v->longest = token.n;
    const uint64_t hash = hash64(token, 0);
    uint32_t *at = place(v, token, hash);
    if (*at) { v->shared = true; return; }
    *at = tag_of(hash) | (id + 1);
    v->used++;
}

uint32_t vocab_find(const struct vocab *v, struct str token)
{
    if (!v->slots || token.n > v->longest) return VOCAB_NONE;
    const uint32_t at = *place(v, token, hash64(token, 0)) & ID_MASK;
    return at ? at - 1 : VOCAB_NONE;
}

void vocab_free(struct vocab *v)
{
    arena_free(&v->mem);
    free(v->token);
    free(v->slot);
    *v = (struct vocab){ 0 };
}
