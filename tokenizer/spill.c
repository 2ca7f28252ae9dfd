/* spill.c - sorted runs of words and their counts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokenizer/spill.h"

#include "core/file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    RUN_HEAD = 12, OUT_SIZE = 1 << 18, WINDOW_LEAST = 1 << 14, WINDOW_MOST = 1 << 20, RUNS_LEAST = 16, INSERTION = 12
};

/* ---- the order ---- */

static int order(struct str a, struct str b, size_t mark)
{
    const int c = str_cmp((struct str){ a.p, a.n - mark }, (struct str){ b.p, b.n - mark });
    return c ? c : memcmp(a.p + a.n - mark, b.p + b.n - mark, mark);
}

static struct str text_of(const struct word_run *r, const struct word *w)
{
    return (struct str){ r->bytes + w->at, w->size };
}

/* What a word is sorted by at a depth: its text's bytes, 0 where it ends, then its mark's. -1: nothing more. */
static int key_at(const struct word_run *r, const struct word *w, size_t depth)
{
    const uint8_t *p = (const uint8_t *)r->bytes + w->at;
    const size_t text = w->size - r->mark;
    if (depth == text) return 0;
    return depth < text ? p[depth] + 1 : depth <= w->size ? p[depth - 1] : -1;
}

static void insertion_sort(const struct word_run *r, struct word *a, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const struct word x = a[i];
        size_t k = i;
        for (; k && order(text_of(r, &x), text_of(r, &a[k - 1]), r->mark) < 0; k--) a[k] = a[k - 1];
        a[k] = x;
    }
}

static void swap(struct word *a, struct word *b) { const struct word x = *a; *a = *b; *b = x; }

static int middle(int a, int b, int c) { return a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b); }

/* Quicksort by one key after another (Bentley & Sedgewick 1997): words that begin alike are not compared again from
   the beginning. Only the two smaller of three parts recurse. */
static void sort_from(const struct word_run *r, struct word *a, size_t n, size_t depth)
{
    while (n > INSERTION) {
        const int pivot = middle(key_at(r, &a[0], depth), key_at(r, &a[n / 2], depth), key_at(r, &a[n - 1], depth));
        size_t less = 0, more = n;
        for (size_t i = 0; i < more; ) {
            const int k = key_at(r, &a[i], depth);
            if (k < pivot) swap(&a[less++], &a[i++]);
            else if (k > pivot) swap(&a[i], &a[--more]);
            else i++;
        }
        struct {
            struct word *a;
            size_t n, depth;
        } part[3] = { { a, less, depth }, { a + less, pivot < 0 ? 0 : more - less, depth + 1 },
                      { a + more, n - more, depth } };
        size_t largest = 0;
        for (size_t i = 1; i < 3; i++) if (part[i].n > part[largest].n) largest = i;
        for (size_t i = 0; i < 3; i++) if (i != largest) sort_from(r, part[i].a, part[i].n, part[i].depth);
        a = part[largest].a;
        n = part[largest].n;
        depth = part[largest].depth;
    }
    insertion_sort(r, a, n);
}

void word_run_sort(const struct word_run *r) { sort_from(r, r->all, r->n, 0); }

/* ---- writing ---- */

struct writer { struct spill *to; struct buf buf; };

static bool flush(struct writer *w, struct err *e)
{
    struct spill *s = w->to;
    for (const char *p = w->buf.p, *end = p + w->buf.n; p < end; ) {
        const ssize_t done = pwrite(s->fd, p, (size_t)(end - p), (off_t)s->size);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return err_sys(e, "could not write the scratch file of word counts");
        p += done;
        s->size += (uint64_t)done;
        s->written += (uint64_t)done;
    }
    buf_reset(&w->buf);
    return true;
}

