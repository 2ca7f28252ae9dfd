/* test_shuffle.c - every sequence comes once, in an order of the keys that memory does not change.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.h"
#include "shard/shuffle.h"
#include "tests/test.h"

enum { N = 3000 };
struct seen { uint32_t order[N]; size_t n; uint64_t last; bool sorted, whole; };

/* some are equal, many share bytes */
static uint64_t key_of(uint32_t i) { return i % 3 ? hash_mix(i / 2) : 0x4200000000000000u + i % 7; }

static bool see(void *with, struct str tag, const uint32_t *tokens, size_t n, struct err *e)
{
    (void)e;
    struct seen *s = with;
    const uint32_t i = tokens[0];
    s->whole = s->whole && n == 1 + i % 50 && tag.n == i % 5 && tokens[n - 1] == (n > 1 ? i + 1 : i) && s->n < N;
    s->sorted = s->sorted && key_of(i) >= s->last;
    s->last = key_of(i);
    s->order[s->n++] = i;
    return true;
}

static struct seen shuffled(size_t memory)
{
    struct shuffle *s = shuffle_open(memory);
    struct seen seen = { .sorted = true, .whole = true };
    for (uint32_t i = 0; i < N; i++) {
        uint32_t tokens[50] = { i };
        for (size_t t = 1; t < 50; t++) tokens[t] = i + 1;
        FINE(shuffle_put(s, key_of(i), (struct str){ "abcde", i % 5 }, tokens, 1 + i % 50, e));
    }
    FINE(shuffle_all(s, see, &seen, e));
    shuffle_close(s);
    EQ(seen.n, N);
    OK(seen.sorted);
    OK(seen.whole);
    return seen;
}

TEST(the_order_is_that_of_the_keys_and_of_putting_for_equal_ones)
{
    const struct seen s = shuffled(1 << 30);
    for (size_t i = 1; i < N; i++) OK(key_of(s.order[i - 1]) != key_of(s.order[i]) || s.order[i - 1] < s.order[i]);
}

TEST(little_memory_changes_nothing)
{
    const struct seen all = shuffled(1 << 30), some = shuffled(5000), none = shuffled(0);
    OK(!memcmp(all.order, some.order, sizeof all.order));
    OK(!memcmp(all.order, none.order, sizeof all.order));
}

MAIN
