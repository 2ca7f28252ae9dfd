/* words.c - class names cut into words, words looked up.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/words.h"

#define EIGHT(c, k) [c] = k, [c + 1] = k, [c + 2] = k, [c + 3] = k, [c + 4] = k, [c + 5] = k, [c + 6] = k, [c + 7] = k
#define LETTERS(c)  EIGHT(c, WORDS_LETTER), EIGHT(c + 8, WORDS_LETTER), EIGHT(c + 16, WORDS_LETTER)
const unsigned char words_kind[256] = {
    EIGHT('0', WORDS_DIGIT), ['8'] = WORDS_DIGIT, ['9'] = WORDS_DIGIT,
    LETTERS('A'), ['Y'] = WORDS_LETTER, ['Z'] = WORDS_LETTER, LETTERS('a'), ['y'] = WORDS_LETTER, ['z'] = WORDS_LETTER,
    LETTERS(0x80), LETTERS(0x98), LETTERS(0xB0), LETTERS(0xC8), LETTERS(0xE0), EIGHT(0xF8, WORDS_LETTER) };

static const struct topic_word *look(uint64_t hash, const char *p, size_t n)
{
    for (size_t at = hash >> 20;; at++) {
        uint32_t there = topic_hash[at % TOPIC_SLOTS];
        if (!there) return NULL;
        if (there != (uint32_t)hash) continue;
        const struct topic_word *w = &topic_words[at % TOPIC_SLOTS];
        if (w->n == n && !memcmp(w->word, p, n)) return w;
    }
}

uint32_t words_line(uint64_t hash, const char *lower, size_t n)
{
    const struct topic_word *w = look(hash, lower, n);
    return w ? w->line : 0;
}

size_t words_marks(struct str s, uint64_t *to)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint64_t h = 0;
        for (; i < s.n && words_kind[(unsigned char)s.p[i]]; i++) h = words_mark(h, words_lower(s.p[i]));
        if (h) to[n++] = h;
    }
    return n;
}

/* Whether a known word of n letters may have these four at the end that the set is of. */
static bool may(const uint64_t *set, const char *four, size_t n)
{
    const unsigned char *p = (const unsigned char *)four;
    uint32_t letters = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    uint32_t x = (letters * 0x9E3779B1u + (uint32_t)n * 0x85EBCA6Bu) >> (32 - PART_BITS);
    return set[x >> 6] >> (x & 63) & 1;
}

static const struct topic_word *look_part(const char *p, size_t n)
{
    uint64_t h = WORDS_START;
    for (size_t i = 0; i < n; i++) h = words_step(h, p[i]);
    return look(h, p, n);
}

static uint64_t box_of(uint64_t hash, const char *p, size_t n)
{
    enum { PART = 4, LONG = 24 };                               /* "articlebody" is article and body; parts under 4 letters are chance */
    const struct topic_word *w = look(hash, p, n);
    if (w) return w->box;
    if (n > LONG || n <= PART) return 0;
    uint64_t set = 0;
    for (size_t k = n - 1; k >= PART && !set; k--) if (may(topic_starts, p, k) && (w = look_part(p, k))) set = w->box;
    for (size_t k = n - 1; k >= PART; k--) if (may(topic_ends, p + n - PART, k) && (w = look_part(p + n - k, k))) return set | w->box;
    return set;
}

static void add_name(struct names *to, const char *p, size_t n, uint64_t hash)
{
    to->topics |= box_of(hash, p, n);
    if (to->n < (int)(sizeof to->slot / sizeof *to->slot)) to->slot[to->n++] = (uint16_t)words_slot(hash, NAME_BITS);
}

void words_names(struct str value, struct names *add_to)
{
    enum { WORD = 40, MOST = 400 };
    char word[WORD];
    size_t n = 0;
    uint64_t hash = WORDS_START;
    if (value.n > MOST) value.n = MOST;
    for (size_t i = 0; i <= value.n; i++) {
        char c = i < value.n ? value.p[i] : ' ', d = (char)(c | 32);
        bool letter = d >= 'a' && d <= 'z', upper = letter && c != d;
        bool border = upper && i && value.p[i - 1] >= 'a' && value.p[i - 1] <= 'z';
        if (n && (!letter || border)) {
            add_name(add_to, word, n, hash);
            n = 0;
            hash = WORDS_START;
        }
        if (letter && n < WORD) {
            word[n++] = d;
            hash = words_step(hash, d);
        }
    }
}
