/* test_learn.c - seeds are the strings that recur, balance weighs, the alphabet covers, arrays outgrow memory, a model sums to one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/base64.h"
#include "core/rng.h"
#include "core/utf8.h"
#include "tests/test.h"
#include "tokenizer/balance.h"
#include "tokenizer/bpe_train.h"
#include "tokenizer/seeds.h"
#include "tokenizer/unigram_train.h"

static void put(struct wordlist *w, const char *s, uint64_t n) { FINE(wordlist_add(w, str_of(s), n, e)); }

static void some_words(struct wordlist *w, uint64_t seed, size_t n, const char *const *letters, size_t n_letters)
{
    for (size_t i = 0; i < n; i++) {
        struct rng r = rng_init(seed, i);
        struct buf b = { 0 };
        for (size_t k = 0, size = 1 + rng_below(&r, 9); k < size; k++) buf_put(&b, str_of(letters[rng_below(&r, n_letters)]));
        FINE(wordlist_add(w, buf_str(&b), 1 + rng_below(&r, 5), e));
        buf_free(&b);
    }
}

/* ---- seeds ---- */

static uint64_t occurrences(const struct wordlist *w, struct str s)
{
    uint64_t n = 0;
    for (struct word_at at = wordlist_all(w); word_next(&at); )
        for (size_t i = 0; i + s.n <= at.text.n; i++) if (!memcmp(at.text.p + i, s.p, s.n)) n += at.count;
    return n;
}

/* Every string that occurs twice and goes on in two ways, or ends, is a seed: no longer string occurs as often. */
static bool recurs(const struct wordlist *w, struct str s, uint64_t n)
{
    for (struct word_at at = wordlist_all(w); word_next(&at); )
        for (size_t i = 0; i + s.n < at.text.n; i++) {
            if (memcmp(at.text.p + i, s.p, s.n)) continue;
            const char *p = at.text.p + i + s.n;
            utf8_next(&p, at.text.p + at.text.n);
            if (occurrences(w, str_span(at.text.p + i, p)) == n) return false;
        }
    return true;
}

static size_t slow_seeds(const struct wordlist *w, struct vocab *all)
{
    size_t n = 0;
    for (struct word_at at = wordlist_all(w); word_next(&at); )
        for (const char *p = at.text.p, *end = p + at.text.n; p < end; utf8_next(&p, end))
            for (const char *q = p; q < end; ) {
                utf8_next(&q, end);
                const struct str s = str_span(p, q);
                const uint64_t count = occurrences(w, s);
                const size_t chars = utf8_length(s);
                if (chars < 2 || chars > SEED_CHARS || count < 2 || vocab_find(all, s) != VOCAB_NONE || !recurs(w, s, count)) continue;
                vocab_set(all, (uint32_t)n++, s);
            }
    return n;
}

TEST(seeds_are_the_strings_that_recur)
{
    static const char *const letters[] = { "a", "b", "\xC3\xA9", "\xC3\xA8", "\xE7\x8A\xAC" };
    for (uint64_t round = 0; round < 4; round++) {
        struct wordlist w = { .run.limit = 1 << 20 };
        struct arena mem = { 0 };
        struct vocab all = { 0 };
        struct seed *seeds;
        struct seen seen = { 0 };
        some_words(&w, round, 30, letters, 5);
        put(&w, "abababababababababababababababababab", 3);
        const size_t want = slow_seeds(&w, &all), n = seeds_find(&w, 100000, 1 << 20, &mem, &seeds, &seen);
        EQ(n, want);
        EQ(seen.n_seen, w.n);
        for (size_t i = 0; i < n; i++) {
            OK(vocab_find(&all, seeds[i].text) != VOCAB_NONE);
            EQ(seeds[i].count, occurrences(&w, seeds[i].text));
            EQ(seeds[i].chars, utf8_length(seeds[i].text));
            OK(!i || seeds[i].count * seeds[i].chars <= seeds[i - 1].count * seeds[i - 1].chars);
        }
        EQ(seeds_find(&w, 7, 1 << 20, &mem, &seeds, &seen), 7);
        vocab_free(&all);
        arena_free(&mem);
        wordlist_free(&w);
    }
}

