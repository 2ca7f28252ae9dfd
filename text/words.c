/* words.c - ASCII is cut by bits, 64 bytes at a time (block.h); what is not ASCII is decoded.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/words.h"
#include "core/hash.h"
#include "core/utf8.h"
#include "text/block.h"

#include <stdlib.h>

static inline uint32_t next_class(const char **p, const char *end)
{
    unsigned char c = (unsigned char)**p;
    if (c < 128) { ++*p; return unicode_classes[c]; }
    return unicode_class(utf8_next(p, end));
}

enum { SHORT_WORD = 16 };

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
    w->end = end;
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

/* One token from p on, character by character: where it ends. White space is a token that leaves no word. */
static const char *punct_token(struct words *w, const char *begin, const char *end)
{
    uint32_t n, any = class_at(begin, end, &n), chars = 1;
    const uint32_t kind = any & (UC_SPACE | UC_WORD);
    const char *p = begin + n;
    for (; p < end; p += n, chars++) {
        uint32_t k = class_at(p, end, &n);
        if ((k & (UC_SPACE | UC_WORD)) != kind) break;
        any |= k;
    }
    if (kind != UC_SPACE) word_add(w, begin, p, chars, any);
    return p;
}

#if BLOCK_HAS
/* Room for all words that a block can have. */
static struct word *words_room(struct words *w)
{
    if (w->cap - w->n < BLOCK) w->all = mem_grow(w->all, &w->cap, w->n + BLOCK, sizeof *w->all);
    return w->all + w->n;
}

/* The classes of the characters of `bits`, all of one token. */
static inline uint32_t classes_of(const struct block *b, const char *p, uint64_t bits)
{
    uint32_t any = (b->upper & bits ? unicode_classes['A'] : 0u) | (b->lower & bits ? unicode_classes['a'] : 0u)
                 | (b->digit & bits ? unicode_classes['0'] : 0u);
    for (uint64_t rest = bits & ~(b->upper | b->lower | b->digit); rest; rest &= rest - 1)
        any |= unicode_classes[(unsigned char)p[block_first(rest)]];
    return any;
}

/* The tokens that end inside the block at p: where the first one begins that does not. */
static const char *punct_block(struct words *w, const char *p)
{
    const struct block b = block_at(p, NULL);
    const uint64_t known = block_known(&b), word = (b.upper | b.lower | b.digit | b.underscore) & known,
                   other = known & ~(word | b.space);
    const uint32_t at = (uint32_t)(p - w->base);
    const char *next = p + (b.high ? block_first(b.high) : BLOCK);
    struct word *const begin = words_room(w), *to = begin;
    /* where a token or white space begins */
    uint64_t chars = 0, edges = ((word ^ word << 1) | (other ^ other << 1)) & known;
    while (edges) {
        const unsigned i = block_first(edges);
        edges &= edges - 1;
        if (b.space >> i & 1) continue;
        if (!edges) { next = p + i; break; }
        const unsigned n = block_first(edges) - i;
        *to++ = (struct word){ at + i, n, n, 0, classes_of(&b, p, block_below(n) << i) };
        chars += n;
    }
    w->n += (size_t)(to - begin);
    w->chars += chars;
    return next;
}
#endif

