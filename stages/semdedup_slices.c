/* semdedup_slices.c - semdedup on many machines: the vectors of a slice by cluster, what goes of some clusters, a slice
 * without it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/gather.h"
#include "cluster/stay.h"
#include "frame/stage.h"

#include <stdlib.h>

/* ---- part ---- */

static struct { const char *matrix, *stay; long first; } popt = { .stay = "far" };
static const struct opt part_options[] = {
    { 'm', "matrix",    TEXT(&popt.matrix), "FILE.npy",              "the slice's vectors, by \"row\"", .required = true },
    {  0 , "first-row", INT(&popt.first),   "N",                     "the number of its first row", .max = 1e15 },
    {  0 , "stay",      TEXT(&popt.stay),   "far|near|first|best:F", "of duplicates stays: by distance, place, or field F" },
    { END }
};

struct part { struct matrix x; size_t first; struct stay stay; struct gather_out *out; };

static void part_free(void *self)
{
    struct part *s = self;
    gather_drop(s->out);
    matrix_close(&s->x);
    free(s);
}

static void *part_open(const struct run *r, struct err *e)
{
    struct part *s = mem_zero(1, sizeof *s);
    s->first = (size_t)popt.first;
    bool ok = stay_parse(&s->stay, popt.stay, e) && rows_open_slice(&s->x, popt.matrix, e);
    if (ok && (r->plan || (s->out = gather_create(r->output, &s->x, r->memory, r->threads, e)))) return s;
    part_free(s);
    return NULL;
}

static bool part_turn(void *self, struct doc *d, struct err *e)
{
    struct part *s = self;
    size_t at, cluster;
    if (!rows_of(d, &s->x, s->first, &at))
        return err_set(e, ERR_DATA, "document %llu has no \"row\" of the matrix\nhint: tamis embed adds it; --first-row says where a slice's begin", (unsigned long long)d->row);
    if (!rows_field(d, "cluster", INT32_MAX, &cluster))
        return err_set(e, ERR_DATA, "document %llu has no \"cluster\"\nhint: tamis kmeans apply adds it",
                       (unsigned long long)d->row);
    struct gathered g = { (uint32_t)cluster, (uint32_t)at, s->first + at, (float)stay_rank(&s->stay, d), doc_id(d) };
    return gather_put(s->out, &g, e);
}

static bool part_close(void *self, struct err *e)
{
    struct part *s = self;
    struct gather_out *out = s->out;
    s->out = NULL;
    return gather_done(out, e);
}

const struct stage stage_semdedup_part = {
    .place = 331, .name = "semdedup part", .brief = "semdedup on many machines: the vectors of one slice by cluster",
    .text = "Reads \"row\", \"cluster\" and \"distance\". Give every slice the same options.",
    .memory = "up to --memory, past it sorted vectors in $TMPDIR",
    .example = "  tamis semdedup part -m 3.npy --first-row 30000 3.jsonl.zst -o 3.members",
    .see = "semdedup merge, semdedup apply", .sink = true, .writes = "MEMBERS",
    .options = part_options, .open = part_open, .turn = part_turn, .close = part_close, .free = part_free,
};

/* ---- merge ---- */

static struct {
    double epsilon, keep;
    long sample;
    bool chained, find;
    const char *range;
} mopt = { .epsilon = 0.07, .sample = 20000 };
static const struct opt merge_options[] = {
    { 'e', "epsilon", REAL(&mopt.epsilon), "E",   "a pair with cosine above 1 - E is a duplicate", .max = 2 },
    {  0 , "keep",    REAL(&mopt.keep),    "P",   "find the E that keeps this share; 0 means --epsilon", .max = 1 },
    {  0 , "sample",  INT(&mopt.sample),   "N",   "documents, in whole clusters, to find it on", .min = 1, .max = 1e9 },
    {  0 , "chained", FLAG(&mopt.chained),        "likeness to a dropped document drops too, as in the paper" },
    {  0 , "find",    FLAG(&mopt.find),           "only find E for --keep and write it, a number, to -o" },
    {  0 , "range",   TEXT(&mopt.range),   "R/M", "only part R of M of the clusters" },
    { END }
};

static bool write_epsilon(const struct gather_job *j, const char *path, struct err *e)
{
    double epsilon;
    struct arena mem = { 0 };
    if (j->keep <= 0) return err_set(e, ERR_USAGE, "--find needs --keep");
    if (!gather_epsilon(j, &epsilon, e)) return false;
    struct output *o = output_open(path, e);
    bool ok = o && output_write(o, str_printf(&mem, "%.17g\n", epsilon), e);
    arena_free(&mem);
    if (ok) return output_done(o, e);
    output_drop(o);
    return false;
}

