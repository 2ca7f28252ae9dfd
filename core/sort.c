/* sort.c - chunks sorted by radix, runs merged by a heap; runs past the memory lie in one scratch file.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   put -> buffer (memory/2) -> full: CHUNKS parts sorted side by side -> merged into one run on disk
 *   next -> heap over the runs on disk and the parts still in memory
 *
 * The radix sort is stable, most significant byte first, and needs a second array for each chunk at work;
 * bytes that are the same in all records move nothing. Runs are merged with the earlier
 * run first among equals, so the whole is stable, whatever the threads. */
#include "core/sort.h"
#include "core/arena.h"
#include "core/file.h"
#include "core/par.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNKS = 4, SMALL = 1 << 14, MIN_WINDOW = 1 << 16, INSERTION = 16, MERGE = 256 };

struct run { const char *at, *end; uint64_t head, file_at, file_end; char *window; };

struct sort {
    size_t record, key, cap, n, chunk;               /* cap, n: records in the buffer */
    char *buffer, *other;
    int threads, fd;
    uint64_t count, file_size;
    struct run *runs;                                /* on disk: file_at..file_end; in memory: at..end */
    size_t n_runs, cap_runs, max_runs, window;
    size_t *heap, heap_n;
    bool merging;
    char *last;                                      /* the record that next gave out */
};

struct sort *sort_open(size_t record_size, size_t key_size, size_t memory, int threads)
{
    struct sort *s = mem_zero(1, sizeof *s);
    s->record = record_size;
    s->key = key_size;
    s->threads = threads;
    s->fd = -1;
    s->cap = memory / 2 / record_size;
    if (s->cap < SMALL / record_size + 1) s->cap = SMALL / record_size + 1;
    s->max_runs = memory / 2 / MIN_WINDOW < 8 ? 8 : memory / 2 / MIN_WINDOW;
    s->last = mem_alloc(1, record_size);
    return s;
}

/* ---- in memory ---- */

/* Records are a few words long: copies of known size, where a call for n bytes costs more than they do. */
static inline void record_copy(const struct sort *s, char *to, const char *from)
{
    const size_t n = s->record;
    if (n > 32 || n < 8) { memcpy(to, from, n); return; }
    const size_t part = n > 16 ? 16 : 8;
    char head[16], tail[16];
    memcpy(head, from, part == 16 ? 16 : 8);
    memcpy(tail, from + n - part, part == 16 ? 16 : 8);
    memcpy(to, head, part == 16 ? 16 : 8);
    memcpy(to + n - part, tail, part == 16 ? 16 : 8);
}

static void insertion_sort(const struct sort *s, char *a, size_t n, size_t byte)
{
    char small[256], *t = s->record <= sizeof small ? small : mem_alloc(1, s->record);
    for (size_t i = 1; i < n; i++) {
        size_t j = i;
        while (j > 0 && memcmp(a + (j - 1) * s->record + byte, a + i * s->record + byte, s->key - byte) > 0) j--;
        if (j == i) continue;
        memcpy(t, a + i * s->record, s->record);
        memmove(a + (j + 1) * s->record, a + j * s->record, (i - j) * s->record);
        memcpy(a + j * s->record, t, s->record);
    }
    if (t != small) free(t);
}

/* By merging: few records, whose first `byte` bytes are the same. b: room for half of them. */
static void merge_sort(const struct sort *s, char *a, char *b, size_t n, size_t byte)
{
    if (n <= INSERTION) { insertion_sort(s, a, n, byte); return; }
    const size_t half = n / 2;
    merge_sort(s, a, b, half, byte);
    merge_sort(s, a + half * s->record, b, n - half, byte);
    memcpy(b, a, half * s->record);
    const char *left = b, *left_end = b + half * s->record, *right = a + half * s->record,
               *right_end = a + n * s->record;
    for (char *to = a; left < left_end; to += s->record) {
        const char **from = right < right_end && memcmp(right + byte, left + byte, s->key - byte) < 0 ? &right : &left;
        record_copy(s, to, *from);
        *from += s->record;
    }
}

/* Sorts the n records of a, whose first `byte` bytes are the same, with b as scratch; they end up in b if `to_b`. Each
 * byte of a key is one pass over
   records that are alike up to it, most significant first: a part that fits the cache stays there, and what is told
   apart early is never moved again. */