static bool put_word(void *with, struct str word, uint64_t count, struct err *e)
{
    struct writer *w = with;
    const uint32_t size = (uint32_t)word.n;
    char *p = buf_room(&w->buf, RUN_HEAD + word.n);
    memcpy(p, &size, 4);
    memcpy(p + 4, &count, 8);
    memcpy(p + RUN_HEAD, word.p, word.n);
    w->buf.n += RUN_HEAD + word.n;
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

bool spill_put(struct spill *s, const struct word_run *r, struct err *e)
{
    if (s->fd < 0 && (s->fd = file_scratch(e)) < 0) return false;
    struct writer w = { .to = s };
    const uint64_t at = s->size;
    bool ok = true;
    for (size_t i = 0; ok && i < r->n; i++) ok = put_word(&w, text_of(r, &r->all[i]), r->all[i].count, e);
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
    /* in memory: the next is run->all[at] */
    const struct word_run *run;
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
    while (k->buf.n < n) {
        const size_t most = k->window > n ? k->window - k->buf.n : n - k->buf.n,
                     ask = k->left.end - k->left.at < most ? (size_t)(k->left.end - k->left.at) : most;
        const ssize_t got = ask ? pread(k->fd, buf_room(&k->buf, ask), ask, (off_t)k->left.at) : 0;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return err_sys(e, "could not read the scratch file of word counts");
        if (!got) return false;
        k->buf.n += (size_t)got;
        k->left.at += (uint64_t)got;
    }
    return true;
}

static bool step(struct cursor *k, struct err *e)
{
    uint32_t size;
    if (k->run) {
        if (k->at == k->run->n) return false;
        k->word = text_of(k->run, &k->run->all[k->at]);
        k->count = k->run->all[k->at++].count;
        return true;
    }
    if (!want(k, RUN_HEAD, e)) return false;
    memcpy(&size, k->buf.p + k->at, 4);
    if (!want(k, RUN_HEAD + (size_t)size, e)) return false;
    memcpy(&k->count, k->buf.p + k->at + 4, 8);
    k->word = (struct str){ k->buf.p + k->at + RUN_HEAD, size };
    k->at += RUN_HEAD + size;
    return true;
}

static void sink(struct cursor **heap, size_t n, size_t i, size_t mark)
{
    struct cursor *x = heap[i];
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && order(heap[child + 1]->word, heap[child]->word, mark) < 0) child++;
        if (order(x->word, heap[child]->word, mark) <= 0) break;
        heap[i] = heap[child];
    }
    heap[i] = x;
}

static bool merge(struct cursor **heap, size_t n, size_t mark, count_fn *each, void *with, struct err *e)
{
    struct buf word = { 0 };
    uint64_t count = 0;
    bool ok = true;
    for (size_t i = n; i-- > 0; ) sink(heap, n, i, mark);
    while (n && ok) {
        if (count && !str_eq(heap[0]->word, buf_str(&word))) {
            ok = each(with, buf_str(&word), count, e);
            count = 0;
        }
        if (!count) { buf_reset(&word); buf_put(&word, heap[0]->word); }
        count += heap[0]->count;
        if (!step(heap[0], e)) heap[0] = heap[--n];
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

bool spill_merge(struct spill *const *all, size_t n, const struct word_run *runs, size_t n_runs, count_fn *each,
                 void *with, struct err *e)
{
    size_t n_all = n_runs, n_live = 0, k = 0;
    for (size_t i = 0; i < n; i++) n_all += all[i]->n;
    struct cursor *cursors = mem_zero(n_all + 1, sizeof *cursors), **heap = mem_zero(n_all + 1, sizeof *heap);
    for (size_t i = 0; i < n_runs; i++) cursors[k++] = (struct cursor){ .run = &runs[i] };
    for (size_t i = 0; i < n; i++)
        for (size_t r = 0; r < all[i]->n; r++)
            cursors[k++] = (struct cursor){ .fd = all[i]->fd, .left = all[i]->run[r], .window = window_of(all[i]) };
    for (size_t i = 0; i < n_all && !e->kind; i++) if (step(&cursors[i], e)) heap[n_live++] = &cursors[i];
    const bool ok = !e->kind && merge(heap, n_live, n ? all[0]->mark : 0, each, with, e);
    for (size_t i = 0; i < n_all; i++) buf_free(&cursors[i].buf);
    free(cursors);
    free(heap);
    return ok;
}
