/* utf8.c - the decoder is a walk over RFC 3629's table; validation has a form for AVX2.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/utf8.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Length of the well-formed sequence at p, or minus the length of the maximal bad part (WHATWG, Unicode 3.9). */
static int sequence(const unsigned char *p, size_t n)
{
    unsigned char c = p[0], lo = 0x80, hi = 0xBF;
    if (c < 0x80) return 1;
    int more = c < 0xC2 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : c < 0xF5 ? 3 : 0;
    if (!more) return -1;
    if (c == 0xE0) lo = 0xA0;
    if (c == 0xED) hi = 0x9F;
    if (c == 0xF0) lo = 0x90;
    if (c == 0xF4) hi = 0x8F;
    for (int i = 1; i <= more; i++) {
        if ((size_t)i >= n || p[i] < lo || p[i] > hi) return -i;
        lo = 0x80;
        hi = 0xBF;
    }
    return more + 1;
}

uint32_t utf8_next_slow(const char **p, const char *end)
{
    const unsigned char *s = (const unsigned char *)*p;
    int n = sequence(s, (size_t)(end - *p));
    *p += n < 0 ? -n : n;
    switch (n) {
    case 1: return s[0];
    case 2: return (uint32_t)(s[0] & 31) << 6 | (s[1] & 63);
    case 3: return (uint32_t)(s[0] & 15) << 12 | (uint32_t)(s[1] & 63) << 6 | (s[2] & 63);
    case 4: return (uint32_t)(s[0] & 7) << 18 | (uint32_t)(s[1] & 63) << 12 | (uint32_t)(s[2] & 63) << 6 | (s[3] & 63);
    default: return UTF8_BAD;
    }
}

bool utf8_valid_portable(struct str s)
{
    const char *p = s.p, *end = p + s.n;
    while (p < end) {
        uint64_t eight;
        if (end - p >= 8 && (memcpy(&eight, p, 8), !(eight & 0x8080808080808080u))) { p += 8; continue; }
        int n = sequence((const unsigned char *)p, (size_t)(end - p));
        if (n < 0) return false;
        p += n;
    }
    return true;
}

#if defined(__x86_64__)
/* Lemire & Keiser, "Validating UTF-8 in less than one instruction per byte" (2020), section 6.
 *
 * Every error but one shows in two neighbouring bytes, in fact in three half-bytes of them. Each of
 * these looks up the set of errors that it allows, and what all three allow is there. */
enum {
    TOO_SHORT  = 1 << 0,             /* 11______ 0_______  or  11______ 11______ */
    TOO_LONG   = 1 << 1,             /* 0_______ 10______ */
    OVERLONG_3 = 1 << 2,             /* 11100000 100_____ */
    TOO_LARGE  = 1 << 3,             /* 11110100 1001____  and all above, to 10______ */
    SURROGATE  = 1 << 4,             /* 11101101 101_____ */
    OVERLONG_2 = 1 << 5,             /* 1100000_ 10______ */
    OVERLONG_4 = 1 << 6,             /* 11110000 1000____  and 11110101 1000____ and above */
    TWO_CONTS  = 1 << 7,             /* 10______ 10______: the one that needs a look further back */
    CARRY      = TOO_SHORT | TOO_LONG | TWO_CONTS,           /* these do not depend on the first byte's low half */
    LARGE      = CARRY | TOO_LARGE | OVERLONG_4,
    SECOND     = TOO_LONG | OVERLONG_2 | TWO_CONTS,
};
#define TWICE(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)

