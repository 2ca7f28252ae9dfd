/* drops.c - a file of drops into a table.
 * SPDX-License-Identifier: Apache-2.0 */
#include "report/drops.h"

#include <stdlib.h>

/* files: NULL at the end. */
static bool each_of(const struct run *r, char **files, each_doc_fn *fn, void *ctx, struct err *e)
{
    struct run plain = { .text_field = r->text_field, .shards = 1, .threads = 1 };
    struct reader *rd = reader_open(&plain, files, e);
    for (struct doc *d; rd && (d = reader_next(rd, e)) && fn(ctx, d, e); ) continue;
    reader_close(rd);
    return !e->kind;
}

bool each_doc(const struct run *r, const char *path, each_doc_fn *fn, void *ctx, struct err *e)
{
    struct arena mem = { 0 };
    char *files[] = { str_c(&mem, str_of(path)), NULL };
    const bool ok = each_of(r, files, fn, ctx, e);
    arena_free(&mem);
    return ok;
}

static bool each_slice(const struct run *r, const struct trail_step *first, bool dropped, each_doc_fn *fn, void *ctx,
                       struct err *e)
{
    struct arena mem = { 0 };
    char **files = ZERO(&mem, char *, first->slices + 1);
    size_t n = 0;
    for (const struct trail_step *s = first; s; s = s->next) {
        const char *path = dropped ? s->drops : s->path;
        if (path) files[n++] = str_c(&mem, str_of(path));
    }
    const bool ok = !n || each_of(r, files, fn, ctx, e);
    arena_free(&mem);
    return ok;
}

bool each_made(const struct run *r, const struct trail_step *s, each_doc_fn *fn, void *ctx, struct err *e)
{
    return each_slice(r, s, false, fn, ctx, e);
}

bool each_drop(const struct run *r, const struct trail_step *s, each_doc_fn *fn, void *ctx, struct err *e)
{
    return each_slice(r, s, true, fn, ctx, e);
}

struct wanted { struct drops *drops; struct str stage, reason; };

static bool take(void *ctx, struct doc *d, struct err *e)
{
    const struct wanted *w = ctx;
    struct drops *s = w->drops;
    struct str stage, reason;
    const struct str id = doc_id(d);
    if (!id.p || !doc_string(d, "stage", &stage) || !str_eq(stage, w->stage)) return true;
    if (!doc_string(d, "reason", &reason) || (w->reason.p && !str_eq(reason, w->reason))) return true;
    uint32_t k = vocab_find(&s->ids, id);
    if (k == VOCAB_NONE) {
        if (s->ids.n == VOCAB_MAX)
            return err_set(e, ERR_DATA, "more than %d documents were dropped: take one reason at a time", VOCAB_MAX);
        vocab_set(&s->ids, k = (uint32_t)s->ids.n, id);
        s->evidence = mem_grow(s->evidence, &s->cap_evidence, s->ids.n, sizeof *s->evidence);
        s->count = mem_grow(s->count, &s->cap_count, s->ids.n, sizeof *s->count);
        s->evidence[k] = str_copy(&s->mem, d->line);
        s->count[k] = 0;
    }
    s->count[k]++;
    s->n++;
    return true;
}

bool drops_read(struct drops *d, const struct run *r, const char *path, struct str stage, struct str reason,
                struct err *e)
{
    *d = (struct drops){ 0 };
    struct wanted w = { d, stage, reason };
    return each_doc(r, path, take, &w, e);
}

bool drops_read_step(struct drops *d, const struct run *r, const struct trail_step *s, size_t stage, struct str reason,
                     struct err *e)
{
    *d = (struct drops){ 0 };
    struct wanted w = { d, stage_work(&s->stages[stage]), reason };
    return each_drop(r, s, take, &w, e);
}

uint32_t drops_of(const struct drops *d, struct str id)
{
    return id.p && d->ids.n ? vocab_find(&d->ids, id) : VOCAB_NONE;
}

void drops_free(struct drops *d)
{
    vocab_free(&d->ids);
    arena_free(&d->mem);
    free(d->evidence);
    free(d->count);
}
