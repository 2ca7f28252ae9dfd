/* test_runs.c - every way of reading text finds what the plain one finds.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/rng.h"
#include "extract/runs.h"
#include "tests/test.h"

static void same(const struct run_scan *a, const struct run_scan *b, const char *p, const char *end)
{
    struct run of_a, of_b;
    EQ(a->space(p, end) - p, b->space(p, end) - p);
    for (int one_word = 0; one_word < 2; one_word++) {
        of_a = of_b = (struct run){ 0 };
        EQ(a->text(p, end, one_word, &of_a) - p, b->text(p, end, one_word, &of_b) - p);
        OK(!memcmp(&of_a, &of_b, sizeof of_a));
    }
}

TEST(a_run_is_words_with_single_spaces)
{
    const char *s = "Green tea, 2\xC3\xA8me  cup";
    struct run r;
    EQ(run_text(s, s + strlen(s), false, &r) - s, 16);
    EQ(r.chars, 13);
    EQ(r.spaces, 2);
    EQ(r.upper, 1);
    EQ(r.digits, 1);
    EQ(r.commas, 1);
    EQ(run_text(s, s + strlen(s), true, &r) - s, 5);
    EQ(run_space(s + 16, s + strlen(s)) - s, 18);
    const char *t = "a \xC2\xA0" "b";
    EQ(run_text(t, t + 5, false, &r) - t, 1);
    EQ(run_space(t + 1, t + 5) - t, 4);
}

TEST(every_way_reads_alike)
{
    static const char *const piece[] = { " ", " ", "  ", "\n", "\t", "\f", "\v", "\r", "a", "tea", "Z", "7", ".", ",",
                                         "!", "?", ":", ";", "<", "/", "@", "[", "\x7F",
        "\xC2\xA0", "\xC2\xA9", "\xC3\xA9", "\xE2\x80\x94", "\xE3\x81\x82", "\xE4\xB8\xAD", "\xE9\xBE\xA0",
        "\xEA\xB0\x80", "\xF0\x9F\x8D\xB5", "\xC2", "\xA0" };
    struct rng r = rng_init(8, 1);
    for (int way = 1; way < RUN_WAYS; way++) {
        const struct run_scan *scan = run_by((enum run_way)way), *plain = run_by(RUN_PLAIN);
        if (!scan) { printf("# way %d: not on this processor\n", way); continue; }
        for (int round = 0; round < 20000; round++) {
            size_t n = rng_below(&r, 200), size = 0, kinds = 1 + rng_below(&r, sizeof piece / sizeof *piece);
            char *s = mem_alloc(4 * n + 1, 1);
            for (size_t i = 0; i < n; i++) {
                const char *what = rng_below(&r, 4) ? "word" : piece[rng_below(&r, kinds)];
                memcpy(s + size, what, strlen(what));
                size += strlen(what);
            }
            char *exact = mem_alloc(size, 1);                    /* so that a sanitizer sees a byte too many */
            if (size) memcpy(exact, s, size);
            for (size_t at = 0; at < size; at += 1 + rng_below(&r, 90)) same(scan, plain, exact + at, exact + size);
            free(exact);
            free(s);
        }
    }
}

MAIN
