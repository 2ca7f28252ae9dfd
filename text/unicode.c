/* unicode.c - look-ups in sorted tables; ASCII never comes here.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/unicode.h"

enum {
    HANGUL = 0xAC00, HANGUL_N = 11172, LEAD = 0x1100, VOWEL = 0x1161, TRAIL = 0x11A7, VOWELS = 21, TRAILS = 28, DOTTED_I
    = 0x130
};

size_t unicode_lower(uint32_t c, uint32_t to[UNICODE_LOWER_MAX])
{
    to[0] = c;
    if (c < 128) to[0] = c >= 'A' && c <= 'Z' ? c | 32 : c;
    else if (c == UNICODE_SIGMA) to[0] = 0x3C3;
    else if (c == DOTTED_I) { to[0] = 'i'; to[1] = 0x307; return 2; }
    else {
        size_t lo = 0, hi = unicode_n_lowers;
        while (lo < hi) {
            size_t mid = (lo + hi) / 2;
            if (unicode_lowers[mid].from < c) lo = mid + 1;
            else hi = mid;
        }
        if (lo < unicode_n_lowers && unicode_lowers[lo].from == c) to[0] = unicode_lowers[lo].to;
    }
    return 1;
}

static size_t hangul(uint32_t s, uint32_t *to)
{
    to[0] = LEAD + s / (VOWELS * TRAILS);
    to[1] = VOWEL + s % (VOWELS * TRAILS) / TRAILS;
    to[2] = TRAIL + s % TRAILS;
    return s % TRAILS ? 3 : 2;
}

size_t unicode_nfd(uint32_t c, uint32_t to[UNICODE_NFD_MAX])
{
    if (c >= HANGUL && c < HANGUL + HANGUL_N) return hangul(c - HANGUL, to);
    size_t lo = 0, hi = c < 0xC0 ? 0 : unicode_n_decompositions;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (unicode_decompositions[mid].c < c) lo = mid + 1;
        else hi = mid;
    }
    const struct unicode_decomposition *d = &unicode_decompositions[lo];
    if (c < 0xC0 || lo == unicode_n_decompositions || d->c != c) { to[0] = c; return 1; }
    for (size_t i = 0; i < d->n; i++) to[i] = unicode_pool[d->at + i];
    return d->n;
}

unsigned unicode_combining(uint32_t c)
{
    size_t lo = 0, hi = c < 0x300 ? 0 : unicode_n_combinings;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (unicode_combinings[mid].last < c) lo = mid + 1;
        else hi = mid;
    }
    return c >= 0x300 && lo < unicode_n_combinings && unicode_combinings[lo].first <= c ? unicode_combinings[lo].k : 0;
}
