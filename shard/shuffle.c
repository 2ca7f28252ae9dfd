/* shuffle.c - put token sequences into random order.
 * SPDX-License-Identifier: Apache-2.0 */
#include "shard/shuffle.h"

#include "core/file.h"

#include <stdlib.h>
#include <unistd.h>

enum { BUCKETS = 256, PENDING = 1 << 16, HEAD = 16, PIECE = 1 << 20, LAST_LEVEL = 7 };
struct bucket { struct buf pending; int fd; uint64_t size; };
/* level: the byte of the key that chooses, from the top */
struct shuffle { size_t memory; unsigned level; struct bucket bucket[BUCKETS]; };
struct item { uint64_t key; const char *at; };

struct shuffle *shuffle_open(size_t memory)
{
    struct shuffle *s = mem_zero(1, sizeof *s);
    s->memory = memory;
    for (size_t i = 0; i < BUCKETS; i++) s->bucket[i].fd = -1;
    return s;
}

void shuffle_close(struct shuffle *s)
{
    if (!s) return;
    for (size_t i = 0; i < BUCKETS; i++) {
        buf_free(&s->bucket[i].pending);
        if (s->bucket[i].fd >= 0) close(s->bucket[i].fd);
    }
    free(s);
}

static bool flush(struct bucket *b, struct err *e)
{
    if (b->fd < 0 && (b->fd = file_scratch(e)) < 0) return false;
    if (!file_write_at(b->fd, buf_str(&b->pending), b->size, "items being shuffled", e)) return false;
    b->size += b->pending.n;
    buf_reset(&b->pending);
    return true;
}

static struct bucket *bucket_of(struct shuffle *s, uint64_t key)
{
    return &s->bucket[key >> (56 - 8 * s->level) & 255];
}

bool shuffle_put(struct shuffle *s, uint64_t key, struct str tag, const uint32_t *tokens, size_t n, struct err *e)
{
    struct bucket *b = bucket_of(s, key);
    const uint32_t sizes[2] = { (uint32_t)tag.n, (uint32_t)n };
    if (tag.n > UINT32_MAX || n > UINT32_MAX)
        return err_set(e, ERR_DATA, "a document of %zu tokens is too long to shuffle", n);
    char *head = buf_room(&b->pending, HEAD);
    memcpy(head, &key, 8);
    memcpy(head + 8, sizes, 8);
    b->pending.n += HEAD;
    buf_put(&b->pending, tag);
    buf_put(&b->pending, (struct str){ (const char *)tokens, n * sizeof *tokens });
    return b->pending.n < PENDING || flush(b, e);
}

static int by_key(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    return x->key != y->key ? (x->key < y->key ? -1 : 1) : (x->at < y->at ? -1 : x->at > y->at);
}

/* Appends up to n bytes of b's file from at. */
static bool read_some(const struct bucket *b, uint64_t at, size_t n, struct buf *to, struct err *e)
{
    if (!file_read_at(b->fd, buf_room(to, n), n, at, "items being shuffled", e)) return false;
    to->n += n;
    return true;
}

static bool load(struct bucket *b, struct buf *to, struct err *e)
{
    buf_reset(to);
    if (b->size && !read_some(b, 0, (size_t)b->size, to, e)) return false;
    buf_put(to, buf_str(&b->pending));
    buf_free(&b->pending);
    return true;
}

static void sizes_of(const char *at, uint32_t sizes[2]) { memcpy(sizes, at + 8, 8); }

static bool each_sorted(const struct buf *all, shuffle_fn *each, void *with, struct err *e)
{
    struct item *items = NULL;
    struct ids { uint32_t *p; size_t cap; } aligned = { 0 };
    size_t n = 0, cap = 0;
    uint32_t sizes[2];
    for (size_t at = 0; at < all->n; at += HEAD + sizes[0] + 4 * (size_t)sizes[1]) {
        if (n == cap) items = mem_grow(items, &cap, n + 1, sizeof *items);
        items[n] = (struct item){ 0, all->p + at };
        memcpy(&items[n++].key, all->p + at, 8);
        sizes_of(all->p + at, sizes);
    }
    if (n) qsort(items, n, sizeof *items, by_key);
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        sizes_of(items[i].at, sizes);
        if (sizes[1] > aligned.cap) aligned.p = mem_grow(aligned.p, &aligned.cap, sizes[1], sizeof *aligned.p);
        if (sizes[1]) memcpy(aligned.p, items[i].at + HEAD + sizes[0], 4 * (size_t)sizes[1]);
        ok = each(with, (struct str){ items[i].at + HEAD, sizes[0] }, aligned.p, sizes[1], e);
    }
    free(items);
    free(aligned.p);
    return ok;
}

/* Puts the whole sequences at the start of `from` into s as they are, and leaves the rest. */
static bool put_again(struct shuffle *s, struct buf *from, struct err *e)
{
    size_t at = 0;
    for (uint32_t sizes[2]; from->n - at >= HEAD; ) {
        uint64_t key;
        memcpy(&key, from->p + at, 8);
        sizes_of(from->p + at, sizes);
        const size_t size = HEAD + sizes[0] + 4 * (size_t)sizes[1];
        if (from->n - at < size) break;
        struct bucket *b = bucket_of(s, key);
        buf_put(&b->pending, (struct str){ from->p + at, size });
        if (b->pending.n >= PENDING && !flush(b, e)) return false;
        at += size;
    }
    memmove(from->p, from->p + at, from->n - at);
    from->n -= at;
    return true;
}

/* A bucket that memory does not hold: the key's next byte makes 256 of it. */
static bool split(const struct shuffle *s, struct bucket *b, shuffle_fn *each, void *with, struct err *e)
{
    struct shuffle *finer = shuffle_open(s->memory);
    struct buf piece = { 0 };
    finer->level = s->level + 1;
    bool ok = flush(b, e);
    buf_free(&b->pending);
    for (uint64_t at = 0; ok && at < b->size; ) {
        const size_t some = b->size - at < PIECE ? (size_t)(b->size - at) : PIECE;
        ok = read_some(b, at, some, &piece, e) && put_again(finer, &piece, e);
        at += some;
    }
    buf_free(&piece);
    if (b->fd >= 0) close(b->fd);
    b->fd = -1;
    ok = ok && shuffle_all(finer, each, with, e);
    shuffle_close(finer);
    return ok;
}

bool shuffle_all(struct shuffle *s, shuffle_fn *each, void *with, struct err *e)
{
    struct buf all = { 0 };
    bool ok = true;
    for (size_t i = 0; ok && i < BUCKETS; i++) {
        struct bucket *b = &s->bucket[i];
        if (b->size + b->pending.n > s->memory && s->level < LAST_LEVEL) ok = split(s, b, each, with, e);
        else ok = load(b, &all, e) && each_sorted(&all, each, with, e);
    }
    buf_free(&all);
    return ok;
}
