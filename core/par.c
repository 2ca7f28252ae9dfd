/* par.c - threads take the next chunk from one counter.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/par.h"
#include "core/arena.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct loop { par_fn *fn; void *ctx; size_t n, size, n_chunks; atomic_size_t next; };
struct hand { struct loop *loop; int worker; pthread_t thread; };

static void *work(void *arg)
{
    const struct hand *h = arg;
    struct loop *l = h->loop;
    for (size_t c; (c = atomic_fetch_add(&l->next, 1)) < l->n_chunks; ) {
        size_t begin = c * l->size, end = begin + l->size < l->n ? begin + l->size : l->n;
        l->fn(l->ctx, c, begin, end, h->worker);
    }
    return NULL;
}

void par_for(int threads, size_t n, size_t size, par_fn *fn, void *ctx)
{
    struct loop l = { .fn = fn, .ctx = ctx, .n = n, .size = size, .n_chunks = n / size + (n % size != 0) };
    if ((size_t)threads > l.n_chunks) threads = l.n_chunks ? (int)l.n_chunks : 1;
    struct hand *h = mem_zero((size_t)threads, sizeof *h);
    int started = 1;
    for (int i = 0; i < threads; i++) h[i] = (struct hand){ .loop = &l, .worker = i };
    while (started < threads && !pthread_create(&h[started].thread, NULL, work, &h[started])) started++;
    work(&h[0]);                                     /* a thread that could not start leaves its chunks to the others */
    for (int i = 1; i < started; i++) pthread_join(h[i].thread, NULL);
    free(h);
}
