/* docs.c - read and write documents: convert, take the first, a sample, some fields; count.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.h"
#include "core/rng.h"
#include "frame/stage.h"

#include <stdlib.h>

static struct { long head; double sample; const char *select; bool count; } opt = { .head = 0, .sample = 1 };
static const struct opt options[] = {
    { 'n', "head",   INT(&opt.head),    "N",         "only the first N documents; 0 means all", .max = 1e15 },
    {  0 , "sample", REAL(&opt.sample), "P",         "this share of them, chosen by id and --seed", .max = 1 },
    { 's', "select", TEXT(&opt.select), "FIELD,...", "only these fields, in this order" },
    { 'c', "count",  FLAG(&opt.count),               "print how many there are, and write none" },
    { END }
};

struct docs {
    uint64_t head, seed;
    const uint64_t *rows;
    double sample;
    const char **fields;
    size_t n_fields;
    bool count;
    char *names;
};

static void select_fields(struct docs *s, const char *list)
{
    size_t cap = 0;
    s->names = strcpy(mem_alloc(strlen(list) + 1, 1), list);
    for (char *p = strtok(s->names, ","); p; p = strtok(NULL, ",")) {
        s->fields = mem_grow(s->fields, &cap, s->n_fields + 1, sizeof *s->fields);
        s->fields[s->n_fields++] = p;
    }
}

static void *docs_open(const struct run *r, struct err *e)
{
    (void)e;
    struct docs *s = mem_zero(1, sizeof *s);
    *s = (struct docs){ .head = (uint64_t)opt.head, .seed = r->seed, .rows = r->rows, .sample = opt.sample,
                        .count = opt.count };
    if (opt.select) select_fields(s, opt.select);
    *r->no_output |= opt.count;
    return s;
}

/* The same documents whatever their order: chosen by id, or by the whole line where there is none. */
static bool in_sample(const struct docs *s, const struct doc *d)
{
    struct str id = doc_id(d);
    uint64_t h = hash64(id.p ? id : d->line, 0);
    return rng_unit(rng_at(s->seed, h, 0)) < s->sample;
}

static void keep_selected(const struct docs *s, struct doc *d)
{
    struct doc_field *kept = NEW(d->mem, struct doc_field, s->n_fields);
    size_t n = 0;
    for (size_t i = 0; i < s->n_fields; i++) {
        struct str v = doc_get(d, s->fields[i]);
        if (v.p) kept[n++] = (struct doc_field){ str_of(s->fields[i]), v, { 0 } };
    }
    d->line = (struct str){ 0 };
    d->fields = kept;
    d->n = d->cap = n;
}

static bool docs_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct docs *s = self;
    if (s->sample < 1 && !in_sample(s, d)) doc_drop(d, "sample", "\"sample\":%g", s->sample);
    else if (s->n_fields) keep_selected(s, d);
    return true;
}

static bool docs_turn(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct docs *s = self;
    if (s->head && d->row >= s->head) doc_drop(d, "head", "\"head\":%llu", (unsigned long long)s->head);
    return true;
}

static bool docs_close(void *self, struct err *e)
{
    (void)e;
    const struct docs *s = self;
    const uint64_t n = s->head && *s->rows > s->head ? s->head : *s->rows;
    if (s->count) printf("%llu\n", (unsigned long long)n);
    return true;
}

static void docs_free(void *self)
{
    struct docs *s = self;
    free(s->fields);
    free(s->names);
    free(s);
}

const struct stage stage_docs = {
    .place = 150, .name = "docs", .brief = "read and write documents: convert, sample, select, count",
    .text = "Reads .jsonl, .jsonl.gz and .jsonl.zst, by what is in them, and writes what --output is called.",
    .example = "  tamis docs --sample 0.01 --select id,text corpus.jsonl.gz -o sample.jsonl.zst",
    .options = options, .open = docs_open, .each = docs_each, .turn = docs_turn, .close = docs_close, .free = docs_free,
    .by_row = true,
};
