/* test_weights.c - domain weights: steps, excess losses, alignments, regressions, with numbers done by hand.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "proxy/doge.h"
#include "proxy/doremi.h"
#include "proxy/regmix.h"
#include "proxy/simplex.h"
#include "record/weights.h"
#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

static bool read_weights(struct weights *w, const char *json)
{
    char path[] = "/tmp/test-weights-XXXXXX";
    struct err e = { 0 };
    const int fd = mkstemp(path);
    OK(fd >= 0);
    close(fd);
    OK(file_write(path, str_of(json), &e));
    const bool ok = weights_read(w, path, &e);
    OK(ok == !e.kind);
    unlink(path);
    return ok;
}

TEST(weights_are_found_by_name_at_the_top_or_under_weights)
{
    struct weights w;
    OK(read_weights(&w, "{\"method\":\"doremi\",\"weights\":{\"b\":2,\"a\\\"\\u00e9\":0.5,\"aa\":0}}"));
    NEAR(weights_of(&w, S("a\"\xc3\xa9")), 0.5, 0);
    NEAR(weights_of(&w, S("b")), 2, 0);
    NEAR(weights_of(&w, S("method")), 0, 0);
    weights_free(&w);
    OK(read_weights(&w, "{\"weights\":3,\"b\":1}"));
    NEAR(weights_of(&w, S("weights")), 3, 0);
    weights_free(&w);
    OK(read_weights(&w, "{}"));
    NEAR(weights_of(&w, S("b")), 0, 0);
    weights_free(&w);
}

TEST(what_is_no_weight_is_refused)
{
    static const char *const bad[] = { "[1]", "3", "{\"a\":-1}", "{\"a\":1e999}", "{\"a\":null}", "{\"a\":\"1\"}",
                                       "{\"a\":1,\"b\":2,\"\\u0061\":3}", "{\"a\":1", "" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct weights w;
        OK(!read_weights(&w, bad[i]));
        weights_free(&w);
    }
}

TEST(a_step_multiplies_by_exp_of_the_gain_and_mixes_with_uniform)
{
    double w[] = { 0.5, 0.25, 0.25 };
    simplex_step(w, (double[]){ 0, log(2), log(2) }, 3, 1, 0);
    for (int i = 0; i < 3; i++) NEAR(w[i], 1.0 / 3, 1e-15);
    simplex_step(w, (double[]){ log(4), 0, 0 }, 3, 0.5, 0.1);            /* 2 : 1 : 1 */
    NEAR(w[0], 0.9 * 0.5 + 0.1 / 3, 1e-15);
    NEAR(w[2], 0.9 * 0.25 + 0.1 / 3, 1e-15);
}

TEST(gains_of_any_size_do_not_overflow)
{
    double w[] = { 0.5, 0.5, 0 };
    simplex_step(w, (double[]){ 1e6, -1e6, 1e9 }, 3, 1, 0.003);
    NEAR(w[0], 0.998, 1e-12);
    NEAR(w[1], 0.001, 1e-12);
    NEAR(w[2], 0.001, 1e-12);
}

TEST(weights_that_are_none_are_refused)
{
    OK(!simplex_scale((double[]){ 0, 0 }, 2));
    OK(!simplex_scale((double[]){ 1, -1 }, 2));
    OK(!simplex_scale((double[]){ 1, NAN }, 2));
    OK(!simplex_scale((double[]){ 1, INFINITY }, 2));
}

TEST(words_name_the_domains_that_moved_less_than_their_spread)
{
    const struct str names[] = { S("books"), S("code"), S("law") };
    const double start[] = { 0.3, 0.3, 0.4 }, of[] = { 0.4, 0.2, 0.4, 0.2, 0.21, 0.59 };
    double mean[3], spread[3];
    struct buf b = { 0 };
    simplex_spread(of, 2, 3, mean, spread);
    NEAR(mean[0], 0.3, 1e-15);
    NEAR(spread[0], 0.2 / sqrt(2), 1e-15);
    simplex_words(start, mean, spread, names, 2, 3, &b);
    STR_EQ(buf_str(&b), S("2 of 3 domains moved by no more than their spread over 2 seeds, so another seed may say the opposite of them: books, law"));
    buf_reset(&b);
    simplex_words(start, mean, spread, names, 1, 3, &b);
    STR_EQ(buf_str(&b), S("one seed says nothing of the spread: --seeds 3 does"));
    buf_reset(&b);
    simplex_words((double[]){ 0.6, 0, 0.1 }, mean, spread, names, 2, 3, &b);
    STR_EQ(buf_str(&b), S("every domain moved by more than its spread over 2 seeds"));
    buf_free(&b);
}

