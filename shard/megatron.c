/* megatron.c - Megatron-LM's indexed dataset: PREFIX.bin and PREFIX.idx (shard/format.h).
 * SPDX-License-Identifier: Apache-2.0
 *
 * Memory: 4 bytes a sequence. */
#include "shard/format.h"
#include "shard/file.h"

#include <stdio.h>
#include <stdlib.h>

extern const struct shard_format shard_megatron;

struct megatron {
    struct shard_file bin, idx;
    const struct shard_spec *s;
    size_t width;
    uint32_t *sizes;
    size_t n, cap;
};
enum { MAGIC_SIZE = 9, HEAD_SIZE = MAGIC_SIZE + 8 + 1 + 8 + 8, DTYPE_U16 = 8, DTYPE_I32 = 4 };
static const char magic[MAGIC_SIZE] = "MMIDIDX\0";

static char *path_of(const struct shard_spec *s, const char *suffix, char path[4096])
{
    snprintf(path, 4096, "%s.%s", s->prefix, suffix);
    return path;
}

static void megatron_drop(void *self)
{
    struct megatron *m = self;
    shard_file_drop(&m->bin);
    shard_file_drop(&m->idx);
    free(m->sizes);
    free(m);
}

static void *megatron_open(const struct shard_spec *s, struct err *e)
{
    char path[4096];
    struct megatron *m = mem_zero(1, sizeof *m);
    m->s = s;
    m->width = s->width;
    if (shard_file_open(&m->bin, path_of(s, "bin", path), e) && shard_file_open(&m->idx, path_of(s, "idx", path), e))
        return m;
    megatron_drop(m);
    return NULL;
}

static bool megatron_put(void *self, const uint32_t *tokens, size_t n, struct err *e)
{
    struct megatron *m = self;
    if (n > INT32_MAX) return err_set(e, ERR_DATA, "a sequence of %zu tokens is more than Megatron's index can say", n);
    if (m->n == m->cap) m->sizes = mem_grow(m->sizes, &m->cap, m->n + 1, sizeof *m->sizes);
    m->sizes[m->n++] = (uint32_t)n;
    return shard_file_tokens(&m->bin, tokens, n, m->width, e);
}

static bool put64(struct shard_file *f, uint64_t x, struct err *e)
{
    return shard_file_put(f, (struct str){ (const char *)&x, 8 }, e);
}

static bool put_index(struct megatron *m, struct err *e)
{
    const char dtype = m->width == 2 ? DTYPE_U16 : DTYPE_I32;
    bool ok = shard_file_put(&m->idx, (struct str){ magic, MAGIC_SIZE }, e) && put64(&m->idx, 1, e)
              && shard_file_put(&m->idx, (struct str){ &dtype, 1 }, e)
           && put64(&m->idx, m->n, e) && put64(&m->idx, m->n + 1, e)
           && shard_file_put(&m->idx, (struct str){ m->sizes ? (const char *)m->sizes : "", 4 * m->n }, e);
    uint64_t at = 0;
    for (size_t i = 0; ok && i < m->n; i++) {
        ok = put64(&m->idx, at, e);
        at += m->sizes[i] * (uint64_t)m->width;
    }
    for (size_t i = 0; ok && i <= m->n; i++) ok = put64(&m->idx, i, e);
    return ok;
}

static bool megatron_close(void *self, struct err *e)
{
    struct megatron *m = self;
    char path[4096];
    const bool ok = put_index(m, e) && shard_file_done(&m->bin, e) && shard_file_done(&m->idx, e)
                 && shard_files_add(m->s->files, path_of(m->s, "bin", path), e)
                     && shard_files_add(m->s->files, path_of(m->s, "idx", path), e);
    megatron_drop(m);
    return ok;
}

/* ---- reading ---- */

static uint64_t get64(const char *p) { uint64_t x; memcpy(&x, p, 8); return x; }

static bool check_index(const struct map *idx, const struct map *bin, size_t *width, struct err *e)
{
    if (idx->n < HEAD_SIZE || memcmp(idx->p, magic, MAGIC_SIZE) != 0 || get64(idx->p + MAGIC_SIZE) != 1)
        return err_set(e, ERR_DATA, "the index does not begin as one of version 1");
    const char dtype = idx->p[MAGIC_SIZE + 8];
    if (dtype != DTYPE_U16 && dtype != DTYPE_I32)
        return err_set(e, ERR_DATA, "the index says dtype %d, not 8 or 4", dtype);
    *width = dtype == DTYPE_U16 ? 2 : 4;
    const uint64_t n = get64(idx->p + MAGIC_SIZE + 9), n_docs = get64(idx->p + MAGIC_SIZE + 17);
    if (n > idx->n || n_docs != n + 1 || idx->n != HEAD_SIZE + 12 * n + 8 * n_docs)
        return err_set(e, ERR_DATA, "the index of %llu sequences is %zu bytes", (unsigned long long)n, idx->n);
    uint64_t at = 0;
    for (uint64_t i = 0; i < n; i++) {
        uint32_t size;
        memcpy(&size, idx->p + HEAD_SIZE + 4 * i, 4);
        if (get64(idx->p + HEAD_SIZE + 4 * n + 8 * i) != at)
            return err_set(e, ERR_DATA, "sequence %llu does not begin where the one before ends",
                           (unsigned long long)i);
        at += size * (uint64_t)*width;
    }
    return at == bin->n || err_set(e, ERR_DATA, "the index speaks of %llu bytes of tokens, there are %zu",
                                   (unsigned long long)at, bin->n);
}

static bool megatron_read(const struct shard_spec *s, bool (*each)(void *with, const uint32_t *tokens, size_t n),
                          void *with, struct err *e)
{
    char path[4096];
    struct map idx = { 0 }, bin = { 0 };
    size_t width = 0;
    bool ok = map_open(&idx, path_of(s, "idx", path), e) && map_open(&bin, path_of(s, "bin", path), e)
              && check_index(&idx, &bin, &width, e);
    if (ok) shard_widen((struct str){ bin.p, bin.n }, width, each, with);
    map_close(&idx);
    map_close(&bin);
    return ok;
}

const struct shard_format shard_megatron = { "megatron", true, false, megatron_open, megatron_put, megatron_close,
                                             megatron_drop, megatron_read };
