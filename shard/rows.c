/* rows.c - pieces into rows: best fit, the longest first.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Rows with the same room form a list; a bitmap says which lists are not empty, so the fullest row that
 * has room is the next set bit: length / 64 words at worst. */
#include "shard/rows.h"

#include "core/arena.h"

#include <stdlib.h>

/* head (length + 1): a row + 1; next (n) */
struct bins { uint32_t *head; uint64_t *some; size_t length; uint32_t *next; size_t n, cap; };

static void put(struct bins *b, uint32_t row, size_t room)
{
    b->next[row] = b->head[room];
    b->head[room] = row + 1;
    b->some[room / 64] |= 1ull << room % 64;
}

static size_t least_room(const struct bins *b, size_t size)
{
    const size_t words = b->length / 64 + 1;
    size_t w = size / 64;
    uint64_t bits = b->some[w] & ~0ull << size % 64;
    while (!bits && ++w < words) bits = b->some[w];
    return bits ? 64 * w + (size_t)__builtin_ctzll(bits) : SIZE_MAX;
}

static uint32_t take(struct bins *b, size_t size)
{
    const size_t room = least_room(b, size);
    if (room == SIZE_MAX) {
        if (b->n == b->cap) b->next = mem_grow(b->next, &b->cap, b->n + 1, sizeof *b->next);
        put(b, (uint32_t)b->n, b->length - size);
        return (uint32_t)b->n++;
    }
    const uint32_t row = b->head[room] - 1;
    b->head[room] = b->next[row];
    if (!b->head[room]) b->some[room / 64] &= ~(1ull << room % 64);
    put(b, row, room - size);
    return row;
}

/* Indices of the pieces, the longest first, those of one size as they came. */
static uint32_t *by_size(const struct rows_piece *pieces, size_t n, size_t length)
{
    uint32_t *order = mem_alloc(n + 1, sizeof *order);
    size_t *at = mem_zero(length + 2, sizeof *at);
    for (size_t i = 0; i < n; i++) at[length - pieces[i].size + 1]++;
    for (size_t s = 0; s <= length; s++) at[s + 1] += at[s];
    for (size_t i = 0; i < n; i++) order[at[length - pieces[i].size]++] = (uint32_t)i;
    free(at);
    return order;
}

size_t rows_fit(struct rows_piece *pieces, size_t n, size_t length)
{
    struct bins b = { mem_zero(length + 1, sizeof *b.head), mem_zero(length / 64 + 1, sizeof *b.some), length, NULL, 0,
                      0 };
    uint32_t *order = by_size(pieces, n, length);
    for (size_t i = 0; i < n; i++) pieces[order[i]].row = take(&b, pieces[order[i]].size);
    uint32_t *number = mem_zero(b.n + 1, sizeof *number), seen = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t *as = &number[pieces[i].row];
        if (!*as) *as = ++seen;
        pieces[i].row = *as - 1;
    }
    free(number);
    free(order);
    free(b.head);
    free(b.some);
    free(b.next);
    return b.n;
}
