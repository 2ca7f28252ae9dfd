/* test_learn.c - seeds are the strings that recur, balance weighs, the alphabet covers, arrays outgrow memory, a model
 * sums to one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/base64.h"
#include "core/rng.h"
#include "core/utf8.h"
#include "tests/test.h"
#include "tokenizer/balance.h"
#include "tokenizer/bpe_train.h"
#include "tokenizer/gather.h"
#include "tokenizer/seeds.h"
#include "tokenizer/unigram_train.h"

static void put(struct wordlist *w, const char *s, uint64_t n) { FINE(wordlist_add(w, str_of(s), n, e)); }

static void some_words(struct wordlist *w, uint64_t seed, size_t n, const char *const *letters, size_t n_letters)
{
    for (size_t i = 0; i < n; i++) {
        struct rng r = rng_init(seed, i);
        struct buf b = { 0 };
        for (size_t k = 0, size = 1 + rng_below(&r, 9); k < size; k++)
            buf_put(&b, str_of(letters[rng_below(&r, n_letters)]));
        FINE(wordlist_add(w, buf_str(&b), 1 + rng_below(&r, 5), e));
        buf_free(&b);
    }
}

static void see(struct alphabet *a, const struct wordlist *w)
{
    for (struct word_at at = wordlist_all(w); word_next(&at); ) alphabet_see(a, at.text, at.count);
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
                if (chars < 2 || chars > SEED_CHARS || count < 2 || vocab_find(all, s) != VOCAB_NONE
                    || !recurs(w, s, count))
                    continue;
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
    struct alphabet a = { 0 };
    struct unigram_learned l;
    see(&a, w);
    alphabet_make(&a, 1, S(""));
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
    struct alphabet a = { 0 };
    put(&w, "aab\xE7\x8A\xAC" "ab", 10);
    put(&w, "z", 1);
    see(&a, &w);
    alphabet_make(&a, 0.8, S("z q"));
    EQ(a.n, 4);                                              /* a b q z; the character in the middle is one in six */
    EQ(a.total, 61);
    EQ(a.covered, 51);
    for (struct word_at at = wordlist_all(&w); word_next(&at); )
        FINE(alphabet_cut(&a, at.text, at.count, wordlist_add, &cut, e));
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
    NEAR(balance_weight(b, S("yo")) / balance_weight(b, S("en")), 4 / ((11100 - 400 - 3 * 1000 - 1000) / 10000.0),
         1e-9);
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
        if (i % 10000 == 0) roomy_cool(&r, 0, r.n);
    }
    roomy_cool(&r, 0, r.n);
    size_t wrong = 0;
    for (uint32_t i = 0; i < 100000; i++) wrong += memcmp(r.p + 4 * (size_t)i, &i, 4) != 0;
    EQ(wrong, 0);
    roomy_free(&r);
}

/* ---- merges, with memory and with little ---- */

enum { WORDS = 20000 };

static size_t merges(size_t memory, struct bpe_words *w, struct bpe_learned **learned)
{
    struct vocab v = { 0 };
    size_t n = 0;
    *w = (struct bpe_words){ 0 };
    for (uint32_t c = 0; c < 4; c++) vocab_set(&v, c, (struct str){ &"abcd"[c], 1 });
    for (uint64_t i = 0; i < WORDS; i++) {
        struct rng r = rng_init(9, i);
        uint32_t s[12];
        const size_t size = 2 + rng_below(&r, 11);
        for (size_t k = 0; k < size; k++) s[k] = (uint32_t)rng_below(&r, 4);
        bpe_words_add(w, s, size, 1 + rng_below(&r, 3));
    }
    bpe_train(&v, w, 3000, 2, memory, learned, &n);
    bpe_words_free(w);
    vocab_free(&v);
    return n;
}

