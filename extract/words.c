/* words.c - class names cut into words, words looked up.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/words.h"

#define EIGHT(c) [c] = c, [c + 1] = c + 1, [c + 2] = c + 2, [c + 3] = c + 3, [c + 4] = c + 4, [c + 5] = c + 5, [c + 6] = c + 6, [c + 7] = c + 7
#define UPPER(c) [c] = c | 32
#define MANY(c)  EIGHT(c), EIGHT(c + 8), EIGHT(c + 16), EIGHT(c + 24)
const unsigned char words_fold[256] = {
    EIGHT('0'), ['8'] = '8', ['9'] = '9', EIGHT('a'), EIGHT('i'), EIGHT('q'), ['y'] = 'y', ['z'] = 'z', MANY(0x80), MANY(0xA0), MANY(0xC0), MANY(0xE0),
    UPPER('A'), UPPER('B'), UPPER('C'), UPPER('D'), UPPER('E'), UPPER('F'), UPPER('G'), UPPER('H'), UPPER('I'), UPPER('J'), UPPER('K'), UPPER('L'), UPPER('M'),
    UPPER('N'), UPPER('O'), UPPER('P'), UPPER('Q'), UPPER('R'), UPPER('S'), UPPER('T'), UPPER('U'), UPPER('V'),
    UPPER('W'), UPPER('X'), UPPER('Y'), UPPER('Z') };

static const struct topic_word *look(uint64_t hash)
{
    for (size_t at = hash >> 20;; at++) {
        uint32_t there = topic_hash[at % TOPIC_SLOTS];
        if (!there) return NULL;
        if (there == (uint32_t)hash && topic_words[at % TOPIC_SLOTS].hash == hash)
            return &topic_words[at % TOPIC_SLOTS];
    }
}

uint32_t words_line(uint64_t hash)
{
    const struct topic_word *w = look(hash);
    return w ? w->line : 0;
}

size_t words_marks(struct str s, uint64_t *to)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint64_t mark = 0;
        unsigned char c;
        while (i < s.n && (c = words_fold[(unsigned char)s.p[i]])) {
            const bool digit = c <= '9';
            uint64_t hash = WORDS_START;
            for (; i < s.n && (c = words_fold[(unsigned char)s.p[i]]) && (c <= '9') == digit; i++)
                hash = words_step(hash, (char)c);
            mark = words_mark(mark, hash);
        }
        if (mark) to[n++] = mark;
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
    return look(h);
}

static uint64_t box_of(uint64_t hash, const char *p, size_t n)
{
    /* "articlebody" is article and body; parts under 4 letters are chance */
    enum { PART = 4, LONG = 24 };
    const struct topic_word *w = look(hash);
    if (w) return w->box;
    if (n > LONG || n <= PART) return 0;
    uint64_t set = 0;
    for (size_t k = n - 1; k >= PART && !set; k--) if (may(topic_starts, p, k) && (w = look_part(p, k))) set = w->box;
    for (size_t k = n - 1; k >= PART; k--)
        if (may(topic_ends, p + n - PART, k) && (w = look_part(p + n - k, k))) return set | w->box;
    return set;
}

static void add_name(struct names *to, const char *p, size_t n, uint64_t hash)
{
    to->topics |= box_of(hash, p, n);
    if (to->n < (int)(sizeof to->slot / sizeof *to->slot)) to->slot[to->n++] = (uint16_t)words_slot(hash, NAME_BITS);
}

static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

void words_names(struct str value, struct names *add_to)
{
    enum { WORD = 40, MOST = 400 };
    char word[WORD];
    if (value.n > MOST) value.n = MOST;
    for (size_t i = 0; i < value.n; ) {
        size_t n = 0;
        uint64_t hash = WORDS_START;
        for (char c; i < value.n && (c = value.p[i], is_lower(c) || is_upper(c)); i++) {
            if (n && is_upper(c) && is_lower(value.p[i - 1])) break;     /* aB */
            if (n == WORD) continue;
            word[n] = (char)(c | 32);
            hash = words_step(hash, word[n++]);
        }
        if (n) add_name(add_to, word, n, hash);
        else i++;
    }
}
