/* ngrams.c - each step counts pairs of neighbouring groups, then keeps those seen twice.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/ngrams.h"
#include "core/hash.h"

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
    g->first = mem_alloc(g->cap, sizeof *g->first);
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
    g->n = n;
    g->n_groups = 0;
    for (size_t i = 0; i < n; i++) {
        g->at[i] = (uint32_t)i;
        g->group[i] = id[i];
        if (id[i] >= g->n_groups) g->n_groups = (size_t)id[i] + 1;
    }
    for (size_t i = 0; i < g->n_groups; i++) g->count[i] = count[i];
    keep_repeated(g);
}

/* The number of the pair (a, b). A slot holds 1 + the index of a position whose pair it is; first holds that index of a group. */
static uint32_t pair_number(struct ngrams *g, size_t mask, size_t i, size_t *groups)
{
    uint32_t a = g->group[i], b = g->group[i + 1];
    for (size_t s = hash_mix((uint64_t)a << 32 | b) & mask; ; s = (s + 1) & mask) {
        if (!g->slot[s]) {
            g->slot[s] = (uint32_t)++*groups;
            g->first[*groups - 1] = a;
            g->fresh[*groups - 1] = b;
            g->count[*groups - 1] = 0;
            return (uint32_t)*groups - 1;
        }
        uint32_t p = g->slot[s] - 1;
        if (g->first[p] == a && g->fresh[p] == b) return p;
    }
}

void ngrams_next(struct ngrams *g)
{
    size_t slots = 64, n = 0, groups = 0;
    while (slots < g->n * 2) slots *= 2;
    memset(g->slot, 0, slots * sizeof *g->slot);
    for (size_t i = 0; i + 1 < g->n; i++) {
        if (g->at[i + 1] != g->at[i] + 1) continue;
        uint32_t p = pair_number(g, slots - 1, i, &groups);
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
    free(g->first);
    *g = (struct ngrams){ 0 };
}
