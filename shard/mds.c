/* mds.c - MosaicML's streaming dataset (MDS 2), read by mosaicml-streaming.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   PREFIX_mds/shard.00000.mds   u32 n, u32 at[n + 1] (bytes from the file's start), the column's description
 *                                as JSON, then the samples: where rows are of one length a row's tokens,
 *                                else  u32 bytes that follow, u8 4 * dimensions + 2 = 6, u32 tokens, the tokens
 *   PREFIX_mds/index.json        {"shards":[...],"version":2}: each one's description, size, XXH3-64 and samples
 *
 * A sample has one column, "tokens", of uint16 or uint32. The index of a shard comes before its samples, so a shard
 * is held in memory: 64 MiB, MosaicML's own limit, or shard_tokens if that is less. */
#include "shard/file.h"

#include "record/json.h"

#include <stdio.h>
#include <stdlib.h>

extern const struct shard_format shard_mds;

enum { SHARD_SIZE = 1 << 26, INDEX_LIMIT = 1 << 28, HEAD = 9, ONE_DIMENSION_U32 = 6 };
struct mds {
    const struct shard_spec *s;
    size_t most;                                             /* bytes of samples in a shard */
    uint32_t *ends;                                          /* (n) bytes of samples up to each one's end */
    size_t n, cap, shards;
    struct buf config, samples, index;
};

static void path_of(const struct shard_spec *s, const char *name, char path[4096])
{
    snprintf(path, 4096, "%s_mds%s%s", s->prefix, *name ? "/" : "", name);
}
static void name_of(size_t shard, char name[32]) { snprintf(name, 32, "shard.%05zu.mds", shard); }

static void mds_drop(void *self)
{
    struct mds *m = self;
    buf_free(&m->config);
    buf_free(&m->samples);
    buf_free(&m->index);
    free(m->ends);
    free(m);
}

/* The members that a shard's head and its entry in the index share. */
static void describe(const struct mds *m, struct buf *to)
{
    const size_t length = m->s->length, width = m->s->width;
    buf_printf(to, "\"column_encodings\": [\"ndarray:uint%zu", 8 * width);
    if (length)
        buf_printf(to, ":%zu\"], \"column_names\": [\"tokens\"], \"column_sizes\": [%zu], ", length, length * width);
    else buf_put(to, S("\"], \"column_names\": [\"tokens\"], \"column_sizes\": [null], "));
    buf_printf(to, "\"compression\": null, \"format\": \"mds\", \"hashes\": [\"xxh3_64\"], ");
}

static void *mds_open(const struct shard_spec *s, struct err *e)
{
    char path[4096];
    path_of(s, "", path);
    if (!file_folder(path, e)) return NULL;
    struct mds *m = mem_zero(1, sizeof *m);
    *m = (struct mds){ .s = s, .most = s->shard_tokens
                       && s->shard_tokens < SHARD_SIZE / s->width ? (size_t)s->shard_tokens * s->width : SHARD_SIZE };
    buf_putc(&m->config, '{');
    describe(m, &m->config);
    buf_printf(&m->config, "\"size_limit\": %zu, \"version\": 2}", m->most);
    return m;
}

/* ---- one shard ---- */

static bool write_file(const char *path, struct str head, struct str body, struct err *e)
{
    struct output *o = output_open(path, e);
    if (!o) return false;
    if (output_write(o, head, e) && output_write(o, body, e)) return output_done(o, e);
    output_drop(o);
    return false;
}

static void put_head(const struct mds *m, struct buf *head)
{
    const uint32_t n = (uint32_t)m->n, samples_at = (uint32_t)(4 * (m->n + 2) + m->config.n);
    buf_put(head, (struct str){ (const char *)&n, 4 });
    for (size_t i = 0; i <= m->n; i++) {
        const uint32_t at = samples_at + (i ? m->ends[i - 1] : 0);
        buf_put(head, (struct str){ (const char *)&at, 4 });
    }
    buf_put(head, buf_str(&m->config));
}

static void put_entry(struct mds *m, const char *name, const struct shard_written *file)
{
    buf_put(&m->index, m->shards ? S(", {") : S("{\"shards\": [{"));
    describe(m, &m->index);
    buf_printf(&m->index, "\"raw_data\": {\"basename\": \"%s\", \"bytes\": %llu, \"hashes\": {\"xxh3_64\": \"%016llx\"}}, \"samples\": %zu, \"size_limit\": %zu, \"version\": 2, \"zip_data\": null}",
               name, (unsigned long long)file->size, (unsigned long long)file->hash, m->n, m->most);
}

static bool end_shard(struct mds *m, struct err *e)
{
    char name[32], path[4096];
    struct buf head = { 0 };
    name_of(m->shards, name);
    path_of(m->s, name, path);
    put_head(m, &head);
    const bool ok = write_file(path, buf_str(&head), buf_str(&m->samples), e) && shard_files_add(m->s->files, path, e);
    buf_free(&head);
    if (!ok) return false;
    put_entry(m, name, &m->s->files->all[m->s->files->n - 1]);
    m->shards++;
    m->n = m->samples.n = 0;
    return true;
}

