/* test_sort.c - sort against qsort, in memory and spilled, stable, for any threads.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/rng.h"
#include "core/sort.h"
#include "tests/test.h"

struct rec { unsigned char key[6]; uint16_t pad; uint64_t seq; };

static int compare(const void *a, const void *b)
{
    const struct rec *x = a, *y = b;
    int c = memcmp(x->key, y->key, sizeof x->key);
    return c ? c : (x->seq > y->seq) - (x->seq < y->seq);
}

static void against_qsort(size_t n, size_t memory, int threads, uint64_t distinct)
{
    struct rec *all = mem_zero(n, sizeof *all);
    struct sort *s = sort_open(sizeof *all, sizeof all->key, memory, threads);
    struct rng r = rng_init(7, n);
    for (size_t i = 0; i < n; i++) {
        uint64_t k = rng_below(&r, distinct);
        memcpy(all[i].key, &k, sizeof all[i].key);
        all[i].seq = i;
        FINE(sort_put(s, &all[i], e));
    }
    qsort(all, n, sizeof *all, compare);
    struct err e = { 0 };
    size_t i = 0, bad = 0;
    for (const void *p; (p = sort_next(s, &e)); i++) bad += i >= n || memcmp(p, &all[i], sizeof *all) != 0;
    EQ(e.kind, ERR_NONE);
    EQ(i, n);
    EQ(bad, 0);
    EQ(sort_spilled(s) > 0, n * sizeof *all > memory / 2);
    sort_close(s);
    free(all);
}

TEST(nothing_sorts_to_nothing)            { against_qsort(0, 1 << 20, 1, 10); }
TEST(a_few_records_sort)                  { against_qsort(20, 1 << 20, 1, 5); }
TEST(in_memory_it_equals_qsort)           { against_qsort(200000, 64 << 20, 2, UINT64_MAX); }
TEST(equal_keys_keep_their_order)         { against_qsort(200000, 64 << 20, 2, 50); }
TEST(past_the_memory_it_equals_qsort)     { against_qsort(300000, 1 << 20, 2, UINT64_MAX); }
TEST(spilled_equal_keys_keep_their_order) { against_qsort(300000, 1 << 18, 1, 50); }
TEST(many_runs_are_merged_in_two_steps)   { against_qsort(300000, 1 << 17, 3, 1000); }
MAIN
