/* flow.c - one lock, and workers that look for the next thing to do under it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The lock is taken a few times per batch (a megabyte), so one is enough. A batch that failed
 * runs no further step but still takes its turn in each serial one, so that nothing hangs;
 * when it comes to the commit, its error becomes the flow's. */
#include "frame/flow.h"
#include "frame/tally.h"

#include <pthread.h>
#include <stdlib.h>

struct state {
    const struct flow *f;
    struct batch **parked, **idle;
    size_t n_parked, n_idle, n_alive, max_alive;
    uint64_t next_seq;
    bool reading, eof, stop;
    struct err *e;
    pthread_mutex_t lock;
    pthread_cond_t moved;
};
struct hand { struct state *s; int worker; pthread_t thread; };

static bool may_go(const struct state *s, const struct batch *b)
{
    const struct step *step = &s->f->steps[b->step];
    return !step->serial || step->next == b->seq;
}

/* The parked batch with the lowest number that need not wait. */
static struct batch *take_parked(struct state *s)
{
    size_t best = s->n_parked;
    for (size_t i = 0; i < s->n_parked; i++)
        if (may_go(s, s->parked[i]) && (best == s->n_parked || s->parked[i]->seq < s->parked[best]->seq)) best = i;
    if (best == s->n_parked) return NULL;
    struct batch *b = s->parked[best];
    s->parked[best] = s->parked[--s->n_parked];
    return b;
}

static struct batch *take_idle(struct state *s)
{
    if (s->n_idle) return s->idle[--s->n_idle];
    struct batch *b = mem_zero(1, sizeof *b);
    b->tallies = mem_zero(s->f->n_tallies, sizeof *b->tallies);
    b->n_tallies = s->f->n_tallies;
    s->n_alive++;
    return b;
}

/* Reads one batch; the lock is held on entry and on return, not in between. */
static struct batch *read_one(struct state *s, int worker)
{
    struct batch *b = take_idle(s);
    s->reading = true;
    b->seq = s->next_seq;
    b->worker = worker;
    pthread_mutex_unlock(&s->lock);
    batch_clear(b);
    b->step = 0;
    bool more = s->f->read(s->f->src, b, &b->err);
    pthread_mutex_lock(&s->lock);
    s->reading = false;
    if (more || b->err.kind) s->next_seq++;
    if (!more) s->eof = true;
    pthread_cond_broadcast(&s->moved);
    if (more || b->err.kind) return b;
    s->idle[s->n_idle++] = b;
    return NULL;
}

/* Runs steps until the batch has to wait or is through; the lock as above. */
static void carry(struct state *s, struct batch *b, int worker)
{
    const struct flow *f = s->f;
    b->worker = worker;
    while (b->step < f->n_steps && may_go(s, b) && !s->stop) {
        struct step *step = &f->steps[b->step];
        pthread_mutex_unlock(&s->lock);
        if (!b->err.kind) step->run(step->with, b, &b->err);
        pthread_mutex_lock(&s->lock);
        if (step->serial) step->next++;
        b->step++;
        if (b->step == f->n_steps && b->err.kind) {
            *s->e = b->err;
            s->stop = true;
        }
        if (step->serial || s->stop) pthread_cond_broadcast(&s->moved);
    }
    if (b->step < f->n_steps) s->parked[s->n_parked++] = b;
    else s->idle[s->n_idle++] = b;
}

static void *work(void *arg)
{
    const struct hand *h = arg;
    struct state *s = h->s;
    pthread_mutex_lock(&s->lock);
    while (!s->stop) {
        struct batch *b = take_parked(s);
        if (!b && !s->eof && !s->reading && (s->n_idle || s->n_alive < s->max_alive)) {
            b = read_one(s, h->worker);
            if (!b) continue;
        }
        if (b) carry(s, b, h->worker);
        else if (s->eof && !s->reading && s->n_idle == s->n_alive) break;
        else pthread_cond_wait(&s->moved, &s->lock);
    }
    pthread_cond_broadcast(&s->moved);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void release(struct state *s, struct batch *b)
{
    if (b->raw && s->f->release) s->f->release(b->raw);
    batch_free(b);
}

bool flow_run(const struct flow *f, struct err *e)
{
    if (e->kind) return false;
    size_t max = (size_t)f->threads * 2 + 2;
    struct state s = { .f = f, .max_alive = max, .e = e, .lock = PTHREAD_MUTEX_INITIALIZER,
                       .moved = PTHREAD_COND_INITIALIZER };
    s.parked = mem_alloc(max, sizeof *s.parked);
    s.idle = mem_alloc(max, sizeof *s.idle);
    struct hand *hands = mem_zero((size_t)f->threads, sizeof *hands);
    int started = 1;
    for (int i = 0; i < f->threads; i++) hands[i] = (struct hand){ .s = &s, .worker = i };
    while (started < f->threads && !pthread_create(&hands[started].thread, NULL, work, &hands[started])) started++;
    work(&hands[0]);
    for (int i = 1; i < started; i++) pthread_join(hands[i].thread, NULL);
    for (size_t i = 0; i < s.n_parked; i++) release(&s, s.parked[i]);
    for (size_t i = 0; i < s.n_idle; i++) release(&s, s.idle[i]);
    free(s.parked);
    free(s.idle);
    free(hands);
    return e->kind == ERR_NONE;
}