void words_punct(struct words *w, struct str text)
{
    const char *p = text.p, *end = p + text.n;
    w->base = text.p;
    w->end = end;
    while (p < end) {
#if BLOCK_HAS
        if (end - p >= BLOCK && block_ascii(p)) {
            const char *next = punct_block(w, p);
            if (next > p) { p = next; continue; }
        }
#endif
        p = punct_token(w, p, end);
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

/* Canonical ordering: a stable insertion by combining class. Longer rows of marks than fit (no text has them) are cut
 * into rows. */
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

/* One word from begin on: to the buffer, and where it ends. Starts over, slowly, at a character that lower() or NFD may
 * change. */
static const char *normal_word(struct words *w, struct word *word, const char *begin, const char *end)
{
    char *out = w->normal.p + w->normal.n, *to = out;
    uint32_t numeric = 0, n, chars = 0;
    const char *p = begin;
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

static const char *normal_token(struct words *w, const char *p, const char *end)
{
    uint32_t n;
    if (class_at(p, end, &n) & UC_SPACE) return p + n;
    buf_room(&w->normal, (size_t)(end - p) + 8);
    struct word *word = word_new(w);
    *word = (struct word){ .at = (uint32_t)w->normal.n };
    p = normal_word(w, word, p, end);
    w->chars += word->chars;
    w->n += word->n != 0;
    return p;
}

#if BLOCK_HAS
/* The bytes of low that `keep` names, one after the other. */
static inline char *put_kept(char *to, const char *low, uint64_t keep)
{
    enum { SHORT = 16 };
    while (keep) {
        const unsigned i = block_first(keep), n = block_first(~(keep >> i));
        memcpy(to, low + i, SHORT);
        if (n > SHORT) memcpy(to + SHORT, low + i + SHORT, BLOCK - SHORT);
        to += n;
        keep &= ~(block_below(n) << i);
    }
    return to;
}

/* The words that end inside the block at p, or at `end`: where the first one begins that does not. */
static const char *normal_block(struct words *w, const char *p, const char *end)
{
    char low[2 * BLOCK];
    struct block b = block_at(p, low);
    if (end - p < BLOCK) {
        const uint64_t inside = block_below((unsigned)(end - p));
        b.space |= ~inside;
        b.high &= inside;
    }
    const uint64_t known = block_known(&b), word = known & ~b.space;
    const char *next = b.high ? p + block_first(b.high) : end - p < BLOCK ? end : p + BLOCK;
    uint64_t edges = (word ^ word << 1) & known;
    char *const text = buf_room(&w->normal, 3 * BLOCK), *to = text;
    const uint32_t at = (uint32_t)w->normal.n;
    struct word *const first = words_room(w), *next_word = first;
    while (edges) {
        const unsigned i = block_first(edges);
        edges &= edges - 1;
        if (b.space >> i & 1) continue;
        if (!edges) { next = p + i; break; }
        const uint64_t bits = block_below(block_first(edges)) & ~block_below(i), digits = b.digit & bits;
        const char *begin = to;
        to = put_kept(to, low, bits & ~b.mark);
        if (to == begin) continue;
        const uint32_t n = (uint32_t)(to - begin);
        *next_word++ = (struct word){ .at = at + (uint32_t)(begin - text), .n = n, .chars = n,
                                      .numeric = digits ? (uint32_t)__builtin_popcountll(digits) : 0 };
    }
    w->n += (size_t)(next_word - first);
    w->chars += (uint64_t)(to - text);
    w->normal.n += (size_t)(to - text);
    return next;
}
#endif

void words_normal_part(struct words *w, struct str part, const char *readable)
{
    const char *p = part.p, *end = p + part.n;
    while (p < end) {
#if BLOCK_HAS
        if (readable - p >= BLOCK && block_ascii(p)) {
            const char *next = normal_block(w, p, end);
            if (next > p) { p = next; continue; }
        }
#endif
        p = normal_token(w, p, end);
    }
    (void)readable;
    buf_room(&w->normal, SHORT_WORD);
    w->base = w->normal.p;
    w->end = w->normal.p + w->normal.cap;
}

void words_normal(struct words *w, struct str text)
{
    words_normal_part(w, text, text.p + text.n);
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
    w->base = w->end = NULL;
    buf_reset(&w->normal);
}

void words_free(struct words *w)
{
    free(w->all);
    buf_free(&w->normal);
    *w = (struct words){ 0 };
}

/* ---- distinct words ---- */

/* Of words of up to 16 bytes, of which `readable` says whether 16 may be read: two loads, masked, where XXH3 through a
 * call costs three times as much. */
static inline uint64_t word_hash(const char *p, size_t n, bool readable)
{
    static const char ones[2 * SHORT_WORD] = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
    uint64_t x[2] = { 0 }, mask[2];
    if (n > SHORT_WORD) return hash64((struct str){ p, n }, 0);
    if (readable) {
        memcpy(x, p, sizeof x);
        memcpy(mask, ones + SHORT_WORD - n, sizeof mask);
        x[0] &= mask[0];
        x[1] &= mask[1];
    } else memcpy(x, p, n);
    return hash_mix(x[0] ^ x[1] * 0x9E3779B97F4A7C15u) + n;
}

/* Of two words with the same hash: up to eight bytes the hash is all of them, scrambled. */
static inline bool same_word(struct str a, struct str b)
{
    return a.n == b.n && (a.n <= 8 || !memcmp(a.p, b.p, a.n));
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
        uint64_t h = word_hash(s.p, s.n, w->end - s.p >= SHORT_WORD);
        size_t at = h & (slots - 1);
        uint32_t id;
        while ((id = v->slot[at]) && (v->hash[id - 1] != h || !same_word(words_at(w, v->first[id - 1]), s)))
            at = (at + 1) & (slots - 1);
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
