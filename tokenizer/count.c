/* count.c - how often each word occurs, in bounded memory.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokenizer/count.h"

#include "core/file.h"
#include "core/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct word { uint64_t count; uint64_t at; uint32_t size, hash; };               /* at: in bytes */
struct span { uint64_t at, end; };                                               /* a run in the scratch file */
struct count {
    size_t memory;
    struct word *words;
    size_t n, cap;
    uint32_t *slot;                                                              /* (slots): word + 1 */
    size_t slots;
    struct buf bytes;
    int scratch;
    uint64_t spilled;
    struct span *runs;
    size_t n_runs, cap_runs;
};
enum { FIRST_SLOTS = 1 << 12, RUN_HEAD = 12, OUT_SIZE = 1 << 20, IN_SIZE = 1 << 18 };
static const size_t LEAST_MEMORY = 1 << 20;

struct count *count_new(size_t memory)
{
    struct count *c = mem_zero(1, sizeof *c);
    c->memory = memory < LEAST_MEMORY ? LEAST_MEMORY : memory;
    c->scratch = -1;
    c->slots = FIRST_SLOTS;
    c->slot = mem_zero(c->slots, sizeof *c->slot);
    return c;
}

static void forget(struct count *c)
{
    free(c->words);
    free(c->slot);
    buf_free(&c->bytes);
    c->words = NULL;
    c->slot = NULL;
    c->n = c->cap = c->slots = 0;
}

void count_free(struct count *c)
{
    if (!c) return;
    forget(c);
    free(c->runs);
    if (c->scratch >= 0) close(c->scratch);
    free(c);
}

uint64_t count_spilled(const struct count *c) { return c->spilled; }

static struct str word_str(const struct count *c, const struct word *w) { return (struct str){ c->bytes.p + w->at, w->size }; }

static void widen(struct count *c)
{
    free(c->slot);
    c->slots = c->slots ? 2 * c->slots : FIRST_SLOTS;
    c->slot = mem_zero(c->slots, sizeof *c->slot);
    for (size_t i = 0; i < c->n; i++) {
        size_t k = c->words[i].hash & (c->slots - 1);
        while (c->slot[k]) k = (k + 1) & (c->slots - 1);
        c->slot[k] = (uint32_t)i + 1;
    }
}

/* ---- spilling ---- */

struct sorting { struct word word; const char *p; };
static int by_bytes(const void *a, const void *b)
{
    const struct sorting *x = a, *y = b;
    return str_cmp((struct str){ x->p, x->word.size }, (struct str){ y->p, y->word.size });
}

static bool write_all(int fd, const char *p, size_t n, struct err *e)
{
    while (n) {
        const ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return err_sys(e, "could not write the scratch file of word counts");
        p += done;
        n -= (size_t)done;
    }
    return true;
}

static bool flush(struct count *c, struct buf *out, struct err *e)
{
    if (!write_all(c->scratch, out->p, out->n, e)) return false;
    c->spilled += out->n;
    buf_reset(out);
    return true;
}

static bool put_run(struct count *c, const struct sorting *all, struct buf *out, struct err *e)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct word *w = &all[i].word;
        memcpy(buf_room(out, RUN_HEAD), &w->size, 4);
        memcpy(out->p + out->n + 4, &w->count, 8);
        out->n += RUN_HEAD;
        buf_put(out, (struct str){ all[i].p, w->size });
        if (out->n >= OUT_SIZE && !flush(c, out, e)) return false;
    }
    return flush(c, out, e);
}

static struct sorting *sort_words(const struct count *c)
{
    struct sorting *all = mem_alloc(c->n + 1, sizeof *all);
    for (size_t i = 0; i < c->n; i++) all[i] = (struct sorting){ c->words[i], c->bytes.p + c->words[i].at };
    qsort(all, c->n, sizeof *all, by_bytes);
    return all;
}

static bool spill(struct count *c, struct err *e)
{
    if (c->scratch < 0 && (c->scratch = file_scratch(e)) < 0) return false;
    struct sorting *all = sort_words(c);
    struct buf out = { 0 };
    const uint64_t at = c->spilled;
    const bool ok = put_run(c, all, &out, e);
    buf_free(&out);
    free(all);
    if (c->n_runs == c->cap_runs) c->runs = mem_grow(c->runs, &c->cap_runs, c->n_runs + 1, sizeof *c->runs);
    c->runs[c->n_runs++] = (struct span){ at, c->spilled };
    c->n = 0;
    buf_reset(&c->bytes);
    memset(c->slot, 0, c->slots * sizeof *c->slot);
    return ok;
}

/* A word costs its record, its bytes, up to two slots of four bytes, and a record of sorting when it is spilled. */
static bool full(const struct count *c, size_t size)
{
    return c->n && (c->n + 1) * (sizeof(struct word) + sizeof(struct sorting) + 16) + c->bytes.n + size > c->memory / 3 * 2;
}