TEST(a_long_word_of_one_letter_has_seeds_in_no_time)
{
    struct wordlist w = { .run.limit = 1 << 24 };
    struct arena mem = { 0 };
    struct seed *seeds;
    struct seen seen = { 0 };
    char *s = mem_alloc(1 << 20, 1);
    memset(s, 'a', 1 << 20);
    FINE(wordlist_add(&w, (struct str){ s, 1 << 20 }, 1, e));
    EQ(seeds_find(&w, 100, 1 << 26, &mem, &seeds, &seen), SEED_CHARS - 1);
    free(s);
    arena_free(&mem);
    wordlist_free(&w);
}

/* ---- unigram ---- */

static struct unigram_learned train(struct wordlist *w, size_t size, int threads)
{
    struct alphabet a;
    struct unigram_learned l;
    alphabet_make(&a, w, 1, S(""));
    unigram_train(w, &a, &(struct unigram_wish){ .size = size, .threads = threads, .memory = 1 << 24 }, &l);
    alphabet_free(&a);
    return l;
}

TEST(a_unigram_model_is_a_distribution_the_same_for_any_threads)
{
    static const char *const parts[] = { "ing", "er", "walk", "talk", "s", "\xC3\xA9t", "un", "do" };
    struct wordlist w = { .run.limit = 1 << 20 };
    some_words(&w, 5, 5000, parts, 8);
    struct unigram_learned one = train(&w, 60, 1), four = train(&w, 60, 4);
    double sum = 0;
    EQ(one.n, 60);
    EQ(four.n, one.n);
    for (size_t i = 0; i < one.n; i++) {
        sum += exp(one.pieces[i].score);
        STR_EQ(one.pieces[i].text, four.pieces[i].text);
        OK(one.pieces[i].score == four.pieces[i].score);
    }
    OK(sum > 0.9 && sum < 1.0001);
    OK(one.likelihood < -0.5 && one.likelihood > -1.5);              /* of a character; log(1/12 letters) is -2.5 */
    unigram_learned_free(&one);
    unigram_learned_free(&four);
    wordlist_free(&w);
}

TEST(parts_that_words_are_made_of_become_pieces)
{
    static const char *const parts[] = { "walk", "talk", "jump" };
    struct wordlist w = { .run.limit = 1 << 20 };
    some_words(&w, 6, 3000, parts, 3);
    struct unigram_learned l = train(&w, 14, 2);
    for (size_t k = 0; k < 3; k++) {
        bool found = false;
        for (size_t i = 0; i < l.n; i++) found = found || str_eq(l.pieces[i].text, str_of(parts[k]));
        OK(found);
    }
    unigram_learned_free(&l);
    wordlist_free(&w);
}

TEST(nothing_and_one_letter_are_learned_too)
{
    struct wordlist w = { .run.limit = 1 << 20 };
    struct unigram_learned l = train(&w, 10, 1);
    EQ(l.n, 0);
    unigram_learned_free(&l);
    put(&w, "a", 5);
    l = train(&w, 10, 1);
    EQ(l.n, 1);
    unigram_learned_free(&l);
    wordlist_free(&w);
}

/* ---- the alphabet ---- */

TEST(the_alphabet_covers_and_words_are_cut_at_the_rest)
{
    struct wordlist w = { .run.limit = 1 << 20 }, cut = { .run.limit = 1 << 20 };
    struct alphabet a;
    put(&w, "aab\xE7\x8A\xAC" "ab", 10);
    put(&w, "z", 1);
    alphabet_make(&a, &w, 0.8, S("z q"));
    EQ(a.n, 4);                                              /* a b q z; the character in the middle is one in six */
    EQ(a.total, 61);
    EQ(a.covered, 51);
    FINE(alphabet_cut(&a, &w, &cut, e));
    EQ(cut.n, 3);
    struct word_at at = wordlist_all(&cut);
    OK(word_next(&at));
    STR_EQ(at.text, S("aab"));
    EQ(at.count, 10);
    alphabet_free(&a);
    wordlist_free(&w);
    wordlist_free(&cut);
}

