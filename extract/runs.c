/* runs.c - text read by bytes, and by 64 bytes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The plain functions are the definition. The others make a word of 64 bits of each question (is this byte a space? a
 * digit?) and so find the end and count what lies before it in a few instructions; what is not simple, they leave to
 * the plain step. */
#include "extract/runs.h"

/* Inner: of a character, not its first byte. */
enum { IS_SPACE = 1, IS_UPPER = 2, IS_DIGIT = 4, IS_COMMA = 8, IS_INNER = 16, IS_WIDE = 32, IS_NBSP = 64 };
#define EIGHT(c, k) [c] = k, [c + 1] = k, [c + 2] = k, [c + 3] = k, [c + 4] = k, [c + 5] = k, [c + 6] = k, [c + 7] = k
static const unsigned char kind[256] = {
    [' '] = IS_SPACE, ['\n'] = IS_SPACE, ['\t'] = IS_SPACE, ['\r'] = IS_SPACE, ['\f'] = IS_SPACE, [','] = IS_COMMA, ['.'] = IS_COMMA, [';'] = IS_COMMA,
    ['!'] = IS_COMMA, ['?'] = IS_COMMA, [':'] = IS_COMMA, EIGHT('A', IS_UPPER), EIGHT('I', IS_UPPER), EIGHT('Q', IS_UPPER), ['Y'] = IS_UPPER,
    ['Z'] = IS_UPPER, EIGHT('0', IS_DIGIT), ['8'] = IS_DIGIT, ['9'] = IS_DIGIT, EIGHT(0x80, IS_INNER), EIGHT(0x88, IS_INNER), EIGHT(0x90, IS_INNER),
    EIGHT(0x98, IS_INNER), EIGHT(0xA0, IS_INNER), EIGHT(0xA8, IS_INNER), EIGHT(0xB0, IS_INNER), EIGHT(0xB8, IS_INNER), [0xC2] = IS_NBSP,
    [0xE3] = IS_WIDE, [0xE4] = IS_WIDE, [0xE5] = IS_WIDE, [0xE6] = IS_WIDE, [0xE7] = IS_WIDE, [0xE8] = IS_WIDE,
    [0xE9] = IS_WIDE };

bool run_is_nbsp(const char *p, const char *end)
{
    return end - p > 1 && p[0] == '\xC2' && p[1] == '\xA0';
}

static inline unsigned space_at(const char *p, const char *end)  /* how many bytes of it */
{
    return kind[(unsigned char)*p] & IS_SPACE ? 1 : run_is_nbsp(p, end) ? 2 : 0;
}

/* Takes the byte at p into the run, or is false. */
static inline bool step(const char *p, const char *end, bool one_word, struct run *r)
{
    unsigned char k = kind[(unsigned char)*p];
    if (k & (IS_SPACE | IS_NBSP) && space_at(p, end)) {
        if (one_word || *p != ' ' || p + 1 == end || space_at(p + 1, end)) return false;
        r->spaces++;
        return true;
    }
    r->chars += !(k & IS_INNER);
    r->upper += k >> 1 & 1;
    r->digits += k >> 2 & 1;
    r->commas += k >> 3 & 1;
    r->wide += k >> 5 & 1;
    return true;
}

static const char *space_plain(const char *p, const char *end)
{
    for (unsigned n; p < end && (n = space_at(p, end)); p += n) {}
    return p;
}

static const char *text_plain(const char *p, const char *end, bool one_word, struct run *r)
{
    while (p < end && step(p, end, one_word, r)) p++;
    return p;
}

static const struct run_scan plain = { space_plain, text_plain };

#ifdef __x86_64__
#include <immintrin.h>

/* Bit i says it of byte i; other: white space but ' '; odd: a byte that takes more than a bit to judge, wide or perhaps
 * U+00A0. */
struct bits { uint64_t space, other, odd, upper, digit, comma, inner; };

#define INLINE static inline __attribute__((always_inline))
#define AVX2   __attribute__((target("avx2,popcnt,bmi")))
#define AVX512 __attribute__((target("avx512f,avx512bw,popcnt,bmi")))

/* The end of the run within n <= 64 bytes, or the first byte that wants a plain step. */
INLINE size_t run_in(const struct bits *b, size_t n, bool one_word, struct run *r)
{
    uint64_t stop = b->other | b->odd, last = 1ull << (n - 1);
    stop |= b->space & (one_word ? ~0ull : (b->space | stop) >> 1 | last);
    if (n < 64) stop |= last << 1;
    size_t end = stop ? (size_t)__builtin_ctzll(stop) : 64;
    uint64_t before = stop ? (stop & -stop) - 1 : ~0ull;
    uint32_t spaces = (uint32_t)__builtin_popcountll(b->space & before);
    r->spaces += spaces;
    r->chars += (uint32_t)end - spaces - (uint32_t)__builtin_popcountll(b->inner & before);
    r->upper += (uint32_t)__builtin_popcountll(b->upper & before);
    r->digits += (uint32_t)__builtin_popcountll(b->digit & before);
    r->commas += (uint32_t)__builtin_popcountll(b->comma & before);
    return end;
}