static void radix_sort(const struct sort *s, char *a, char *b, size_t n, size_t byte, bool to_b)
{
    size_t at[256], end[256], sum = 0;
    while (n > MERGE && byte < s->key) {
        memset(end, 0, sizeof end);
        for (size_t i = 0; i < n; i++) end[(unsigned char)a[i * s->record + byte]]++;
        if (end[(unsigned char)a[byte]] < n) break;
        byte++;
    }
    if (n <= MERGE || byte == s->key) {
        if (n <= MERGE && byte < s->key) merge_sort(s, a, b, n, byte);
        if (to_b) memcpy(b, a, n * s->record);
        return;
    }
    for (int v = 0; v < 256; v++) { at[v] = sum; end[v] = sum += end[v]; }
    for (size_t i = 0; i < n; i++)
        record_copy(s, b + at[(unsigned char)a[i * s->record + byte]]++ * s->record, a + i * s->record);
    for (size_t v = 0, begin = 0; v < 256; begin = end[v++])
        if (end[v] > begin)
            radix_sort(s, b + begin * s->record, a + begin * s->record, end[v] - begin, byte + 1, !to_b);
}

static void sort_chunk(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk;
    const struct sort *s = ctx;
    radix_sort(s, s->buffer + begin * s->record, s->other + (size_t)worker * s->chunk * s->record, end - begin, 0,
               false);
}

static void run_add(struct sort *s, struct run r)
{
    s->runs = mem_grow(s->runs, &s->cap_runs, s->n_runs + 1, sizeof *s->runs);
    s->runs[s->n_runs++] = r;
}

/* The buffer becomes up to CHUNKS runs in memory. */
static void sort_buffer(struct sort *s)
{
    if (!s->n) return;
    size_t size = s->n < SMALL ? s->n : s->n / CHUNKS + 1;
    s->chunk = size;
    s->other = mem_alloc(size * (size_t)(s->threads > 1 ? s->threads : 1), s->record);
    par_for(s->threads, s->n, size, sort_chunk, s);
    free(s->other);
    s->other = NULL;
    for (size_t i = 0; i < s->n; i += size) {
        size_t end = i + size < s->n ? i + size : s->n;
        run_add(s, (struct run){ .at = s->buffer + i * s->record, .end = s->buffer + end * s->record });
    }
}

/* ---- merging ---- */

/* The next window of a run on disk; a run in memory has only one. */
static bool refill(struct sort *s, struct run *r, struct err *e)
{
    size_t want = s->window;
    if (r->file_end - r->file_at < want) want = (size_t)(r->file_end - r->file_at);
    if (!want) return true;
    if (!r->window) r->window = mem_alloc(1, s->window);
    if (!file_read_at(s->fd, r->window, want, r->file_at, "records being sorted", e)) return false;
    r->file_at += want;
    r->at = r->window;
    r->end = r->window + want;
    return true;
}

enum { HEAD = sizeof(uint64_t) };

/* The first bytes of a run's next record as a number: most records are told apart by it. */
static inline void see_head(const struct sort *s, struct run *r)
{
    if (s->key >= HEAD) { r->head = be64_get(r->at); return; }
    r->head = 0;
    for (size_t i = 0; i < s->key; i++) r->head = r->head << 8 | (unsigned char)r->at[i];
}

static bool before(const struct sort *s, size_t a, size_t b)
{
    const struct run *x = &s->runs[a], *y = &s->runs[b];
    if (x->head != y->head) return x->head < y->head;
    int c = s->key <= HEAD ? 0 : memcmp(x->at + HEAD, y->at + HEAD, s->key - HEAD);
    return c ? c < 0 : a < b;
}

static void sift(struct sort *s, size_t i)
{
    size_t run = s->heap[i];
    for (size_t c; (c = 2 * i + 1) < s->heap_n; i = c) {
        if (c + 1 < s->heap_n && before(s, s->heap[c + 1], s->heap[c])) c++;
        if (!before(s, s->heap[c], run)) break;
        s->heap[i] = s->heap[c];
    }
    s->heap[i] = run;
}