/* ---- balance ---- */

static void group(struct balance *b, const char *name, size_t bytes)
{
    char mark[BALANCE_MARK];
    FINE(balance_add(b, str_of(name), bytes, mark, e));
}

TEST(temperature_and_unimax_weigh_groups)
{
    struct balance *b = balance_new();
    group(b, "en", 8000);
    group(b, "is", 1000);
    group(b, "yo", 100);
    group(b, "en", 2000);
    balance_weigh(b, 0.5, 0);
    NEAR(balance_weight(b, S("en")), 1, 1e-12);
    NEAR(balance_weight(b, S("yo")), 10, 1e-9);              /* 10000 and 100 bytes count as 100 and 10 */
    balance_weigh(b, 1, 4);
    NEAR(balance_weight(b, S("yo")) / balance_weight(b, S("en")), 4 / ((11100 - 400 - 3 * 1000 - 1000) / 10000.0), 1e-9);
    NEAR(balance_weight(b, S("is")) / balance_weight(b, S("yo")), 1, 1e-9);
    EQ(balance_weight(b, S("none")), 0);
    balance_free(b);
}

/* ---- core/roomy ---- */

TEST(an_array_keeps_its_bytes_when_it_outgrows_memory)
{
    struct roomy r = { .limit = 5000 };
    for (uint32_t i = 0; i < 100000; i++) {
        struct err e = { 0 };
        void *p = roomy_add(&r, sizeof i, &e);
        OK(p);
        memcpy(p, &i, sizeof i);
        OK(r.mapped == (r.cap > 5000));
        if (i % 10000 == 0) roomy_cool(&r);
    }
    roomy_cool(&r);
    size_t wrong = 0;
    for (uint32_t i = 0; i < 100000; i++) wrong += memcmp(r.p + 4 * (size_t)i, &i, 4) != 0;
    EQ(wrong, 0);
    roomy_free(&r);
}

/* ---- merges, in memory and out of it ---- */

static size_t merges(size_t limit, struct bpe_learned **learned)
{
    struct vocab v = { 0 };
    struct bpe_words w = { .row.limit = limit };
    size_t n = 0;
    for (uint32_t c = 0; c < 4; c++) vocab_set(&v, c, (struct str){ &"abcd"[c], 1 });
    for (uint64_t i = 0; i < 20000; i++) {
        struct rng r = rng_init(9, i);
        uint32_t s[12];
        const size_t size = 1 + rng_below(&r, 12);
        for (size_t k = 0; k < size; k++) s[k] = (uint32_t)rng_below(&r, 4);
        FINE(bpe_words_add(&w, s, size, 1 + rng_below(&r, 3), e));
    }
    FINE(bpe_train(&v, &w, 3000, 2, learned, &n, e));
    bpe_words_free(&w);
    vocab_free(&v);
    return n;
}

TEST(merges_out_of_memory_are_those_in_memory)
{
    struct bpe_learned *in, *out;
    const size_t n = merges(1 << 30, &in);
    EQ(n, 2996);
    EQ(merges(1 << 16, &out), n);
    OK(!memcmp(in, out, n * sizeof *in));
    free(in);
    free(out);
}

/* ---- base64 ---- */

TEST(base64_goes_there_and_back)
{
    for (size_t n = 0; n < 20; n++) {
        struct buf text = { 0 }, back = { 0 };
        char bytes[20];
        for (size_t i = 0; i < n; i++) bytes[i] = (char)rng_at(1, i, n);
        base64_write((struct str){ bytes, n }, &text);
        EQ(text.n, (n + 2) / 3 * 4);
        OK(base64_read(buf_str(&text), &back));
        STR_EQ(buf_str(&back), ((struct str){ bytes, n }));
        buf_free(&text);
        buf_free(&back);
    }
    struct buf b = { 0 };
    OK(!base64_read(S("a*bc"), &b));
    buf_free(&b);
}

MAIN
