/* prototype_slices.c - prototype on many machines: the distances of a slice, where all are cut, a slice without
 * prototypes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/rank.h"
#include "frame/stage.h"

#include <stdlib.h>

/* What prototype reads of a document; tells what is missing. */
static bool read_place(const struct doc *d, uint32_t *cluster, float *distance, struct err *e)
{
    double far;
    int64_t c;
    if (!json_number(doc_get(d, "distance"), &far) || !json_integer(doc_get(d, "cluster"), &c) || c < 0
        || c > UINT32_MAX)
        return err_set(e, ERR_DATA,
                       "document %llu has no \"cluster\" and \"distance\"\nhint: tamis kmeans apply adds them",
                       (unsigned long long)d->row);
    *distance = (float)far;
    *cluster = (uint32_t)c;
    return true;
}

/* ---- part ---- */

static const struct opt part_options[] = { { END } };

struct part { struct rank_out *out; };

static void part_free(void *self)
{
    struct part *s = self;
    rank_drop(s->out);
    free(s);
}

static void *part_open(const struct run *r, struct err *e)
{
    struct part *s = mem_zero(1, sizeof *s);
    if (r->plan || (s->out = rank_create(r->output, e))) return s;
    free(s);
    return NULL;
}

static bool part_turn(void *self, struct doc *d, struct err *e)
{
    struct part *s = self;
    uint32_t cluster = 0;
    float distance = 0;
    return read_place(d, &cluster, &distance, e) && rank_put(s->out, cluster, distance, e);
}

static bool part_close(void *self, struct err *e)
{
    struct part *s = self;
    struct rank_out *out = s->out;
    s->out = NULL;
    return rank_done(out, e);
}

const struct stage stage_prototype_part = {
    .place = 341, .name = "prototype part", .brief = "prototype on many machines: the distances of one slice",
    .text = "Writes \"cluster\" and \"distance\" of a slice's documents.",
    .example = "  tamis prototype part 3.jsonl.zst -o 3.far",
    .see = "prototype merge, prototype apply", .sink = true, .writes = "FAR",
    .options = part_options, .open = part_open, .turn = part_turn, .close = part_close, .free = part_free,
};

/* ---- merge ---- */

static struct { double keep; int end; bool per_cluster; } mopt = { .keep = 0.8 };
static const struct opt merge_options[] = {
    { 'k', "keep",        REAL(&mopt.keep),        "P",        "this share of the documents, exactly", .max = 1 },
    {  0 , "drop",        PICK(&mopt.end),         "near|far", "which end goes: the prototypes or the outliers" },
    {  0 , "per-cluster", FLAG(&mopt.per_cluster),             "the share of each cluster, not of all" },
    { END }
};

static bool merge_command(const struct run *r, struct err *e)
{
    struct rank_job j = { r->files, { mopt.keep, mopt.end == 1, mopt.per_cluster }, r->memory, r->threads };
    uint64_t docs, go;
    if (!rank_merge(&j, r->output, &docs, &go, e)) return false;
    return r->quiet || printf("%llu documents, %llu go\n", (unsigned long long)docs, (unsigned long long)go) > 0;
}

const struct stage stage_prototype_merge = {
    .place = 342, .name = "prototype merge", .brief = "prototype on many machines: where all distances are cut",
    .usage = "FAR... -o CUT",
    .text = "Takes what prototype part wrote, in the order of the slices; @LIST names files, one a line.",
    .memory = "up to --memory, past it 16 bytes a document in $TMPDIR",
    .example = "  tamis prototype merge --keep 0.8 0.far 1.far -o all.cut", .see = "prototype part, prototype apply",
    .reads_files = true, .writes = "CUT", .options = merge_options, .command = merge_command,
};

/* ---- apply ---- */

static struct { const char *cut; long slice; } aopt;
static const struct opt apply_options[] = {
    {  0 , "cut",   TEXT(&aopt.cut),  "FILE", "what prototype merge wrote", .required = true },
    {  0 , "slice", INT(&aopt.slice), "I",    "which of merge's slices this is, from 0", .max = 1e9 },
    { END }
};

struct apply { struct rank_cut *cut; };

static void apply_free(void *self)
{
    struct apply *s = self;
    rank_close(s->cut);
    free(s);
}

static void *apply_open(const struct run *r, struct err *e)
{
    struct rank_cut *cut = rank_open(aopt.cut, (uint64_t)aopt.slice, e);
    if (!cut) return NULL;
    struct apply *s = mem_zero(1, sizeof *s);
    s->cut = cut;
    *r->expected = rank_docs(cut);
    return s;
}

static bool apply_turn(void *self, struct doc *d, struct err *e)
{
    struct apply *s = self;
    uint32_t cluster = 0;
    float distance = 0;
    if (!read_place(d, &cluster, &distance, e)) return false;
    if (rank_goes(s->cut, (uint32_t)d->row, cluster, distance))
        doc_drop(d, "prototype", "\"cluster\":%u,\"distance\":%.6g", cluster, (double)distance);
    return true;
}

const struct stage stage_prototype_apply = {
    .place = 343, .name = "prototype apply", .brief = "prototype on many machines: one slice without prototypes",
    .text = "All slices together are the documents that tamis prototype writes on one machine.",
    .example = "  tamis prototype apply --cut all.cut --slice 3 3.jsonl.zst -o out.jsonl.zst",
    .see = "prototype part, prototype merge", .as = "prototype",
    .options = apply_options, .open = apply_open, .turn = apply_turn, .free = apply_free,
    .by_row = true,
};
