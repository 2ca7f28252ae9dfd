/* arena.c - blocks in a list, the newest first, each twice as large as the one before.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 1 << 16, ALIGN = 16 };

struct arena_block { struct arena_block *next; size_t size; _Alignas(ALIGN) char data[]; };

void mem_out(size_t size)
{
    if (size) fprintf(stderr, "tamis: out of memory: could not get %zu bytes\n", size);
    else fprintf(stderr, "tamis: out of memory\n");
    exit(3);
}

static void *must(void *p, size_t size)
{
    if (!p) mem_out(size ? size : 1);
    return p;
}

static void *block_new(struct arena *a, size_t size)
{
    size_t twice = a->blocks ? a->blocks->size * 2 : FIRST_BLOCK, n = twice > size ? twice : size;
    struct arena_block *b = must(malloc(mem_size(1, sizeof *b + n)), n);
    b->next = a->blocks;
    b->size = n;
    a->blocks = b;
    a->at = b->data;
    a->end = b->data + n;
    return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
    if (size > SIZE_MAX / 4) must(NULL, size);
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (!a->at || (size_t)(a->end - a->at) < size) block_new(a, size);    /* empty is not null */
    void *p = a->at;
    a->at += size;
    return p;
}

void *arena_zero(struct arena *a, size_t size)
{
    return memset(arena_alloc(a, size), 0, size);
}

struct arena_mark arena_mark(const struct arena *a)
{
    return (struct arena_mark){ a->at, a->blocks };
}

void arena_rewind(struct arena *a, struct arena_mark m)
{
    while (a->blocks != m.block) {
        struct arena_block *next = a->blocks->next;
        if (!m.block && !next) {                     /* marked when empty: the first block may stay */
            a->at = a->blocks->data;
            return;
        }
        free(a->blocks);
        a->blocks = next;
    }
    a->at = m.at;
    a->end = a->blocks ? a->blocks->data + a->blocks->size : NULL;
}

void arena_reset(struct arena *a)
{
    if (!a->blocks) return;
    for (struct arena_block *b = a->blocks->next, *next; b; b = next) { next = b->next; free(b); }
    a->blocks->next = NULL;
    a->at = a->blocks->data;
    a->end = a->at + a->blocks->size;
}

void arena_free(struct arena *a)
{
    arena_reset(a);
    free(a->blocks);
    *a = (struct arena){ 0 };
}

size_t mem_size(size_t n, size_t size)
{
    size_t all;
    if (__builtin_mul_overflow(n, size, &all)) must(NULL, SIZE_MAX);
    return all;
}

void *mem_alloc(size_t n, size_t size)
{
    size_t all = mem_size(n, size);
    return must(malloc(all ? all : 1), all);
}

void *mem_lines(size_t n, size_t size)
{
    enum { LINE = 64 };
    size_t all = mem_size(n, size);
    if (all > SIZE_MAX - LINE) mem_out(all);
    return must(aligned_alloc(LINE, all / LINE * LINE + LINE), all);
}

void *mem_zero(size_t n, size_t size)
{
    return must(calloc(n ? n : 1, size), mem_size(n, size));
}

void *mem_grow(void *p, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap) return p;
    size_t n = *cap + *cap / 2;
    if (n < need) n = need;
    if (n < 16) n = 16;
    p = must(realloc(p, mem_size(n, size)), n * size);
    *cap = n;
    return p;
}