TEST(rare_words_leave_when_memory_is_full)
{
    struct bpe_learned *all, *some, *again;
    struct bpe_words w;
    EQ(merges(1 << 30, &w, &all), 2996);
    const size_t n = merges(2800000, &w, &some);
    OK(n > 100);
    EQ(merges(2800000, &w, &again), n);
    OK(!memcmp(some, again, n * sizeof *some));
    OK(memcmp(some, all, n * sizeof *some) != 0);
    free(all);
    free(some);
    free(again);
}

TEST(what_fits_is_the_commonest_within_the_budget)
{
    struct fit *fit = mem_zero(1, sizeof *fit);
    uint64_t cost = 0, out = 0;
    for (uint64_t i = 0; i < 5000; i++) fit_add(fit, (struct str){ (const char *)&i, sizeof i }, i / 10, 10);
    fit_cut(fit, 20000);
    for (uint64_t i = 0; i < 5000; i++) {
        const bool in = fit_keeps(fit, (struct str){ (const char *)&i, sizeof i }, i / 10);
        cost += in ? 10 : 0;
        out = in ? out : i / 10;
        if (i < 2700) OK(!in);
        if (i >= 3300) OK(in);                               /* classes are a sixteenth of a power of two wide */
    }
    OK(cost <= 20000 && cost > 19000 && out < 330);
    fit_cut(fit, 50000);
    OK(fit_keeps(fit, S("x"), 0));
    free(fit);
}

/* ---- gathering ---- */

/* Rare words before common ones and behind them, in a budget of a tenth. */
TEST(what_is_gathered_is_what_would_stay_if_all_had_been_kept)
{
    enum { N = 40000, BUDGET = 400000 };
    struct gather g;
    struct fit *fit = mem_zero(1, sizeof *fit);
    struct seen seen = { 0 };
    size_t taken = 0;
    gather_init(&g, true, 1 << 20, BUDGET);
    for (int round = 0; round < 2; round++)
        for (uint64_t i = 0; i < N; i++) {
            char s[12];
            struct rng r = rng_init(4, i);
            const uint64_t count = 1 + 200 / (1 + rng_below(&r, 200));
            const struct str word = { s, (size_t)snprintf(s, sizeof s, "%06llu", (unsigned long long)i) };
            if (round) { taken += fit_takes(fit, word, count, &seen); continue; }
            fit_add(fit, word, count, BPE_WORD_COST + BPE_SYMBOL_COST * word.n);
            FINE(gather_word(&g, word, count, e));
            if (i + 1 == N) fit_cut(fit, BUDGET);
        }
    gather_end(&g);
    EQ(g.seen.n_words, N);
    EQ(g.seen.n_seen, taken);
    EQ(g.seen.seen, seen.seen);
    EQ(g.seen.total, seen.total);
    EQ(g.alphabet.total, 6 * seen.total);                    /* of all words */
    OK(seen.n_seen > N / 20 && g.list.n < N / 2);
    gather_free(&g);
    free(fit);
}

/* ---- counts ---- */

struct listing { struct buf all; struct buf last; uint64_t n, spilled; size_t mark; };

static bool list(void *with, struct str word, uint64_t n, struct err *e)
{
    struct listing *l = with;
    (void)e;
    const struct str text = { word.p, word.n - l->mark },
                     last = { l->last.p ? l->last.p : "", l->last.n > l->mark ? l->last.n - l->mark : 0 };
    const int c = str_cmp(last, text);
    OK(c < 0 || (!c && memcmp(l->last.p + last.n, word.p + text.n, l->mark) < 0));
    buf_reset(&l->last);
    buf_put(&l->last, word);
    buf_put(&l->all, word);
    buf_printf(&l->all, " %llu\n", (unsigned long long)n);
    l->n++;
    return true;
}

