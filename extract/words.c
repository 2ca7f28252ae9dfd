/* words.c - class names cut into words, words looked up.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/words.h"

static const struct topic_word *look(const char *p, size_t n)
{
    uint64_t h = 0xCBF29CE484222325u;
    for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)p[i]) * 0x100000001B3u;
    for (size_t at = h >> 20;; at++) {
        const struct topic_word *w = &topic_words[at % TOPIC_SLOTS];
        if (!w->n) return NULL;
        if (w->n == n && !memcmp(w->word, p, n)) return w;
    }
}

uint32_t words_line(const char *lower, size_t n)
{
    const struct topic_word *w = look(lower, n);
    return w ? w->line : 0;
}

static uint64_t box_of(const char *p, size_t n)
{
    enum { PART = 4, LONG = 24 };                               /* "articlebody" is article and body; parts under 4 letters are chance */
    const struct topic_word *w = look(p, n);
    if (w) return w->box;
    uint64_t set = 0;
    for (size_t k = n - 1; n <= LONG && k >= PART && !set; k--) if ((w = look(p, k))) set = w->box;
    for (size_t k = n - 1, found = 0; n <= LONG && k >= PART && !found; k--) if ((w = look(p + n - k, k))) { set |= w->box; found = 1; }
    return set;
}

uint64_t words_box(struct str names)
{
    enum { WORD = 40, MOST = 400 };
    char word[WORD];
    size_t n = 0;
    uint64_t set = 0;
    if (names.n > MOST) names.n = MOST;
    for (size_t i = 0; i <= names.n; i++) {
        char c = i < names.n ? names.p[i] : ' ', d = (char)(c | 32);
        bool letter = d >= 'a' && d <= 'z', upper = letter && c != d;
        bool border = upper && i && names.p[i - 1] >= 'a' && names.p[i - 1] <= 'z';
        if (n && (!letter || border)) { set |= box_of(word, n); n = 0; }
        if (letter && n < WORD) word[n++] = d;
    }
    return set;
}
