/* file.c - a file of tokens being written.
 * SPDX-License-Identifier: Apache-2.0 */
#include "shard/file.h"

#include "core/hash.h"

#include <stdlib.h>

enum { PENDING = 1 << 20, PIECE = 4096 };

bool shard_file_open(struct shard_file *f, const char *path, struct err *e)
{
    *f = (struct shard_file){ .out = output_open(path, e) };
    return f->out != NULL;
}

bool shard_file_flush(struct shard_file *f, struct err *e)
{
    if (f->pending.n && !output_write(f->out, buf_str(&f->pending), e)) return false;
    buf_reset(&f->pending);
    return true;
}

bool shard_file_put(struct shard_file *f, struct str bytes, struct err *e)
{
    buf_put(&f->pending, bytes);
    f->size += bytes.n;
    return f->pending.n < PENDING || shard_file_flush(f, e);
}

void shard_narrow(struct buf *b, const uint32_t *tokens, size_t n, size_t width)
{
    char *to = buf_room(b, n * width);
    if (width == 4 && n) memcpy(to, tokens, 4 * n);
    for (size_t i = 0; width == 2 && i < n; i++) {
        const uint16_t narrow = (uint16_t)tokens[i];
        memcpy(to + 2 * i, &narrow, 2);
    }
    b->n += n * width;
}

bool shard_file_tokens(struct shard_file *f, const uint32_t *tokens, size_t n, size_t width, struct err *e)
{
    shard_narrow(&f->pending, tokens, n, width);
    f->size += n * width;
    return f->pending.n < PENDING || shard_file_flush(f, e);
}

bool shard_file_done(struct shard_file *f, struct err *e)
{
    if (!shard_file_flush(f, e)) { shard_file_drop(f); return false; }
    buf_free(&f->pending);
    struct output *out = f->out;
    f->out = NULL;
    return output_done(out, e);
}

void shard_file_drop(struct shard_file *f)
{
    if (f->out) output_drop(f->out);
    buf_free(&f->pending);
    f->out = NULL;
}

bool shard_files_add(struct shard_files *l, const char *path, struct err *e)
{
    struct shard_written w = { 0 };
    if (!file_size(path, &w.size, e) || !hash_file(path, &w.hash, e)) return false;
    const size_t n = strlen(path) + 1;
    w.path = memcpy(mem_alloc(n, 1), path, n);
    if (l->n == l->cap) l->all = mem_grow(l->all, &l->cap, l->n + 1, sizeof *l->all);
    l->all[l->n++] = w;
    return true;
}

void shard_files_free(struct shard_files *l)
{
    for (size_t i = 0; i < l->n; i++) free(l->all[i].path);
    free(l->all);
}

bool shard_widen(struct str bytes, size_t width, bool (*each)(void *with, const uint32_t *tokens, size_t n), void *with)
{
    uint32_t piece[PIECE];
    for (size_t at = 0, n = bytes.n / width; at < n; ) {
        const size_t some = n - at < PIECE ? n - at : PIECE;
        for (size_t i = 0; i < some; i++) {
            piece[i] = 0;
            memcpy(&piece[i], bytes.p + (at + i) * width, width);
        }
        if (!each(with, piece, some)) return false;
        at += some;
    }
    return true;
}
