/* spill.c - sorted runs of words and their counts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokenizer/spill.h"

#include "core/file.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    OUT_SIZE = 1 << 18, WINDOW_LEAST = COUNT_WORD_MAX, WINDOW_MOST = 1 << 20, RUNS_LEAST = 16, AHEAD = 8
};

/* ---- writing ---- */

struct writer { struct spill *to; struct buf buf; };

static bool flush(struct writer *w, struct err *e)
{
    struct spill *s = w->to;
    if (!file_write_at(s->fd, buf_str(&w->buf), s->size, "word counts", e)) return false;
    s->size += w->buf.n;
    s->written += w->buf.n;
    buf_reset(&w->buf);
    return true;
}

static bool put_word(void *with, struct str word, uint64_t count, struct err *e)
{
    struct writer *w = with;
    record_put(buf_room(&w->buf, RECORD_HEAD + word.n), word, count);
    w->buf.n += RECORD_HEAD + word.n;
    return w->buf.n < OUT_SIZE || flush(w, e);
}

static bool end_run(struct writer *w, uint64_t at, struct err *e)
{
    struct spill *s = w->to;
    const bool ok = flush(w, e);
    buf_free(&w->buf);
    if (s->n == s->cap) s->run = mem_grow(s->run, &s->cap, s->n + 1, sizeof *s->run);
    s->run[s->n++] = (struct spill_run){ at, s->size };
    return ok;
}

/* The runs become one, in another file. */
static bool unite(struct spill *s, struct err *e)
{
    struct spill one = { .fd = file_scratch(e), .mark = s->mark, .memory = s->memory, .written = s->written };
    struct writer w = { .to = &one };
    const bool ok = one.fd >= 0 && spill_merge(&s, 1, NULL, 0, put_word, &w, e) && end_run(&w, 0, e);
    buf_free(&w.buf);
    spill_free(s);
    *s = one;
    return ok;
}

/* Records of a run lie anywhere in memory: those that come soon are asked for. */
static const char *record_ahead(const struct run *r, size_t i)
{
    if (i + AHEAD < r->n) __builtin_prefetch(run_record(r, r->key[i + AHEAD]));
    return run_record(r, r->key[i]);
}

bool spill_put(struct spill *s, const struct run *r, struct err *e)
{
    if (s->fd < 0 && (s->fd = file_scratch(e)) < 0) return false;
    struct writer w = { .to = s };
    const uint64_t at = s->size;
    bool ok = true;
    for (size_t i = 0; ok && i < r->n; i++) {
        const char *record = record_ahead(r, i);
        ok = put_word(&w, record_word(record), record_count(record), e);
    }
    ok = ok && end_run(&w, at, e);
    buf_free(&w.buf);
    return ok && (s->n < RUNS_LEAST || s->n < s->memory / WINDOW_LEAST || unite(s, e));
}

void spill_free(struct spill *s)
{
    if (s->fd >= 0) close(s->fd);
    free(s->run);
    *s = (struct spill){ .fd = -1, .mark = s->mark, .memory = s->memory };
}

/* ---- merging ---- */

struct cursor {                                                                  /* reads one run */
    /* in memory: the next is run->key[at] */
    const struct run *run;
    int fd;
    struct spill_run left;                                                       /* in a file: what is not in buf yet */
    size_t window, at;
    struct buf buf;
    struct str word;
    uint64_t count;
};

/* Makes n bytes lie at buf.p + at; false at the end. */
static bool want(struct cursor *k, size_t n, struct err *e)
{
    if (k->buf.n - k->at >= n) return true;
    if (k->at) memmove(k->buf.p, k->buf.p + k->at, k->buf.n - k->at);
    k->buf.n -= k->at;
    k->at = 0;
    const uint64_t left = k->left.end - k->left.at;
    const size_t most = (k->window > n ? k->window : n) - k->buf.n, ask = left < most ? (size_t)left : most;
    if (!file_read_at(k->fd, buf_room(&k->buf, ask), ask, k->left.at, "word counts", e)) return false;
    k->buf.n += ask;
    k->left.at += ask;
    return k->buf.n >= n;
}

