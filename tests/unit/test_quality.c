/* test_quality.c - the numbers below the signals: rounding, CPython's hash, importance counts, block lists.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/rng.h"
#include "quality/blocklist.h"
#include "quality/decimal.h"
#include "quality/dsir.h"
#include "quality/pyhash.h"
#include "tests/golden_signals.h"

TEST(rounding_is_python_s)
{
    struct str lines = golden("rpv2/dev/rounding.jsonl"), line;
    struct arena mem = { 0 };
    struct buf b = { 0 };
    int n = 0;
    while (str_cut(&lines, '\n', &line)) {
        struct str hex, want;
        if (!json_string(json_get(line, S("in_hex")), &mem, &hex)
            || !json_string(json_get(line, S("round8")), &mem, &want))
            continue;
        double x = strtod(str_c(&mem, hex), NULL), r = strtod(str_c(&mem, want), NULL);
        EQ(round8(x) == r, 1);
        buf_reset(&b);
        put_round8(&b, r);
        EQ(strtod(str_c(&mem, buf_str(&b)), NULL) == r, 1);
        n++;
    }
    OK(n > 20);
    buf_free(&b);
    arena_free(&mem);
}

TEST(fast_rounding_is_slow_rounding)
{
    struct rng r = rng_init(3, 0);
    struct buf b = { 0 };
    for (int i = 0; i < 300000; i++) {
        double a = (double)rng_below(&r, 3000),
               x = i % 3 ? a / (double)(1 + rng_below(&r, 3000)) : rint(a * 1e5) / 1e8 + 5e-9;
        if (i % 7 == 0) x = -x * 1e5;
        double want = round8_slow(x), got = round8(x);
        if (got != want) TEST_FAIL("round8(%.17g) is %.17g, not %.17g", x, got, want);
        buf_reset(&b);
        put_round8(&b, got);
        buf_putc(&b, 0);
        if (strtod(b.p, NULL) != want) TEST_FAIL("%.17g is printed %s", want, b.p);
    }
    buf_free(&b);
}

TEST(strings_hash_as_in_cpython)
{
    struct str lines = golden("rpv2/dev/pyhash.jsonl"), line;
    struct arena mem = { 0 };
    int n = 0;
    while (str_cut(&lines, '\n', &line)) {
        struct str s, t, want, pair = json_get(line, S("pair"));
        if (!json_string(json_get(line, S("hash")), &mem, &want)) continue;
        int64_t h;
        if (json_string(json_get(line, S("s")), &mem, &s)) h = pyhash(s);
        else if (json_string(json_get(pair, S("[0]")), &mem, &s) && json_string(json_get(pair, S("[1]")), &mem, &t))
            h = pyhash_pair(pyhash(s), pyhash(t));
        else continue;
        EQ(h, strtoll(str_c(&mem, want), NULL, 10));
        int64_t bucket;
        if (json_integer(json_get(line, S("bucket")), &bucket)) EQ(pyhash_abs(h) % DSIR_BUCKETS, bucket);
        n++;
    }
    OK(n > 100);
    arena_free(&mem);
}

TEST(whole_numbers_are_printed_as_printf_prints_them)
{
    struct buf b = { 0 };
    for (int round = 0; round < 140; round++) {
        char want[30];
        const uint64_t power = round / 7 < 20 ? (uint64_t)pow(10, round / 7) : 0,
                       x = round == 139 ? UINT64_MAX : power + (uint64_t)(round % 7) - 3;
        buf_reset(&b);
        put_uint(&b, x);
        STR_EQ(buf_str(&b), ((struct str){ want, (size_t)sprintf(want, "%llu", (unsigned long long)x) }));
    }
    buf_free(&b);
}

TEST(domains_are_ranked_by_their_categories)
{
    struct str ids = golden("rpv2/artifacts/bad_urls/domain_to_category_id.json");
    char folder[200];
    struct err e = { 0 };
    struct json_field f;
    snprintf(folder, sizeof folder, "%s/rpv2/artifacts/bad_urls/blacklists", golden_dir);
    struct ut1 *u = ut1_open(folder, &e);
    OK(u);
    int n = 0;
    while (u && json_next_field(&ids, &f)) {
        int64_t want;
        OK(json_integer(f.value, &want));
        /* those of porn and violence, which are links to adult and agressif in UT1 */
        n += ut1_find(u, f.key) == want;
    }
    OK(n >= 8);
    EQ(ut1_find(u, S("nowhere.example")), -1);
    ut1_close(u);
}

TEST(bad_words_count_as_in_redpajama)
{
    struct str lines = golden("rpv2/dev/ldnoobw_synthetic.jsonl"), line;
    struct arena mem = { 0 };
    int n = 0;
    while (str_cut(&lines, '\n', &line)) {
        struct str list = json_get(line, S("list")), item, s, text;
        char path[200];
        struct err e = { 0 };
        double want = -1;
        snprintf(path, sizeof path, "%s/list", golden_dir);
        FILE *f = fopen(path, "w");
        while (json_next(&list, &item)) if (json_string(item, &mem, &s)) fprintf(f, "%.*s\n", (int)s.n, s.p);
        fclose(f);
        struct blocklist *b = blocklist_open(path, &e);
        struct words w = { 0 };
        struct distinct v = { 0 };
        OK(json_string(json_get(line, S("text")), &mem, &text)
           && json_number(json_get(line, S("signal[0][2]")), &want));
        words_normal(&w, text);
        distinct_find(&v, &w);
        EQ(blocklist_count(b, &w, &v), (size_t)want);
        blocklist_close(b);
        words_free(&w);
        distinct_free(&v);
        n++;
    }
    OK(n > 5);
    arena_free(&mem);
}

TEST(counts_of_a_domain_are_those_of_the_reference)
{
    static const char *const domains[][2] = { { "en", "ccnet" }, { "en", "wikipedia" }, { "en", "books" },
                                              { "de", "ccnet" }, { "de", "wikipedia" } };
    struct arena mem = { 0 };
    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++) {
        char name[200];
        snprintf(name, sizeof name, "rpv2/artifacts/datasets/%s.%s.jsonl", domains[i][0], domains[i][1]);
        struct str lines = golden(name), line, text;
        struct dsir_counts *c = mem_zero(1, sizeof *c);
        struct words w = { 0 };
        struct err e = { 0 };
        while (str_cut(&lines, '\n', &line)) {
            if (!json_string(json_get(line, S("text")), &mem, &text)) continue;
            words_reset(&w);
            words_punct(&w, text);
            dsir_add(c, &w);
        }
        OK(dsir_write(c, golden_dir, domains[i][1], domains[i][0], &e));
        char cmd[600];
        snprintf(cmd, sizeof cmd,
                 "cd %s && for f in %s.%s.10000.counts %s.%s.lambda; do cmp $f.npy rpv2/artifacts/dsir/%s/$f.npy || exit 1; done", golden_dir,
                 domains[i][1], domains[i][0], domains[i][1], domains[i][0], domains[i][0]);
        EQ(system(cmd), 0);
        words_free(&w);
        free(c);
    }
    arena_free(&mem);
}

MAIN
