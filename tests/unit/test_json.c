/* test_json.c - JSONTestSuite, what RFC 8259 leaves open, numbers both ways, and the scanner's spans.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/rng.h"
#include "record/json.h"
#include "tests/unit/suite.h"

static struct arena mem;

static bool valid(struct str s)
{
    struct err e = { 0 };
    bool ok = json_valid(s, &e);
    if (ok != (e.kind == ERR_NONE) || (!ok && e.kind != ERR_DATA)) TEST_FAIL("the error does not say so: %s", e.msg);
    return ok;
}

/* ---- JSONTestSuite ---- */

static void whole_suite(const char *part, bool wanted, int least)
{
    struct buf b = { 0 };
    struct str tar = suite_open(&b), content;
    char name[101];
    int n = 0;
    for (; suite_next(&tar, part, ".json", name, &content); n++)
        if (valid(content) != wanted) TEST_FAIL("%s is %s", name, wanted ? "refused" : "accepted");
    OK(n >= least);
    buf_free(&b);
}

TEST(all_that_must_be_accepted_is)  { whole_suite("test_parsing/y_", true, 95); }
TEST(all_that_must_be_refused_is)   { whole_suite("test_parsing/n_", false, 187); }

/* i_: what the RFC leaves to the parser. We refuse what is not UTF-8, and a byte order mark; we accept the rest:
 * numbers of any size, escapes of lone surrogates, and 500 levels. */
TEST(what_is_left_open_is_decided)
{
    static const char *const refused[] = {
        "UTF-16LE_with_BOM", "UTF-8_invalid_sequence", "UTF8_surrogate_U+D800", "invalid_utf-8", "iso_latin_1",
        "lone_utf8_continuation_byte",
        "not_in_unicode_range", "overlong_sequence_2_bytes", "overlong_sequence_6_bytes", "truncated-utf-8",
        "utf16BE_no_BOM", "utf16LE_no_BOM",
        "UTF-8_BOM_empty_object",
    };
    struct buf b = { 0 };
    struct str tar = suite_open(&b), content;
    char name[101];
    int n = 0, n_refused = 0;
    for (; suite_next(&tar, "test_parsing/i_", ".json", name, &content); n++) {
        bool wanted = true;
        for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) wanted &= !strstr(name, refused[i]);
        if (valid(content) != wanted) TEST_FAIL("%s is %s", name, wanted ? "refused" : "accepted");
        n_refused += !wanted;
    }
    EQ(n, 35);
    EQ(n_refused, 14);
    buf_free(&b);
}

/* ---- decided by us ---- */

TEST(a_raw_control_character_is_refused_and_an_escaped_one_is_not)
{
    for (int c = 0; c < 0x20; c++) {
        char raw[] = { '"', 'a', (char)c, '"' };
        OK(!valid((struct str){ raw, 4 }));
    }
    struct str s;
    OK(valid(S("\"\\u0000\"")));
    OK(json_string(S("\"a\\u0000b\""), &mem, &s));
    STR_EQ(s, ((struct str){ "a\0b", 3 }));
}

TEST(lone_surrogates_become_replacements)
{
    struct str s;
    OK(json_string(S("\"\\ud83d\\ude00 \\ud83d \\ude00\\ud83d\\ud83d\\ude00\\ud83d\\u0041\""), &mem, &s));
    STR_EQ(s, S("\xF0\x9F\x98\x80 \xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD\xF0\x9F\x98\x80\xEF\xBF\xBD" "A"));
}

TEST(of_duplicate_keys_all_are_listed_and_the_last_is_the_value)
{
    struct json_field *f;
    struct err e = { 0 };
    size_t n;
    struct str o = S(" {\"a\" : 1, \"b\":[ {} , []],\"a\":\"x\" }\r\n");
    OK(json_object(o, &mem, &f, &n, &e));
    EQ(n, 3);
    STR_EQ(f[0].key, S("a"));
    STR_EQ(f[0].value, S("1"));
    STR_EQ(f[1].value, S("[ {} , []]"));
    STR_EQ(json_get(S("{\"a\":1,\"a\":2}"), S("a")), S("2"));
    OK(!json_get(S("{\"\\u0061\":1}"), S("a")).p);
}

TEST(depth_is_bounded)
{
    struct buf b = { 0 };
    for (int deep = 0; deep < 2; deep++) {
        int n = JSON_DEPTH + deep;
        buf_reset(&b);
        for (int i = 0; i < n; i++) buf_put(&b, i % 2 ? S("{\"a\":") : S("["));
        buf_putc(&b, '1');
        for (int i = n; i-- > 0; ) buf_putc(&b, i % 2 ? '}' : ']');
        EQ(valid(buf_str(&b)), !deep);
    }
    buf_reset(&b);
    for (int i = 0; i < 100000; i++) buf_putc(&b, '[');
    OK(!valid(buf_str(&b)));
    buf_free(&b);
}

