/* count.c - how often each word occurs, in bounded memory.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   block    the words' bytes from its front -> ... free ... <- their records from its end
 *   slot     hash table of record + 1; the block's free part and the slots together are the memory that is left
 *
 * An eighth of the memory is for the merge's windows.
 */
#include "tokenizer/count.h"

#include "core/hash.h"
#include "tokenizer/spill.h"

#include <stdlib.h>

struct count {
    size_t memory;                                                               /* of block and slots */
    char *block;
    size_t size, n_bytes, n;
    uint32_t *slot;
    size_t slots;
    struct spill spill;
};
enum { FIRST_SLOTS = 1 << 12 };
static const size_t LEAST_MEMORY = 1 << 18;

struct count *count_new(size_t memory, size_t mark)
{
    struct count *c = mem_zero(1, sizeof *c);
    if (memory < LEAST_MEMORY) memory = LEAST_MEMORY;
    c->memory = memory / 8 * 7;
    c->size = c->memory / sizeof(struct word) * sizeof(struct word);
    c->spill = (struct spill){ .fd = -1, .mark = mark, .memory = memory / 8 };
    return c;
}

static void forget(struct count *c)
{
    free(c->block);
    free(c->slot);
    c->block = NULL;
    c->slot = NULL;
    c->n = c->n_bytes = c->slots = 0;
}

void count_free(struct count *c)
{
    if (!c) return;
    forget(c);
    spill_free(&c->spill);
    free(c);
}

uint64_t count_spilled(const struct count *c) { return c->spill.written; }

/* Word i: the first is the last in the block. */
static struct word *word_at(const struct count *c, size_t i)
{
    return (struct word *)(void *)(c->block + c->size) - 1 - i;
}

static struct word_run run_of(const struct count *c)
{
    return (struct word_run){ c->n ? word_at(c, c->n - 1) : NULL, c->n, c->block, c->spill.mark };
}

static void widen(struct count *c)
{
    free(c->slot);
    c->slots = c->slots ? 2 * c->slots : FIRST_SLOTS;
    c->slot = mem_zero(c->slots, sizeof *c->slot);
    for (size_t i = 0; i < c->n; i++) {
        size_t k = word_at(c, i)->hash & (c->slots - 1);
        while (c->slot[k]) k = (k + 1) & (c->slots - 1);
        c->slot[k] = (uint32_t)i + 1;
    }
}

static bool spill(struct count *c, struct err *e)
{
    const struct word_run r = run_of(c);
    word_run_sort(&r);
    const bool ok = spill_put(&c->spill, &r, e);
    c->n = c->n_bytes = 0;
    memset(c->slot, 0, c->slots * sizeof *c->slot);
    return ok;
}

/* With one word more, of so many bytes. */
static bool full(const struct count *c, size_t size)
{
    const size_t slots = 2 * (c->n + 1) > c->slots ? 2 * c->slots : c->slots;
    return slots * sizeof *c->slot + c->n_bytes + size + (c->n + 1) * sizeof(struct word) > c->memory;
}

static bool begin(struct count *c, size_t *slot, uint32_t hash, size_t size, struct err *e)
{
    /* pages are only taken as they are touched */
    if (!c->block) c->block = mem_alloc(c->size, 1);
    if (!full(c, size)) return true;
    if (c->n && !spill(c, e)) return false;
    *slot = hash & (c->slots - 1);
    return true;
}

bool count_add(struct count *c, struct str s, uint64_t n, struct err *e)
{
    const uint32_t hash = (uint32_t)hash64(s, 0), size = (uint32_t)s.n;
    if (s.n > UINT32_MAX) return err_set(e, ERR_DATA, "a word of more than 4 GB");
    if (!c->slots) widen(c);
    size_t i = hash & (c->slots - 1);
    for (; c->slot[i]; i = (i + 1) & (c->slots - 1)) {
        struct word *w = word_at(c, c->slot[i] - 1);
        if (w->hash != hash || w->size != size || memcmp(c->block + w->at, s.p, s.n)) continue;
        w->count += n;
        return true;
    }
    if (!begin(c, &i, hash, s.n, e)) return false;
    /* a run of its own */
    if (full(c, s.n))
        return spill_put(&c->spill, &(struct word_run){ &(struct word){ n, 0, size, hash }, 1, s.p, c->spill.mark }, e);
    *word_at(c, c->n) = (struct word){ n, c->n_bytes, size, hash };
    memcpy(c->block + c->n_bytes, s.p, s.n);
    c->n_bytes += s.n;
    c->slot[i] = (uint32_t)++c->n;
    if (2 * c->n > c->slots) widen(c);
    return true;
}

bool count_all(struct count **all, size_t n, count_fn *each, void *with, struct err *e)
{
    struct spill **spills = mem_alloc(n + 1, sizeof *spills);
    struct word_run *runs = mem_alloc(n + 1, sizeof *runs);
    for (size_t i = 0; i < n; i++) {
        free(all[i]->slot);
        all[i]->slot = NULL;
        spills[i] = &all[i]->spill;
        runs[i] = run_of(all[i]);
        word_run_sort(&runs[i]);
    }
    const bool ok = spill_merge(spills, n, runs, n, each, with, e);
    for (size_t i = 0; i < n; i++) {
        forget(all[i]);
        spill_free(&all[i]->spill);
    }
    free(spills);
    free(runs);
    return ok;
}
