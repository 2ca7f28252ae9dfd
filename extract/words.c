/* words.c - class names cut into words, words looked up.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/words.h"

static const uint64_t FNV_START = 0xCBF29CE484222325u;

static uint64_t fnv(uint64_t h, char c)
{
    return (h ^ (unsigned char)c) * 0x100000001B3u;
}

uint64_t words_hash(const char *lower, size_t n)
{
    uint64_t h = FNV_START;
    for (size_t i = 0; i < n; i++) h = fnv(h, lower[i]);
    return h;
}

static const struct topic_word *look(uint64_t hash, const char *p, size_t n)
{
    for (size_t at = hash >> 20;; at++) {
        const struct topic_word *w = &topic_words[at % TOPIC_SLOTS];
        if (!w->n) return NULL;
        if (w->n == n && !memcmp(w->word, p, n)) return w;
    }
}

uint32_t words_line(uint64_t hash, const char *lower, size_t n)
{
    const struct topic_word *w = look(hash, lower, n);
    return w ? w->line : 0;
}

static uint64_t box_of(uint64_t hash, const char *p, size_t n)
{
    enum { PART = 4, LONG = 24 };                               /* "articlebody" is article and body; parts under 4 letters are chance */
    const struct topic_word *w = look(hash, p, n);
    if (w) return w->box;
    if (n > LONG) return 0;
    uint64_t set = 0, prefix[LONG + 1];
    prefix[0] = FNV_START;
    for (size_t k = 0; k < n; k++) prefix[k + 1] = fnv(prefix[k], p[k]);
    for (size_t k = n - 1; k >= PART && !set; k--) if ((w = look(prefix[k], p, k))) set = w->box;
    for (size_t k = n - 1, found = 0; k >= PART && !found; k--) if ((w = look(words_hash(p + n - k, k), p + n - k, k))) { set |= w->box; found = 1; }
    return set;
}

static void add_name(struct names *to, const char *p, size_t n)
{
    uint64_t hash = words_hash(p, n);
    to->topics |= box_of(hash, p, n);
    if (to->n < (int)(sizeof to->slot / sizeof *to->slot)) to->slot[to->n++] = (uint16_t)words_slot(hash, NAME_BITS);
}

void words_names(struct str value, struct names *add_to)
{
    enum { WORD = 40, MOST = 400 };
    char word[WORD];
    size_t n = 0;
    if (value.n > MOST) value.n = MOST;
    for (size_t i = 0; i <= value.n; i++) {
        char c = i < value.n ? value.p[i] : ' ', d = (char)(c | 32);
        bool letter = d >= 'a' && d <= 'z', upper = letter && c != d;
        bool border = upper && i && value.p[i - 1] >= 'a' && value.p[i - 1] <= 'z';
        if (n && (!letter || border)) { add_name(add_to, word, n); n = 0; }
        if (letter && n < WORD) word[n++] = d;
    }
}