/* Words of a few letters, and some that no counter's memory holds. */
static void count_words(struct count **c, size_t n, struct listing *to)
{
    for (uint64_t i = 0; i < 60000; i++) {
        struct rng r = rng_init(3, i);
        char s[12 + BALANCE_MARK];
        const size_t size = 1 + rng_below(&r, 6);
        for (size_t k = 0; k < size; k++) s[k] = (char)("\0ab\xff"[rng_below(&r, 4)] + (rng_below(&r, 9) == 0));
        for (size_t k = 0; k < to->mark; k++) s[size + k] = (char)rng_below(&r, 3);
        FINE(count_add(c[i % n], (struct str){ s, size + to->mark }, 1 + i % 3, e));
    }
    char *giant = mem_zero(1 << 20, 1);
    for (size_t i = 0; i < 4; i++) FINE(count_add(c[i % n], (struct str){ giant, 1 << 20 }, 5, e));
    free(giant);
    to->spilled = count_spilled(c[0]);
    FINE(count_all(c, n, list, to, e));
}

static void counts_agree(size_t mark)
{
    struct count *one = count_new(1 << 28, mark), *three[3];
    struct listing a = { .mark = mark }, b = { .mark = mark };
    for (size_t i = 0; i < 3; i++) three[i] = count_new(0, mark);
    count_words(&one, 1, &a);
    count_words(three, 3, &b);
    EQ(a.n, b.n);
    STR_EQ(buf_str(&a.all), buf_str(&b.all));
    EQ(a.spilled, 0);
    OK(b.spilled > 1 << 20);
    count_free(one);
    for (size_t i = 0; i < 3; i++) count_free(three[i]);
    buf_free(&a.all); buf_free(&a.last);
    buf_free(&b.all); buf_free(&b.last);
}

TEST(counts_are_the_same_in_memory_and_out_of_it) { counts_agree(0); }
TEST(so_they_are_with_marks_and_groups_come_in_a_row) { counts_agree(BALANCE_MARK); }

TEST(a_row_of_words_counts_as_one_word_after_another)
{
    struct count *row = count_new(0, BALANCE_MARK), *one = count_new(0, BALANCE_MARK);
    struct listing a = { .mark = BALANCE_MARK }, b = { .mark = BALANCE_MARK };
    for (uint64_t i = 0; i < 3000; i++) {
        char text[COUNT_ROW][4 + BALANCE_MARK];
        struct str words[COUNT_ROW];
        struct rng r = rng_init(6, i);
        const char mark[BALANCE_MARK] = { (char)rng_below(&r, 3), 0 };
        const size_t n = rng_below(&r, COUNT_ROW + 1);
        for (size_t k = 0; k < n; k++) {
            const size_t size = 1 + rng_below(&r, 4);
            for (size_t c = 0; c < size; c++) text[k][c] = (char)('a' + rng_below(&r, 20));
            memcpy(text[k] + size, mark, sizeof mark);
            words[k] = (struct str){ text[k], size };
            FINE(count_add(one, (struct str){ text[k], size + BALANCE_MARK }, 1, e));
        }
        FINE(count_row(row, words, n, mark, e));
    }
    OK(count_spilled(row) > 0);
    FINE(count_all(&row, 1, list, &a, e));
    FINE(count_all(&one, 1, list, &b, e));
    STR_EQ(buf_str(&a.all), buf_str(&b.all));
    count_free(row);
    count_free(one);
    buf_free(&a.all); buf_free(&a.last);
    buf_free(&b.all); buf_free(&b.last);
}

TEST(a_long_word_is_cut_between_characters)
{
    struct count *c = count_new(1 << 24, 0);
    struct listing l = { 0 };
    char *s = mem_alloc(2 * COUNT_WORD_MAX, 1);
    for (size_t i = 0; i + 3 <= 2 * COUNT_WORD_MAX; i += 3) memcpy(s + i, "\xE7\x8A\xAC", 3);
    FINE(count_row(c, &(struct str){ s, COUNT_WORD_MAX - 1 }, 1, NULL, e));
    FINE(count_row(c, &(struct str){ s, 2 * COUNT_WORD_MAX - 2 }, 1, NULL, e));       /* twice 65535 */
    FINE(count_all(&c, 1, list, &l, e));
    EQ(l.n, 1);
    OK(str_ends(buf_str(&l.all), S("\xE7\x8A\xAC 3\n")));
    count_free(c);
    free(s);
    buf_free(&l.all); buf_free(&l.last);
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
