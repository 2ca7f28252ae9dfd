/* journal_state.c - the state of a run behind a batch: one list, written or read.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   parts: size, frames | place | seconds, CPU seconds | counts | output that fills no frame yet | per link: tally
 *
 * Numbers are as in memory; a text is its length and its bytes. */
#include "frame/journal.h"

#include <stdlib.h>

static void raw(struct notes *t, void *p, size_t n)
{
    if (!t->reading) { buf_put(&t->bytes, (struct str){ p, n }); return; }
    if (t->rest.n < n) { t->damaged = true; return; }
    memcpy(p, t->rest.p, n);
    t->rest = (struct str){ t->rest.p + n, t->rest.n - n };
}

static void text(struct notes *t, struct buf *b)
{
    uint64_t n = b->n;
    raw(t, &n, sizeof n);
    if (t->reading && n > t->rest.n) { t->damaged = true; return; }
    if (t->reading) buf_room(b, n);
    if (n) raw(t, b->p, n);
    b->n = n;
}

static void reasons(struct notes *t, struct tally *of, const struct tally_reason *list, size_t n,
                    void (*add)(struct tally *, const char *, uint64_t))
{
    raw(t, &n, sizeof n);
    for (size_t i = 0; i < n && !t->damaged; i++) {
        struct buf name = { 0 };
        uint64_t times = t->reading ? 0 : list[i].n;
        if (!t->reading) buf_put(&name, str_of(list[i].reason));
        text(t, &name);
        raw(t, &times, sizeof times);
        if (t->reading && !t->damaged) add(of, str_c(t->mem, buf_str(&name)), times);
        buf_free(&name);
    }
}

static void link_state(struct notes *t, struct link *l)
{
    struct tally *y = &l->tally;
    uint64_t *const numbers[] = { &y->in, &y->out, &y->turned };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) raw(t, numbers[i], sizeof *numbers[i]);
    if (t->reading) l->rows = y->turned;             /* rows runs ahead of the commit */
    reasons(t, y, y->drops, y->n_drops, tally_drop);
    reasons(t, y, y->rejects, y->n_rejects, tally_reject);
}

/* False without e: the part is not as long as it was. */
static bool part_state(struct notes *t, struct output *o, struct err *e)
{
    uint64_t size = 0;
    struct buf frames = { 0 };
    bool ok = t->reading || output_mark(o, &size, &frames, e);
    raw(t, &size, sizeof size);
    text(t, &frames);
    ok = ok && !t->damaged && (!t->reading || output_return(o, size, buf_str(&frames), e));
    buf_free(&frames);
    return ok;
}

bool journal_state(struct notes *t, struct chain *c, struct place *place, struct err *e)
{
    struct output *const parts[] = { c->out, c->drops, c->rejects };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) if (parts[i] && !part_state(t, parts[i], e)) return false;
    double seconds = time_now() - c->began, cpu = c->cpu_before + time_cpu();
    uint64_t *const numbers[] = { &c->lines_before, &c->n_bad, &c->n_seen, &c->bytes_in, &c->bytes_out };
    raw(t, place, sizeof *place);
    raw(t, &seconds, sizeof seconds);
    raw(t, &cpu, sizeof cpu);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) raw(t, numbers[i], sizeof *numbers[i]);
    text(t, &c->pending);
    for (size_t i = 0; i < c->n; i++) link_state(t, &c->links[i]);
    if (t->reading) { c->began = time_now() - seconds; c->cpu_before = cpu; }
    return !t->damaged || err_set(e, ERR_DATA, "the journal is damaged");
}