bool count_add(struct count *c, struct str s, uint64_t n, struct err *e)
{
    const uint32_t hash = (uint32_t)hash64(s, 0), size = (uint32_t)s.n;
    if (s.n > UINT32_MAX) return err_set(e, ERR_DATA, "a word of more than 4 GB");
    if (!c->slots) widen(c);
    size_t i = hash & (c->slots - 1);
    for (; c->slot[i]; i = (i + 1) & (c->slots - 1)) {
        struct word *w = &c->words[c->slot[i] - 1];
        if (w->hash != hash || w->size != size || memcmp(c->bytes.p + w->at, s.p, s.n)) continue;
        w->count += n;
        return true;
    }
    if (full(c, s.n) || c->n == UINT32_MAX - 1) {
        if (!spill(c, e)) return false;
        i = hash & (c->slots - 1);
    }
    if (c->n == c->cap) c->words = mem_grow(c->words, &c->cap, c->n + 1, sizeof *c->words);
    c->words[c->n] = (struct word){ n, c->bytes.n, size, hash };
    buf_put(&c->bytes, s);
    c->slot[i] = (uint32_t)++c->n;
    if (2 * c->n > c->slots) widen(c);
    return true;
}

/* ---- the end ---- */

struct cursor {                                                                  /* reads one run */
    int fd;
    struct span left;
    struct buf buf;
    size_t at;
    struct str word;
    uint64_t count;
};

/* Makes n bytes lie at buf.p + at; 0 at the end. */
static bool want(struct cursor *k, size_t n, struct err *e)
{
    if (k->buf.n - k->at >= n) return true;
    if (k->at) memmove(k->buf.p, k->buf.p + k->at, k->buf.n - k->at);
    k->buf.n -= k->at;
    k->at = 0;
    while (k->buf.n < n) {
        const size_t ask = k->left.end - k->left.at < IN_SIZE + n ? (size_t)(k->left.end - k->left.at) : IN_SIZE + n;
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
    if (!want(k, RUN_HEAD, e)) return false;
    memcpy(&size, k->buf.p + k->at, 4);
    if (!want(k, RUN_HEAD + (size_t)size, e)) return false;
    memcpy(&k->count, k->buf.p + k->at + 4, 8);
    k->word = (struct str){ k->buf.p + k->at + RUN_HEAD, size };
    k->at += RUN_HEAD + size;
    return true;
}

static void sink(struct cursor **heap, size_t n, size_t i)
{
    struct cursor *x = heap[i];
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && str_cmp(heap[child + 1]->word, heap[child]->word) < 0) child++;
        if (str_cmp(x->word, heap[child]->word) <= 0) break;
        heap[i] = heap[child];
    }
    heap[i] = x;
}

static bool merge(struct cursor **heap, size_t n, count_fn *each, void *with, struct err *e)
{
    struct buf word = { 0 };
    uint64_t count = 0;
    bool ok = true;
    for (size_t i = n; i-- > 0; ) sink(heap, n, i);
    while (n && ok) {
        if (count && !str_eq(heap[0]->word, buf_str(&word))) {
            ok = each(with, buf_str(&word), count, e);
            count = 0;
        }
        if (!count) { buf_reset(&word); buf_put(&word, heap[0]->word); }
        count += heap[0]->count;
        if (!step(heap[0], e)) heap[0] = heap[--n];
        if (e->kind) ok = false;
        else if (n) sink(heap, n, 0);
    }
    if (ok && count) ok = each(with, buf_str(&word), count, e);
    buf_free(&word);
    return ok;
}

static bool merge_runs(struct count **all, size_t n, count_fn *each, void *with, struct err *e)
{
    size_t n_runs = 0, n_live = 0;
    for (size_t i = 0; i < n; i++) {
        if (all[i]->n && !spill(all[i], e)) return false;
        forget(all[i]);
        n_runs += all[i]->n_runs;
    }
    struct cursor *cursors = mem_zero(n_runs + 1, sizeof *cursors), **heap = mem_zero(n_runs + 1, sizeof *heap);
    for (size_t i = 0, k = 0; i < n; i++) {
        for (size_t r = 0; r < all[i]->n_runs; r++, k++) {
            cursors[k] = (struct cursor){ .fd = all[i]->scratch, .left = all[i]->runs[r] };
            if (step(&cursors[k], e)) heap[n_live++] = &cursors[k];
        }
    }
    const bool ok = !e->kind && merge(heap, n_live, each, with, e);
    for (size_t i = 0; i < n_runs; i++) buf_free(&cursors[i].buf);
    free(cursors);
    free(heap);
    return ok;
}

static bool join(struct count **all, size_t n, struct err *e)
{
    for (size_t i = 1; i < n; i++) {
        for (size_t k = 0; k < all[i]->n; k++) if (!count_add(all[0], word_str(all[i], &all[i]->words[k]), all[i]->words[k].count, e)) return false;
        forget(all[i]);
    }
    return true;
}

bool count_all(struct count **all, size_t n, count_fn *each, void *with, struct err *e)
{
    bool spilled = false;
    for (size_t i = 0; i < n; i++) spilled = spilled || all[i]->n_runs;
    if (!spilled) {
        if (!join(all, n, e)) return false;
        spilled = all[0]->n_runs;
    }
    if (spilled) return merge_runs(all, n, each, with, e);
    struct sorting *sorted = sort_words(all[0]);
    bool ok = true;
    for (size_t k = 0; ok && k < all[0]->n; k++) ok = each(with, (struct str){ sorted[k].p, sorted[k].word.size }, sorted[k].word.count, e);
    free(sorted);
    forget(all[0]);
    return ok;
}
