/* Loops over chunks on the threads that are kept.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/par.h"
#include "tests/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { N = 10007, SIZE = 10, CHUNKS = N / SIZE + 1, THREADS = 5 };

struct seen { atomic_int times[N]; atomic_int chunk[CHUNKS]; atomic_int in[THREADS]; atomic_int together; };

static void look(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    struct seen *s = ctx;
    const size_t last = begin + SIZE < N ? begin + SIZE : N;
    if (begin != chunk * SIZE || end != last) return;       /* then the counts are short */
    s->together += s->in[worker]++ != 0;
    for (size_t i = begin; i < end; i++) s->times[i]++;
    s->chunk[chunk]++;
    s->in[worker]--;
}

TEST(every_chunk_is_done_once_and_a_worker_is_one_thread)
{
    for (int threads = 0; threads <= THREADS; threads++) {
        struct seen *s = mem_zero(1, sizeof *s);
        int wrong = 0;
        par_for(threads, N, SIZE, look, s);
        for (size_t i = 0; i < N; i++) wrong += s->times[i] != 1;
        for (size_t c = 0; c < CHUNKS; c++) wrong += s->chunk[c] != 1;
        EQ(wrong, 0);
        EQ(s->together, 0);
        free(s);
    }
}

static void add(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    for (size_t i = begin; i < end; i++) atomic_fetch_add((atomic_long *)ctx, (long)i);
}

TEST(nothing_to_do_is_done)
{
    atomic_long sum = 0;
    par_for(THREADS, 0, SIZE, add, &sum);
    EQ(sum, 0);
}

static void inner(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    for (size_t i = begin; i < end; i++) par_for(3, 100, 7, add, ctx);
}

TEST(a_loop_may_run_loops)
{
    atomic_long sum = 0;
    par_for(4, 50, 1, inner, &sum);
    EQ(sum, 50 * 4950);
}

static void *caller(void *sum)
{
    for (int i = 0; i < 200; i++) par_for(3, 100, 7, add, sum);
    return NULL;
}

TEST(loops_of_several_threads_share_the_helpers)
{
    pthread_t thread[4];
    atomic_long sum[4] = { 0 };
    for (int i = 0; i < 4; i++) pthread_create(&thread[i], NULL, caller, &sum[i]);
    for (int i = 0; i < 4; i++) pthread_join(thread[i], NULL);
    for (int i = 0; i < 4; i++) EQ(sum[i], 200 * 4950);
}

TEST(a_forked_process_does_alone_what_its_parent_did_with_helpers)
{
    atomic_long sum = 0;
    par_for(3, 100, 7, add, &sum);
    const pid_t child = fork();
    if (!child) {
        atomic_long own = 0;
        par_for(3, 100, 7, add, &own);
        _exit(own == 4950 ? 0 : 1);
    }
    int status = 1;
    waitpid(child, &status, 0);
    EQ(status, 0);
}

MAIN
