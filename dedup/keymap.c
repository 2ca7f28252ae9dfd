/* keymap.c - see keymap.h. The keys are hashes: their low bits are the place.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/keymap.h"

enum { FIRST = 1 << 12 };
struct place { uint64_t key; uint32_t bucket, used; };

bool keymap_init(struct keymap *m, size_t memory, struct err *e)
{
    m->n = 0;
    shelf_init(&m->places, sizeof(struct place), memory);
    return shelf_grow(&m->places, FIRST, e);
}

static struct place *seek(struct shelf *s, uint64_t key)
{
    for (size_t i = (size_t)key; ; i++) {
        struct place *p = shelf_at(s, i & (s->n - 1));
        if (!p->used || p->key == key) return p;
    }
}

static bool widen(struct keymap *m, struct err *e)
{
    struct shelf wider;
    shelf_init(&wider, sizeof(struct place), m->places.budget);
    if (!shelf_grow(&wider, m->places.n * 2, e)) return false;
    for (size_t i = 0; i < m->places.n; i++) {
        struct place p = *(const struct place *)shelf_at(&m->places, i);
        if (p.used) *seek(&wider, p.key) = p;
    }
    shelf_free(&m->places);
    m->places = wider;
    return true;
}

bool keymap_bucket(struct keymap *m, uint64_t key, uint32_t *bucket, struct err *e)
{
    if (m->n == UINT32_MAX) return err_set(e, ERR_DATA, "more than 2^32 different band keys");
    if (m->n * 3 >= m->places.n * 2 && !widen(m, e)) return false;
    struct place *p = seek(&m->places, key);
    if (!p->used) *p = (struct place){ key, (uint32_t)m->n++, 1 };
    *bucket = p->bucket;
    return true;
}

void keymap_free(struct keymap *m)
{
    shelf_free(&m->places);
}
