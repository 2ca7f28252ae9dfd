/* test_report.c - commands back into words, places in the plane, telling words, what a page may hold.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"
#include "core/rng.h"
#include "report/chart.h"
#include "report/markup.h"
#include "report/planted.h"
#include "report/plane.h"
#include "report/telling.h"
#include "report/words.h"

TEST(a_command_is_cut_where_a_shell_would_cut_it)
{
    struct arena mem = { 0 };
    size_t n;
    char **w = words_of_command(&mem, S("tamis run filter 'url != '\\''a b'\\''' '' '!' docs -o x"), &n);
    EQ(n, 9);
    STR_EQ(str_of(w[3]), S("url != 'a b'"));
    STR_EQ(str_of(w[4]), S(""));
    STR_EQ(str_of(w[5]), S("!"));
    OK(w[9] == NULL);
    arena_free(&mem);
}

TEST(text_cannot_break_out_of_the_page)
{
    struct buf b = { 0 };
    markup_text(&b, S("<b a='\"'>&\n"));
    STR_EQ(buf_str(&b), S("&lt;b a=&#39;&quot;&#39;&gt;&amp; "));
    buf_free(&b);
}

TEST(a_cut_text_ends_at_a_character_and_has_single_spaces)
{
    struct buf b = { 0 };
    markup_cut(&b, S("  \xC3\xA9\xC3\xA9 \n\n x\xC3\xA9y "), 5);
    STR_EQ(buf_str(&b), S("\xC3\xA9\xC3\xA9 x\xC3\xA9\xE2\x80\xA6"));
    buf_reset(&b);
    markup_cut(&b, S("ab cd"), 5);
    STR_EQ(buf_str(&b), S("ab cd"));
    buf_free(&b);
}

TEST(numbers_are_said_as_people_read_them)
{
    struct buf b = { 0 };
    markup_count(&b, 1234567);
    buf_putc(&b, ' ');
    markup_count(&b, 1000);
    buf_putc(&b, ' ');
    markup_bytes(&b, 999600);
    buf_putc(&b, ' ');
    markup_seconds(&b, 200);
    STR_EQ(buf_str(&b), S("1,234,567 1,000 1.0&thinsp;MB 3&thinsp;min 20&thinsp;s"));
    buf_free(&b);
}

/* Points on a plane in 20 dimensions, wide along one direction and half as wide along another: distances stay. */
TEST(the_plane_keeps_the_distances_of_points_that_lie_in_one)
{
    enum { N = 50, D = 20 };
    float x[N * D];
    double xy[2 * N], at[N][2];
    struct rng r = rng_init(1, 1);
    for (int k = 0; k < N; k++) {
        at[k][0] = rng_normal(&r);
        at[k][1] = rng_normal(&r) / 2;
        for (int i = 0; i < D; i++)
            x[k * D + i] = (float)((i % 2 ? at[k][0] : at[k][1]) * (i < 10 ? 1 : -1) / sqrt(10) + i);
    }
    NEAR(plane_place(x, N, D, xy), 1, 1e-6);
    for (int k = 1; k < N; k++)
        NEAR(hypot(xy[2 * k] - xy[0], xy[2 * k + 1] - xy[1]), hypot(at[k][0] - at[0][0], at[k][1] - at[0][1]), 1e-3);
}

TEST(a_word_of_one_cluster_tells_more_than_a_word_of_all)
{
    struct telling *t = telling_new();
    struct arena mem = { 0 };
    struct str w[3];
    for (int i = 0; i < 20; i++) {
        telling_add(t, 0, S("the red apple of the tree, 42 times"));
        telling_add(t, 1, S("the blue whale of the sea"));
    }
    EQ(telling_words(t, &mem, 0, w, 3), 3);
    for (int i = 0; i < 3; i++) OK(!str_eq(w[i], S("the")) && !str_eq(w[i], S("42")) && !str_eq(w[i], S("whale")));
    EQ(telling_words(t, &mem, 7, w, 3), 0);
    arena_free(&mem);
    telling_free(t);
}

TEST(a_histogram_holds_values_that_are_all_the_same_or_none)
{
    struct buf b = { 0 };
    struct values none = { 0 }, same = { 0 };
    for (int i = 0; i < 9; i++) values_add(&same, 5);
    values_add(&same, NAN);
    EQ(same.n, 9);
    chart_histogram(&b, "none", &none, &none, NAN);
    chart_histogram(&b, "same", &same, &none, 5);
    buf_putc(&b, 0);
    OK(!strstr(b.p, "nan") && !strstr(b.p, "inf"));
    OK(strstr(b.p, "role=\"img\" aria-label=\"same\"") != NULL);
    values_free(&same);
    buf_free(&b);
}

TEST(what_was_planted_is_known_by_its_id)
{
    enum planted kind;
    uint64_t number;
    OK(planted_what(S("near-117"), &kind, &number));
    EQ(kind, NEAR);
    EQ(number, 117);
    OK(!planted_what(S("else-3"), &kind, &number));
    OK(!planted_what(S("near"), &kind, &number));
    EQ(planted_topic(117), 2);
    EQ(planted_lang(117), 3);
}

MAIN
