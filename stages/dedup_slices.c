/* dedup_slices.c - dedup on many machines: the keys of a slice, what goes over all slices, a slice without it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/keys.h"
#include "frame/stage.h"

#include <stdlib.h>

/* ---- part ---- */

static struct exact_options popt = EXACT_DEFAULTS;
static const struct opt part_options[] = { EXACT_ROWS(popt), { END } };

struct part { struct exact exact; struct keys_out *out; };

static void part_free(void *self)
{
    struct part *s = self;
    keys_drop(s->out);
    free(s);
}

static void *part_open(const struct run *r, struct err *e)
{
    struct part *s = mem_zero(1, sizeof *s);
    s->exact = exact_of(&popt, r->text_field);
    if (r->plan || (s->out = keys_create(&s->exact, r->output, r->memory, r->threads, e))) return s;
    part_free(s);
    return NULL;
}

static bool part_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct part *s = self;
    return exact_keys(&s->exact, d);
}

static bool part_turn(void *self, struct doc *d, struct err *e)
{
    struct part *s = self;
    return keys_doc(s->out, d, e);
}

static bool part_close(void *self, struct err *e)
{
    struct part *s = self;
    struct keys_out *out = s->out;
    s->out = NULL;
    return keys_done(out, e);
}

const struct stage stage_dedup_part = {
    .place = 206, .name = "dedup part", .brief = "dedup on many machines: the keys of one slice",
    .text = "Writes the keys of a slice's documents, or of their lines, sorted. Give every slice the same options.",
    .memory = "up to --memory, past it sorted runs in $TMPDIR",
    .example = "  tamis dedup part --by line 3.jsonl.zst -o 3.keys",
    .see = "dedup merge, dedup apply", .sink = true, .writes = "KEYS",
    .options = part_options, .open = part_open, .each = part_each, .turn = part_turn, .close = part_close,
    .free = part_free,
};

/* ---- merge ---- */

static struct { int keep; long old; const char *range; } mopt;
static const struct opt merge_options[] = {
    {  0 , "keep",  PICK(&mopt.keep),  "first|none", "of equal ones; none: drop every copy" },
    {  0 , "old",   INT(&mopt.old),    "K",          "the first K files are of former runs, whose documents stay", .max = 1e9 },
    {  0 , "range", TEXT(&mopt.range), "R/M",        "only part R of M of the hashes" },
    { END }
};

static bool merge_command(const struct run *r, struct err *e)
{
    struct keys_job j = { .files = r->files, .n_old = (size_t)mopt.old, .keep = mopt.keep, .memory = r->memory,
                          .threads = r->threads };
    struct keys_tally t;
    if (!range_parse(&j.range, mopt.range, e)) return false;
    if (!keys_merge(&j, r->output, &t, e)) return false;
    return r->quiet || printf("%llu keys, %llu go\n", (unsigned long long)t.keys, (unsigned long long)t.cuts) > 0;
}

const struct stage stage_dedup_merge = {
    .place = 207, .name = "dedup merge", .brief = "dedup on many machines: what goes, over all slices",
    .usage = "KEYS... -o CUTS",
    .text = "Takes what dedup part wrote, in the order of the slices; @LIST names files, one a line. The hashes may be shared out by --range.",
    .memory = "up to --memory, past it sorted runs in $TMPDIR",
    .example = "  tamis dedup merge --range 0/2 0.keys 1.keys -o 0.cuts", .see = "dedup part, dedup apply",
    .reads_files = true, .writes = "CUTS", .options = merge_options, .command = merge_command,
};

/* ---- apply ---- */

static struct {
    struct exact_options exact;
    const char *cuts;
    long slice;
    bool annotate;
} aopt = { .exact = EXACT_DEFAULTS };
static const struct opt apply_options[] = {
    EXACT_ROWS(aopt.exact),
    {  0 , "cuts",     TEXT(&aopt.cuts),  "FILE,...", "what dedup merge wrote: all ranges; @LIST names files", .required = true },
    {  0 , "slice",    INT(&aopt.slice),  "I",        "which of merge's slices this is, from 0, old ones not counted", .max = 1e9 },
    {  0 , "annotate", FLAG(&aopt.annotate),          "add \"duplicate_of\" or \"duplicate_lines\", drop none" },
    { END }
};

struct apply { struct exact exact; struct cuts cuts; bool annotate; };

static void apply_free(void *self)
{
    struct apply *s = self;
    cuts_close(&s->cuts);
    free(s);
}

static void *apply_open(const struct run *r, struct err *e)
{
    struct apply *s = mem_zero(1, sizeof *s);
    s->exact = exact_of(&aopt.exact, r->text_field);
    s->annotate = aopt.annotate;
    if (!cuts_open(&s->cuts, aopt.cuts, keys_cuts(&s->exact), (uint64_t)aopt.slice, r->memory, r->threads, e)) {
        free(s);
        return NULL;
    }
    *r->expected = s->cuts.docs;
    return s;
}

static bool apply_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct apply *s = self;
    return !exact_pieces(&s->exact) || exact_keys(&s->exact, d);
}

static bool apply_pieces(struct apply *s, struct doc *d, struct err *e)
{
    const struct cut_pieces *c = d->note;
    bool *stays = NEW(d->mem, bool, c->n);
    memset(stays, 1, c->n);
    for (struct cut cut; cuts_next(&s->cuts, d->row, d->mem, &cut, e); ) {
        uint32_t piece;
        memcpy(&piece, cut.payload, 4);
        if (piece >= c->n)
            return err_set(e, ERR_DATA, "document %llu has not the pieces that dedup part saw",
                           (unsigned long long)d->row);
        stays[piece] = false;
    }
    exact_cut(&s->exact, d, stays, s->annotate);
    return !e->kind;
}

static bool apply_turn(void *self, struct doc *d, struct err *e)
{
    struct apply *s = self;
    struct cut cut;
    if (exact_pieces(&s->exact)) return apply_pieces(s, d, e);
    if (!cuts_next(&s->cuts, d->row, d->mem, &cut, e)) return !e->kind;
    if (s->cuts.mode == KEEP_NONE) exact_copies(&s->exact, d);
    else exact_twin(&s->exact, d, cut.twin, s->annotate);
    return true;
}

const struct stage stage_dedup_apply = {
    .place = 208, .name = "dedup apply", .brief = "dedup on many machines: one slice without exact duplicates",
    .text = "All slices together are the documents that tamis dedup writes on one machine. Give it the options of dedup part.",
    .memory = "the slice's cuts, up to --memory, past it in $TMPDIR",
    .example = "  tamis dedup apply --by line --cuts 0.cuts,1.cuts --slice 3 3.jsonl.zst -o clean-3.jsonl.zst",
    .see = "dedup part, dedup merge", .as = "dedup",
    .options = apply_options, .open = apply_open, .each = apply_each, .turn = apply_turn,
    .free = apply_free, .by_row = true,
};