TEST(excess_is_clipped_per_token_and_a_domain_without_rows_keeps_its_last)
{
    const float proxy[] = { 3, 1,   5, 5,   2, 2 }, reference[] = { 1, 2,   5, 4,   1, 1 };
    const struct doremi_rows r = { (size_t[]){ 0, 2, 0 }, 3, 2, 3 };
    double excess[] = { 9, 7, 9 };
    float weight[6];
    doremi_excess(&r, proxy, reference, excess);
    NEAR(excess[0], (2 + 0 + 1 + 1) / 4.0, 1e-15);                       /* not (2 - 1 + 2) / 4 */
    NEAR(excess[1], 7, 0);
    NEAR(excess[2], 0.5, 1e-15);
    doremi_token_weights(&r, (double[]){ 0.5, 0.3, 0.2 }, weight);
    NEAR(weight[0], 0.125, 1e-8);
    NEAR(weight[3], 0.1, 1e-8);
    NEAR(weight[5], 0.125, 1e-8);
}

TEST(alignment_is_the_product_with_the_target_with_and_without_ones_own)
{
    const float a[] = { 1, 0, 2 }, b[] = { 0, 1, 1 }, c[] = { -1, 1, 0 };
    const float *const g[] = { a, b, c };
    double align[3];
    float mixed[3];
    doge_align(1, g, (bool[]){ true, true, true }, 3, 3, true, align);   /* the target is (0, 2, 3) */
    NEAR(align[0], 6, 0);
    NEAR(align[1], 5, 0);
    NEAR(align[2], 2, 0);
    doge_align(1, g, (bool[]){ true, true, true }, 3, 3, false, align);
    NEAR(align[0], 1, 0);
    doge_align(1, g, (bool[]){ false, true, false }, 3, 3, false, align);
    NEAR(align[0], 2, 0);
    NEAR(align[1], 0, 0);
    doge_mix(1, g, (double[]){ 0.5, 0.25, 0.25 }, 3, 3, mixed);
    NEAR(mixed[0], 0.25, 0);
    NEAR(mixed[1], 0.5, 0);
    NEAR(mixed[2], 1.25, 0);
}

TEST(alignment_is_the_same_for_any_threads)
{
    enum { N = 50000, K = 3 };
    static float x[K][N];
    for (size_t j = 0; j < K; j++) for (size_t i = 0; i < N; i++) x[j][i] = (float)sin((double)(i * (j + 3)));
    const float *const g[] = { x[0], x[1], x[2] };
    double one[K], four[K];
    doge_align(1, g, (bool[]){ true, false, true }, K, N, false, one);
    doge_align(4, g, (bool[]){ true, false, true }, K, N, false, four);
    OK(!memcmp(one, four, sizeof one));
}

TEST(mixtures_sum_to_1_have_the_priors_means_and_depend_on_their_number_only)
{
    enum { N = 20000 };
    const double prior[] = { 0.81, 0.16, 0.01, 0 };                      /* roots 9 : 4 : 1 : 0 */
    double mean[4] = { 0 }, w[4], again[4];
    for (uint64_t i = 0; i < N; i++) {
        regmix_draw(prior, 4, 5, i, w);
        NEAR(w[0] + w[1] + w[2] + w[3], 1, 1e-12);
        for (int d = 0; d < 4; d++) mean[d] += w[d] / N;
    }
    regmix_draw(prior, 4, 5, N - 1, again);
    OK(!memcmp(w, again, sizeof w));
    NEAR(mean[0], 9 / 14.0, 0.01);
    NEAR(mean[1], 4 / 14.0, 0.01);
    NEAR(mean[2], 1 / 14.0, 0.01);
    NEAR(mean[3], 0, 0);
}

TEST(regression_finds_the_mixture_that_the_losses_ask_for)
{
    enum { N = 60, K = 3 };
    const double prior[K] = { 0.4, 0.3, 0.3 }, share[K] = { 0.6, 0.3, 0.1 };
    double w[N][K], loss[N], best[K];
    for (size_t i = 0; i < N; i++) {
        regmix_draw(prior, K, 1, i, w[i]);
        loss[i] = 4;
        /* least where w + 0.01 is share * 1.03 */
        for (size_t d = 0; d < K; d++) loss[i] -= share[d] * log(w[i][d] + 0.01);
    }
    struct regmix_fit f;
    regmix_fit(w[0], loss, N, K, &f);
    OK(f.rank > 0.99);
    OK(f.error < 0.02);
    NEAR(regmix_predict(&f, w[7]), loss[7], 0.02);
    regmix_best(&f, prior, 1, best);
    for (size_t d = 0; d < K; d++) NEAR(best[d], share[d] * 1.03 - 0.01, 0.03);
    regmix_fit_free(&f);
}

MAIN
