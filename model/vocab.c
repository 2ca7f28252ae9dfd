/* vocab.c - tokens by number and numbers by token.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/vocab.h"

#include "core/hash.h"

#include <assert.h>
#include <stdlib.h>

static uint32_t *place(const struct vocab *v, struct str token)
{
    size_t i = hash64(token, 0) & (v->slots - 1);
    while (v->slot[i] && !str_eq(v->token[v->slot[i] - 1], token)) i = (i + 1) & (v->slots - 1);
    return &v->slot[i];
}

static void widen(struct vocab *v)
{
    uint32_t *old = v->slot;
    const size_t n = v->slots;
    v->slots = n ? 2 * n : 1024;
    v->slot = mem_zero(v->slots, sizeof *v->slot);
    for (size_t i = 0; i < n; i++) if (old[i]) *place(v, v->token[old[i] - 1]) = old[i];
    free(old);
}

void vocab_set(struct vocab *v, uint32_t id, struct str token)
{
    assert(id < VOCAB_MAX);
    if (2 * v->used >= v->slots) widen(v);
    if (id >= v->cap) v->token = mem_grow(v->token, &v->cap, (size_t)id + 1, sizeof *v->token);
    while (v->n <= id) v->token[v->n++] = (struct str){ NULL, 0 };
    v->token[id] = str_copy(&v->mem, token);
    if (token.n > v->longest) v->longest = token.n;
    uint32_t *at = place(v, token);
    if (*at) return;
    *at = id + 1;
    v->used++;
}

uint32_t vocab_find(const struct vocab *v, struct str token)
{
    if (!v->slots || token.n > v->longest) return VOCAB_NONE;
    const uint32_t at = *place(v, token);
    return at ? at - 1 : VOCAB_NONE;
}

void vocab_free(struct vocab *v)
{
    arena_free(&v->mem);
    free(v->token);
    free(v->slot);
    *v = (struct vocab){ 0 };
}
