/* count.c - how often each word occurs, in bounded memory.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   block    records (run.h), one behind the other
 *   slot     hash table of where records begin; what of the block is in use and the slots together are the memory
 *
 * When the block is to be sorted its keys lie where the slots did: there are at least two slots for each word.
 * An eighth of the memory is for the merge's windows.
 */
#include "tokenizer/count.h"

#include "core/hash.h"
#include "tokenizer/spill.h"

#include <stdlib.h>

struct count {
    size_t memory;                                                               /* of block and slots */
    char *block;
    size_t n_bytes, n;                                                           /* n words */
    uint32_t *slot;                                                              /* place / RECORD_ALIGN, + 1 */
    size_t slots;
    struct spill spill;
};
enum { FIRST_SLOTS = 1 << 12 };
static const size_t LEAST_MEMORY = 1 << 18, MOST_MEMORY = (size_t)UINT32_MAX * RECORD_ALIGN;

struct count *count_new(size_t memory, size_t mark)
{
    struct count *c = mem_zero(1, sizeof *c);
    memory = memory < LEAST_MEMORY ? LEAST_MEMORY : memory > MOST_MEMORY ? MOST_MEMORY : memory;
    c->memory = memory / 8 * 7;
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

/* ---- the table ---- */

static size_t record_size(size_t word) { return (RECORD_HEAD + word + RECORD_ALIGN - 1) / RECORD_ALIGN * RECORD_ALIGN; }

static char *record_at(const struct count *c, uint32_t slot) { return c->block + (size_t)(slot - 1) * RECORD_ALIGN; }

static uint64_t hash_of(struct str text, const char *mark, size_t n_mark)
{
    uint64_t seed = 0;
    if (n_mark) memcpy(&seed, mark, n_mark);
    return hash64(text, seed);
}

static void widen(struct count *c)
{
    free(c->slot);
    c->slots = c->slots ? 2 * c->slots : FIRST_SLOTS;
    c->slot = mem_zero(c->slots, sizeof *c->slot);
    for (size_t at = 0; at < c->n_bytes; ) {
        const struct str word = record_word(c->block + at);
        const size_t text = word.n - c->spill.mark;
        size_t k = hash_of((struct str){ word.p, text }, word.p + text, c->spill.mark) & (c->slots - 1);
        while (c->slot[k]) k = (k + 1) & (c->slots - 1);
        c->slot[k] = (uint32_t)(at / RECORD_ALIGN) + 1;
        at += record_size(word.n);
    }
}

/* The words sorted; the slots are gone. */
static struct run sorted(struct count *c)
{
    const struct run r = { c->block, (uint64_t *)(void *)c->slot, c->n, c->spill.mark };
    size_t i = 0;
    for (size_t at = 0; at < c->n_bytes; at += record_size(record_word(c->block + at).n))
        r.key[i++] = at / RECORD_ALIGN;
    run_sort(&r);
    return r;
}

static bool spill(struct count *c, struct err *e)
{
    const struct run r = sorted(c);
    const bool ok = spill_put(&c->spill, &r, e);
    c->n = c->n_bytes = 0;
    memset(c->slot, 0, c->slots * sizeof *c->slot);
    return ok;
}

/* With one word more, of so many bytes. */
static bool full(const struct count *c, size_t size)
{
    const size_t slots = 2 * (c->n + 1) > c->slots ? 2 * c->slots : c->slots;
    return slots * sizeof *c->slot + c->n_bytes + record_size(size) > c->memory;
}

static void put_word(char *record, struct str text, const char *mark, size_t n_mark, uint64_t n)
{
    record_head(record, text.n + n_mark, n);
    if (text.n) memcpy(record + RECORD_HEAD, text.p, text.n);
    if (n_mark) memcpy(record + RECORD_HEAD + text.n, mark, n_mark);
}

/* A run of its own. */
static bool spill_alone(struct count *c, struct str text, const char *mark, uint64_t n, struct err *e)
{
    char *block = mem_alloc(record_size(text.n + c->spill.mark), 1);
    put_word(block, text, mark, c->spill.mark, n);
    const bool ok = spill_put(&c->spill, &(struct run){ block, &(uint64_t){ 0 }, 1, c->spill.mark }, e);
    free(block);
    return ok;
}

static bool is_word(const char *record, struct str text, const char *mark, size_t n_mark)
{
    const struct str word = record_word(record);
    return word.n == text.n + n_mark && (!text.n || !memcmp(word.p, text.p, text.n))
        && (!n_mark || !memcmp(word.p + text.n, mark, n_mark));
}

static bool add(struct count *c, struct str text, const char *mark, uint64_t hash, uint64_t n, struct err *e)
{
    const size_t n_mark = c->spill.mark, size = text.n + n_mark;
    size_t i = hash & (c->slots - 1);
    for (; c->slot[i]; i = (i + 1) & (c->slots - 1)) {
        char *record = record_at(c, c->slot[i]);
        if (!is_word(record, text, mark, n_mark)) continue;
        record_head(record, size, record_count(record) + n);
        return true;
    }
    /* pages are only taken as they are touched */
    if (!c->block) c->block = mem_alloc(c->memory, 1);
    if (c->n && full(c, size)) {
        if (!spill(c, e)) return false;
        i = hash & (c->slots - 1);
    }
    if (full(c, size)) return spill_alone(c, text, mark, n, e);
    put_word(c->block + c->n_bytes, text, mark, n_mark, n);
    c->slot[i] = (uint32_t)(c->n_bytes / RECORD_ALIGN) + 1;
    c->n_bytes += record_size(size);
    if (2 * ++c->n > c->slots) widen(c);
    return true;
}

/* ---- adding ---- */

bool count_add(struct count *c, struct str word, uint64_t n, struct err *e)
{
    const struct str text = { word.p, word.n - c->spill.mark };
    const char *mark = word.p + text.n;
    if (word.n > UINT32_MAX) return err_set(e, ERR_DATA, "a word of more than 4 GB");
    if (!c->slots) widen(c);
    return add(c, text, mark, hash_of(text, mark, c->spill.mark), n, e);
}

/* Of a long text the next word. */
static struct str part_of(struct str text)
{
    size_t n = text.n < COUNT_WORD_MAX ? text.n : COUNT_WORD_MAX;
    for (int i = 0; i < 3 && n < text.n && ((uint8_t)text.p[n] & 0xC0) == 0x80; i++) n--;
    return (struct str){ text.p, n };
}

static bool add_parts(struct count *c, struct str text, const char *mark, struct err *e)
{
    bool ok = true;
    for (struct str part; ok && text.n; text = (struct str){ text.p + part.n, text.n - part.n }) {
        part = part_of(text);
        ok = add(c, part, mark, hash_of(part, mark, c->spill.mark), 1, e);
    }
    return ok;
}

/* A word's slot and its record are far from each other in memory: all slots are asked for, then all records, and when
 * the first is looked at it is there. */
bool count_row(struct count *c, const struct str *text, size_t n, const char *mark, struct err *e)
{
    uint64_t hash[COUNT_ROW];
    bool ok = true;
    if (!c->slots) widen(c);
    for (size_t i = 0; i < n; i++) {
        hash[i] = hash_of(text[i], mark, c->spill.mark);
        __builtin_prefetch(&c->slot[hash[i] & (c->slots - 1)]);
    }
    for (size_t i = 0; i < n; i++) {
        const uint32_t slot = c->slot[hash[i] & (c->slots - 1)];
        if (slot) __builtin_prefetch(record_at(c, slot));
    }
    for (size_t i = 0; ok && i < n; i++)
        ok = text[i].n > COUNT_WORD_MAX ? add_parts(c, text[i], mark, e) : add(c, text[i], mark, hash[i], 1, e);
    return ok;
}

bool count_all(struct count **all, size_t n, count_fn *each, void *with, struct err *e)
{
    struct spill **spills = mem_alloc(n + 1, sizeof *spills);
    struct run *runs = mem_alloc(n + 1, sizeof *runs);
    for (size_t i = 0; i < n; i++) {
        spills[i] = &all[i]->spill;
        runs[i] = sorted(all[i]);
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
