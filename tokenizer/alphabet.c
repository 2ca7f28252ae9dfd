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
static void cover(struct alphabet *a, const uint64_t *count, double coverage)
{
    struct alphabet_char *all = mem_alloc(N_CHARS, sizeof *all);
    size_t n = 0;
    for (uint32_t c = 1; c < N_CHARS; c++) if (count[c]) all[n++] = (struct alphabet_char){ c, count[c] };
    qsort(all, n, sizeof *all, by_count);
    for (size_t i = 0; i < n && (double)a->covered < coverage * (double)a->total; i++) {
        a->at[all[i].c] = 1;
        a->covered += all[i].count;
    }
    free(all);
}

static void add_exemplars(struct alphabet *a, const uint64_t *count, struct str s)
{
    for (const char *p = s.p, *end = p + s.n; p < end; ) {
        const uint32_t c = utf8_next(&p, end);
        if (c <= ' ' || a->at[c]) continue;
        a->at[c] = 1;
        a->covered += count[c];
    }
}

void alphabet_make(struct alphabet *a, const struct wordlist *w, double coverage, struct str exemplars)
{
    uint64_t *count = mem_zero(N_CHARS, sizeof *count);
    *a = (struct alphabet){ .at = mem_zero(N_CHARS, sizeof *a->at) };
    for (struct word_at at = wordlist_all(w); word_next(&at); )
        for (const char *p = at.text.p, *end = p + at.text.n; p < end; a->total += at.count)
            count[utf8_next(&p, end)] += at.count;
    cover(a, count, coverage);
    add_exemplars(a, count, exemplars);
    for (uint32_t c = 0; c < N_CHARS; c++) a->n += a->at[c];
    a->all = mem_alloc(a->n + 1, sizeof *a->all);
    size_t n = 0;
    for (uint32_t c = 0; c < N_CHARS; c++) {
        if (!a->at[c]) continue;
        a->all[n++] = (struct alphabet_char){ c, count[c] };
        a->at[c] = (uint32_t)n;
    }
    free(count);
}

bool alphabet_cut(const struct alphabet *a, const struct wordlist *w, struct wordlist *to, struct err *e)
{
    for (struct word_at at = wordlist_all(w); word_next(&at); ) {
        const char *from = at.text.p, *end = from + at.text.n;
        for (const char *p = from; p < end; ) {
            const char *here = p;
            if (a->at[utf8_next(&p, end)]) continue;
            if (here > from && !wordlist_add(to, str_span(from, here), at.count, e)) return false;
            from = p;
        }
        if (end > from && !wordlist_add(to, str_span(from, end), at.count, e)) return false;
    }
    return true;
}

void alphabet_free(struct alphabet *a)
{
    free(a->all);
    free(a->at);
    *a = (struct alphabet){ 0 };
}
