/* par.c - threads take the next chunk from one counter, and stay for the next loop.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The process keeps its helpers: they sleep until a loop is open, and join it while it has chunks that nobody took. The
 * caller works too, and waits at the end only for helpers that are in a chunk: one that woke too late costs nothing. So
 * a loop never waits for the scheduler of a busy machine, and loops within loops, or two at once, cannot lock up. */
#include "core/par.h"

#include <pthread.h>
#include <stdatomic.h>

struct loop {
    par_fn *fn;
    void *ctx;
    size_t n, size, n_chunks;
    atomic_size_t next;              /* chunk that nobody took */
    int most, joined, inside;        /* helpers that may join; that did; that are in it now */
    struct loop *below;              /* of the open ones */
};

static struct { pthread_mutex_t lock; pthread_cond_t opened, left; struct loop *open; int helpers; } crew = {
    .lock = PTHREAD_MUTEX_INITIALIZER, .opened = PTHREAD_COND_INITIALIZER, .left = PTHREAD_COND_INITIALIZER,
};

static void work(struct loop *l, int worker)
{
    for (size_t c; (c = atomic_fetch_add(&l->next, 1)) < l->n_chunks; ) {
        const size_t begin = c * l->size, end = begin + l->size < l->n ? begin + l->size : l->n;
        l->fn(l->ctx, c, begin, end, worker);
    }
}

/* ---- helpers; crew.lock is held ---- */

static struct loop *wanting(void)
{
    struct loop *l = crew.open;
    while (l && (l->joined == l->most || atomic_load(&l->next) >= l->n_chunks)) l = l->below;
    return l;
}

static void *help(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&crew.lock);
    for (;;) {
        struct loop *l = wanting();
        if (!l) { pthread_cond_wait(&crew.opened, &crew.lock); continue; }
        const int worker = ++l->joined;
        l->inside++;
        pthread_mutex_unlock(&crew.lock);
        work(l, worker);
        pthread_mutex_lock(&crew.lock);
        if (!--l->inside) pthread_cond_broadcast(&crew.left);
    }
    return NULL;
}

/* Fewer where the system has no more threads: the others do their chunks. */
static void hire(int helpers)
{
    pthread_attr_t detached;
    pthread_t thread;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    while (crew.helpers < helpers && !pthread_create(&thread, &detached, help, NULL)) crew.helpers++;
    pthread_attr_destroy(&detached);
}

/* ---- a loop ---- */

static void open_loop(struct loop *l)
{
    pthread_mutex_lock(&crew.lock);
    hire(l->most);
    l->below = crew.open;
    crew.open = l;
    for (int i = 0; i < l->most; i++) pthread_cond_signal(&crew.opened);
    pthread_mutex_unlock(&crew.lock);
}

static void close_loop(struct loop *l)
{
    pthread_mutex_lock(&crew.lock);
    struct loop **at = &crew.open;
    while (*at != l) at = &(*at)->below;
    *at = l->below;
    while (l->inside) pthread_cond_wait(&crew.left, &crew.lock);
    pthread_mutex_unlock(&crew.lock);
}

void par_for(int threads, size_t n, size_t size, par_fn *fn, void *ctx)
{
    struct loop l = { .fn = fn, .ctx = ctx, .n = n, .size = size, .n_chunks = n / size + (n % size != 0) };
    if ((size_t)threads > l.n_chunks) threads = (int)l.n_chunks;
    l.most = threads - 1;
    if (l.most > 0) open_loop(&l);
    work(&l, 0);
    if (l.most > 0) close_loop(&l);
}
