/* bpe_long.c - a piece of many symbols: the pairs that merge wait by rank.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/bpe_long.h"

#include "core/hash.h"

#include <stdlib.h>

/* places sorted for each symbol of a piece before lists give way to a heap */
enum { SORTS = 32 };

/* rank, merged: of the pair that begins here; id NONE: taken */
struct symbol { uint32_t id, rank, merged; int32_t prev, next; };
struct wait { uint32_t rank, at; };
/* of places; those before head are done */
struct list { uint32_t rank, *at; size_t head, n, cap, slot; bool sorted, waits; };
struct bpe_long {
    struct symbol *symbol;
    size_t cap_symbol;
    struct list *list;                                               /* one a rank */
    size_t n_lists, n_made, cap_lists;                               /* n_made: those with room of their own */
    uint32_t *slot;                                                  /* (slots), list + 1: by rank */
    size_t slots;
    uint32_t *waiting;                                               /* a heap of lists, the lowest rank on top */
    size_t n_waiting, cap_waiting;
    struct wait *heap;
    size_t n_heap, cap_heap;
    bool by_heap;
};

struct bpe_long *bpe_long_new(void) { return mem_zero(1, sizeof(struct bpe_long)); }

void bpe_long_free(struct bpe_long *s)
{
    if (!s) return;
    for (size_t i = 0; i < s->n_made; i++) free(s->list[i].at);
    free(s->list);
    free(s->slot);
    free(s->waiting);
    free(s->symbol);
    free(s->heap);
    free(s);
}

static bool before(struct wait a, struct wait b) { return a.rank != b.rank ? a.rank < b.rank : a.at < b.at; }

static void heap_push(struct bpe_long *s, struct wait w)
{
    if (s->n_heap == s->cap_heap) s->heap = mem_grow(s->heap, &s->cap_heap, s->n_heap + 1, sizeof *s->heap);
    size_t i = s->n_heap++;
    for (; i && before(w, s->heap[(i - 1) / 2]); i = (i - 1) / 2) s->heap[i] = s->heap[(i - 1) / 2];
    s->heap[i] = w;
}

static struct wait heap_pop(struct bpe_long *s)
{
    const struct wait top = s->heap[0], last = s->heap[--s->n_heap];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < s->n_heap; i = child) {
        if (child + 1 < s->n_heap && before(s->heap[child + 1], s->heap[child])) child++;
        if (!before(s->heap[child], last)) break;
        s->heap[i] = s->heap[child];
    }
    s->heap[i] = last;
    return top;
}

static bool list_before(const struct bpe_long *s, uint32_t a, uint32_t b)
{
    return s->list[a].rank < s->list[b].rank;
}

static void wait_list(struct bpe_long *s, uint32_t list)
{
    if (s->n_waiting == s->cap_waiting)
        s->waiting = mem_grow(s->waiting, &s->cap_waiting, s->n_waiting + 1, sizeof *s->waiting);
    size_t i = s->n_waiting++;
    for (; i && list_before(s, list, s->waiting[(i - 1) / 2]); i = (i - 1) / 2) s->waiting[i] = s->waiting[(i - 1) / 2];
    s->waiting[i] = list;
    s->list[list].waits = true;
}

static void done_list(struct bpe_long *s)
{
    struct list *l = &s->list[s->waiting[0]];
    l->head = l->n = 0;
    l->waits = false;
    l->sorted = true;
    const uint32_t last = s->waiting[--s->n_waiting];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < s->n_waiting; i = child) {
        if (child + 1 < s->n_waiting && list_before(s, s->waiting[child + 1], s->waiting[child])) child++;
        if (!list_before(s, s->waiting[child], last)) break;
        s->waiting[i] = s->waiting[child];
    }
    s->waiting[i] = last;
}

/* Fewer ranks than places: the table begins small and doubles. */
static void widen_lists(struct bpe_long *s)
{
    free(s->slot);
    s->slots = s->slots ? 2 * s->slots : 256;
    s->slot = mem_zero(s->slots, sizeof *s->slot);
    for (uint32_t i = 0; i < s->n_lists; i++) {
        size_t k = hash_mix(s->list[i].rank) & (s->slots - 1);
        while (s->slot[k]) k = (k + 1) & (s->slots - 1);
        s->slot[k] = i + 1;
        s->list[i].slot = k;
    }
}

