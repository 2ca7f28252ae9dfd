/* test_pretoken.c - the hand-made scanners cut as their patterns do under PCRE2.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/rng.h"
#include "core/utf8.h"
#include "model/pretoken.h"
#include "tests/test.h"

/* U+180E is white space for PCRE2's \s and not for the patterns' own engines; it is left out. */
static const uint32_t pool[] = {
    'a', 'b', 'E', 'S', 's', 't', 'T', 'l', 'L', 'v', 'e', 'r', 'm', 'd', '\'', '\'', ' ', ' ', ' ', '\n', '\r', '\t',
    0x0B, 0x85, 0xA0, 0x2003, 0x2028,
    '0', '1', '7', 0x663, 0xB2, 0x2167, '.', ',', '!', '/', '<', '$', 0x17F, 0x212A, 0xE9, 0x301, 0x308, 0x1C5, 0x2B0,
    0x5D0, 0x30AB, 0x3099, 0x732B, 0x939, 0x93F,
    0x200D, 0x1F600, 0x10400, 0xAD, 0, 0x7F, 0xFFFD, 0x3002,
};

static size_t make(struct rng *r, char *to)
{
    size_t n = 0;
    for (uint64_t i = rng_below(r, 40); i; i--) n += utf8_put(to + n, pool[rng_below(r, sizeof pool / sizeof *pool)]);
    return n;
}

/* One group around the pattern makes it another text, so that PCRE2 runs it. */
static void same_as_pattern(enum split kind)
{
    struct err e = { 0 };
    char pattern[1000];
    snprintf(pattern, sizeof pattern, "(?:%s)", pretoken_pattern(kind));
    struct pretoken *fast = pretoken_open(pretoken_name(kind), &e), *slow = pretoken_open(pattern, &e);
    EQ(e.kind, ERR_NONE);
    EQ(pretoken_kind(fast), kind);
    EQ(pretoken_kind(slow), SPLIT_REGEX);
    struct pretoken_scratch *s = pretoken_scratch_new(slow);
    for (uint64_t i = 0; i < 40000 && !test_bad; i++) {
        struct rng r = rng_init(1, i);
        char text[200];
        const char *end = text + make(&r, text);
        for (const char *at = text; at < end && !test_bad; ) {
            const size_t n = pretoken_next(fast, NULL, text, at, end);
            const struct str want = { at, pretoken_next(slow, s, text, at, end) };
            STR_EQ(((struct str){ at, n }), want);
            at += n;
        }
    }
    pretoken_scratch_free(s);
    pretoken_close(fast);
    pretoken_close(slow);
}

TEST(gpt2_cuts_as_its_pattern) { same_as_pattern(SPLIT_GPT2); }
TEST(cl100k_cuts_as_its_pattern) { same_as_pattern(SPLIT_CL100K); }
TEST(o200k_cuts_as_its_pattern) { same_as_pattern(SPLIT_O200K); }
TEST(llama3_cuts_as_its_pattern) { same_as_pattern(SPLIT_LLAMA3); }
TEST(digits_cut_as_their_pattern) { same_as_pattern(SPLIT_DIGITS); }
TEST(digit_runs_cut_as_their_pattern) { same_as_pattern(SPLIT_DIGIT_RUNS); }
TEST(punctuation_cuts_as_its_pattern) { same_as_pattern(SPLIT_PUNCTUATION); }
TEST(bert_cuts_as_its_pattern) { same_as_pattern(SPLIT_BERT); }

TEST(a_pattern_that_is_none_is_told)
{
    struct err e = { 0 };
    OK(!pretoken_open("a(b", &e));
    EQ(e.kind, ERR_USAGE);
}

TEST(what_lies_between_matches_is_a_piece)
{
    struct err e = { 0 };
    struct pretoken *p = pretoken_open("b+", &e);
    struct pretoken_scratch *s = pretoken_scratch_new(p);
    const struct str text = S("aabbbcb"), want[] = { S("aa"), S("bbb"), S("c"), S("b") };
    size_t at = 0;
    for (int i = 0; i < 4; i++) {
        const size_t n = pretoken_next(p, s, text.p, text.p + at, text.p + text.n);
        STR_EQ(((struct str){ text.p + at, n }), want[i]);
        at += n;
    }
    EQ(at, text.n);
    pretoken_scratch_free(s);
    pretoken_close(p);
}

MAIN
