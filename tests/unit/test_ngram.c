/* test_ngram.c - scores are KenLM's, from ARPA, from our binary, from KenLM's own.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "model/ngram_model.h"
#include "tests/test.h"

static const char ARPA[] =
    "\\data\\\nngram 1=5\nngram 2=3\nngram 3=1\n\n"
    "\\1-grams:\n-1.5\t<unk>\t0\n0\t<s>\t-0.5\n-1\t</s>\t0\n-0.7\ta\t-0.3\n-0.9\tb\t-0.2\n\n"
    "\\2-grams:\n-0.4\t<s> a\t-0.1\n-0.6\ta b\t-0.25\n-0.2\tb </s>\n\n"
    "\\3-grams:\n-0.05\t<s> a b\n\n\\end\\\n";

static char *path_of(char *to, const char *name)
{
    sprintf(to, "/tmp/test_ngram.%d.%s", (int)getpid(), name);
    return to;
}

static struct ngram *open_text(const char *text, struct err *e)
{
    char path[100];
    FILE *f = fopen(path_of(path, "arpa"), "w");
    fwrite(text, 1, strlen(text), f);
    fclose(f);
    struct ngram *m = ngram_open(path, e);
    unlink(path);
    return m;
}

static double score(const struct ngram *m, struct str text, bool marks)
{
    struct ngram_sum sum = { 0 };
    ngram_score(m, text, marks, &sum);
    return sum.log10;
}

static void check_small(const struct ngram *m)
{
    NEAR(score(m, S("a b"), true), -0.4 - 0.05 + (-0.25 - 0.2) + 0, 1e-6);       /* "a b </s>" backs off from "a b" */
    NEAR(score(m, S(" b\ta\n"), true), -0.5 - 0.9 - 0.2 - 0.7 - 0.3 - 1, 1e-6);
    NEAR(score(m, S("a zebra b"), false), -0.7 - 0.3 - 1.5 - 0.9, 1e-6);
    NEAR(score(m, S(""), true), -0.5 - 1, 1e-6);
}

TEST(a_small_model_backs_off_as_it_should_from_arpa_and_binary)
{
    char path[100];
    struct err err = { 0 };
    struct ngram *m = open_text(ARPA, &err), *again;
    OK(m);
    check_small(m);
    FINE(ngram_write(m, path_of(path, "bin"), e));
    again = ngram_open(path, &err);
    OK(again);
    check_small(again);
    unlink(path);
    ngram_close(again);
    ngram_close(m);
}

TEST(a_broken_arpa_file_is_refused_with_its_line)
{
    static const struct { const char *text, *says; } bad[] = {
        { "", "ends at line 0" }, { "hello\n", "not an ARPA file" }, { "\\data\\\nngram 1=2\n\n\\1-grams:\n-1\ta\n", "ends at line 5" },
        { "\\data\\\nngram 2=2\n\n", "line 2 of ARPA" }, { "\\data\\\nngram 1=1\n\n\\1-grams:\nx\ta\n", "line 5 of ARPA" },
        { "\\data\\\nngram 1=99999999999\n\n", "do not fit" }, { "\\data\\\nngram 1=2\n\n\\1-grams:\n-1\ta\n-1\ta\n", "there before" },
        { "\\data\\\nngram 1=1\nngram 2=1\n\n\\1-grams:\n-1\ta\n\n\\2-grams:\n-1\ta\n", "line 9" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = { 0 };
        OK(!open_text(bad[i].text, &err));
        EQ(err.kind, ERR_DATA);
        if (!strstr(err.msg, bad[i].says)) TEST_FAIL("\"%s\" does not say \"%s\"", err.msg, bad[i].says);
    }
}

TEST(a_binary_cut_anywhere_is_refused)
{
    struct err err = { 0 };
    struct ngram *m = open_text(ARPA, &err);
    for (size_t n = 0; n < m->own_size; n++) {
        err = (struct err){ 0 };
        OK(!ngram_parse((struct str){ m->own, n }, &err));
        EQ(err.kind, ERR_DATA);
    }
    ngram_close(m);
}

/* Enough n-grams that lines overflow: all are found, with their own values, and others are not. */
TEST(every_ngram_of_a_full_table_is_found)
{
    enum { WORDS = 3000 };
    struct err err = { 0 };
    const uint64_t counts[3] = { WORDS, WORDS, WORDS };
    struct ngram *m = ngram_new(3, counts, &err);
    struct ngram_sum sum;
    OK(m);
    for (uint32_t i = 0; i < WORDS; i++) {
        char name[20];
        const struct ngram_weights w = { -1 - (float)i, -0.25f };
        OK(ngram_put_word(m, (struct str){ name, (size_t)sprintf(name, "w%u", i) }, i, w));
        OK(!ngram_put_word(m, str_of(name), i, w));
        ngram_put(m, (uint32_t[]){ i, (i + 1) % WORDS }, 2, (struct ngram_weights){ -2 - (float)i, -0.5f });
        ngram_put(m, (uint32_t[]){ i, (i + 1) % WORDS, (i + 2) % WORDS }, 3,
                  (struct ngram_weights){ -3 - (float)i, 0 });
    }
    for (uint32_t i = 0; i < WORDS; i++) {
        uint32_t in[3] = { i, (i + 1) % WORDS, (i + 2) % WORDS }, out[3] = { i, (i + 1) % WORDS, i };
        sum = (struct ngram_sum){ 0 };
        ngram_score_ids(m, in, 3, false, &sum);
        NEAR(sum.log10, -(1.0 + i) - (2.0 + i) - (3.0 + i), 1e-3);
        sum = (struct ngram_sum){ 0 };
        ngram_score_ids(m, out, 3, false, &sum);
        NEAR(sum.log10, -(1.0 + i) - (2.0 + i) - 0.5 - 0.25 - (1.0 + i), 1e-3);
    }
    ngram_close(m);
}

/* A sentence longer than the passages it is scored in: the same as word by word. */
TEST(a_long_sentence_is_scored_as_one)
{
    struct err err = { 0 };
    struct ngram *m = open_text(ARPA, &err);
    struct buf text = { 0 };
    struct ngram_sum sum = { 0 }, by_id = { 0 };
    uint32_t ids[2000];
    OK(m);
    for (int i = 0; i < 1000; i++) {
        buf_put(&text, S("a b "));
        ids[2 * i] = ngram_word(m, S("a"));
        ids[2 * i + 1] = ngram_word(m, S("b"));
    }
    ngram_score(m, buf_str(&text), true, &sum);
    NEAR(sum.log10, -0.4 - 0.05 + 999 * (-0.25 - 0.2 - 0.7 - 0.6) - 0.25 - 0.2, 1e-3);
    ngram_score_ids(m, ids, 2000, true, &by_id);
    OK(sum.log10 == by_id.log10 && sum.words == 2001 && by_id.words == 2001);
    buf_free(&text);
    ngram_close(m);
}

TEST(the_high_half_of_a_product)
{
    EQ(ngram_high(UINT64_MAX, UINT64_MAX), -2);
    EQ(ngram_high((uint64_t)1 << 63, 6), 3);
    EQ(ngram_high(0x123456789ABCDEFu, 0xFEDCBA987654321u), 0x121FA00AD77D74);
}

MAIN
