/* test_minhash.c - foldings, shingles, signatures, bands.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/rng.h"
#include "dedup/lsh.h"
#include "dedup/minhash.h"
#include "dedup/sha1.h"
#include "dedup/shingle.h"
#include "tests/test.h"

static struct str folded(enum fold how, const char *s)
{
    static struct buf b;
    buf_reset(&b);
    fold_text(how, str_of(s), &b);
    return buf_str(&b);
}

TEST(words_are_letters_and_digits_in_lower_case)
{
    STR_EQ(folded(FOLD_WORDS, "  Hello, World-wide 42! "), S("hello world wide 42"));
    /* Été-OK with a dash */
    STR_EQ(folded(FOLD_WORDS, "\xC3\x89t\xC3\xA9\xE2\x80\x94OK"), S("\xC3\xA9t\xC3\xA9 ok"));
    /* Han: one word each */
    STR_EQ(folded(FOLD_WORDS, "a\xE6\x97\xA5\xE6\x9C\xAC" "b"), S("a \xE6\x97\xA5 \xE6\x9C\xAC b"));
    /* a Thai vowel stays with its letter */
    STR_EQ(folded(FOLD_WORDS, "\xE0\xB8\x81\xE0\xB8\xB1\xE0\xB8\x99"), S("\xE0\xB8\x81\xE0\xB8\xB1 \xE0\xB8\x99"));
    EQ(folded(FOLD_WORDS, " .,;\n").n, 0);
}

TEST(spaces_keep_words_as_they_are)
{
    STR_EQ(folded(FOLD_SPACES, "\n If (x)\t{\xC2\xA0}  "), S("If (x) { }"));
    EQ(folded(FOLD_SPACES, "").n, 0);
}

TEST(rpv2_deletes_punctuation_and_decomposes)
{
    STR_EQ(folded(FOLD_RPV2, "You're in foo.bar,\r\n now "), S("youre in foobar now"));
    STR_EQ(folded(FOLD_RPV2, "\xC3\x89 \xE2\x80\xA6"), S("e\xCC\x81 \xE2\x80\xA6"));
    /* a final sigma, and one that is not */
    STR_EQ(folded(FOLD_RPV2, "\xCE\x9F\xCE\xA3 \xCE\xA3\xCE\x91"), S("\xCE\xBF\xCF\x82 \xCF\x83\xCE\xB1"));
    STR_EQ(folded(FOLD_RPV2, "\xC4\xB0x"), S("i\xCC\x87x"));
}

TEST(datatrove_makes_numbers_zero_and_drops_marks)
{
    STR_EQ(folded(FOLD_DATATROVE, "Caf\xC3\xA9, 1,234.50 \xE2\x80\x93 no_5"), S("cafe 0 0 no 0"));
}

TEST(sha1_is_that_of_the_standard_and_the_same_with_the_extension)
{
    static const uint8_t abc[20] = { 0xA9, 0x99, 0x3E, 0x36, 0x47, 0x06, 0x81, 0x6A, 0xBA, 0x3E, 0x25, 0x71, 0x78, 0x50,
                                     0xC2, 0x6C, 0x9C, 0xD0, 0xD8, 0x9D };
    uint8_t a[20], b[20];
    sha1_portable(S("abc"), a);
    OK(!memcmp(a, abc, 20));
    char text[300];
    for (size_t n = 0; n < sizeof text; n++) {
        text[n] = (char)(n * 7 + 3);
        sha1((struct str){ text, n }, a);
        sha1_portable((struct str){ text, n }, b);
        if (memcmp(a, b, 20)) TEST_FAIL("the digests of %zu bytes differ", n);
    }
}

static size_t shingles(struct shingling s, const char *text, uint64_t *to)
{
    struct arena a = { 0 };
    struct buf b = { 0 };
    uint64_t *h;
    size_t n = shingle_text(&s, str_of(text), &b, &a, &h);
    if (n) memcpy(to, h, n * sizeof *h);
    arena_free(&a);
    buf_free(&b);
    return n;
}

TEST(a_shingle_is_n_words_in_order_wherever_they_stand)
{
    struct shingling s = { FOLD_WORDS, SHINGLE_OWN, false, 3 };
    uint64_t a[20], b[20];
    EQ(shingles(s, "one two three four five", a), 3);
    EQ(shingles(s, "Zero, one two three", b), 2);
    OK(a[0] == b[1]);
    EQ(shingles(s, "three two one", b), 1);
    OK(a[0] != b[0]);
    EQ(shingles(s, "one two", a), 1);                 /* shorter than n: one shingle, equal to itself only */
    EQ(shingles(s, "one two", b), 1);
    OK(a[0] == b[0]);
    EQ(shingles(s, "two", b), 1);
    OK(a[0] != b[0]);
    EQ(shingles(s, "...", a), 0);
}

TEST(characters_are_code_points)
{
    struct shingling s = { FOLD_SPACES, SHINGLE_OWN, true, 2 };
    uint64_t a[20], b[20];
    EQ(shingles(s, "abc", a), 2);
    EQ(shingles(s, "xbc", b), 2);
    OK(a[1] == b[1] && a[0] != b[0]);
    EQ(shingles(s, "\xC3\xA9\xE6\x97\xA5" "c", a), 2);
    EQ(shingles(s, "\xC3\xA9", a), 1);
    EQ(shingles(s, "", a), 0);
}

