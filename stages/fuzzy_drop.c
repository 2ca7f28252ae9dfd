/* fuzzy_drop.c - one slice without the documents that fuzzy group found to go.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/verdicts.h"
#include "frame/stage.h"

#include <stdlib.h>

static struct { const char *groups; long slice; bool annotate; } opt;
static const struct opt options[] = {
    { 'g', "groups",   TEXT(&opt.groups), "FILE", "what fuzzy group wrote", .required = true },
    {  0 , "slice",    INT(&opt.slice),   "I",    "which of its slices this is, from 0", .max = 1e9 },
    {  0 , "annotate", FLAG(&opt.annotate),       "drop none, write \"group\" instead" },
    { END }
};

struct drop { struct verdicts verdicts; struct buf name; bool annotate; };

static void drop_free(void *self)
{
    struct drop *s = self;
    verdicts_close(&s->verdicts);
    buf_free(&s->name);
    free(s);
}

static void *drop_open(const struct run *r, struct err *e)
{
    struct drop *s = mem_zero(1, sizeof *s);
    s->annotate = opt.annotate;
    if (!verdicts_open(&s->verdicts, opt.groups, (uint64_t)opt.slice, e)) {
        drop_free(s);
        return NULL;
    }
    *r->expected = s->verdicts.n;
    return s;
}

static bool drop_turn(void *self, struct doc *d, struct err *e)
{
    struct drop *s = self;
    struct verdict v;
    if (!verdicts_read(&s->verdicts, d->row, &v, &s->name, e)) return false;
    verdict_apply(d, v, s->verdicts.base + d->row, buf_str(&s->name), s->annotate);
    return true;
}

const struct stage stage_fuzzy_drop = {
    .place = 243, .name = "fuzzy drop", .brief = "fuzzy on many machines: one slice without near-duplicates",
    .text = "All slices together are the documents that tamis fuzzy writes on one machine.",
    .example = "  tamis fuzzy drop --groups all.groups --slice 3 slice-3.jsonl.zst -o clean-3.jsonl.zst",
    .see = "fuzzy sign, fuzzy group",
    .as = "fuzzy", .options = options, .open = drop_open, .turn = drop_turn, .free = drop_free,
    .by_row = true,
};