static bool merge_start(struct sort *s, struct err *e)
{
    free(s->heap);
    s->heap = mem_alloc(s->n_runs, sizeof *s->heap);
    s->heap_n = 0;
    s->window = s->cap * s->record / (s->n_runs ? s->n_runs : 1);
    if (s->window < MIN_WINDOW) s->window = MIN_WINDOW;
    s->window -= s->window % s->record;
    if (!s->window) s->window = s->record;
    for (size_t i = 0; i < s->n_runs; i++) {
        if (!refill(s, &s->runs[i], e)) return false;
        see_head(s, &s->runs[i]);
        s->heap[s->heap_n++] = i;
    }
    for (size_t i = s->heap_n / 2; i-- > 0; ) sift(s, i);
    return true;
}

/* Copies the smallest record to `to`; false at the end or with e set. */
static bool merge_next(struct sort *s, char *to, struct err *e)
{
    if (!s->heap_n) return false;
    struct run *r = &s->runs[s->heap[0]];
    record_copy(s, to, r->at);
    r->at += s->record;
    if (r->at == r->end && !refill(s, r, e)) return false;
    if (r->at == r->end) s->heap[0] = s->heap[--s->heap_n];
    else see_head(s, r);
    if (s->heap_n) sift(s, 0);
    return true;
}

static bool append(struct sort *s, const char *p, size_t n, struct err *e)
{
    if (!file_write_at(s->fd, (struct str){ p, n }, s->file_size, "records being sorted", e)) return false;
    s->file_size += n;
    return true;
}

/* Merges runs[first..] into one run on disk. */
static bool spill_runs(struct sort *s, size_t first, struct err *e)
{
    struct sort part = *s;                           /* the same file, only the later runs */
    part.runs = s->runs + first;
    part.n_runs = s->n_runs - first;
    part.heap = NULL;
    size_t room = (1 << 20) - (1 << 20) % s->record, n = 0;
    if (!room) room = s->record;
    uint64_t begin = s->file_size;
    char *out = mem_alloc(1, room);
    bool ok = merge_start(&part, e);
    while (ok && merge_next(&part, out + n, e)) {
        n += s->record;
        if (n == room) { ok = append(s, out, n, e); n = 0; }
    }
    ok = ok && e->kind == ERR_NONE && append(s, out, n, e);
    for (size_t i = first; i < s->n_runs; i++) free(s->runs[i].window);
    s->n_runs = first;
    free(out);
    free(part.heap);
    if (ok) run_add(s, (struct run){ .file_at = begin, .file_end = s->file_size });
    return ok;
}

static bool spill(struct sort *s, struct err *e)
{
    if (s->fd < 0 && (s->fd = file_scratch(e)) < 0) return false;
    size_t first = s->n_runs;
    sort_buffer(s);
    s->n = 0;
    return spill_runs(s, first, e) && (s->n_runs < s->max_runs || spill_runs(s, 0, e));
}

bool sort_put(struct sort *s, const void *record, struct err *e)
{
    if (!s->buffer) s->buffer = mem_alloc(s->cap, s->record);      /* pages are only taken as they are touched */
    memcpy(s->buffer + s->n++ * s->record, record, s->record);
    s->count++;
    return s->n < s->cap || spill(s, e);
}

const void *sort_next(struct sort *s, struct err *e)
{
    if (!s->merging) {
        s->merging = true;
        if (s->fd >= 0 && s->n && !spill(s, e)) return NULL;
        if (s->fd >= 0) { free(s->buffer); s->buffer = NULL; }      /* its memory goes to the windows */
        sort_buffer(s);
        if (!merge_start(s, e)) return NULL;
    }
    return merge_next(s, s->last, e) ? s->last : NULL;
}

uint64_t sort_count(const struct sort *s)
{
    return s->count;
}

uint64_t sort_spilled(const struct sort *s)
{
    return s->file_size;
}

void sort_close(struct sort *s)
{
    if (!s) return;
    for (size_t i = 0; i < s->n_runs; i++) free(s->runs[i].window);
    if (s->fd >= 0) close(s->fd);
    free(s->runs);
    free(s->heap);
    free(s->buffer);
    free(s->last);
    free(s);
}
