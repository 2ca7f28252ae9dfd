/* test_words.c - Unicode 14 as CPython has it, words and n-grams as RedPajama has them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/rng.h"
#include "core/utf8.h"
#include "tests/golden_signals.h"
#include "text/ccnet.h"
#include "text/lines.h"
#include "text/ngrams.h"
#include "text/words.h"

static uint32_t number_of(struct str s) { return (uint32_t)strtoul(s.p, NULL, 10); }

static void same_class(struct str sets, const char *name, unsigned bit)
{
    unsigned char *in = mem_zero(0x110000, 1);
    struct str ranges = json_get(sets, str_of(name)), range;
    OK(ranges.p);
    while (json_next(&ranges, &range)) {
        struct str from, to = { 0 };
        if (!json_next(&range, &from)) continue;
        if (!json_next(&range, &to)) to = from;
        for (uint32_t c = number_of(from); c <= number_of(to); c++) in[c] = 1;
    }
    int bad = 0;
    for (uint32_t c = 0; c < 0x110000; c++)
        if (!in[c] != !(unicode_class(c) & bit) && !(c >= 0xD800 && c < 0xE000)) bad++;
    if (bad) TEST_FAIL("%d characters differ in %s", bad, name);
    free(in);
}

TEST(character_classes_are_cpython_s)
{
    struct str sets = golden("unicode/py311_unicode14.json");
    same_class(sets, "word_re", UC_WORD);
    same_class(sets, "space_re", UC_SPACE);
    same_class(sets, "isspace", UC_SPACE);
    same_class(sets, "isalpha", UC_ALPHA);
    same_class(sets, "isupper", UC_UPPER);
    same_class(sets, "islower", UC_LOWER);
    same_class(sets, "istitle_char", UC_TITLE);
    same_class(sets, "isnumeric", UC_NUMERIC);
    same_class(sets, "isdigit_Nd", UC_DIGIT);
    same_class(sets, "Mn", UC_MARK);
}

static struct str cut(void (*how)(struct words *, struct str), struct str text, struct buf *b)
{
    struct words w = { 0 };
    how(&w, text);
    buf_reset(b);
    for (size_t i = 0; i < w.n; i++) {
        if (i) buf_putc(b, '|');
        buf_put(b, words_at(&w, i));
    }
    words_free(&w);
    return buf_str(b);
}

TEST(a_text_is_cut_in_three_ways)
{
    struct buf b = { 0 };
    struct str text = S("  Don't\xC2\xA0stop_it...  foo.BAR \n --- ");
    STR_EQ(cut(words_space, text, &b), S("Don't|stop_it...|foo.BAR|---"));
    STR_EQ(cut(words_punct, text, &b), S("Don|'|t|stop_it|...|foo|.|BAR|---"));
    STR_EQ(cut(words_normal, text, &b), S("dont|stopit|foobar"));
    STR_EQ(cut(words_normal, S(""), &b), S(""));
    STR_EQ(cut(words_punct, S(" \n"), &b), S(""));
    buf_free(&b);
}

/* In the middle of a text 64 bytes are looked at together, at its end a character at a time: the words are the same. */
TEST(words_are_the_same_in_blocks_and_one_by_one)
{
    static const char *const parts[] = { "a", "Bc", "09", "_", "-", "...", " ", " ", "\n", "\xC3\xA9", "\xC2\xA0",
                                         "abcdefghijklmnop", "Q23456789012345", "\x07" };
    struct rng rng = rng_init(1, 0);
    struct buf text = { 0 };
    void (*const cutters[])(struct words *, struct str) = { words_punct, words_normal };
    for (int round = 0; round < 2000; round++) {
        buf_reset(&text);
        for (int i = 0; i < 24; i++) {
            const struct str part = str_of(parts[rng_below(&rng, sizeof parts / sizeof *parts)]);
            if (text.n + part.n < 64) buf_put(&text, part);
        }
        const size_t n = text.n;
        for (int i = 0; i < 64; i++) buf_putc(&text, ' ');
        for (int c = 0; c < 2; c++) {
            struct words blocks = { 0 }, single = { 0 };
            cutters[c](&blocks, buf_str(&text));
            cutters[c](&single, (struct str){ text.p, n });
            EQ(blocks.n, single.n);
            for (size_t i = 0; i < blocks.n && i < single.n; i++) {
                const struct word a = blocks.all[i], b = single.all[i];
                OK(str_eq(words_at(&blocks, i), words_at(&single, i)) && a.chars == b.chars && a.numeric == b.numeric
                   && a.any == b.any);
            }
            words_free(&blocks);
            words_free(&single);
        }
    }
    buf_free(&text);
}

