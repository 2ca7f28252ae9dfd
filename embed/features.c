/* features.c - words, runs of characters, counts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "embed/features.h"

#include "core/hash.h"
#include "core/utf8.h"

#include <stdlib.h>
#include <utf8proc.h>

enum { WORD_MAX = 64 };                              /* code points; longer words are cut into pieces */

struct word { uint32_t c[WORD_MAX + 2]; size_t n; bool dense; };  /* dense: of a script without spaces */

static void add(struct features *f, uint64_t hash)
{
    f->at = mem_grow(f->at, &f->cap, f->n + 1, sizeof *f->at);
    f->at[f->n++] = (struct feature){ (uint32_t)(hash >> (64 - FEATURE_BITS)), 1 };
}

static uint64_t hash_run(const uint32_t *c, size_t n, uint64_t kind)
{
    uint64_t h = hash_mix(kind * 64 + n);
    for (size_t i = 0; i < n; i++) h = hash_mix(h + c[i]);
    return h;
}

static void add_runs(struct features *f, const uint32_t *c, size_t n, size_t length)
{
    for (size_t i = 0; i + length <= n; i++) add(f, hash_run(c + i, length, 2));
}

static void add_word(struct features *f, struct word *w)
{
    if (w->n == 0) return;
    w->c[0] = w->c[w->n + 1] = ' ';
    if (w->dense) {
        add_runs(f, w->c + 1, w->n, 1);
        add_runs(f, w->c + 1, w->n, 2);
    } else {
        add(f, hash_run(w->c + 1, w->n, 1));
        add_runs(f, w->c, w->n + 2, FEATURE_GRAM);
    }
    w->n = 0;
    w->dense = false;
}

static bool is_dense(uint32_t c)
{
    /* Thai, Lao; Burmese; Khmer */
    return (c >= 0x0E00 && c < 0x0F00) || (c >= 0x1000 && c < 0x10A0) || (c >= 0x1780 && c < 0x1800)
        || (c >= 0x3040 && c < 0x3100) || (c >= 0x3400 && c < 0xA000) || (c >= 0xF900 && c < 0xFB00)
            || (c >= 0x20000 && c < 0x32000);
}

/* The lower-case letter, mark or digit, or 0. */
static uint32_t letter(uint32_t c)
{
    if (c < 0x80) return (c | 32) >= 'a' && (c | 32) <= 'z' ? c | 32 : c >= '0' && c <= '9' ? c : 0;
    utf8proc_category_t t = utf8proc_category((utf8proc_int32_t)c);
    return t >= UTF8PROC_CATEGORY_LU && t <= UTF8PROC_CATEGORY_NO ? (uint32_t)utf8proc_tolower((utf8proc_int32_t)c) : 0;
}

/* Adds up equal buckets: a table of places, then the features close up. */
static void count(struct features *f)
{
    size_t want = 16, n = 0;
    while (want < 2 * f->n) want *= 2;
    if (want > f->n_slots) f->slots = (free(f->slots), mem_alloc(want, sizeof *f->slots)), f->n_slots = want;
    memset(f->slots, 0xFF, want * sizeof *f->slots);
    for (size_t i = 0; i < f->n; i++) {
        size_t s = (f->at[i].bucket * 0x9E3779B9u) & (want - 1);
        while (f->slots[s] != UINT32_MAX && f->at[f->slots[s]].bucket != f->at[i].bucket) s = (s + 1) & (want - 1);
        if (f->slots[s] == UINT32_MAX) f->slots[s] = (uint32_t)n, f->at[n++] = f->at[i];
        else f->at[f->slots[s]].count++;
    }
    f->n = n;
}

void features_of(struct features *f, struct str text)
{
    struct word w = { 0 };
    f->n = 0;
    for (const char *p = text.p, *end = text.p + text.n; p < end; ) {
        uint32_t c = letter(utf8_next(&p, end));
        bool dense = c > 0x7F && is_dense(c);
        if (!c || dense != w.dense || w.n == WORD_MAX) add_word(f, &w);
        if (c) w.c[++w.n] = c, w.dense = dense;
    }
    add_word(f, &w);
    count(f);
}

void features_free(struct features *f)
{
    free(f->at), free(f->slots);
    *f = (struct features){ 0 };
}
