/* words.c - ASCII goes through one table look-up a byte; what is not ASCII is decoded.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/words.h"
#include "core/hash.h"
#include "core/utf8.h"

#include <stdlib.h>

static inline uint32_t next_class(const char **p, const char *end)
{
    unsigned char c = (unsigned char)**p;
    if (c < 128) { ++*p; return unicode_classes[c]; }
    return unicode_class(utf8_next(p, end));
}

/*
 * Most words are a few ASCII letters and digits: sixteen bytes are looked at together where the processor can (SSE2, so every x86-64). Bits of
 * the answer are bytes of p. Everything else, and the last bytes of a text, goes character by character.
 */
#ifdef __SSE2__
#include <emmintrin.h>
#define HAS_BLOCKS 1
enum { BLOCK = 16 };
struct block { __m128i bytes, letters; unsigned upper, lower, digit; };

static inline __m128i between(__m128i x, char from, char to)
{
    const __m128i above = _mm_sub_epi8(x, _mm_set1_epi8(from));
    return _mm_cmpeq_epi8(_mm_min_epu8(above, _mm_set1_epi8((char)(to - from))), above);
}

static inline struct block block_at(const char *p)
{
    const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p), upper = between(x, 'A', 'Z'), lower = between(x, 'a', 'z');
    return (struct block){ x, _mm_or_si128(upper, lower), (unsigned)_mm_movemask_epi8(upper), (unsigned)_mm_movemask_epi8(lower),
                           (unsigned)_mm_movemask_epi8(between(x, '0', '9')) };
}

/* How many letters and digits p begins with, up to BLOCK. */
static inline uint32_t block_word(const struct block *b) { return (uint32_t)__builtin_ctz(~(b->upper | b->lower | b->digit)); }
#else
#define HAS_BLOCKS 0
#endif

static struct word *word_new(struct words *w)
{
    if (w->n == w->cap) w->all = mem_grow(w->all, &w->cap, w->n + 1, sizeof *w->all);
    return &w->all[w->n];
}

static void word_add(struct words *w, const char *begin, const char *end, uint32_t chars, uint32_t any)
{
    *word_new(w) = (struct word){ (uint32_t)(begin - w->base), (uint32_t)(end - begin), chars, 0, any };
    w->n++;
    w->chars += chars;
}

void words_space(struct words *w, struct str text)
{
    const char *p = text.p, *end = p + text.n;
    if (!w->base) w->base = text.p;
    while (p < end) {
        const char *begin = p, *at = p;
        uint32_t chars = 0, any = 0;
        for (; p < end; chars++) {
            uint32_t k = next_class(&p, end);
            if (k & UC_SPACE) break;
            any |= k;
            at = p;
        }
        if (chars) word_add(w, begin, at, chars, any);
    }
}

/* The class of the character at p, and its length: p stays in a register, which next_class() would take from it. */
static inline uint32_t class_at(const char *p, const char *end, uint32_t *n)
{
    unsigned char c = (unsigned char)*p;
    *n = 1;
    if (c < 128) return unicode_classes[c];
    const char *next = p;
    uint32_t k = unicode_class(utf8_next(&next, end));
    *n = (uint32_t)(next - p);
    return k;
}

/* The letters and digits that p begins with, up to BLOCK of them: how many, and their classes. */
static inline uint32_t punct_prefix(const char *p, const char *end, uint32_t *classes)
{
    *classes = 0;
#if HAS_BLOCKS
    if (end - p <= BLOCK) return 0;
    const struct block b = block_at(p);
    const uint32_t n = block_word(&b), in = (1u << n) - 1;
    *classes = (b.upper & in ? unicode_classes['A'] : 0u) | (b.lower & in ? unicode_classes['a'] : 0u) | (b.digit & in ? unicode_classes['0'] : 0u);
    return n;
#else
    (void)p, (void)end;
    return 0;
#endif
}

void words_punct(struct words *w, struct str text)
{
    const char *p = text.p, *end = p + text.n;
    w->base = text.p;
    while (p < end) {
        if (*p == ' ') { p++; continue; }
        const char *begin = p;
        uint32_t any, n, chars = punct_prefix(p, end, &any);
        if (!chars) {
            any = class_at(p, end, &n);
            chars = 1;
        } else n = chars;
        const uint32_t kind = any & (UC_SPACE | UC_WORD);
        for (p += n; p < end; p += n, chars++) {
            uint32_t k = class_at(p, end, &n);
            if ((k & (UC_SPACE | UC_WORD)) != kind) break;
            any |= k;
        }
        if (kind != UC_SPACE) word_add(w, begin, p, chars, any);
    }
}

/* ---- normalised words ---- */