static uint32_t list_of(struct bpe_long *s, uint32_t rank)
{
    if (2 * (s->n_lists + 1) > s->slots) widen_lists(s);
    size_t k = hash_mix(rank) & (s->slots - 1);
    for (; s->slot[k]; k = (k + 1) & (s->slots - 1)) if (s->list[s->slot[k] - 1].rank == rank) return s->slot[k] - 1;
    if (s->n_lists == s->cap_lists) s->list = mem_grow(s->list, &s->cap_lists, s->n_lists + 1, sizeof *s->list);
    for (; s->n_made <= s->n_lists; s->n_made++) s->list[s->n_made] = (struct list){ 0 };
    struct list *l = &s->list[s->n_lists++];
    *l = (struct list){ .rank = rank, .at = l->at, .cap = l->cap, .slot = k, .sorted = true };
    s->slot[k] = (uint32_t)s->n_lists;
    return (uint32_t)s->n_lists - 1;
}

/* The pair that begins at symbol i is new: looks it up, and queues it when it merges. */
static void offer(const struct bpe *b, struct bpe_long *s, int32_t i)
{
    struct symbol *x = &s->symbol[i];
    x->rank = BPE_NO_RANK;
    if (x->next < 0) return;
    const struct bpe_into to = bpe_look(b, x->id, s->symbol[x->next].id);
    x->rank = to.rank;
    x->merged = to.id;
    if (to.rank == BPE_NO_RANK) return;
    if (s->by_heap) { heap_push(s, (struct wait){ x->rank, (uint32_t)i }); return; }
    const uint32_t list = list_of(s, x->rank);
    struct list *l = &s->list[list];
    if (l->n == l->cap) l->at = mem_grow(l->at, &l->cap, l->n + 1, sizeof *l->at);
    l->sorted = l->sorted && (l->n == l->head || l->at[l->n - 1] < (uint32_t)i);
    l->at[l->n++] = (uint32_t)i;
    if (!l->waits) wait_list(s, list);
}

static void merge_at(const struct bpe *b, struct bpe_long *s, uint32_t at)
{
    struct symbol *x = s->symbol, *left = &x[at], *right = &x[left->next];
    left->id = left->merged;
    left->next = right->next;
    right->id = VOCAB_NONE;
    if (left->next >= 0) x[left->next].prev = (int32_t)at;
    offer(b, s, (int32_t)at);
    if (left->prev >= 0) offer(b, s, left->prev);
}

/* not merged since */
static bool waits(const struct symbol *x, uint32_t rank) { return x->id != VOCAB_NONE && x->rank == rank; }

static int by_place(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The places of each rank are a list: mostly they come in order, and one walk does a whole rank. Returns false when
   lists had to be sorted too often for that to pay; what is left is for the heap. */
static bool merge_by_lists(const struct bpe *b, struct bpe_long *s, size_t n)
{
    size_t sorted = 0;
    while (s->n_waiting) {
        struct list *l = &s->list[s->waiting[0]];
        if (l->head == l->n) { done_list(s); continue; }
        if (!l->sorted) {
            if ((sorted += l->n - l->head) > SORTS * n) return false;
            qsort(l->at + l->head, l->n - l->head, sizeof *l->at, by_place);
            l->sorted = true;
        }
        const uint32_t at = l->at[l->head++];
        if (waits(&s->symbol[at], l->rank)) merge_at(b, s, at);
    }
    return true;
}

static void merge_by_heap(const struct bpe *b, struct bpe_long *s)
{
    while (s->n_heap) {
        const struct wait w = heap_pop(s);
        if (waits(&s->symbol[w.at], w.rank)) merge_at(b, s, w.at);
    }
}

size_t bpe_merge_long(const struct bpe *b, struct bpe_long *s, uint32_t *id, size_t n)
{
    if (n > s->cap_symbol) s->symbol = mem_grow(s->symbol, &s->cap_symbol, n, sizeof *s->symbol);
    struct symbol *x = s->symbol;
    for (size_t i = 0; i < s->n_lists; i++) s->slot[s->list[i].slot] = 0;
    s->n_lists = s->n_waiting = s->n_heap = 0;
    s->by_heap = false;
    for (size_t i = 0; i < n; i++)
        x[i] = (struct symbol){ .id = id[i], .prev = (int32_t)i - 1, .next = i + 1 < n ? (int32_t)i + 1 : -1 };
    for (size_t i = 0; i < n; i++) offer(b, s, (int32_t)i);
    s->by_heap = !merge_by_lists(b, s, n);
    for (size_t i = 0; s->by_heap && i < n; i++) if (x[i].id != VOCAB_NONE) offer(b, s, (int32_t)i);
    merge_by_heap(b, s);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) if (x[i].id != VOCAB_NONE) id[kept++] = x[i].id;
    return kept;
}
