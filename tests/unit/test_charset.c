/* test_charset.c - every pointer of every WHATWG index, html5lib's encoding tests, mistakes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/utf8.h"
#include "extract/charset_tables.h"
#include "tests/test.h"

/* A file of the suites, whole; skips the test where they are not. */
static struct str suite(const char *path)
{
    const char *tar = test_data("suites/suites.tar.zst");
    if (!tar) SKIP("no ../shared/data/suites");
    char command[1200];
    snprintf(command, sizeof command,
             "zstd -dcq %s | tar xO --occurrence=1 ./%s 2>/dev/null || zstd -dcq %s | tar xO %s", tar, path, tar, path);
    FILE *f = popen(command, "r");
    static struct buf b;
    buf_reset(&b);
    for (size_t n; (n = fread(buf_room(&b, 1 << 16), 1, 1 << 16, f)) > 0; ) b.n += n;
    pclose(f);
    OK(b.n > 0);
    return buf_str(&b);
}

/* Lines "pointer TAB 0xCODE TAB ..." into table; # begins a comment. */
static void read_index(struct str text, uint32_t *table, size_t n)
{
    for (struct str line; str_cut(&text, '\n', &line); ) {
        char copy[100];
        unsigned pointer, code;
        snprintf(copy, sizeof copy, "%.*s", (int)(line.n < 99 ? line.n : 99), line.p);
        if (copy[0] == '#' || sscanf(copy, "%u 0x%X", &pointer, &code) != 2) continue;
        if (pointer < n) table[pointer] = code;
        else TEST_FAIL("pointer %u is beyond %zu", pointer, n);
    }
}

static void same_index(const char *file, const uint32_t *got, size_t n)
{
    uint32_t *want = mem_zero(n, sizeof *want);
    size_t bad = 0;
    read_index(suite(file), want, n);
    for (size_t i = 0; i < n; i++)
        if (got[i] != want[i] && bad++ < 3)
            TEST_FAIL("%s: pointer %zu is U+%04X, not U+%04X", file, i, got[i], want[i]);
    EQ(bad, 0);
    free(want);
}

TEST(big5_is_the_standards_index)    { same_index("encoding/whatwg/index-big5.txt", charset_index(INDEX_BIG5),
                                                  BIG5_SIZE); }
TEST(euc_kr_is_the_standards_index)  { same_index("encoding/whatwg/index-euc-kr.txt", charset_index(INDEX_EUC_KR),
                                                  EUC_KR_SIZE); }
TEST(gb18030_is_the_standards_index) { same_index("encoding/whatwg/index-gb18030.txt", charset_index(INDEX_GB18030),
                                                  GB18030_SIZE); }
TEST(jis0208_is_the_standards_index) { same_index("encoding/whatwg/index-jis0208.txt", charset_index(INDEX_JIS0208),
                                                  JIS0208_SIZE); }
TEST(jis0212_is_the_standards_index) { same_index("encoding/whatwg/index-jis0212.txt", charset_index(INDEX_JIS0212),
                                                  JIS0212_SIZE); }

TEST(single_byte_encodings_are_the_standards_indexes)
{
    for (int c = CS_IBM866; c <= CS_X_MAC_CYRILLIC; c++) {
        char file[100];
        const char *name = c == CS_ISO_8859_8_I ? "iso-8859-8" : charset_name((enum charset)c);
        int n = snprintf(file, sizeof file, "encoding/whatwg/index-%s.txt", name);
        for (int i = 0; i < n; i++) if (file[i] >= 'A' && file[i] <= 'Z') file[i] |= 32;
        same_index(file, charset_single((enum charset)c), 128);
    }
}

TEST(gb18030_ranges_are_the_standards)
{
    struct str text = suite("encoding/whatwg/index-gb18030-ranges.txt");
    size_t i = 0;
    for (struct str line; str_cut(&text, '\n', &line); ) {
        unsigned pointer, code;
        char copy[40];
        snprintf(copy, sizeof copy, "%.*s", (int)(line.n < 39 ? line.n : 39), line.p);
        if (copy[0] == '#' || sscanf(copy, "%u 0x%X", &pointer, &code) != 2) continue;
        EQ(gb18030_ranges[i][0], pointer);
        EQ(gb18030_ranges[i++][1], code);
    }
    EQ(i, GB18030_RANGES);
}

/* Blocks "#data LF ... LF #encoding LF name". */
static void html5lib(const char *file, int *n, int *bad)
{
    struct str text = suite(file), data, name;
    const char *end = text.p + text.n;
    for (const char *p = text.p; (p = memmem(p, (size_t)(end - p), "#data\n", 6)) != NULL; ) {
        const char *mid = memmem(p, (size_t)(end - p), "\n#encoding\n", 11);
        if (!mid) break;
        data = mid > p + 6 ? str_span(p + 6, mid) : (struct str){ "", 0 };
        struct str rest = str_span(mid + 11, end);
        str_cut(&rest, '\n', &name);
        size_t bom;
        enum charset got = charset_bom(data, &bom), want = charset_label(name);
        if (got == CHARSET_NONE) got = charset_meta(data);
        /* what the suite expects where nothing is said */
        if (got == CHARSET_NONE) got = CS_WINDOWS_1252;
        ++*n;
        if (got != want) {
            ++*bad;
            printf("# %s: %s, not %.*s, for %.*s\n", file, charset_name(got), (int)name.n, name.p, (int)data.n, data.p);
        }
        p = mid + 11;
    }
}