static bool merge_command(const struct run *r, struct err *e)
{
    struct gather_job j = { .files = r->files, .how = { NULL, mopt.epsilon, mopt.chained, r->threads },
                            .keep = mopt.keep,
                            .sample = (size_t)mopt.sample, .memory = r->memory, .seed = r->seed };
    struct gather_tally t;
    if (!range_parse(&j.range, mopt.range, e)) return false;
    if (mopt.find) return write_epsilon(&j, r->output, e);
    if (!gather_merge(&j, r->output, &t, e)) return false;
    return r->quiet || printf("epsilon %.6f keeps %llu of %llu\n", t.epsilon, (unsigned long long)(t.members - t.go),
                              (unsigned long long)t.members) > 0;
}

const struct stage stage_semdedup_merge = {
    .place = 332, .name = "semdedup merge", .brief = "semdedup on many machines: what goes of all clusters, or some",
    .usage = "MEMBERS... -o CUTS",
    .text = "Takes what semdedup part wrote, in the order of the slices; @LIST names files, one a line. Clusters may be shared out by --range.",
    .memory = "up to --memory, or the largest cluster; past it sorted vectors in $TMPDIR",
    .example = "  tamis semdedup merge --epsilon 0.07 --range 0/2 0.members 1.members -o 0.cuts",
    .see = "semdedup part, semdedup apply",
    .reads_files = true, .writes = "CUTS", .options = merge_options, .command = merge_command,
};

/* ---- apply ---- */

static struct { const char *cuts; long slice; bool annotate; } aopt;
static const struct opt apply_options[] = {
    {  0 , "cuts",     TEXT(&aopt.cuts),  "FILE,...", "what semdedup merge wrote: all ranges; @LIST names files", .required = true },
    {  0 , "slice",    INT(&aopt.slice),  "I",        "which of merge's slices this is, from 0", .max = 1e9 },
    {  0 , "annotate", FLAG(&aopt.annotate),          "drop none; add \"group\", the row of the one that stays" },
    { END }
};

struct apply { struct cuts cuts; bool annotate; };

static void apply_free(void *self)
{
    struct apply *s = self;
    cuts_close(&s->cuts);
    free(s);
}

static void *apply_open(const struct run *r, struct err *e)
{
    struct apply *s = mem_zero(1, sizeof *s);
    s->annotate = aopt.annotate;
    if (!cuts_open(&s->cuts, aopt.cuts, gather_cuts(), (uint64_t)aopt.slice, r->memory, r->threads, e)) {
        free(s);
        return NULL;
    }
    *r->expected = s->cuts.docs;
    return s;
}

static void drop(struct doc *d, const struct cut *cut)
{
    struct buf twin = { 0 };
    uint32_t cluster;
    float cosine;
    uint64_t row;
    memcpy(&cluster, cut->payload, 4);
    memcpy(&cosine, (const char *)cut->payload + 4, 4);
    memcpy(&row, (const char *)cut->payload + 8, 8);
    if (cut->twin.p) json_put_string(&twin, cut->twin); else buf_put(&twin, S("null"));
    doc_drop(d, "semantic-duplicate", "\"cluster\":%u,\"twin\":%.*s,\"twin_row\":%llu,\"cosine\":%.6f", cluster,
             (int)twin.n, twin.p, (unsigned long long)row, (double)cosine);
    buf_free(&twin);
}

static bool apply_turn(void *self, struct doc *d, struct err *e)
{
    struct apply *s = self;
    struct cut cut;
    int64_t row = 0;
    const bool goes = cuts_next(&s->cuts, d->row, d->mem, &cut, e);
    if (!s->annotate) { if (goes) drop(d, &cut); }
    else if (goes) { memcpy(&row, (const char *)cut.payload + 8, 8); doc_put_int(d, "group", row); }
    else if (json_integer(doc_get(d, "row"), &row)) doc_put_int(d, "group", row);
    return !e->kind;
}

const struct stage stage_semdedup_apply = {
    .place = 333, .name = "semdedup apply", .brief = "semdedup on many machines: one slice without semantic duplicates",
    .text = "All slices together are the documents that tamis semdedup writes on one machine.",
    .memory = "the slice's cuts, up to --memory, past it in $TMPDIR",
    .example = "  tamis semdedup apply --cuts 0.cuts,1.cuts --slice 3 3.jsonl.zst -o out.jsonl.zst",
    .see = "semdedup part, semdedup merge", .as = "semdedup",
    .options = apply_options, .open = apply_open, .turn = apply_turn, .free = apply_free,
    .by_row = true,
};
