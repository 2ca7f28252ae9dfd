/* batch.c - what stages and sources say about documents.
 * SPDX-License-Identifier: Apache-2.0 */
#include "frame/batch.h"
#include "frame/tally.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct doc *batch_add(struct batch *b)
{
    b->docs = mem_grow(b->docs, &b->cap, b->n + 1, sizeof *b->docs);
    return b->docs[b->n++] = ZERO(&b->mem, struct doc, 1);
}

void batch_clear(struct batch *b)
{
    arena_reset(&b->mem);
    buf_reset(&b->in);
    buf_reset(&b->frame);
    buf_reset(&b->out);
    buf_reset(&b->packed);
    buf_reset(&b->drops);
    b->err = (struct err){ 0 };
    b->file = NULL;
    b->n = b->n_rejects = 0;
    b->consumed = b->n_lines = 0;
    b->placed = false;
    for (size_t i = 0; i < b->n_tallies; i++) tally_clear(&b->tallies[i]);
}

void batch_free(struct batch *b)
{
    for (size_t i = 0; i < b->n_tallies; i++) tally_free(&b->tallies[i]);
    arena_free(&b->mem);
    buf_free(&b->in);
    buf_free(&b->frame);
    buf_free(&b->out);
    buf_free(&b->packed);
    buf_free(&b->drops);
    free(b->docs);
    free(b->rejects);
    free(b->tallies);
    free(b->raw);
    free(b);
}

static void add_reject(struct batch *b, struct reject r)
{
    b->rejects = mem_grow(b->rejects, &b->cap_rejects, b->n_rejects + 1, sizeof *b->rejects);
    b->rejects[b->n_rejects++] = r;
}

void batch_reject_line(struct batch *b, uint64_t line, const char *reason, const char *detail)
{
    struct buf json = { 0 };
    buf_put(&json, S("\"detail\":"));
    json_put_string(&json, str_of(detail));
    add_reject(b, (struct reject){ .line = line, .reason = reason, .detail = str_copy(&b->mem, buf_str(&json)),
                                   .bad = true });
    buf_free(&json);
    b->tallies[0].in++;
    tally_reject(&b->tallies[0], reason, 1);
}

static struct str print(struct arena *mem, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    char *p = arena_alloc(mem, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return (struct str){ p, (size_t)n };
}

bool run_reject(struct doc *d, const char *reason, const char *evidence, ...)
{
    va_list ap;
    va_start(ap, evidence);
    struct str detail = print(d->mem, evidence, ap);
    va_end(ap);
    d->rejected = true;
    d->dropped = reason;
    add_reject(d->batch, (struct reject){ .line = d->origin, .reason = reason, .detail = detail, .bad = true });
    return true;
}

bool run_no_text(struct doc *d)
{
    struct buf field = { 0 };
    json_put_string(&field, str_of(d->text_field));
    run_reject(d, "no-text", "\"field\":%.*s", (int)field.n, field.p);
    buf_free(&field);
    return true;
}

struct doc *batch_doc(struct batch *b)
{
    struct doc *d = batch_add(b);
    doc_new(d, &b->mem, "text");
    d->batch = b;
    d->origin = b->n;
    return d;
}

struct arena *batch_mem(struct batch *b)
{
    return &b->mem;
}

void *batch_raw(struct batch *b, size_t size)
{
    if (!b->raw) b->raw = mem_zero(1, size);
    return b->raw;
}

int batch_worker(const struct batch *b)
{
    return b->worker;
}

void batch_reject(struct batch *b, bool bad, const char *reason, const char *where, const char *detail, ...)
{
    va_list ap;
    va_start(ap, detail);
    struct str text = print(&b->mem, detail, ap);
    va_end(ap);
    add_reject(b,
               (struct reject){ .place = str_c(&b->mem, str_of(where)), .reason = reason, .detail = text, .bad = bad });
    b->tallies[0].in++;
    if (bad) tally_reject(&b->tallies[0], reason, 1);
    else tally_drop(&b->tallies[0], reason, 1);
}

void batch_consumed(struct batch *b, uint64_t bytes)
{
    b->consumed += bytes;
}

void batch_place(struct batch *b, struct place p)
{
    b->place = p;
    b->placed = true;
}
