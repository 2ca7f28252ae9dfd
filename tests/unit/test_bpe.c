/* test_bpe.c - short and long pieces, cached or not, are encoded alike; a megabyte of one letter takes no time.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "core/rng.h"
#include "model/bpe.h"
#include "tests/test.h"

/* All strings of a, b, c of up to 4 letters, with shuffled ranks. */
static struct vocab vocab;
static struct bpe bpe;
static uint32_t rank(const void *with, uint32_t id) { return (uint32_t)(rng_at(*(const uint64_t *)with, id, 0) >> 40); }

static void setup(uint64_t seed)
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
    bpe_add_all(&bpe, rank, &seed);
}

/* The definition: the lowest rank, the leftmost of equal ones, one at a time. */
static size_t slow(struct str s, uint32_t *ids)
{
    size_t n = 0;
    for (; n < s.n; n++) ids[n] = bpe.byte[(uint8_t)s.p[n]];
    for (;;) {
        const struct bpe_merge *best = NULL;
        size_t at = 0;
        for (size_t i = 0; i + 1 < n; i++) {
            for (size_t k = 0; k < bpe.slots; k++) {
                const struct bpe_merge *m = &bpe.merge[k];
                if (m->pair == ((uint64_t)ids[i] << 32 | ids[i + 1]) && (!best || m->rank < best->rank)) { best = m; at = i; }
            }
        }
        if (!best) return n;
        ids[at] = best->id;
        memmove(ids + at + 1, ids + at + 2, (n - at - 2) * sizeof *ids);
        n--;
    }
}

TEST(pieces_of_any_length_merge_as_defined)
{
    setup(3);
    struct bpe_scratch *s = bpe_scratch_new();
    for (uint64_t i = 0; i < 300; i++) {
        char text[300];
        uint32_t want[300];
        struct rng r = rng_init(5, i);
        const size_t n = 1 + (i % 3 ? rng_below(&r, 14) : rng_below(&r, 290));
        for (size_t k = 0; k < n; k++) text[k] = (char)('a' + rng_below(&r, 3));
        struct ids got = { 0 }, again = { 0 };
        const size_t n_want = slow((struct str){ text, n }, want);
        bpe_encode(&bpe, s, (struct str){ text, n }, &got);
        bpe_encode(&bpe, s, (struct str){ text, n }, &again);
        EQ(got.n, n_want);
        OK(got.n == n_want && !memcmp(got.p, want, n_want * sizeof *want));
        OK(again.n == n_want && !memcmp(again.p, want, n_want * sizeof *want));
        free(got.p);
        free(again.p);
    }
    bpe_scratch_free(s);
}

TEST(a_megabyte_of_one_letter_is_not_quadratic)
{
    setup(3);
    const size_t n = 1 << 20;
    char *text = mem_alloc(n, 1);
    memset(text, 'a', n);
    struct bpe_scratch *s = bpe_scratch_new();
    struct ids ids = { 0 };
    const double began = time_cpu();
    bpe_encode(&bpe, s, (struct str){ text, n }, &ids);
    OK(time_cpu() - began < 5);                              /* 0.1 s; a quadratic one takes hours */
    OK(ids.n >= n / 4 && ids.n < n);
    free(ids.p);
    free(text);
    bpe_scratch_free(s);
}

MAIN
