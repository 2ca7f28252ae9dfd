/* test_proxy.c - a corpus of documents, rates, a training run.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/rng.h"
#include "proxy/sweep.h"
#include "tests/test.h"

static char path[2][100];

/* Documents of two domains: "abc" repeated, and random letters; i runs up or down. */
static void write_documents(int which, int n, bool down)
{
    snprintf(path[which], sizeof path[which], "/tmp/test_proxy.%d.%d.jsonl", getpid(), which);
    FILE *f = fopen(path[which], "w");
    for (int k = 0; k < n; k++) {
        const int i = down ? n - 1 - k : k;
        fprintf(f, "{\"id\":\"d%d\",\"domain\":\"%s\",\"text\":\"", i, i % 3 ? "easy" : "hard");
        for (int j = 0; j < 100; j++)
            putc(i % 3 ? "abc"[j % 3] : (int)('a' + rng_at(1, (uint64_t)i, (uint64_t)j) % 26), f);
        fputs("\"}\n", f);
    }
    fclose(f);
}
static struct corpus *open_corpus(int which, double held, int threads)
{
    struct corpus *c = NULL;
    const struct run r = { .stage = "test", .threads = threads, .memory = 1 << 24, .text_field = "text", .shards = 1,
                           .quiet = true };
    FINE(c = corpus_open(&(struct corpus_opt){ .field = "domain", .held = held }, &r, (char *[]){ path[which], NULL },
                         e));
    return c;
}

TEST(a_corpus_has_its_domains_by_name_and_all_their_tokens)
{
    write_documents(0, 90, false);
    struct corpus *c = open_corpus(0, 0, 2);
    double weight[2];
    EQ(c->n_domains, 2);
    STR_EQ(c->domains[0].name, S("easy"));
    EQ(c->domains[0].part[CORPUS_TRAIN].n_docs, 60);
    EQ(c->domains[1].part[CORPUS_TRAIN].n_tokens, 30 * 101);
    EQ(c->domains[1].part[CORPUS_HELD].n_tokens, 0);
    EQ(c->vocab, 257);
    EQ(corpus_domain(c, S("hard")), 1);
    EQ(corpus_domain(c, S("none")), 2);
    corpus_natural(c, weight);
    NEAR(weight[0], 2.0 / 3, 1e-12);
    corpus_close(c);
    unlink(path[0]);
}

/* Of the documents, in any order: each is 100 letters and the end. */
static uint64_t tokens_sum(const struct corpus *c, size_t domain, enum corpus_part part)
{
    uint64_t sum = 0;
    int32_t row[102];
    for (size_t i = 0; i < c->domains[domain].part[part].n_docs; i++) {
        corpus_row_at(c, domain, part, i, row, 101);
        for (size_t k = 0; k < 101; k++) sum += (uint64_t)row[k] * (uint64_t)row[k] * (k + 1);
    }
    return sum;
}
TEST(what_is_held_out_does_not_hang_on_the_order_of_documents_or_threads)
{
    write_documents(0, 300, false), write_documents(1, 300, true);
    struct corpus *a = open_corpus(0, 0.2, 1), *b = open_corpus(1, 0.2, 4);
    for (size_t d = 0; d < 2; d++) {
        EQ(a->domains[d].part[CORPUS_HELD].n_docs, b->domains[d].part[CORPUS_HELD].n_docs);
        NEAR((double)a->domains[d].part[CORPUS_HELD].n_docs, (d ? 100 : 200) * 0.2, 14);
        EQ(tokens_sum(a, d, CORPUS_HELD), tokens_sum(b, d, CORPUS_HELD));
    }
    corpus_close(a), corpus_close(b);
    unlink(path[0]), unlink(path[1]);
}

TEST(rows_are_of_the_domain_that_was_asked_and_picked_by_weight)
{
    write_documents(0, 90, false);
    struct corpus *c = open_corpus(0, 0, 1);
    int32_t row[51], again[51], last[101];
    const double weight[2] = { 0.25, 0.75 };
    int hard = 0;
    for (uint64_t i = 0; i < 4000; i++) hard += corpus_pick(c, weight, 3, i / 8, i % 8) == 1;
    NEAR(hard / 4000.0, 0.75, 0.03);
    for (uint64_t i = 0; i < 100; i++) {
        corpus_row(c, 0, 3, i, 1, row, 50);
        corpus_row(c, 0, 3, i, 1, again, 50);
        OK(!memcmp(row, again, sizeof row));
        for (int k = 0; k < 51; k++) OK((row[k] >= 'a' && row[k] <= 'c') || row[k] == c->end);
    }
    EQ(corpus_n_rows(c, 1, CORPUS_TRAIN, 100), 31);                  /* 3030 tokens: 3029 have one before them */
    corpus_row_at(c, 1, CORPUS_TRAIN, 30, last, 100);
    EQ(last[29], c->end);
    EQ(last[30], -1);
    corpus_close(c);
    unlink(path[0]);
}

