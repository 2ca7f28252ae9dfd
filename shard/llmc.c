/* llmc.c - llm.c's token files: PREFIX_000000.bin, PREFIX_000001.bin ... (shard/format.h).
 * SPDX-License-Identifier: Apache-2.0 */
#include "shard/format.h"
#include "shard/file.h"

#include <stdio.h>
#include <stdlib.h>

extern const struct shard_format shard_llmc;

enum { HEAD = 256, MAGIC_16 = 20240520, VERSION_16 = 1, MAGIC_32 = 20240801, VERSION_32 = 7, FILE_TOKENS = INT32_MAX };
/* n: files begun; tokens: in this one */
struct llmc {
    struct shard_file file;
    size_t n, width;
    const char *prefix;
    struct shard_files *files;
    uint64_t tokens, most;
};

static void path_of(const char *prefix, size_t i, char path[4096]) { snprintf(path, 4096, "%s_%06zu.bin", prefix, i); }

static void llmc_drop(void *self)
{
    struct llmc *l = self;
    shard_file_drop(&l->file);
    free(l);
}

static bool next_file(struct llmc *l, struct err *e)
{
    char path[4096];
    const int32_t head[HEAD] = { 0 };
    path_of(l->prefix, l->n++, path);
    l->tokens = 0;
    return shard_file_open(&l->file, path, e)
        && shard_file_put(&l->file, (struct str){ (const char *)head, sizeof head }, e);
}

/* The count is known at the end. */
static bool end_file(struct llmc *l, struct err *e)
{
    char path[4096];
    path_of(l->prefix, l->n - 1, path);
    const int32_t head[3] = { l->width == 2 ? MAGIC_16 : MAGIC_32, l->width == 2 ? VERSION_16 : VERSION_32,
                              (int32_t)l->tokens };
    return shard_file_flush(&l->file, e) && output_patch(l->file.out, 0,
                                                         (struct str){ (const char *)head, sizeof head }, e)
                                                         && shard_file_done(&l->file, e)
        && shard_files_add(l->files, path, e);
}

static void *llmc_open(const struct shard_spec *s, struct err *e)
{
    struct llmc *l = mem_zero(1, sizeof *l);
    *l = (struct llmc){ .width = s->width, .prefix = s->prefix, .files = s->files,
                         .most = s->shard_tokens && s->shard_tokens < FILE_TOKENS ? s->shard_tokens : FILE_TOKENS };
    if (next_file(l, e)) return l;
    llmc_drop(l);
    return NULL;
}

static bool llmc_put(void *self, const uint32_t *tokens, size_t n, struct err *e)
{
    struct llmc *l = self;
    while (n) {
        if (l->tokens == l->most && (!end_file(l, e) || !next_file(l, e))) return false;
        const size_t some = n < l->most - l->tokens ? n : (size_t)(l->most - l->tokens);
        if (!shard_file_tokens(&l->file, tokens, some, l->width, e)) return false;
        l->tokens += some;
        tokens += some;
        n -= some;
    }
    return true;
}

static bool llmc_close(void *self, struct err *e)
{
    const bool ok = end_file(self, e);
    llmc_drop(self);
    return ok;
}

/* ---- reading ---- */

static bool read_file(const struct map *m, bool (*each)(void *with, const uint32_t *tokens, size_t n), void *with,
                      struct err *e)
{
    int32_t head[3];
    if (m->n < HEAD * sizeof *head) return err_set(e, ERR_DATA, "it is shorter than its header");
    memcpy(head, m->p, sizeof head);
    const size_t width = head[0] == MAGIC_16 && head[1] == VERSION_16 ? 2 : head[0] == MAGIC_32
                         && head[1] == VERSION_32 ? 4 : 0;
    const struct str tokens = { m->p + HEAD * sizeof *head, m->n - HEAD * sizeof *head };
    if (!width) return err_set(e, ERR_DATA, "its magic and version are %d, %d", head[0], head[1]);
    if (head[2] < 0 || tokens.n != (size_t)head[2] * width)
        return err_set(e, ERR_DATA, "its header says %d tokens, there are %zu bytes", head[2], tokens.n);
    shard_widen(tokens, width, each, with);
    return true;
}

static bool llmc_read(const struct shard_spec *s, bool (*each)(void *with, const uint32_t *tokens, size_t n),
                      void *with, struct err *e)
{
    char path[4096];
    for (size_t i = 0; ; i++) {
        struct map m;
        path_of(s->prefix, i, path);
        if (i && !file_exists(path)) return true;
        if (!map_open(&m, path, e)) return false;
        const bool ok = read_file(&m, each, with, e);
        map_close(&m);
        if (!ok) return err_in(e, "%s", path);
    }
}

const struct shard_format shard_llmc = { "llmc", true, false, llmc_open, llmc_put, llmc_close, llmc_drop, llmc_read };