TEST(characters_and_capitals_of_a_line_are_counted)
{
    /* the last: a capital of four bytes */
    static const char *const parts[] = { "a", "B", " ", "XY", "the quick brown fox ", "\xC3\x89", "\xC3\xA9",
                                         "\xF0\x9D\x90\x80" };
    struct rng rng = rng_init(2, 0);
    struct buf text = { 0 };
    for (int round = 0; round < 2000; round++) {
        buf_reset(&text);
        for (uint64_t n = rng_below(&rng, 20); n; n--)
            buf_put(&text, str_of(parts[rng_below(&rng, round % 2 ? 5 : 8)]));
        const struct line_count fast = line_count(buf_str(&text)), slow = line_count_portable(buf_str(&text));
        EQ(fast.chars, slow.chars);
        EQ(fast.upper, slow.upper);
        EQ(fast.chars, utf8_length(buf_str(&text)));
        size_t capitals = 0;
        for (size_t i = 0; i < text.n; i++) capitals += text.p[i] == 'B';
        EQ(text_count(buf_str(&text), 'B'), capitals);
    }
    buf_free(&text);
}

TEST(normal_words_are_lowercase_and_decomposed)
{
    struct buf b = { 0 };
    STR_EQ(cut(words_normal, S("\xC3\x89T\xC3\xA9"), &b), S("e\xCC\x81te\xCC\x81"));                 /* ÉTé */
    /* ΟΣ Σ.Σ */
    STR_EQ(cut(words_normal, S("\xCE\x9F\xCE\xA3 \xCE\xA3.\xCE\xA3"), &b), S("\xCE\xBF\xCF\x82|\xCF\x83\xCF\x82"));
    /* Hangul to jamo */
    STR_EQ(cut(words_normal, S("\xED\x95\x9C"), &b), S("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB"));
    /* marks in canonical order */
    STR_EQ(cut(words_normal, S("a\xCC\x81\xCC\xA3"), &b), S("a\xCC\xA3\xCC\x81"));
    STR_EQ(cut(words_normal, S("\xC4\xB0"), &b), S("i\xCC\x87"));
    buf_free(&b);
}

static int words_equal(const struct words *w, struct str list, struct arena *mem)
{
    struct str item, s;
    size_t i = 0;
    for (; json_next(&list, &item); i++)
        if (i >= w->n || !json_string(item, mem, &s) || !str_eq(words_at(w, i), s)) return 0;
    return i == w->n;
}

TEST(normalised_texts_and_raw_words_are_redpajama_s)
{
    struct str docs = golden("rpv2/dev/docs.jsonl"), all = golden("rpv2/dev/intermediate.jsonl"), line;
    struct words w = { 0 };
    struct buf b = { 0 };
    struct arena mem = { 0 };
    int n = 0;
    while (str_cut(&docs, '\n', &line)) {
        struct str id = json_get(line, S("id")), want = golden_line(all, id), text, s;
        if (!json_string(json_get(line, S("text")), &mem, &text) || !want.p) continue;
        int64_t count;
        words_reset(&w);
        words_normal(&w, text);
        buf_reset(&b);
        words_join(&w, &b);
        if (json_integer(json_get(want, S("num_normalized_words")), &count)) EQ(w.n, count);
        if (json_string(json_get(want, S("normalized")), &mem, &s)) STR_EQ(buf_str(&b), s);
        words_reset(&w);
        words_punct(&w, text);
        if (json_integer(json_get(want, S("num_raw_words")), &count)) EQ(w.n, count);
        struct str raw = json_get(want, S("raw_words"));
        if (raw.p && !words_equal(&w, raw, &mem)) TEST_FAIL("raw words of %.*s", (int)id.n, id.p);
        n++;
    }
    OK(n > 100);
    words_free(&w);
    buf_free(&b);
    arena_free(&mem);
}