TEST(a_line_of_a_hundred_megabytes_is_one_line)
{
    enum { SIZE = 100 << 20 };
    struct json_field *f;
    struct err e = { 0 };
    size_t n;
    char *p = mem_alloc(SIZE, 1);
    memset(p, 'a', SIZE);
    memcpy(p, "{\"text\":\"", 9);
    memcpy(p + SIZE - 2, "\"}", 2);
    OK(json_object((struct str){ p, SIZE }, &mem, &f, &n, &e));
    EQ(f[0].value.n, SIZE - 9);
    p[SIZE / 2] = '\xFF';
    OK(!json_object((struct str){ p, SIZE }, &mem, &f, &n, &e));
    OK(strstr(e.msg, "UTF-8") != NULL);
    free(p);
}

TEST(many_fields_are_all_listed)
{
    struct buf b = { 0 };
    struct json_field *f;
    struct err e = { 0 };
    size_t n;
    for (int i = 0; i < 1000; i++) buf_printf(&b, "%c\"k%d\":%d", i ? ',' : '{', i, i);
    buf_putc(&b, '}');
    OK(json_object(buf_str(&b), &mem, &f, &n, &e));
    EQ(n, 1000);
    STR_EQ(f[999].key, S("k999"));
    STR_EQ(f[31].value, S("31"));
    buf_free(&b);
}

TEST(an_object_is_asked_for)
{
    static const char *const wrong[] = { "", " ", "[]", "1", "{", "{}x", "{} {}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
                                         "{,}", "{a:1}", "{\"a\":1 \"b\":2}", "{\"a\":1]", "\"\"" };
    struct json_field *f;
    size_t n;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err e = { 0 };
        if (json_object(str_of(wrong[i]), &mem, &f, &n, &e) || e.kind != ERR_DATA) TEST_FAIL("%s", wrong[i]);
    }
}

TEST(paths_and_walks_stay_inside)
{
    struct str v = S("{\"a\":{\"b\":[10,[20,\"x\"],{\"c\":null}]}}");
    STR_EQ(json_get(v, S("a.b[1][1]")), S("\"x\""));
    STR_EQ(json_get(v, S("a.b[2].c")), S("null"));
    OK(!json_get(v, S("a.b[3]")).p && !json_get(v, S("a.b.c")).p && !json_get(v, S("a[0]")).p
       && !json_get(v, S("a.b[99999999999]")).p && !json_get(v, S("a.b[x]")).p);
    struct str rest = S("[ 1 , [] , {} ]"), item;
    int n = 0;
    while (json_next(&rest, &item)) n++;
    EQ(n, 3);
    struct json_field f;
    rest = S("{ }");
    OK(!json_next_field(&rest, &f));
}

/* ---- strings ---- */

TEST(what_is_put_is_valid_and_reads_back)
{
    struct rng r = rng_init(1, 0);
    struct buf b = { 0 };
    char s[100];
    for (int k = 0; k < 50000; k++) {
        struct str back;
        size_t n = rng_below(&r, sizeof s);
        for (size_t i = 0; i < n; i++) s[i] = (char)rng_below(&r, rng_below(&r, 4) ? 0x80 : 0x28);
        buf_reset(&b);
        json_put_string(&b, (struct str){ s, n });
        if (!valid(buf_str(&b)) || !json_string(buf_str(&b), &mem, &back) || !str_eq(back, (struct str){ s, n })) {
            TEST_FAIL("case %d", k);
            return;
        }
        arena_reset(&mem);
    }
    buf_reset(&b);
    json_put_string(&b, S("\"\\/\b\f\n\r\t\x01\x7F\xC3\xA9"));
    STR_EQ(buf_str(&b), S("\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7F\xC3\xA9\""));
    buf_free(&b);
}

/* ---- numbers ---- */

static struct str printed(double x, bool point)
{
    static struct buf b;
    buf_reset(&b);
    (point ? json_put_float : json_put_number)(&b, x);
    return buf_str(&b);
}