enum { GONE = 128, SPACE = 129 };
#define U(c) (c) + 32
static const uint8_t ascii_to[128] = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, SPACE, SPACE, SPACE, SPACE, SPACE, 14, 15,
    16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, SPACE, SPACE, SPACE, SPACE,
    SPACE, GONE, GONE, GONE, GONE, GONE, GONE, GONE, GONE, GONE, GONE, GONE, GONE, GONE, GONE, GONE,
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', GONE, GONE, GONE, GONE, GONE, GONE,
    GONE, U('A'), U('B'), U('C'), U('D'), U('E'), U('F'), U('G'), U('H'), U('I'), U('J'), U('K'), U('L'), U('M'), U('N'), U('O'),
    U('P'), U('Q'), U('R'), U('S'), U('T'), U('U'), U('V'), U('W'), U('X'), U('Y'), U('Z'), GONE, GONE, GONE, GONE, GONE,
    GONE, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', GONE, GONE, GONE, GONE, 127,
};

/* Final_Sigma of Unicode 3.13, as CPython tests it, on the word without ASCII punctuation. */
static bool final_sigma(struct str word, const char *p)
{
    bool cased = false;
    for (const char *q = word.p; q < p; ) {
        unsigned char byte = (unsigned char)*q;
        uint32_t k = next_class(&q, p);
        if ((byte < 128 && unicode_is_punct(byte)) || (k & UC_IGNORABLE)) continue;
        cased = k & UC_CASED;
    }
    if (!cased) return false;
    const char *end = word.p + word.n, *q = p;
    utf8_next(&q, end);
    while (q < end) {
        unsigned char byte = (unsigned char)*q;
        uint32_t k = next_class(&q, end);
        if ((byte < 128 && unicode_is_punct(byte)) || (k & UC_IGNORABLE)) continue;
        return !(k & UC_CASED);
    }
    return true;
}

struct marks { uint32_t c[64]; uint8_t k[64]; size_t n; };       /* combining characters that wait to be put in order */

static void put(struct words *w, struct word *word, uint32_t c)
{
    w->normal.n += utf8_put(buf_room(&w->normal, 4), c);
    word->chars++;
    word->numeric += (unicode_class(c) & UC_NUMERIC) != 0;
}

static void marks_put(struct words *w, struct word *word, struct marks *m)
{
    for (size_t i = 0; i < m->n; i++) put(w, word, m->c[i]);
    m->n = 0;
}

/* Canonical ordering: a stable insertion by combining class. Longer rows of marks than fit (no text has them) are cut into rows. */
static void ordered_put(struct words *w, struct word *word, struct marks *m, uint32_t c)
{
    unsigned k = unicode_combining(c);
    if (!k || m->n == 64) marks_put(w, word, m);
    if (!k) { put(w, word, c); return; }
    size_t i = m->n++;
    for (; i && m->k[i - 1] > k; i--) { m->c[i] = m->c[i - 1]; m->k[i] = m->k[i - 1]; }
    m->c[i] = c;
    m->k[i] = (uint8_t)k;
}

static void slow_word(struct words *w, struct word *word, struct str raw)
{
    struct marks m = { .n = 0 };
    for (const char *p = raw.p, *end = p + raw.n; p < end; ) {
        const char *at = p;
        uint32_t c = utf8_next(&p, end), low[UNICODE_LOWER_MAX], d[UNICODE_NFD_MAX];
        if (c < 128 && unicode_is_punct((unsigned char)c)) continue;
        size_t n = unicode_lower(c, low);
        if (c == UNICODE_SIGMA && final_sigma(raw, at)) low[0] = UNICODE_FINAL_SIGMA;
        for (size_t i = 0; i < n; i++) {
            size_t n_d = unicode_nfd(low[i], d);
            for (size_t j = 0; j < n_d; j++) ordered_put(w, word, &m, d[j]);
        }
    }
    marks_put(w, word, &m);
}

static const char *word_end(const char *p, const char *end)
{
    while (p < end) {
        const char *at = p;
        if (next_class(&p, end) & UC_SPACE) return at;
    }
    return end;
}

static const char *any_word(struct words *w, struct word *word, const char *begin, const char *end)
{
    const char *p = word_end(begin, end);
    *word = (struct word){ .at = word->at };
    slow_word(w, word, str_span(begin, p));
    word->n = (uint32_t)w->normal.n - word->at;
    return p;
}

/* The letters and digits that p begins with, up to BLOCK of them, lower-cased to `to`, which has room for BLOCK: how many. */
static inline uint32_t normal_prefix(const char *p, const char *end, char *to, uint32_t *numeric)
{
#if HAS_BLOCKS
    if (end - p <= BLOCK) return 0;
    const struct block b = block_at(p);
    const uint32_t n = block_word(&b);
    _mm_storeu_si128((__m128i *)(void *)to, _mm_or_si128(b.bytes, _mm_and_si128(b.letters, _mm_set1_epi8(0x20))));
    const unsigned digits = b.digit & ((1u << n) - 1);
    if (digits) *numeric = (uint32_t)__builtin_popcount(digits);
    return n;
#else
    (void)p, (void)end, (void)to, (void)numeric;
    return 0;
#endif
}