/* before is the block in front of x; every bit that is set in the answer is an error. */
__attribute__((target("avx2"))) static inline __m256i block_errors(__m256i before, __m256i x)
{
    const __m256i first_high = TWICE(TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
                                     (char)TWO_CONTS, (char)TWO_CONTS, (char)TWO_CONTS, (char)TWO_CONTS,
                                     TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,
                                     TOO_SHORT | TOO_LARGE | OVERLONG_4);
    const __m256i first_low = TWICE((char)(CARRY | OVERLONG_2 | OVERLONG_3 | OVERLONG_4), (char)(CARRY | OVERLONG_2),
                                    (char)CARRY, (char)CARRY, (char)(CARRY | TOO_LARGE), (char)LARGE, (char)LARGE,
                                    (char)LARGE, (char)LARGE, (char)LARGE, (char)LARGE, (char)LARGE, (char)LARGE,
                                    (char)(LARGE | SURROGATE), (char)LARGE, (char)LARGE);
    const __m256i second_high = TWICE(TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
                                      TOO_SHORT, (char)(SECOND | OVERLONG_3 | OVERLONG_4),
                                      (char)(SECOND | OVERLONG_3 | TOO_LARGE), (char)(SECOND | SURROGATE | TOO_LARGE),
                                      (char)(SECOND | SURROGATE | TOO_LARGE), TOO_SHORT, TOO_SHORT, TOO_SHORT,
                                      TOO_SHORT);
    const __m256i low = _mm256_set1_epi8(15), conts = _mm256_set1_epi8((char)TWO_CONTS);
    __m256i across = _mm256_permute2x128_si256(before, x, 0x21);
    __m256i back1 = _mm256_alignr_epi8(x, across, 15), back2 = _mm256_alignr_epi8(x, across, 14), back3 =
        _mm256_alignr_epi8(x, across, 13);
    __m256i pair = _mm256_and_si256(_mm256_shuffle_epi8(first_high, _mm256_and_si256(_mm256_srli_epi16(back1, 4), low)),
                   _mm256_and_si256(_mm256_shuffle_epi8(first_low, _mm256_and_si256(back1, low)),
                                    _mm256_shuffle_epi8(second_high, _mm256_and_si256(_mm256_srli_epi16(x, 4), low))));
    __m256i third = _mm256_subs_epu8(back2, _mm256_set1_epi8(0xE0 - 0x80)), fourth =
        _mm256_subs_epu8(back3, _mm256_set1_epi8(0xF0 - 0x80));
    /* two continuations belong just there */
    __m256i wanted = _mm256_and_si256(_mm256_or_si256(third, fourth), conts);
    return _mm256_xor_si256(wanted, pair);
}

__attribute__((target("avx2"))) bool utf8_valid_avx2(struct str s)
{
    const char *p = s.p, *end = p + s.n;
    __m256i before = _mm256_setzero_si256(), errors = before;
    for (; end - p >= 64; p += 64) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p), b =
            _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
        if (_mm256_movemask_epi8(_mm256_or_si256(before, _mm256_or_si256(a, b))))
            errors = _mm256_or_si256(errors, _mm256_or_si256(block_errors(before, a), block_errors(a, b)));
        before = b;
    }
    /* zeros behind the end: a cut sequence is too short */
    for (bool tail = true; tail; p += 32) {
        char last[32] = { 0 };
        tail = end - p >= 32;
        memcpy(last, p, tail ? 32 : (size_t)(end - p));
        __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)last);
        errors = _mm256_or_si256(errors, block_errors(before, x));
        before = x;
    }
    return _mm256_testz_si256(errors, errors);
}
#endif

bool utf8_valid(struct str s)
{
#if defined(__x86_64__)
    if (s.n >= 32 && __builtin_cpu_supports("avx2")) return utf8_valid_avx2(s);
#endif
    return utf8_valid_portable(s);
}

size_t utf8_length(struct str s)
{
    enum { PART = 128 };                                /* what one byte counts: compilers then add sixteen at a time */
    size_t n = 0;
    for (size_t i = 0; i < s.n; ) {
        const size_t end = s.n - i < PART ? s.n : i + PART;
        uint8_t part = 0;
        for (; i < end; i++) part = (uint8_t)(part + ((s.p[i] & 0xC0) != 0x80));
        n += part;
    }
    return n;
}

size_t utf8_put(char *to, uint32_t c)
{
    if (c < 0x80) { to[0] = (char)c; return 1; }
    if (c < 0x800) { to[0] = (char)(0xC0 | c >> 6); to[1] = (char)(0x80 | (c & 63)); return 2; }
    if (c < 0x10000) {
        to[0] = (char)(0xE0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 63));
        to[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    to[0] = (char)(0xF0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 63));
    to[2] = (char)(0x80 | (c >> 6 & 63));
    to[3] = (char)(0x80 | (c & 63));
    return 4;
}

void utf8_repair(struct str s, struct buf *out)
{
    const char *p = s.p, *end = p + s.n, *good = p;
    while (p < end) {
        int n = sequence((const unsigned char *)p, (size_t)(end - p));
        if (n > 0) { p += n; continue; }
        buf_put(out, str_span(good, p));
        buf_put(out, S("\xEF\xBF\xBD"));
        good = p += -n;
    }
    buf_put(out, str_span(good, end));
}