TEST(numbers_are_printed_as_the_specification_says)
{
    STR_EQ(printed(3, false), S("3"));
    STR_EQ(printed(3, true), S("3.0"));
    STR_EQ(printed(0, true), S("0.0"));
    STR_EQ(printed(-1.5, false), S("-1.5"));
    STR_EQ(printed(0.1, false), S("0.1"));
    STR_EQ(printed(0.1 + 0.2, false), S("0.30000000000000004"));
    STR_EQ(printed(0.00001, true), S("0.00001"));
    STR_EQ(printed(0.000001, true), S("1e-6"));
    STR_EQ(printed(1000000000000000.0, true), S("1000000000000000.0"));
    STR_EQ(printed(1.5e16, true), S("1.5e16"));
    STR_EQ(printed(1e22, false), S("1e22"));
    STR_EQ(printed(1e300, false), S("1e300"));
    STR_EQ(printed(5e-324, false), S("5e-324"));
    STR_EQ(printed(1.7976931348623157e308, false), S("1.7976931348623157e308"));
    STR_EQ(printed(9007199254740993.0, false), S("9007199254740992"));
    STR_EQ(printed((double)NAN, false), S("null"));
    STR_EQ(printed((double)-INFINITY, true), S("null"));
}

/* Of every double: reads back the same; and no decimal with fewer digits does. */
static void check_number(double x)
{
    char s[64], shorter[64];
    struct str p = printed(x, false);
    double back = 0;
    memcpy(s, p.p, p.n);
    s[p.n] = 0;
    if (strtod(s, NULL) != x || !json_number(p, &back) || back != x || !valid(p)) {
        TEST_FAIL("%.17g is printed as %s and read as %.17g", x, s, back);
        return;
    }
    int digits = 0, zeros = 0;
    bool begun = false;
    for (const char *c = s; *c && *c != 'e'; c++) {
        if (*c < '0' || *c > '9') continue;
        begun |= *c != '0';
        digits += begun;
        zeros = *c == '0' ? zeros + 1 : 0;
    }
    digits -= zeros;
    snprintf(shorter, sizeof shorter, "%.*e", digits > 1 ? digits - 2 : 0, x);
    if (digits > 1 && strtod(shorter, NULL) == x) TEST_FAIL("%.17g is printed as %s, but %s would do", x, s, shorter);
}

TEST(numbers_are_short_and_read_back)
{
    struct rng r = rng_init(2, 0);
    for (int k = 0; k < 60000 && !test_bad; k++) {
        uint64_t bits = rng_next(&r);
        double x;
        memcpy(&x, &bits, sizeof x);
        if (isfinite(x)) check_number(x);
        check_number(rng_real(&r));
        check_number((double)(float)rng_real(&r));
        check_number(nearbyint(rng_real(&r) * 1e8) / 1e8);
        check_number((double)(int64_t)rng_next(&r));
        check_number((double)rng_below(&r, 1000) / 1000 * pow(10, (double)rng_below(&r, 40) - 20));
    }
}

TEST(numbers_are_read_as_strtod_reads_them)
{
    struct rng r = rng_init(3, 0);
    char s[80];
    for (int k = 0; k < 300000; k++) {
        int n = 0;
        if (rng_below(&r, 2)) s[n++] = '-';
        int whole = 1 + (int)rng_below(&r, 18), places = (int)rng_below(&r, 20);
        for (int i = 0; i < whole; i++)
            s[n++] = (char)('0' + (i ? rng_below(&r, 10) : whole == 1 ? 0 : 1 + rng_below(&r, 9)));
        if (places) s[n++] = '.';
        for (int i = 0; i < places; i++) s[n++] = (char)('0' + rng_below(&r, 10));
        if (!rng_below(&r, 4)) n += snprintf(s + n, 10, "e%d", (int)rng_below(&r, 600) - 300);
        s[n] = 0;
        double x;
        if (!json_number((struct str){ s, (size_t)n }, &x) || x != strtod(s, NULL)) {
            TEST_FAIL("%s is read as %.17g", s, x);
            return;
        }
    }
}

TEST(a_number_of_a_thousand_digits_is_a_number)
{
    char s[1002];
    double x;
    memset(s, '9', sizeof s);
    s[1] = '.';
    OK(json_number((struct str){ s, sizeof s }, &x));
    EQ(x == 10, 1);
    OK(!json_number(S("1x"), &x) && !json_number(S("1.2.3"), &x) && !json_number(S("-"), &x) && !json_number(S(""), &x)
       && !json_number(S("\"1\""), &x) && !json_number(S("null"), &x));
}

TEST(integers_are_exact_or_refused)
{
    int64_t x;
    OK(json_integer(S("9223372036854775807"), &x) && x == INT64_MAX);
    OK(json_integer(S("-9223372036854775808"), &x) && x == INT64_MIN);
    OK(json_integer(S("-0"), &x) && x == 0);
    OK(!json_integer(S("9223372036854775808"), &x) && !json_integer(S("-9223372036854775809"), &x)
       && !json_integer(S("1.0"), &x) && !json_integer(S("-"), &x) && !json_integer(S(""), &x));
}

MAIN