/* One word from begin on: to the buffer, and where it ends. Starts over, slowly, at a character that lower() or NFD may change. */
static const char *normal_word(struct words *w, struct word *word, const char *begin, const char *end)
{
    char *out = w->normal.p + w->normal.n;
    uint32_t numeric = 0, n, chars = normal_prefix(begin, end, out, &numeric);
    char *to = out + chars;
    const char *p = begin + chars;
    for (; p < end; p += n) {
        unsigned char c = (unsigned char)*p;
        if (c < 128) {
            uint8_t t = ascii_to[c];
            if (t == SPACE) break;
            *to = (char)t;
            uint32_t keep = t < 128;
            to += keep;
            chars += keep;
            numeric += (uint8_t)(t - '0') < 10;
            n = 1;
            continue;
        }
        uint32_t k = class_at(p, end, &n);
        if (k & UC_SPACE) break;
        if (k & UC_CHANGES) return any_word(w, word, begin, end);
        for (uint32_t i = 0; i < n; i++) *to++ = p[i];
        chars++;
        numeric += (k & UC_NUMERIC) != 0;
    }
    word->n = (uint32_t)(to - out);
    word->chars = chars;
    word->numeric = numeric;
    w->normal.n += word->n;
    return p;
}

void words_normal(struct words *w, struct str text)
{
    const char *p = text.p, *end = p + text.n;
    while (p < end) {
        uint32_t n;
        if (class_at(p, end, &n) & UC_SPACE) { p += n; continue; }
        buf_room(&w->normal, (size_t)(end - p) + 8);
        struct word *word = word_new(w);
        *word = (struct word){ .at = (uint32_t)w->normal.n };
        p = normal_word(w, word, p, end);
        if (!word->n) continue;
        w->chars += word->chars;
        w->n++;
    }
    w->base = w->normal.p;
}

void words_join(const struct words *w, struct buf *out)
{
    for (size_t i = 0; i < w->n; i++) {
        if (i) buf_putc(out, ' ');
        buf_put(out, words_at(w, i));
    }
}

void words_reset(struct words *w)
{
    w->n = 0;
    w->chars = 0;
    w->base = NULL;
    buf_reset(&w->normal);
}

void words_free(struct words *w)
{
    free(w->all);
    buf_free(&w->normal);
    *w = (struct words){ 0 };
}

/* ---- distinct words ---- */

static inline uint64_t load(const char *p, size_t n)             /* up to 8 bytes */
{
    uint64_t x = 0;
    uint32_t a, b;
    if (n >= 8) { memcpy(&x, p, 8); return x; }
    if (n >= 4) {
        memcpy(&a, p, 4);
        memcpy(&b, p + n - 4, 4);
        return (uint64_t)a << 32 | b;
    }
    if (n) x = (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[n / 2] << 8 | (unsigned char)p[n - 1];
    return x;
}

/* Words are short: two loads and two multiplications where XXH3 through a call costs three times as much. */
static inline uint64_t word_hash(const char *p, size_t n)
{
    if (n > 16) return hash64((struct str){ p, n }, 0);
    uint64_t a = load(p, n), b = n > 8 ? load(p + n - 8, 8) : n;
    return hash_mix(a ^ b * 0x9E3779B97F4A7C15u) + n;
}

static void slots_clear(struct distinct *v, size_t n)
{
    if (n > v->slot_cap) {
        free(v->slot);
        v->slot = mem_alloc(n, sizeof *v->slot);
        v->slot_cap = n;
    }
    memset(v->slot, 0, n * sizeof *v->slot);
}

void distinct_find(struct distinct *v, const struct words *w)
{
    size_t slots = 64;
    while (slots < w->n + w->n / 2) slots *= 2;
    slots_clear(v, slots);
    if (v->id_cap < w->n) v->id = mem_grow(v->id, &v->id_cap, w->n, sizeof *v->id);
    if (v->count_cap < w->n) v->count = mem_grow(v->count, &v->count_cap, w->n, sizeof *v->count);
    if (v->first_cap < w->n) v->first = mem_grow(v->first, &v->first_cap, w->n, sizeof *v->first);
    if (v->hash_cap < w->n) v->hash = mem_grow(v->hash, &v->hash_cap, w->n, sizeof *v->hash);
    v->n = 0;
    for (size_t i = 0; i < w->n; i++) {
        struct str s = words_at(w, i);
        uint64_t h = word_hash(s.p, s.n);
        size_t at = h & (slots - 1);
        uint32_t id;
        while ((id = v->slot[at]) && (v->hash[id - 1] != h || !str_eq(words_at(w, v->first[id - 1]), s))) at = (at + 1) & (slots - 1);
        if (!id) {
            v->slot[at] = id = (uint32_t)++v->n;
            v->hash[id - 1] = h;
            v->first[id - 1] = (uint32_t)i;
            v->count[id - 1] = 0;
        }
        v->id[i] = id - 1;
        v->count[id - 1]++;
    }
}

void distinct_free(struct distinct *v)
{
    free(v->id);
    free(v->count);
    free(v->first);
    free(v->slot);
    free(v->hash);
    *v = (struct distinct){ 0 };
}
