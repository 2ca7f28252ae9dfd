/* shelf.h - an array that may be larger than its share of memory.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Up to `budget` bytes it lies in memory. Past that it moves to a mapped scratch file, and what
 * is resident of it is let go each time that budget's worth of pages (and 8 MiB) may have been touched: the
 * ceiling holds whatever the order of access, and no item is copied to be read.
 *
 *     struct shelf s;
 *     shelf_init(&s, sizeof(uint32_t), 64 << 20);
 *     if (!shelf_grow(&s, n, e)) ...
 *     *(uint32_t *)shelf_at(&s, i) += 1;
 *
 * New items are zero. A pointer is good until the next shelf_grow. One thread.
 */
#ifndef DEDUP_SHELF_H
#define DEDUP_SHELF_H
#include "core/err.h"

#include <stddef.h>

struct shelf { char *p; size_t item, n, size, budget, touched; int fd; };

void shelf_init(struct shelf *s, size_t item, size_t budget);
bool shelf_grow(struct shelf *s, size_t n, struct err *e) MUST_CHECK;      /* at least n items */
void shelf_let_go(struct shelf *s);
void shelf_free(struct shelf *s);

static inline void *shelf_at(struct shelf *s, size_t i)
{
    /* a fault maps 16 pages, 64 KiB, at most */
    if (s->fd >= 0 && ++s->touched > 128 + (s->budget >> 16)) shelf_let_go(s);
    return s->p + i * s->item;
}

#endif
