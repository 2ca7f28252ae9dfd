/* test_group.c - shelves, sets that unite, bucket numbers, slices on disk, and who stays.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "core/rng.h"
#include "dedup/group.h"
#include "dedup/keymap.h"
#include "dedup/unite.h"
#include "tests/test.h"

TEST(a_shelf_past_its_memory_keeps_what_it_holds)
{
    enum { N = 200000 };
    struct shelf s;
    shelf_init(&s, sizeof(uint64_t), 1 << 19);
    for (size_t i = 0; i < N; i += 1000) {
        FINE(shelf_grow(&s, i + 1000, e));
        for (size_t j = i; j < i + 1000; j++) {
            EQ(*(uint64_t *)shelf_at(&s, j), 0);
            *(uint64_t *)shelf_at(&s, j) = j * 3;
        }
    }
    OK(s.fd >= 0);
    for (size_t k = 0; k < N; k++) {
        size_t i = rng_at(1, k, 0) % N;
        if (*(uint64_t *)shelf_at(&s, i) != i * 3) TEST_FAIL("item %zu is lost", i);
    }
    shelf_free(&s);
}

TEST(the_root_of_a_set_is_its_smallest_whatever_the_order)
{
    enum { N = 5000 };
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct unite u;
        unite_init(&u, seed % 2 ? 1 << 12 : 1 << 20);
        FINE(unite_grow(&u, N, e));
        for (uint32_t k = 0; k < 2 * N; k++) {                       /* joins numbers that are alike modulo 7 */
            uint32_t a = (uint32_t)(rng_at(seed, k, 0) % N), b = (uint32_t)(rng_at(seed, k, 1) % (N / 7)) * 7 + a % 7;
            if (b < N) unite_join(&u, a, b);
        }
        for (uint32_t i = 0; i + 7 < N; i++) unite_join(&u, i, i + 7);
        for (uint32_t i = 0; i < N; i++) EQ(unite_find(&u, i), i % 7);
        unite_free(&u);
    }
}

TEST(a_key_has_one_bucket_and_buckets_count_up)
{
    struct keymap m;
    uint32_t b, again;
    FINE(keymap_init(&m, 1 << 18, e));
    for (uint32_t i = 0; i < 50000; i++) {
        FINE(keymap_bucket(&m, rng_at(9, i, 0), &b, e));
        EQ(b, i);
        FINE(keymap_bucket(&m, rng_at(9, i / 2, 0), &again, e));
        EQ(again, i / 2);
    }
    keymap_free(&m);
}

/* ---- slices of made-up documents: a set of numbers is the proof, and one key a band of it ---- */

enum { BANDS = 3 };
static const struct sketch sketch = { "TAMSIG1\n", .bands = BANDS, .rows = 1, .permutations = BANDS, .ngram = 1,
                                      .similarity = 0.6 };

static struct slice_out *fresh(void)
{
    struct err e = { 0 };
    struct slice_out *o = slice_create(&sketch, NULL, &e);
    if (!o) TEST_FAIL("%s", e.msg);
    return o;
}

/* A document that holds the numbers [from, from + n); its keys are k0, k1, k2, and no key where they are 0. */
static void put(struct slice_out *o, uint64_t from, size_t n, uint64_t weight, uint64_t k0, uint64_t k1, uint64_t k2)
{
    static uint64_t unique = 1000000;
    uint64_t items[64], keys[BANDS] = { k0 ? k0 : unique++, k1 ? k1 : unique++, k2 ? k2 : unique++ };
    for (size_t i = 0; i < n; i++) items[i] = from + i;
    char id[20];
    size_t size = (size_t)snprintf(id, sizeof id, "doc %llu", (unsigned long long)from);
    FINE(slice_put(o, &(struct slice_doc){ { id, size }, weight, keys, items, n }, e));
}

static void judge(struct slice_out *o, struct group_job j, struct shelf *verdicts, struct group_tally *t)
{
    FINE(slice_flush(o, e));
    struct slice s = slice_of(o);
    j.slices = &s;
    j.n_slices = 1;
    if (!j.memory) j.memory = 1 << 20;
    j.threads = 1;
    FINE(group_run(&j, verdicts, t, e));
}

static uint32_t twin(struct shelf *v, size_t i) { return ((struct verdict *)shelf_at(v, i))->twin; }

TEST(candidates_that_are_not_alike_stay)
{
    struct slice_out *o = fresh();
    put(o, 0, 10, 1, 7, 8, 0);
    put(o, 1, 10, 1, 7, 0, 0);                            /* 9 of 11 */
    put(o, 5, 10, 1, 7, 8, 0);                            /* 5 of 15 */
    struct shelf v;
    struct group_tally t;
    judge(o, (struct group_job){ .rules = { 0.6, true, false, NULL, NULL } }, &v, &t);
    EQ(twin(&v, 0), 0);
    EQ(twin(&v, 1), 1);
    EQ(twin(&v, 2), 0);
    EQ(t.buckets, 2);
    NEAR(((struct verdict *)shelf_at(&v, 1))->similarity, 9.0 / 11, 1e-6);
    shelf_free(&v);
    slice_drop(o);
}