TEST(lines_and_texts_are_normalised_as_cc_net_does)
{
    struct str docs = golden("rpv2/dev/docs.jsonl"), all = golden("ccnet/dev/normalizer.jsonl"), want;
    struct buf b = { 0 };
    struct arena mem = { 0 };
    int n = 0;
    while (str_cut(&all, '\n', &want)) {
        struct str doc = golden_line(docs, json_get(want, S("id"))), text, line, item,
                   lines = json_get(want, S("lines")), s;
        if (!lines.p || !json_string(json_get(doc, S("text")), &mem, &text)) continue;
        buf_reset(&b);
        ccnet_text(text, &b);
        if (json_string(json_get(want, S("lm_normalized")), &mem, &s)) STR_EQ(buf_str(&b), s);
        while (json_next(&lines, &item) && str_cut(&text, '\n', &line)) {
            buf_reset(&b);
            ccnet_line(line, &b);
            if (json_string(json_get(item, S("dedup")), &mem, &s)) { STR_EQ(buf_str(&b), s); n++; }
        }
    }
    OK(n > 100);
    buf_free(&b);
    arena_free(&mem);
}

/* The slow and obvious way: how often the k-gram at i occurs. */
static uint32_t occurs(const uint32_t *id, size_t n, size_t i, size_t k)
{
    uint32_t c = 0;
    for (size_t j = 0; j + k <= n; j++) c += !memcmp(id + i, id + j, k * sizeof *id);
    return c;
}

TEST(repeated_ngrams_are_those_that_counting_finds)
{
    struct rng r = rng_init(7, 0);
    struct ngrams g = { 0 };
    for (int round = 0; round < 60; round++) {
        uint32_t id[300], count[300] = { 0 }, number[300], n = (uint32_t)rng_below(&r, 300),
                 kinds = 1 + (uint32_t)rng_below(&r, 20), seen = 0;
        memset(number, 255, sizeof number);
        for (size_t i = 0; i < n; i++) {                         /* numbered by first occurrence */
            uint32_t x = (uint32_t)rng_below(&r, kinds);
            if (number[x] == UINT32_MAX) number[x] = seen++;
            count[id[i] = number[x]]++;
        }
        ngrams_start(&g, id, count, n);
        while (g.k < 10) {
            ngrams_next(&g);
            size_t j = 0;
            for (size_t i = 0; i + g.k <= n; i++) {
                uint32_t c = occurs(id, n, i, g.k);
                if (c < 2) continue;
                OK(j < g.n && g.at[j] == i && g.count[g.group[j]] == c);
                j++;
            }
            EQ(j, g.n);
        }
    }
    ngrams_free(&g);
}

TEST(distinct_words_are_numbered_by_first_occurrence)
{
    struct words w = { 0 };
    struct distinct v = { 0 };
    words_space(&w, S("b a b internationalisation a b internationalisations internationalisation"));
    distinct_find(&v, &w);
    EQ(v.n, 4);
    EQ(v.id[0], 0); EQ(v.id[1], 1); EQ(v.id[2], 0); EQ(v.id[6], 3);
    EQ(v.count[0], 3); EQ(v.count[1], 2); EQ(v.count[2], 2); EQ(v.count[3], 1);
    words_free(&w);
    distinct_free(&v);
}

MAIN