TEST(html5libs_encoding_tests_pass)
{
    int n = 0, bad = 0;
    html5lib("html5lib-tests/encoding/tests1.dat", &n, &bad);
    html5lib("html5lib-tests/encoding/tests2.dat", &n, &bad);
    html5lib("html5lib-tests/encoding/test-yahoo-jp.dat", &n, &bad);
    printf("# %d of %d\n", n - bad, n);
    OK(n >= 80);
    EQ(bad, 0);
}

static struct str decoded(enum charset c, struct str bytes)
{
    static struct buf b;
    buf_reset(&b);
    charset_decode(c, bytes, &b);
    OK(utf8_valid(buf_str(&b)));
    return buf_str(&b);
}

TEST(labels_are_found_in_any_case)
{
    EQ(charset_label(S(" Latin1\n")), CS_WINDOWS_1252);
    EQ(charset_label(S("x-sjis")), CS_SHIFT_JIS);
    EQ(charset_label(S("utf8")), CS_UTF_8);
    EQ(charset_label(S("nothing")), CHARSET_NONE);
    EQ(charset_label(S("")), CHARSET_NONE);
    int n = 0;
    for (int c = 0; c < CHARSETS; c++) n += charset_label(str_of(charset_name((enum charset)c))) == (enum charset)c;
    EQ(n, 40);
}

TEST(legacy_text_decodes)
{
    STR_EQ(decoded(CS_SHIFT_JIS, S("\x93\xFA\x96{ \xB1")), S("\u65E5\u672C \uFF71"));
    STR_EQ(decoded(CS_EUC_JP, S("\xC6\xFC\xCB\xDC")), S("\u65E5\u672C"));
    STR_EQ(decoded(CS_ISO_2022_JP, S("a\x1B$BF|K\\\x1B(Bb")), S("a\u65E5\u672C" "b"));
    STR_EQ(decoded(CS_GB18030, S("\xD6\xD0\xCE\xC4\x81\x30\x81\x30\x94\x39\xFC\x36")),
           S("\u4E2D\u6587\xC2\x80\U0001F600"));
    STR_EQ(decoded(CS_BIG5, S("\xA4\xA4\xA4\xE5\x88\x62")), S("\u4E2D\u6587\u00CA\u0304"));
    STR_EQ(decoded(CS_EUC_KR, S("\xC7\xD1\xB1\xDB")), S("\uD55C\uAE00"));
    STR_EQ(decoded(CS_UTF_16LE, S("\xFF\xFE" "a\0\x3D\xD8\xA9\xDC")), S("a\U0001F4A9"));
    STR_EQ(decoded(CS_WINDOWS_1252, S("\x80 \xE9")), S("\u20AC \u00E9"));
    STR_EQ(decoded(CS_X_USER_DEFINED, S("a\x80")), S("a\uF780"));
}

TEST(a_mistake_costs_one_character_and_no_ascii)
{
    STR_EQ(decoded(CS_SHIFT_JIS, S("\x81<b>")), S("\uFFFD<b>"));
    STR_EQ(decoded(CS_BIG5, S("\x81<b>\x81")), S("\uFFFD<b>\uFFFD"));
    STR_EQ(decoded(CS_EUC_KR, S("\x81<\xFF")), S("\uFFFD<\uFFFD"));
    STR_EQ(decoded(CS_GB18030, S("\x81\x30<")), S("\uFFFD" "0<"));
    STR_EQ(decoded(CS_GB18030, S("\x81\x30\x81")), S("\uFFFD"));
    STR_EQ(decoded(CS_UTF_16BE, S("\xD8\x00\x00" "a\x00")), S("\uFFFD" "a\uFFFD"));
    STR_EQ(decoded(CS_UTF_8, S("\xEF\xBB\xBF" "a\xE2\x82<")), S("a\uFFFD<"));
    STR_EQ(decoded(CS_REPLACEMENT, S("anything")), S("\uFFFD"));
}

TEST(what_is_said_comes_before_what_is_guessed)
{
    EQ(charset_pick(S("\xEF\xBB\xBF<meta charset=koi8-r>"), S("shift_jis"), true), CS_UTF_8);
    EQ(charset_pick(S("<meta charset=koi8-r>"), S("shift_jis"), true), CS_SHIFT_JIS);
    EQ(charset_pick(S("<meta charset=koi8-r>"), S("none such"), true), CS_KOI8_R);
    EQ(charset_pick(S("<meta charset=koi8-r>"), (struct str){ 0 }, false), CS_UTF_8);
    EQ(charset_pick(S("<?xml version='1.0' encoding='iso-8859-2'?>"), (struct str){ 0 }, true), CS_ISO_8859_2);
    EQ(charset_pick(S("caf\xC3\xA9"), (struct str){ 0 }, true), CS_UTF_8);
    EQ(charset_detect(S("Ce caf\xE9 est tr\xE8s bon, m\xEAme apr\xE8s l'\xE9t\xE9 pass\xE9 \xE0 la mer.")),
       CS_WINDOWS_1252);
    EQ(charset_detect(S("\xD0\xCF\xD3\xCC\xC5 \xD4\xCF\xC7\xCF \xCB\xC1\xCB \xCD\xD9 \xD0\xD2\xC9\xDB\xCC\xC9 \xC4\xCF\xCD\xCF\xCA, \xDC\xD4\xCF \xC2\xD9\xCC\xCF \xC8\xCF\xD2\xCF\xDB\xCF")), CS_KOI8_R);
}
MAIN