TEST(the_lighter_stays_and_a_chain_is_no_star)
{
    struct slice_out *o = fresh();
    /* neighbours 8 of 12, next but one 6 of 14 */
    for (uint64_t i = 0; i < 5; i++) put(o, i * 2, 10, 10 - i, 7, 0, 0);
    struct shelf v;
    struct group_tally t;
    judge(o, (struct group_job){ .rules = { 0.6, true, false, NULL, NULL } }, &v, &t);
    EQ(twin(&v, 4), 0);
    EQ(twin(&v, 3), 5);
    EQ(twin(&v, 2), 0);
    EQ(twin(&v, 1), 3);
    EQ(twin(&v, 0), 0);
    shelf_free(&v);
    judge(o, (struct group_job){ .rules = { 0.6, true, true, NULL, NULL } }, &v, &t);
    for (size_t i = 0; i < 4; i++) EQ(twin(&v, i), 5);
    EQ(twin(&v, 4), 0);
    EQ(((struct verdict *)shelf_at(&v, 4))->members, 4);
    shelf_free(&v);
    slice_drop(o);
}

/* Many documents, some copies of others: with little memory all that can spill does, and nothing changes. */
TEST(the_verdicts_do_not_depend_on_memory)
{
    enum { N = 30000 };
    struct slice_out *o = fresh();
    for (uint64_t i = 0; i < N; i++) {
        uint64_t c = i < 1000 || i % 3 ? i : rng_at(2, i, 0) % i;
        put(o, c * 100, 10 + (size_t)(rng_at(2, i, 1) % 5), 1 + rng_at(2, i, 2) % 3, c + 1, 0, c / 500 + N + 1);
    }
    struct shelf little, much;
    struct group_tally t;
    struct group_job j = { .rules = { 0.6, true, false, NULL, NULL }, .memory = 1 << 18 };
    judge(o, j, &little, &t);
    j.memory = 1 << 28;
    judge(o, j, &much, &t);
    OK(little.fd >= 0 && much.fd < 0);
    uint64_t went = 0;
    for (size_t i = 0; i < N; i++) {
        if (memcmp(shelf_at(&little, i), shelf_at(&much, i), sizeof(struct verdict)))
            TEST_FAIL("verdict %zu differs", i);
        went += twin(&much, i) != 0;
        if (twin(&much, i)) EQ(twin(&much, twin(&much, i) - 1), 0);          /* the twin stays */
    }
    OK(went > 5000 && went < 10000);
    shelf_free(&little);
    shelf_free(&much);
    slice_drop(o);
}

TEST(damaged_slices_are_errors_not_crashes)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct slice_out *o = fresh();
        for (uint64_t i = 0; i < 50; i++) put(o, i / 2 * 10, 10, 1, i / 2 + 1, 0, 0);
        FINE(slice_flush(o, e));
        struct slice s = slice_of(o);
        for (uint64_t k = 0; k < 6; k++) {
            int fd = rng_at(seed, k, 0) % 2 ? s.fd : s.proof_fd;
            uint64_t size = fd == s.fd ? 50 * 40 : s.proof_size, at = (fd == s.fd ? 64 : 0) + rng_at(seed, k, 1) % size;
            char byte = (char)rng_at(seed, k, 2);
            OK(pwrite(fd, &byte, 1, (off_t)at) == 1);
        }
        struct group_job j = { .slices = &s, .n_slices = 1, .rules = { 0.6, true, seed % 2, NULL, NULL },
                               .memory = 1 << 20, .threads = 1 };
        struct shelf v;
        struct group_tally t;
        struct err err = { 0 };
        if (!group_run(&j, &v, &t, &err)) EQ(err.kind, ERR_DATA);
        shelf_free(&v);
        slice_drop(o);
    }
}

TEST(a_slice_comes_back_from_its_files_and_damage_is_found)
{
    char path[] = "/tmp/tamis-test-slice-XXXXXX";
    int fd = mkstemp(path);
    struct err err = { 0 };
    struct slice_out *o = slice_create(&sketch, path, &err);
    for (uint64_t i = 0; i < 3000; i++) put(o, i, 20, i, i + 1, 0, 0);
    FINE(slice_put(o, &(struct slice_doc){ .weight = 5 }, e));
    FINE(slice_done(o, e));
    struct slice s;
    FINE(slice_open(&s, path, e));
    EQ(s.n, 3001);
    struct slice_scan c = { .s = &s };
    uint64_t n = 0;
    for (const struct slice_row *r; (r = slice_next(&c, &err)); n++) {
        EQ(r->weight, n < 3000 ? n : 5);
        if (n < 3000) EQ(r->keys[0], n + 1); else OK(r->proof_at == NO_SKETCH);
    }
    EQ(n, 3001);
    slice_scan_free(&c);
    struct buf mem = { 0 };
    struct proof_of p;
    FINE(slice_read_proof(&s, 1234, &mem, &p, e));
    STR_EQ(p.id, S("doc 1234"));
    EQ(p.n, 20);
    EQ(p.items[19], 1234 + 19);
    OK(!slice_read_proof(&s, 3000, &mem, &p, &err));
    slice_close(&s);
    for (int cut = 1; cut < 200; cut += 9) {
        struct err bad = { 0 };
        OK(!truncate(path, 64 + 3001 * 40 + 24 - cut));
        OK(!slice_open(&s, path, &bad) && bad.kind == ERR_DATA);
    }
    buf_free(&mem);
    close(fd);
    unlink(path);
    char proof[sizeof path + 6];
    snprintf(proof, sizeof proof, "%s.proof", path);
    unlink(proof);
}

MAIN