TEST(a_domain_that_is_all_held_out_is_an_error)
{
    struct err e = { 0 };
    write_documents(0, 2, false);
    const struct run r = { .stage = "test", .threads = 1, .memory = 1 << 24, .text_field = "text", .shards = 1 };
    OK(!corpus_open(&(struct corpus_opt){ .field = "domain", .held = 1 }, &r, (char *[]){ path[0], NULL }, &e));
    OK(strstr(e.msg, "held out"));
    unlink(path[0]);
}

TEST(rates_rise_stay_and_fall)
{
    const struct schedule cosine = { SCHEDULE_COSINE, 2, 0.1, 100, 10, 0 }, wsd = { SCHEDULE_WSD, 2, 0, 100, 10, 20 };
    NEAR(schedule_rate(&cosine, 0), 0.2, 1e-12);
    NEAR(schedule_rate(&cosine, 9), 2, 1e-12);
    NEAR(schedule_rate(&cosine, 55), 1.1, 1e-12);
    NEAR(schedule_rate(&cosine, 100), 0.2, 1e-12);
    NEAR(schedule_rate(&wsd, 80), 2, 1e-12);
    NEAR(schedule_rate(&wsd, 90), 1, 1e-12);
    NEAR(schedule_rate(&wsd, 99), 0.1, 1e-12);
}

static struct train_spec small_spec(void)
{
    static const struct gpt_shape shape = { "test", 2, 2, 32, 64 };
    struct train_spec s = train_spec();
    s.shape = &shape, s.length = 32, s.batch = 8, s.steps = 150;
    s.rate = (struct schedule){ SCHEDULE_COSINE, 4e-3, 0.1, 150, 5, 0 };
    return s;
}
TEST(training_learns_what_can_be_learnt)
{
    write_documents(0, 300, false);
    struct corpus *c = open_corpus(0, 0.1, 1);
    struct train_spec s = small_spec();
    struct accel *a = accel_cpu(2);
    struct train *t = NULL;
    struct train_said said = { 0 };
    double loss[2];
    FINE(t = train_open(&s, c, a, e));
    FINE(train_eval(t->model, c, CORPUS_HELD, 0, loss, e));
    NEAR(loss[0], log(257), 0.3);
    while (t->step < s.steps && said.loss >= 0) FINE(train_step(t, &said, e));
    FINE(train_eval(t->model, c, CORPUS_HELD, 0, loss, e));
    OK(loss[0] < 0.3);
    NEAR(loss[1], log(26), 0.4);
    train_close(t), a->close(a), corpus_close(c);
    unlink(path[0]);
}

TEST(gradients_of_parts_of_a_step_sum_to_that_of_the_whole)
{
    write_documents(0, 30, false);
    struct corpus *c = open_corpus(0, 0, 1);
    struct accel *a = accel_cpu(1);
    struct train_spec s = small_spec();
    double norm[2];
    for (int i = 0; i < 2; i++) {
        struct train *t = NULL;
        struct train_said said;
        s.micro = i ? 2 : 8;
        FINE(t = train_open(&s, c, a, e));
        FINE(train_step(t, &said, e));
        norm[i] = said.norm;
        train_close(t);
    }
    NEAR(norm[0] / norm[1], 1, 1e-5);
    a->close(a), corpus_close(c);
    unlink(path[0]);
}

TEST(a_sweep_is_certain_only_when_the_difference_is_more_than_noise)
{
    const struct sweep_cut far[] = { { 9, 9, 3.5, 0.01 }, { 8, 8, 3.4, 0.01 }, { 7, 7, 3.6, 0.01 } },
                           near[] = { { 9, 9, 3.41, 0.01 }, { 8, 8, 3.4, 0.01 } };
    struct sweep_verdict v = sweep_judge(far, 3, 3);
    EQ(v.best, 1);
    EQ(v.next, 0);
    NEAR(v.noise, 2.78 * sqrt(2e-4 / 3), 1e-9);      /* t of 4 degrees of freedom */
    OK(v.certain);
    OK(!sweep_judge(near, 2, 3).certain);
    v = sweep_judge(far, 3, 1);
    OK(isnan(v.noise) && !v.certain);
    OK(!sweep_judge(far, 1, 3).certain);
}

MAIN
