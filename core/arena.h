/* arena.h - memory with a lifetime instead of an owner.
 * SPDX-License-Identifier: Apache-2.0
 *
 * An arena gives out memory and takes it back all at once. Three lifetimes are
 * enough: the stage (models, tables: until exit), the batch (everything about
 * these documents: emptied when the batch is used again), and the scratch
 * inside one function:
 *
 *     struct arena_mark m = arena_mark(a);
 *     uint32_t *count = NEW(a, uint32_t, n);
 *     ...
 *     arena_rewind(a, m);
 *
 * Nothing is freed one by one. Allocation does not fail: when the system has no
 * more, the program says how much it wanted and exits with 3, and the temporary
 * files that it had open are removed (file.h).
 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H
#include <stddef.h>

struct arena { char *at, *end; struct arena_block *blocks; };
struct arena_mark { char *at; struct arena_block *block; };

void *arena_alloc(struct arena *a, size_t size);      /* 16-byte aligned, not cleared */
void *arena_zero(struct arena *a, size_t size);       /* cleared */
struct arena_mark arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark m);
void arena_reset(struct arena *a);                    /* empties it, keeps the largest block */
void arena_free(struct arena *a);

#define NEW(a, T, n)  ((T *)arena_alloc((a), mem_size((n), sizeof(T))))
#define ZERO(a, T, n) ((T *)arena_zero((a), mem_size((n), sizeof(T))))

/* A library says that it got no memory: the same end. size: how much, or 0 when unknown. */
_Noreturn void mem_out(size_t size);

/* Growable and large memory with one owner, freed by free(). */
size_t mem_size(size_t n, size_t size);               /* n * size; too large is out of memory */
void *mem_alloc(size_t n, size_t size);               /* not cleared */
void *mem_lines(size_t n, size_t size);               /* not cleared; begins a line of the cache, 64 bytes */
void *mem_zero(size_t n, size_t size);
void *mem_grow(void *p, size_t *cap, size_t need, size_t size);   /* room for need items, at least 1.5 times the old */

#endif