static bool step(struct cursor *k, struct err *e)
{
    const char *record;
    if (k->run) {
        if (k->at == k->run->n) return false;
        record = record_ahead(k->run, k->at++);
        k->word = record_word(record);
    } else {
        if (!want(k, RECORD_HEAD, e)) return false;
        const size_t size = RECORD_HEAD + record_word(k->buf.p + k->at).n;
        if (!want(k, size, e)) return false;
        record = k->buf.p + k->at;
        k->word = record_word(record);
        k->at += size;
    }
    k->count = record_count(record);
    return true;
}

/* begin: the first eight bytes of the text, the first on top: that mostly decides */
struct next { uint64_t begin; struct cursor *k; };

static struct next next_of(struct cursor *k, size_t mark)
{
    uint8_t b[8] = { 0 };
    const size_t n = k->word.n - mark;
    memcpy(b, k->word.p, n < sizeof b ? n : sizeof b);
    uint64_t begin = 0;
    for (size_t i = 0; i < sizeof b; i++) begin = begin << 8 | b[i];
    return (struct next){ begin, k };
}

static bool before(const struct next *a, const struct next *b, size_t mark)
{
    return a->begin != b->begin ? a->begin < b->begin : word_order(a->k->word, b->k->word, mark) < 0;
}

static void sink(struct next *heap, size_t n, size_t i, size_t mark)
{
    const struct next x = heap[i];
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && before(&heap[child + 1], &heap[child], mark)) child++;
        if (!before(&heap[child], &x, mark)) break;
        heap[i] = heap[child];
    }
    heap[i] = x;
}

static bool merge(struct next *heap, size_t n, size_t mark, count_fn *each, void *with, struct err *e)
{
    struct buf word = { 0 };
    uint64_t count = 0;
    bool ok = true;
    for (size_t i = n; i-- > 0; ) sink(heap, n, i, mark);
    while (n && ok) {
        struct cursor *k = heap[0].k;
        if (count && !str_eq(k->word, buf_str(&word))) {
            ok = each(with, buf_str(&word), count, e);
            count = 0;
        }
        if (!count) { buf_reset(&word); buf_put(&word, k->word); }
        count += k->count;
        heap[0] = step(k, e) ? next_of(k, mark) : heap[--n];
        if (e->kind) ok = false;
        else if (n) sink(heap, n, 0, mark);
    }
    if (ok && count) ok = each(with, buf_str(&word), count, e);
    buf_free(&word);
    return ok;
}

static size_t window_of(const struct spill *s)
{
    const size_t each = s->memory / (s->n ? s->n : 1);
    return each < WINDOW_LEAST ? WINDOW_LEAST : each > WINDOW_MOST ? WINDOW_MOST : each;
}

bool spill_merge(struct spill *const *all, size_t n, const struct run *runs, size_t n_runs, count_fn *each,
                 void *with, struct err *e)
{
    const size_t mark = n ? all[0]->mark : 0;
    size_t n_all = n_runs, n_live = 0, k = 0;
    for (size_t i = 0; i < n; i++) n_all += all[i]->n;
    struct cursor *cursors = mem_zero(n_all + 1, sizeof *cursors);
    struct next *heap = mem_zero(n_all + 1, sizeof *heap);
    for (size_t i = 0; i < n_runs; i++) cursors[k++] = (struct cursor){ .run = &runs[i] };
    for (size_t i = 0; i < n; i++)
        for (size_t r = 0; r < all[i]->n; r++)
            cursors[k++] = (struct cursor){ .fd = all[i]->fd, .left = all[i]->run[r], .window = window_of(all[i]) };
    for (size_t i = 0; i < n_all && !e->kind; i++)
        if (step(&cursors[i], e)) heap[n_live++] = next_of(&cursors[i], mark);
    const bool ok = !e->kind && merge(heap, n_live, mark, each, with, e);
    for (size_t i = 0; i < n_all; i++) buf_free(&cursors[i].buf);
    free(cursors);
    free(heap);
    return ok;
}
