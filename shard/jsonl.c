/* jsonl.c - a sequence a line, {"tokens":[1,2,3]}: PREFIX.jsonl.zst (shard/format.h).
 * SPDX-License-Identifier: Apache-2.0 */
#include "shard/format.h"

#include "shard/file.h"
#include "record/json.h"

#include <stdio.h>
#include <stdlib.h>

extern const struct shard_format shard_jsonl;

enum { FRAME = 1 << 20, PIECE = 1 << 16 };
struct jsonl { const struct shard_spec *s; struct output *out; struct buf lines; };

static void path_of(const struct shard_spec *s, char path[4096]) { snprintf(path, 4096, "%s.jsonl.zst", s->prefix); }

static void jsonl_drop(void *self)
{
    struct jsonl *j = self;
    if (j->out) output_drop(j->out);
    buf_free(&j->lines);
    free(j);
}

static void *jsonl_open(const struct shard_spec *s, struct err *e)
{
    char path[4096];
    path_of(s, path);
    struct jsonl *j = mem_zero(1, sizeof *j);
    j->s = s;
    if ((j->out = output_open(path, e))) return j;
    jsonl_drop(j);
    return NULL;
}

static bool flush(struct jsonl *j, struct err *e)
{
    const bool ok = !j->lines.n || output_write(j->out, buf_str(&j->lines), e);
    buf_reset(&j->lines);
    return ok;
}

static bool jsonl_put(void *self, const uint32_t *tokens, size_t n, struct err *e)
{
    struct jsonl *j = self;
    buf_put(&j->lines, S("{\"tokens\":["));
    for (size_t i = 0; i < n; i++) buf_printf(&j->lines, i ? ",%u" : "%u", tokens[i]);
    buf_put(&j->lines, S("]}\n"));
    return j->lines.n < FRAME || flush(j, e);
}

static bool jsonl_close(void *self, struct err *e)
{
    struct jsonl *j = self;
    char path[4096];
    path_of(j->s, path);
    bool ok = flush(j, e);
    if (ok) { ok = output_done(j->out, e) && shard_files_add(j->s->files, path, e); j->out = NULL; }
    jsonl_drop(j);
    return ok;
}

static bool read_line(struct str line, bool (*each)(void *with, const uint32_t *tokens, size_t n), void *with,
                      struct err *e)
{
    if (!json_valid(line, e)) return false;
    struct str rest = json_get(line, S("tokens"));
    for (struct str item; json_next(&rest, &item); ) {
        int64_t x;
        if (!json_integer(item, &x) || x < 0 || x > UINT32_MAX)
            return err_set(e, ERR_DATA, "%.*s is no token", (int)(item.n < 40 ? item.n : 40), item.p);
        const uint32_t token = (uint32_t)x;
        each(with, &token, 1);
    }
    return true;
}

static bool jsonl_read(const struct shard_spec *s, bool (*each)(void *with, const uint32_t *tokens, size_t n),
                       void *with, struct err *e)
{
    char path[4096];
    path_of(s, path);
    struct buf b = { 0 };
    struct input *in = input_open(path, e);
    for (size_t got = 1; in && got && !e->kind; ) {
        got = input_read(in, buf_room(&b, PIECE), PIECE, e);
        b.n += got;
        struct str rest = buf_str(&b), line;
        for (const char *end; (end = memchr(rest.p, '\n', rest.n)) && !e->kind; rest = str_span(end + 1, b.p + b.n)) {
            line = str_span(rest.p, end);
            if (!read_line(line, each, with, e)) err_in(e, "%s", path);
        }
        memmove(b.p, rest.p, rest.n);
        b.n = rest.n;
    }
    if (in) input_close(in);
    buf_free(&b);
    return !e->kind;
}

const struct shard_format shard_jsonl = { "jsonl", false, false, jsonl_open, jsonl_put, jsonl_close, jsonl_drop,
                                          jsonl_read };