TEST(the_peers_leave_short_texts_without_shingles)
{
    uint64_t a[20];
    EQ(shingles((struct shingling){ FOLD_RPV2, SHINGLE_RPV2, false, 13 }, "a b c d e f g h i j k l", a), 0);
    EQ(shingles((struct shingling){ FOLD_RPV2, SHINGLE_RPV2, false, 13 }, "a b c d e f g h i j k l m n", a), 2);
    EQ(shingles((struct shingling){ FOLD_DATATROVE, SHINGLE_DATATROVE, false, 5 }, "a b c d", a), 0);
}

TEST(a_set_is_sorted_and_has_no_repeats)
{
    uint64_t h[3000], other[3000];
    /* also hashes with empty top bits */
    for (size_t i = 0; i < 3000; i++) h[i] = rng_at(1, i % 2000, 0) >> (i % 2000 % 7 * 8);
    size_t n = shingle_set(h, 3000, other);
    OK(n > 1700 && n <= 2000);
    for (size_t i = 1; i < n; i++) OK(h[i - 1] < h[i]);
    uint64_t a[] = { 1, 2, 3, 4 }, b[] = { 2, 4, 5 };
    NEAR(shingle_jaccard(a, 4, b, 3), 0.4, 0);
    NEAR(shingle_jaccard(a, 0, b, 0), 0, 0);
}

TEST(every_family_signs_the_same_with_and_without_vectors)
{
    uint64_t h[301], fast[203], plain[203];
    for (int f = MINHASH_OWN; f <= MINHASH_DATATROVE; f++)
        for (size_t k = 1; k <= 203; k += 101)
            for (size_t n = 1; n <= 301; n += 50) {
                struct minhash mh;
                minhash_init(&mh, (enum minhash_family)f, k, 7);
                for (size_t i = 0; i < n; i++) h[i] = f == MINHASH_RPV2 ? rng_at(3, i, n) >> 32 : rng_at(3, i, n);
                if (n == 51) h[7] = UINT64_MAX;
                minhash_sign(&mh, h, n, fast);
                minhash_sign_plain(&mh, h, n, plain);
                OK(!memcmp(fast, plain, k * sizeof *fast));
                minhash_free(&mh);
            }
}

TEST(permutations_are_numpys)
{
    struct minhash mh;
    minhash_init(&mh, MINHASH_RPV2, 128, 0);
    OK(mh.a[0] == 2297359619001564596u && mh.a[1] == 1973689801170867272u);
    minhash_free(&mh);
}

/* The share of equal minima estimates Jaccard similarity: mean within 1 %, spread that of k independent draws. */
TEST(equal_minima_estimate_similarity)
{
    enum { K = 128, SETS = 400, N = 150 };
    for (int shared = 30; shared <= 120; shared += 30) {
        double j = (double)shared / (2 * N - shared), sum = 0, squares = 0;
        struct minhash mh;
        minhash_init(&mh, MINHASH_OWN, K, 1);
        for (uint64_t s = 0; s < SETS; s++) {
            uint64_t a[N], b[N], sa[K], sb[K];
            for (uint64_t i = 0; i < N; i++) {
                a[i] = rng_at(5, s, i);
                b[i] = i < (uint64_t)shared ? a[i] : rng_at(6, s, i);
            }
            minhash_sign(&mh, a, N, sa);
            minhash_sign(&mh, b, N, sb);
            double same = 0;
            for (int i = 0; i < K; i++) same += sa[i] == sb[i];
            sum += same / K;
            squares += same / K * same / K;
        }
        double mean = sum / SETS, spread = squares / SETS - mean * mean, want = j * (1 - j) / K;
        NEAR(mean, j, 0.01);
        OK(spread > want * 0.75 && spread < want * 1.3);
        minhash_free(&mh);
    }
}

TEST(bands_are_the_peers_or_chosen_for_recall)
{
    static const struct { double t; size_t k, bands, rows; } peers[] = {
        { 0.7, 128, 14, 9 }, { 0.8, 128, 9, 13 }, { 0.9, 128, 5, 25 }, { 1.0, 128, 1, 128 },
        { 0.5, 64, 14, 4 }, { 0.5, 256, 42, 6 }, { 0.6, 128, 18, 7 }, { 0.75, 128, 11, 11 }, { 0.8, 256, 17, 15 } };
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) {
        struct lsh l = lsh_balance(peers[i].k, peers[i].t);
        EQ(l.bands, peers[i].bands);
        EQ(l.rows, peers[i].rows);
    }
    struct lsh l = lsh_choose(128, 0.8, 0.95);
    EQ(l.bands, 18);
    EQ(l.rows, 7);
    NEAR(lsh_curve((struct lsh){ 14, 8 }, 0.8), 0.924, 0.001);
}

TEST(keys_are_equal_where_a_band_is)
{
    uint64_t a[20], b[20], ka[5], kb[5];
    for (uint64_t i = 0; i < 20; i++) a[i] = b[i] = i / 4 == 3 ? 1 : i % 4;
    b[9]++;
    lsh_keys((struct lsh){ 5, 4 }, a, ka);
    lsh_keys((struct lsh){ 5, 4 }, b, kb);
    for (int i = 0; i < 5; i++) EQ(ka[i] == kb[i], i != 2);
    OK(ka[0] != ka[1]);
}

MAIN
