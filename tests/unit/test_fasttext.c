/* test_fasttext.c - labels and probabilities are fastText's; a broken model is a line, not a crash.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "model/fasttext_model.h"
#include "record/json.h"
#include "tests/test.h"

static struct fasttext *lid(void)
{
    struct err err = { 0 };
    const char *path = test_data("langid/lid.176.ftz");
    if (!path) SKIP("no ../shared/data/langid");
    struct fasttext *m = fasttext_open(path, &err);
    if (!m) TEST_FAIL("%s", err.msg);
    return m;
}

/* The golden values were made of texts whose Unicode white space was a space each; those that occur there: */
static struct str with_plain_spaces(struct arena *mem, struct str s)
{
    char *p = str_c(mem, s), *end = p + s.n;
    for (char *at = p; at < end; at++) {
        if (!memcmp(at, "\xC2\xA0", 2) || !memcmp(at, "\xC2\x85", 2)) at[0] = at[1] = ' ';
        if (*at >= 0x1C && *at <= 0x1F) *at = ' ';
    }
    return (struct str){ p, s.n };
}

/* One golden line: {"text", "fasttext": [[label, p], x 3]}. Adds to how many labels and probabilities differ. */
static void compare(const struct fasttext *m, struct fasttext_scratch *s, struct str line, struct arena *mem,
                    int *labels, double *worst)
{
    struct fasttext_hit top[3];
    struct str text, rest = json_get(line, S("fasttext")), pair;
    OK(json_string(json_get(line, S("text")), mem, &text));
    size_t n = fasttext_predict(m, s, with_plain_spaces(mem, text), 3, 0, top), i = 0;
    for (; json_next(&rest, &pair) && i < n; i++) {
        struct str label;
        double p = 0;
        OK(json_string(json_get(pair, S("[0]")), mem, &label) && json_number(json_get(pair, S("[1]")), &p));
        *labels += !str_eq(label, fasttext_label_short(m, top[i].label));
        *worst = fmax(*worst, fabs(p - (double)top[i].p));
    }
    EQ(i, n);
}

static void compare_file(const char *path, int lines)
{
    char own[500];                                              /* test_data has one place for its answer */
    snprintf(own, sizeof own, "%s", path);
    struct fasttext *m = lid();
    struct fasttext_scratch *s = fasttext_scratch_new(m);
    struct buf file = { 0 };
    struct arena mem = { 0 };
    int n = 0, labels = 0;
    double worst = 0;
    FINE(file_slurp(own, &file, 1 << 30, e));
    for (struct str rest = buf_str(&file), line; str_cut(&rest, '\n', &line) && line.n; n++) {
        compare(m, s, line, &mem, &labels, &worst);
        arena_reset(&mem);
    }
    EQ(n, lines);
    EQ(labels, 0);
    NEAR(worst, 0, 1e-5);
    printf("# %d lines, %d labels differ, probabilities by at most %.2g\n", n, labels, worst);
    arena_free(&mem);
    buf_free(&file);
    fasttext_scratch_free(s);
    fasttext_close(m);
}

TEST(papluca_is_labelled_as_fasttext_labels_it)
{
    const char *path = test_data("langid/papluca.jsonl.zst");
    if (!path) SKIP("no ../shared/data/langid");
    compare_file(path, 10000);
}

TEST(lingua_sentences_are_labelled_as_fasttext_labels_them)
{
    const char *path = test_data("langid/lingua-sentences.jsonl.zst");
    if (!path) SKIP("no ../shared/data/langid");
    compare_file(path, 18750);
}

TEST(what_a_scratch_remembers_changes_nothing)
{
    struct fasttext *m = lid();
    struct fasttext_scratch *old = fasttext_scratch_new(m);
    const struct str texts[] = { S("Der Hund schläft."), S("le chien dort"), S("Der Hund"), S("犬は寝ています"), S(""),
                                 S("Der Hund schläft.") };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct fasttext_scratch *fresh = fasttext_scratch_new(m);
        struct fasttext_hit a, b;
        EQ(fasttext_predict(m, old, texts[i], 1, 0, &a), 1);
        EQ(fasttext_predict(m, fresh, texts[i], 1, 0, &b), 1);
        EQ(a.label, b.label);
        OK(!memcmp(&a.p, &b.p, sizeof a.p));
        fasttext_scratch_free(fresh);
    }
    fasttext_scratch_free(old);
    fasttext_close(m);
}

TEST(bucket_of_a_hash_by_multiplication_is_the_remainder)
{
    for (uint32_t n = 1; n < 3000000; n = n * 7 / 4 + 1)
        for (uint64_t h = 0; h < 1000; h++) {
            uint32_t x = (uint32_t)(h * 0x9E3779B9u + h);
            OK(ft_bucket(UINT64_MAX / n + 1, n, x) == x % n);
        }
}

TEST(subwords_are_wrapped_in_marks_and_a_mark_alone_is_none)
{
    uint32_t got[32];
    struct buf quoted = { 0 };
    size_t n = ft_subwords(S("é1"), 1, 3, &quoted, got);
    const struct str want[] = { S("<é"), S("<é1"), S("é"), S("é1"), S("é1>"), S("1"), S("1>") };
    EQ(n, sizeof want / sizeof *want);
    for (size_t i = 0; i < n; i++) EQ(got[i], ft_hash(want[i]));
    buf_free(&quoted);
}

TEST(a_model_cut_anywhere_is_refused_in_one_line)
{
    struct err err = { 0 };
    struct buf file = { 0 };
    const char *path = test_data("langid/lid.176.ftz");
    if (!path) SKIP("no ../shared/data/langid");
    FINE(file_slurp(path, &file, 1 << 30, e));
    for (size_t n = 0; n < file.n; n += n < 2000 ? 1 : 9973) {
        err = (struct err){ 0 };
        OK(!fasttext_parse((struct str){ file.p, n }, &err));
        EQ(err.kind, ERR_DATA);
    }
    buf_free(&file);
}

TEST(a_model_of_word_vectors_is_refused)
{
    int32_t head[14] = { FT_MAGIC, FT_VERSION, [2] = 10, [9] = FT_SKIPGRAM };
    struct err err = { 0 };
    struct buf file = { 0 };
    buf_put(&file, (struct str){ (char *)head, sizeof head });
    buf_put(&file, S("\0\0\0\0\0\0\0\0"));
    OK(!fasttext_parse(buf_str(&file), &err));
    STR_EQ(str_of(err.msg), S("fastText model holds word vectors, not a classifier"));
    buf_free(&file);
}

MAIN
