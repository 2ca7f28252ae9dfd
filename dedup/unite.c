/* unite.c - see unite.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/unite.h"

void unite_init(struct unite *u, size_t budget) { shelf_init(&u->up, sizeof(uint32_t), budget); }
bool unite_grow(struct unite *u, size_t n, struct err *e) { return shelf_grow(&u->up, n, e); }
void unite_free(struct unite *u) { shelf_free(&u->up); }

uint32_t unite_find(struct unite *u, uint32_t i)
{
    for (;;) {
        uint32_t *up = shelf_at(&u->up, i);
        if (!*up) return i;
        uint32_t above = *(uint32_t *)shelf_at(&u->up, *up - 1);
        if (!above) return *up - 1;
        *up = above;
        i = above - 1;
    }
}

uint32_t unite_join(struct unite *u, uint32_t a, uint32_t b)
{
    a = unite_find(u, a);
    b = unite_find(u, b);
    uint32_t root = a < b ? a : b, other = a < b ? b : a;
    if (root != other) *(uint32_t *)shelf_at(&u->up, other) = root + 1;
    return root;
}
