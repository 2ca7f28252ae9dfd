/* fuzzy_group.c - the signatures of all slices to groups, or a range of bands to buckets.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "core/names.h"
#include "core/runs.h"
#include "dedup/group.h"
#include "dedup/index.h"
#include "dedup/pairs.h"
#include "dedup/verdicts.h"
#include "frame/stage.h"

#include <stdlib.h>

static struct {
    double similarity, max_group;
    bool components;
    const char *bands, *range, *parts, *pairs, *index, *save;
} opt = { .max_group = 0.1 };
static const struct opt options[] = {
    { 's', "similarity", REAL(&opt.similarity), "J",     "at which a document goes; 0: as signed", .max = 1 },
    {  0 , "bands",      TEXT(&opt.bands),      "A-B",   "only find the buckets of bands A to B, from 0" },
    {  0 , "range",      TEXT(&opt.range),      "R/M",   "the same for part R of M of the bands" },
    {  0 , "parts",      TEXT(&opt.parts),      "FILE,...", "buckets of all bands, in order; @LIST names files" },
    {  0 , "components", FLAG(&opt.components),          "pass likeness on: one stays of a connected component" },
    {  0 , "max-group",  REAL(&opt.max_group),  "SHARE", "stop at a group larger than this; 0: never", .max = 1 },
    {  0 , "pairs",      TEXT(&opt.pairs),      "FILE",  "all verified pairs, a JSON line each" },
    {  0 , "index",      TEXT(&opt.index),      "FILE",  "sketches of former runs: what is like theirs goes" },
    {  0 , "save",       TEXT(&opt.save),       "FILE",  "write the sketches of all that stay: the next run's --index" },
    { END }
};

/* "0-8" */
static bool band_range(const char *s, size_t bands, size_t *from, size_t *to, struct err *e)
{
    char *end;
    unsigned long a = strtoul(s, &end, 10), b = *end == '-' ? strtoul(end + 1, &end, 10) : a;
    if (end == s || *end || a > b || b >= bands)
        return err_set(e, ERR_USAGE, "--bands %s: there are bands 0 to %zu", s, bands - 1);
    *from = a;
    *to = b + 1;
    return true;
}

static bool save_groups(struct group_job *j, const char *output, struct err *e)
{
    struct group_tally t;
    struct shelf verdicts;
    struct pairs *pairs = opt.pairs ? pairs_open(opt.pairs, j->slices, j->n_slices, e) : NULL;
    if (opt.pairs && !pairs) return false;
    if (pairs) { j->rules.pair = pairs_put; j->rules.pair_ctx = pairs; }
    bool ok = group_run(j, &verdicts, &t, e)
              && (!opt.save || index_save(opt.save, j->slices, j->n_slices, &verdicts, e))
           && verdicts_save(output, j->slices, j->n_slices, opt.index ? 1 : 0, &verdicts, j->memory, e);
    shelf_free(&verdicts);
    if (ok) return pairs_done(pairs, e);
    pairs_drop(pairs);
    return false;
}

static bool run_groups(struct group_job *j, const char *output, struct err *e)
{
    struct names parts = { 0 };
    bool ok = !opt.parts || names_split(&parts, opt.parts, e);
    j->parts = parts.all;
    ok = ok && save_groups(j, output, e);
    names_free(&parts);
    return ok;
}

static bool run_slices(const struct run *r, const struct slice *slices, size_t n, struct err *e)
{
    const struct sketch *k = &slices[0].sketch;
    struct group_job j = {
        .slices = slices, .n_slices = n, .n_old = opt.index ? slices[0].n : 0, .max_group = opt.max_group,
        .memory = r->memory, .threads = r->threads,
        .rules = { opt.similarity > 0 ? opt.similarity : k->similarity, k->proof != PROOF_NONE, opt.components, NULL,
                   NULL } };
    size_t from = 0, to = 0;
    struct range share;
    if (!opt.bands && !opt.range) return run_groups(&j, r->output, e);
    if (opt.bands && !band_range(opt.bands, k->bands, &from, &to, e)) return false;
    if (opt.range && !range_parse(&share, opt.range, e)) return false;
    if (opt.range) from = range_from(share, k->bands), to = range_to(share, k->bands);
    return group_buckets(&j, from, to, r->output, e);
}

static bool group_command(const struct run *r, struct err *e)
{
    const size_t old = opt.index ? 1 : 0, all = old + r->n_files;
    struct slice *slices = mem_alloc(all, sizeof *slices);
    size_t n = 0;
    file_many();
    while (n < all && slice_open(&slices[n], n < old ? opt.index : r->files[n - old], e)) n++;
    bool ok = n == all && run_slices(r, slices, n, e);
    while (n > 0) slice_close(&slices[--n]);
    free(slices);
    return ok;
}

const struct stage stage_fuzzy_group = {
    .place = 242, .name = "fuzzy group", .brief = "fuzzy on many machines: who goes, over all slices",
    .usage = "SIG... -o NAME.groups",
    .text = "Takes what fuzzy sign wrote, in the order of the slices. Bands may be shared out: --range or --bands, then --parts. @LIST names files, one a line.",
    .memory = "up to --memory, past it sorted runs in $TMPDIR",
    .example = "  tamis fuzzy group slice-0.sig slice-1.sig -o all.groups",
    .see = "fuzzy sign, fuzzy drop", .reads_files = true, .writes = "GROUPS",
    .options = options, .command = group_command,
};
