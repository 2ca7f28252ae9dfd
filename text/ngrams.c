/* ngrams.c - each step counts pairs of neighbouring groups, then keeps those seen twice.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/ngrams.h"

#include <stdlib.h>

static const uint32_t NONE = UINT32_MAX;

static void room(struct ngrams *g, size_t n)
{
    if (n <= g->cap) return;
    ngrams_free(g);
    g->cap = n + n / 2;
    g->at = mem_alloc(g->cap, sizeof *g->at);
    g->group = mem_alloc(g->cap, sizeof *g->group);
    g->count = mem_alloc(g->cap, sizeof *g->count);
    g->fresh = mem_alloc(g->cap, sizeof *g->fresh);
    g->pair = mem_alloc(g->cap, sizeof *g->pair);
    for (g->slot_cap = 64; g->slot_cap < g->cap * 2; ) g->slot_cap *= 2;
    g->slot = mem_alloc(g->slot_cap, sizeof *g->slot);
}

/* Drops the groups that occur once and numbers the rest anew. group[i] < n_groups counted in count. */
static void keep_repeated(struct ngrams *g)
{
    uint32_t groups = 0;
    for (size_t i = 0; i < g->n_groups; i++) {
        g->fresh[i] = g->count[i] > 1 ? groups : NONE;
        if (g->count[i] > 1) g->count[groups++] = g->count[i];
    }
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++) {
        uint32_t fresh = g->fresh[g->group[i]];
        g->at[n] = g->at[i];
        g->group[n] = fresh;
        n += fresh != NONE;
    }
    g->n = n;
    g->n_groups = groups;
}

void ngrams_start(struct ngrams *g, const uint32_t *id, const uint32_t *count, size_t n)
{
    room(g, n + 1);                  /* also an empty text has room */
    g->k = 1;
    g->n = g->n_groups = 0;
    for (size_t i = 0; i < n; i++) {
        g->at[g->n] = (uint32_t)i;
        g->group[g->n] = id[i];
        g->n += count[id[i]] > 1;
    }
}

/* The number of the pair that begins at i, counted from 0 as they come. A slot holds 1 + a number; pair says which two
 * it is. */
static inline uint32_t pair_number(struct ngrams *g, unsigned shift, size_t i, size_t *groups)
{
    const struct pair it = { g->group[i], g->group[i + 1] };
    const size_t mask = SIZE_MAX >> shift;
    for (size_t s = ((uint64_t)it.a << 32 | it.b) * 0x9E3779B97F4A7C15u >> shift; ; s = (s + 1) & mask) {
        if (!g->slot[s]) {
            g->slot[s] = (uint32_t)++*groups;
            g->pair[*groups - 1] = it;
            g->count[*groups - 1] = 0;
            return (uint32_t)*groups - 1;
        }
        uint32_t p = g->slot[s] - 1;
        if (g->pair[p].a == it.a && g->pair[p].b == it.b) return p;
    }
}

void ngrams_next(struct ngrams *g)
{
    size_t slots = 64, n = 0, groups = 0;
    while (slots < g->n * 2) slots *= 2;
    const unsigned shift = 64 - (unsigned)__builtin_ctzll(slots);
    memset(g->slot, 0, slots * sizeof *g->slot);
    for (size_t i = 0; i + 1 < g->n; i++) {
        if (g->at[i + 1] != g->at[i] + 1) continue;
        uint32_t p = pair_number(g, shift, i, &groups);
        g->count[p]++;
        g->at[n] = g->at[i];
        g->group[n++] = p;
    }
    g->k++;
    g->n = n;
    g->n_groups = groups;
    keep_repeated(g);
}

void ngrams_free(struct ngrams *g)
{
    free(g->at);
    free(g->group);
    free(g->count);
    free(g->slot);
    free(g->fresh);
    free(g->pair);
    *g = (struct ngrams){ 0 };
}
