/* alphabet.c - the characters of a set of words that a vocabulary will hold.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokenizer/alphabet.h"

#include "core/utf8.h"

#include <stdlib.h>

enum { N_CHARS = 0x110000 };

static int by_count(const void *a, const void *b)
{
    const struct alphabet_char *x = a, *y = b;
    return x->count != y->count ? (x->count > y->count ? -1 : 1) : (x->c > y->c) - (x->c < y->c);
}

/* Marks the commonest in at[] until they are enough. */
static void cover(struct alphabet *a, double coverage)
{
    struct alphabet_char *all = mem_alloc(N_CHARS, sizeof *all);
    size_t n = 0;
    for (uint32_t c = 1; c < N_CHARS; c++) if (a->count[c]) all[n++] = (struct alphabet_char){ c, a->count[c] };
    qsort(all, n, sizeof *all, by_count);
    for (size_t i = 0; i < n && (double)a->covered < coverage * (double)a->total; i++) {
        a->at[all[i].c] = 1;
        a->covered += all[i].count;
    }
    free(all);
}

static void add_exemplars(struct alphabet *a, struct str s)
{
    for (const char *p = s.p, *end = p + s.n; p < end; ) {
        const uint32_t c = utf8_next(&p, end);
        if (c <= ' ' || a->at[c]) continue;
        a->at[c] = 1;
        a->covered += a->count[c];
    }
}

static void count_chars(struct alphabet *a) { if (!a->count) a->count = mem_zero(N_CHARS, sizeof *a->count); }

void alphabet_see(struct alphabet *a, struct str word, uint64_t count)
{
    count_chars(a);
    for (const char *p = word.p, *end = p + word.n; p < end; a->total += count) a->count[utf8_next(&p, end)] += count;
}

void alphabet_make(struct alphabet *a, double coverage, struct str exemplars)
{
    count_chars(a);
    a->at = mem_zero(N_CHARS, sizeof *a->at);
    cover(a, coverage);
    add_exemplars(a, exemplars);
    for (uint32_t c = 0; c < N_CHARS; c++) a->n += a->at[c];
    a->all = mem_alloc(a->n + 1, sizeof *a->all);
    size_t n = 0;
    for (uint32_t c = 0; c < N_CHARS; c++) {
        if (!a->at[c]) continue;
        a->all[n++] = (struct alphabet_char){ c, a->count[c] };
        a->at[c] = (uint32_t)n;
    }
    free(a->count);
    a->count = NULL;
}

bool alphabet_cut(const struct alphabet *a, struct str word, uint64_t count, count_fn *each, void *with, struct err *e)
{
    const char *from = word.p, *end = from + word.n;
    for (const char *p = from; p < end; ) {
        const char *here = p;
        if (a->at[utf8_next(&p, end)]) continue;
        if (here > from && !each(with, str_span(from, here), count, e)) return false;
        from = p;
    }
    return end == from || each(with, str_span(from, end), count, e);
}

void alphabet_free(struct alphabet *a)
{
    free(a->count);
    free(a->all);
    free(a->at);
    *a = (struct alphabet){ 0 };
}
