/* test_utf8.c - valid is RFC 3629, by table and by brute force; the AVX2 form says the same as the portable one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/rng.h"
#include "core/utf8.h"
#include "tests/test.h"

static bool has_avx2(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2");
#else
    return false;
#endif
}

static bool fast(struct str s)
{
#if defined(__x86_64__)
    return utf8_valid_avx2(s);
#else
    return utf8_valid_portable(s);
#endif
}

/* The definition: exactly what utf8_put writes for a scalar value. */
static bool is_one_code_point(const char *p, size_t n)
{
    const unsigned char *u = (const unsigned char *)p;
    uint32_t c = n == 1 ? u[0] : n == 2 ? (u[0] & 31u) << 6 | (u[1] & 63u)
                 : n == 3 ? (u[0] & 15u) << 12 | (u[1] & 63u) << 6 | (u[2] & 63u)
               : (u[0] & 7u) << 18 | (u[1] & 63u) << 12 | (u[2] & 63u) << 6 | (u[3] & 63u);
    char back[4];
    return c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF) && utf8_put(back, c) == n && !memcmp(back, p, n);
}

TEST(every_code_point_is_valid_and_reads_back)
{
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        char s[4];
        size_t n = utf8_put(s, c);
        const char *p = s;
        bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        if (utf8_valid((struct str){ s, n }) == surrogate) { TEST_FAIL("U+%04X", c); return; }
        if (!surrogate && (utf8_next(&p, s + n) != c || p != s + n)) {
            TEST_FAIL("U+%04X reads back wrong", c);
            return;
        }
    }
}

/* All pairs and triples of bytes that are not ASCII, in the middle of a block and over its border. */
TEST(every_short_byte_string_is_judged_alike)
{
    if (!has_avx2()) SKIP("no AVX2");
    char block[64];
    for (size_t at = 10; at <= 31; at += 21)
        for (uint32_t x = 0; x < 1u << 21; x++) {
            memset(block, 'a', sizeof block);
            for (size_t i = 0; i < 3; i++) block[at + i] = (char)(0x80 | (x >> 7 * i & 127));
            struct str s = { block, sizeof block };
            if (utf8_valid_portable(s) != fast(s)) { TEST_FAIL("bytes %06x at %zu", x, at); return; }
        }
}

TEST(four_bytes_are_valid_when_they_are_code_points)
{
    struct rng r = rng_init(1, 0);
    char block[96];
    size_t n_valid = 0;
    for (int k = 0; k < 2000000; k++) {
        size_t at = rng_below(&r, 92), n = 2 + rng_below(&r, 3);
        memset(block, 'a', sizeof block);
        block[at] = (char)(0xC0 + rng_below(&r, 64));
        for (size_t i = 1; i < n; i++) block[at + i] = (char)(0x80 + rng_below(&r, 64));
        struct str s = { block, sizeof block };
        bool valid = is_one_code_point(block + at, n);
        n_valid += valid;
        if (utf8_valid_portable(s) != valid || (has_avx2() && fast(s) != valid)) { TEST_FAIL("case %d", k); return; }
    }
    OK(n_valid > 1000);
}

TEST(texts_cut_and_broken_anywhere_are_judged_alike)
{
    if (!has_avx2()) SKIP("no AVX2");
    struct rng r = rng_init(2, 0);
    static char text[400];
    size_t n_valid = 0;
    for (int k = 0; k < 300000; k++) {
        size_t n = 0, want = rng_below(&r, 300);
        while (n < want) {
            uint32_t kind = (uint32_t)rng_below(&r, 4),
                     c = (uint32_t)rng_below(&r, kind == 0 ? 0x80 : kind == 1 ? 0x800 : kind == 2 ? 0xD800 : 0x110000);
            n += utf8_put(text + n, c >= 0xD800 && c <= 0xDFFF ? 'x' : c);
        }
        if (n && k % 3 == 0) text[rng_below(&r, n)] = (char)rng_below(&r, 256);
        if (n && k % 5 == 0) n -= rng_below(&r, n < 4 ? n : 4);
        struct str s = { text, n };
        bool valid = utf8_valid_portable(s);
        n_valid += valid;
        if (fast(s) != valid) { TEST_FAIL("case %d, %zu bytes", k, n); return; }
    }
    OK(n_valid > 100000 && n_valid < 299000);
}

static struct str repaired(struct str s)
{
    static struct buf b;
    buf_reset(&b);
    utf8_repair(s, &b);
    return buf_str(&b);
}

#define BAD "\xEF\xBF\xBD"
TEST(each_maximal_bad_part_becomes_one_replacement)       /* the Unicode Standard, table 3-8 and its neighbours */
{
    STR_EQ(repaired(S("a\xF1\x80\x80\xE1\x80\xC2" "b\x80" "c\x80\xBF" "d")),
           S("a" BAD BAD BAD "b" BAD "c" BAD BAD "d"));
    STR_EQ(repaired(S("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41")), S(BAD BAD BAD BAD BAD BAD BAD BAD "A"));
    STR_EQ(repaired(S("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41")), S(BAD BAD BAD BAD BAD BAD BAD BAD "A"));
    STR_EQ(repaired(S("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42")), S(BAD BAD BAD BAD BAD "A" BAD BAD "B"));
    STR_EQ(repaired(S("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41")), S(BAD BAD BAD BAD "A"));
    STR_EQ(repaired(S("caf\xC3\xA9 \xF0\x9F\x92\xA9")), S("caf\xC3\xA9 \xF0\x9F\x92\xA9"));
    STR_EQ(repaired(S("\xE2\x82")), S(BAD));
}

TEST(what_was_repaired_is_valid_and_of_the_length_that_next_counts)
{
    struct rng r = rng_init(3, 0);
    char s[40];
    for (int k = 0; k < 200000; k++) {
        size_t n = rng_below(&r, sizeof s), count = 0;
        for (size_t i = 0; i < n; i++) s[i] = (char)(rng_below(&r, 3) ? 0x80 + rng_below(&r, 128) : 'a');
        for (const char *p = s; p < s + n; count++) utf8_next(&p, s + n);
        struct str good = repaired((struct str){ s, n });
        if (!utf8_valid(good) || utf8_length(good) != count) { TEST_FAIL("case %d", k); return; }
    }
}

MAIN