static bool mds_put(void *self, const uint32_t *tokens, size_t n, struct err *e)
{
    struct mds *m = self;
    const size_t size = n * m->s->width, head = m->s->length ? 0 : HEAD;
    if (size > INT32_MAX) return err_set(e, ERR_DATA, "a sequence of %zu tokens is more than an MDS shard can say", n);
    if (m->n && m->samples.n + head + size > m->most && !end_shard(m, e)) return false;
    if (head) {
        const uint32_t follow = (uint32_t)(HEAD - 4 + size), count = (uint32_t)n;
        buf_put(&m->samples, (struct str){ (const char *)&follow, 4 });
        buf_putc(&m->samples, ONE_DIMENSION_U32);
        buf_put(&m->samples, (struct str){ (const char *)&count, 4 });
    }
    shard_narrow(&m->samples, tokens, n, m->s->width);
    if (m->n == m->cap) m->ends = mem_grow(m->ends, &m->cap, m->n + 1, sizeof *m->ends);
    m->ends[m->n++] = (uint32_t)m->samples.n;
    return true;
}

static bool mds_close(void *self, struct err *e)
{
    struct mds *m = self;
    char path[4096];
    path_of(m->s, "index.json", path);
    bool ok = !m->n || end_shard(m, e);
    buf_put(&m->index, m->shards ? S("], \"version\": 2}") : S("{\"shards\": [], \"version\": 2}"));
    ok = ok && file_write(path, buf_str(&m->index), e) && shard_files_add(m->s->files, path, e);
    mds_drop(m);
    return ok;
}

/* ---- reading ---- */

typedef bool token_fn(void *with, const uint32_t *tokens, size_t n);

static uint32_t get32(const char *p) { uint32_t x; memcpy(&x, p, 4); return x; }

/* The tokens of one sample; false when its own numbers do not agree. */
static bool sample_tokens(const struct shard_spec *s, struct str *sample)
{
    if (s->length) return sample->n == s->length * s->width;
    if (sample->n < HEAD || get32(sample->p) != sample->n - 4 || sample->p[4] != ONE_DIMENSION_U32) return false;
    const uint32_t n = get32(sample->p + 5);
    *sample = (struct str){ sample->p + HEAD, sample->n - HEAD };
    return sample->n == (uint64_t)n * s->width;
}

static bool read_shard(const struct shard_spec *s, const struct map *m, token_fn *each, void *with, struct err *e)
{
    const uint64_t n = m->n >= 8 ? get32(m->p) : UINT32_MAX;
    if (m->n / 4 < n + 2) return err_set(e, ERR_DATA, "it is shorter than its index");
    for (uint64_t i = 0; i < n; i++) {
        const uint32_t begin = get32(m->p + 4 * (i + 1)), end = get32(m->p + 4 * (i + 2));
        if (begin > end || begin < 4 * (n + 2) || end > m->n || (i + 1 == n && end != m->n))
            return err_set(e, ERR_DATA, "sample %llu is said to lie at bytes %u to %u of %zu", (unsigned long long)i,
                           begin, end, m->n);
        struct str sample = { m->p + begin, end - begin };
        if (!sample_tokens(s, &sample))
            return err_set(e, ERR_DATA, "sample %llu of %u bytes is not the tokens that its column says",
                           (unsigned long long)i, end - begin);
        shard_widen(sample, s->width, each, with);
    }
    return true;
}

static bool mds_read(const struct shard_spec *s, token_fn *each, void *with, struct err *e)
{
    char path[4096], name[32], quoted[40];
    struct buf b = { 0 };
    path_of(s, "index.json", path);
    bool ok = file_slurp(path, &b, INDEX_LIMIT, e) && (json_valid(buf_str(&b), e) || err_in(e, "%s", path));
    struct str rest = ok ? json_get(buf_str(&b), S("shards")) : (struct str){ NULL, 0 }, shard;
    for (size_t i = 0; ok && json_next(&rest, &shard); i++) {
        struct map m;
        name_of(i, name);
        path_of(s, name, path);
        snprintf(quoted, sizeof quoted, "\"%s\"", name);
        ok = str_eq(json_get(shard, S("raw_data.basename")), str_of(quoted))
             || err_set(e, ERR_DATA, "%s_mds/index.json: shard %zu is not %s", s->prefix, i, name);
        if (!ok || !(ok = map_open(&m, path, e))) break;
        ok = read_shard(s, &m, each, with, e) || err_in(e, "%s", path);
        map_close(&m);
    }
    buf_free(&b);
    return ok;
}

const struct shard_format shard_mds = { "mds", false, true, mds_open, mds_put, mds_close, mds_drop, mds_read };