/* The byte where the 64 did not go on, and with it those of its kind. */
INLINE bool step_on(const char **p, const char *end, bool one_word, struct run *r)
{
    do if (!step(*p, end, one_word, r)) return false; while (++*p < end && (unsigned char)**p >= 0x80);
    return true;
}

#define EQ2(x, c)          _mm256_cmpeq_epi8(x, _mm256_set1_epi8((char)(c)))
#define IN2(x, low, count) _mm256_cmpgt_epi8(_mm256_set1_epi8((char)((count) - 128)), _mm256_sub_epi8(x, _mm256_set1_epi8((char)((low) + 128))))
#define OR2(a, b)          _mm256_or_si256(a, b)

AVX2 INLINE void half_avx2(__m256i x, int at, struct bits *b)
{
    #define SET(what, mask) b->what |= (uint64_t)(uint32_t)_mm256_movemask_epi8(mask) << at
    SET(space, EQ2(x, ' '));
    SET(other, OR2(IN2(x, '\t', 2), IN2(x, '\f', 2)));
    SET(odd, OR2(EQ2(x, 0xC2), IN2(x, 0xE3, 7)));
    SET(upper, IN2(x, 'A', 26));
    SET(digit, IN2(x, '0', 10));
    SET(comma, OR2(OR2(OR2(EQ2(x, ','), EQ2(x, '.')), IN2(x, ':', 2)), OR2(EQ2(x, '!'), EQ2(x, '?'))));
    SET(inner, IN2(x, 0x80, 64));
    #undef SET
}

AVX2 INLINE void bits_avx2(const char *p, size_t n, struct bits *b)
{
    char tail[64];
    if (n < 64) p = memcpy(tail, p, n);
    *b = (struct bits){ 0 };
    half_avx2(_mm256_loadu_si256((const __m256i *)p), 0, b);
    if (n > 32) half_avx2(_mm256_loadu_si256((const __m256i *)(p + 32)), 32, b);
}

AVX512 INLINE void bits_avx512(const char *p, size_t n, struct bits *b)
{
    #define EQ5(c)          _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8((char)(c)))
    #define IN5(low, count) _mm512_cmplt_epu8_mask(_mm512_sub_epi8(x, _mm512_set1_epi8((char)(low))), _mm512_set1_epi8(count))
    __m512i x = _mm512_maskz_loadu_epi8(n < 64 ? (1ull << n) - 1 : ~0ull, p);
    *b = (struct bits){ .space = EQ5(' '), .other = IN5('\t', 2) | IN5('\f', 2), .odd = EQ5(0xC2) | IN5(0xE3, 7),
                        .upper = IN5('A', 26), .digit = IN5('0', 10),
        .comma = EQ5(',') | EQ5('.') | IN5(':', 2) | EQ5('!') | EQ5('?'), .inner = IN5(0x80, 64) };
}

/* The same two functions for both: `bits` tells of up to 64 bytes at p. */
#define SCAN(name, TARGET, bits_of) \
    TARGET static const char *space_##name(const char *p, const char *end) \
    { \
        while (p < end) { \
            struct bits b; \
            size_t n = end - p < 64 ? (size_t)(end - p) : 64; \
            bits_of(p, n, &b); \
            uint64_t no = ~(b.space | b.other) | (n < 64 ? 1ull << n : 0); \
            if (!no) { p += 64; continue; } \
            p += __builtin_ctzll(no); \
            if (!run_is_nbsp(p, end)) return p; \
            p += 2; \
        } \
        return p; \
    } \
    TARGET static const char *text_##name(const char *p, const char *end, bool one_word, struct run *r) \
    { \
        while (p < end) { \
            struct bits b; \
            size_t n = end - p < 64 ? (size_t)(end - p) : 64; \
            bits_of(p, n, &b); \
            p += run_in(&b, n, one_word, r); \
            if (p < end && !step_on(&p, end, one_word, r)) break; \
        } \
        return p; \
    } \
    static const struct run_scan name = { space_##name, text_##name };

SCAN(avx2, AVX2, bits_avx2)
SCAN(avx512, AVX512, bits_avx512)

const struct run_scan *run_by(enum run_way way)
{
    if (way == RUN_PLAIN) return &plain;
    if (way == RUN_AVX2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt")
            && __builtin_cpu_supports("bmi") ? &avx2 : NULL;
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("popcnt")
        && __builtin_cpu_supports("bmi") ? &avx512 : NULL;
}
#else
const struct run_scan *run_by(enum run_way way) { return way == RUN_PLAIN ? &plain : NULL; }
#endif

static inline const struct run_scan *best(void)
{
    const struct run_scan *s = run_by(RUN_AVX512);
    if (!s) s = run_by(RUN_AVX2);
    return s ? s : &plain;
}

const char *run_space(const char *p, const char *end)
{
    if (p == end || !space_at(p, end)) return p;
    return best()->space(p, end);
}

const char *run_text(const char *p, const char *end, bool one_word, struct run *r)
{
    *r = (struct run){ 0 };
    return best()->text(p, end, one_word, r);
}
