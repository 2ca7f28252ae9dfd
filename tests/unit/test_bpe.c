/* test_bpe.c - short and long pieces, cached or not, with AVX2 or not, are encoded alike; a megabyte of one letter
 * takes no time.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "core/rng.h"
#include "model/bpe_cache.h"
#include "tests/test.h"

/* All strings of a, b, c of up to 4 letters, with shuffled ranks. */
static struct vocab vocab;
static struct bpe bpe;
static uint32_t rank(const void *with, uint32_t id) { return (uint32_t)(rng_at(*(const uint64_t *)with, id, 0) >> 40); }
static uint32_t few_ranks(const void *with, uint32_t id) { return rank(with, id) % 3; }

static void setup(uint64_t seed, uint32_t (*by)(const void *, uint32_t))
{
    uint32_t id = 0;
    for (size_t n = 1, count = 3; n <= 4; n++, count *= 3) {
        for (size_t k = 0; k < count; k++) {
            char s[4];
            size_t x = k;
            for (size_t i = 0; i < n; i++, x /= 3) s[i] = (char)('a' + x % 3);
            if (n < 3 || rng_at(seed, k, n) % 3) vocab_set(&vocab, id++, (struct str){ s, n });
        }
    }
    bpe_init(&bpe, &vocab);
    bpe_add_all(&bpe, by, &seed);
}

/* All strings of up to 3 letters in order: each is made of two before it. */
static uint32_t in_order(const void *with, uint32_t id) { (void)with; return vocab.token[id].n > 3 ? UINT32_MAX : id; }

/* The definition: of all neighbours that are a token together the one with the lowest rank, the leftmost of equal
 * ones. */
static size_t slow(struct str s, uint64_t seed, uint32_t (*by)(const void *, uint32_t), uint32_t *ids)
{
    size_t begin[300], n = 0;
    for (; n < s.n; n++) begin[n] = n;
    begin[n] = n;
    for (;;) {
        uint32_t best = UINT32_MAX;
        size_t at = 0;
        for (size_t i = 0; i + 1 < n; i++) {
            const uint32_t id = vocab_find(&vocab, str_span(s.p + begin[i], s.p + begin[i + 2]));
            if (id != VOCAB_NONE && by(&seed, id) < best) { best = by(&seed, id); at = i; }
        }
        if (best == UINT32_MAX) break;
        memmove(begin + at + 1, begin + at + 2, (n - at - 1) * sizeof *begin);
        n--;
    }
    for (size_t i = 0; i < n; i++) ids[i] = vocab_find(&vocab, str_span(s.p + begin[i], s.p + begin[i + 1]));
    return n;
}

static void pieces(uint64_t seed, uint32_t (*by)(const void *, uint32_t))
{
    setup(seed, by);
    struct bpe_cache *c = bpe_cache_new();
    struct bpe_scratch *portable = bpe_scratch_new();
    bpe_scratch_portable(portable);
    for (uint64_t i = 0; i < 300; i++) {
        char text[300];
        uint32_t want[300];
        struct rng r = rng_init(5, i);
        const size_t n = 1 + (i % 3 ? rng_below(&r, 14) : rng_below(&r, 290));
        for (size_t k = 0; k < n; k++) text[k] = (char)('a' + rng_below(&r, 3));
        struct ids got = { 0 }, again = { 0 }, plain = { 0 };
        const size_t n_want = slow((struct str){ text, n }, seed, by, want);
        bpe_encode(&bpe, c, (struct str){ text, n }, &got);
        bpe_encode(&bpe, c, (struct str){ text, n }, &again);
        bpe_encode_plain(&bpe, portable, (struct str){ text, n }, &plain);
        EQ(got.n, n_want);
        OK(got.n == n_want && !memcmp(got.p, want, n_want * sizeof *want));
        OK(again.n == n_want && !memcmp(again.p, want, n_want * sizeof *want));
        OK(plain.n == n_want && !memcmp(plain.p, want, n_want * sizeof *want));
        free(got.p);
        free(again.p);
        free(plain.p);
    }
    bpe_cache_free(c);
    bpe_scratch_free(portable);
}

TEST(pieces_of_any_length_merge_as_defined) { pieces(3, rank); }
TEST(so_they_do_where_many_ranks_are_equal) { pieces(3, few_ranks); }
TEST(so_they_do_where_each_token_is_made_of_two_before_it) { pieces(3, in_order); }

TEST(each_token_is_then_what_its_bytes_merge_into)
{
    setup(3, in_order);
    OK(bpe.merges_make_all);
    struct bpe_scratch *s = bpe_scratch_new();
    for (uint32_t id = 0; id < vocab.n && vocab.token[id].n <= 3; id++) {
        struct ids got = { 0 };
        bpe_encode_plain(&bpe, s, vocab.token[id], &got);
        EQ(got.n, 1);
        EQ(got.p[0], id);
        free(got.p);
    }
    bpe_scratch_free(s);
}

/* 16 pieces at a time, near the end of the text and far from it, seen or not, are encoded as one at a time. */
TEST(a_row_of_pieces_is_encoded_as_each_alone)
{
    setup(3, rank);
    struct bpe_cache *c = bpe_cache_new();
    struct bpe_scratch *other = bpe_scratch_new();
    for (uint64_t round = 0; round < 200; round++) {
        char text[16 * 40];
        struct str row[BPE_ROW];
        struct ids got = { 0 }, want = { 0 };
        struct rng r = rng_init(8, round);
        size_t at = 0;
        for (size_t i = 0; i < 16; at += row[i++].n) {
            row[i] = (struct str){ text + at, 1 + rng_below(&r, round % 2 ? 4 : 40) };
            for (size_t k = 0; k < row[i].n; k++) text[at + k] = (char)('a' + rng_below(&r, 3));
        }
        bpe_encode_row(&bpe, c, row, 16, text + at, &got);
        bpe_encode_row(&bpe, c, row, 16, text + at, &got);
        for (size_t i = 0; i < 32; i++) bpe_encode_plain(&bpe, other, row[i % 16], &want);
        OK(got.n == want.n && !memcmp(got.p, want.p, want.n * sizeof *want.p));
        free(got.p);
        free(want.p);
    }
    bpe_cache_free(c);
    bpe_scratch_free(other);
}

TEST(a_megabyte_of_one_letter_is_not_quadratic)
{
    setup(3, rank);
    const size_t n = 1 << 20;
    char *text = mem_alloc(n, 1);
    memset(text, 'a', n);
    struct bpe_cache *c = bpe_cache_new();
    struct ids ids = { 0 };
    const double began = time_cpu();
    bpe_encode(&bpe, c, (struct str){ text, n }, &ids);
    OK(time_cpu() - began < 5);                              /* 0.03 s; a quadratic one takes hours */
    OK(ids.n >= n / 4 && ids.n < n);
    free(ids.p);
    free(text);
    bpe_cache_free(c);
}

MAIN
