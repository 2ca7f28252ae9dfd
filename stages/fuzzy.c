/* fuzzy.c - drop near-duplicates: sign, find buckets, place, and tell each document.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "dedup/group.h"
#include "dedup/index.h"
#include "dedup/pairs.h"
#include "dedup/sketch.h"
#include "dedup/verdicts.h"
#include "frame/stage.h"

#include <math.h>
#include <stdlib.h>

static struct {
    struct sketch_options sketch;
    bool components, annotate, signatures;
    double max_group;
    const char *pairs, *index;
} opt = { .sketch = SKETCH_DEFAULTS, .max_group = 0.1 };
static const struct opt options[] = {
    SKETCH_ROWS(opt.sketch),
    {  0 , "components",      FLAG(&opt.components),         "pass likeness on: one stays of a connected component" },
    {  0 , "max-group",       REAL(&opt.max_group), "SHARE", "stop at a group larger than this; 0: never", .max = 1 },
    {  0 , "annotate",        FLAG(&opt.annotate),           "drop none, write \"group\" instead" },
    {  0 , "pairs",           TEXT(&opt.pairs),     "FILE",  "all verified pairs, a JSON line each" },
    {  0 , "index",           TEXT(&opt.index),     "FILE",  "also match documents of former runs; add these" },
    {  0 , "signatures-only", FLAG(&opt.signatures),         "write ids and signatures instead of documents" },
    { END }
};

struct fuzzy {
    struct sketcher sketcher;
    struct slice_out *out;
    struct slice slices[2];                               /* the index, if any, and this run's */
    size_t n_slices;
    uint64_t n_old;
    struct shelf verdicts;
    struct likeness *like;
    const char *pairs;
    struct buf name;
    double max_group;
    bool components, annotate, signatures, settled, had_index;
    const char *index;
    size_t memory;
    int threads;
    struct { double docs, bytes; } expected;              /* for --plan */
};

static void fuzzy_free(void *self)
{
    struct fuzzy *f = self;
    if (f->had_index) slice_close(&f->slices[0]);
    likeness_close(f->like);
    shelf_free(&f->verdicts);
    slice_drop(f->out);
    sketcher_free(&f->sketcher);
    buf_free(&f->name);
    free(f);
}

static bool open_index(struct fuzzy *f, struct err *e)
{
    if (!file_exists(f->index)) return true;
    if (!slice_open(&f->slices[0], f->index, e)) return false;
    f->had_index = true;
    f->n_slices = 1;
    f->n_old = f->slices[0].n;
    if (!memcmp(&f->slices[0].sketch, &f->sketcher.sketch, sizeof(struct sketch))) return true;
    return err_set(e, ERR_USAGE, "--index %s was made with other options", f->index);
}

/* How many documents there will be, by the sizes of the files and the lengths of the first documents. */
static bool expect(struct fuzzy *f, const struct run *r, struct err *e)
{
    enum { LOOK = 1000, PACKED = 4 };                      /* text shrinks to about a quarter */
    double bytes = 0, n = 0;
    for (char **file = r->files; *file; file++) {
        uint64_t size = 0;
        if (!strcmp(*file, "-")) return true;
        if (!file_size(*file, &size, e)) return false;
        f->expected.bytes += (double)size * (compression_of(*file) == PLAIN ? 1 : PACKED);
    }
    struct reader *rd = reader_open(r, r->files, e);
    if (!rd) return false;
    for (struct doc *d; n < LOOK && (d = reader_next(rd, e)); n++) bytes += (double)d->line.n + 1;
    reader_close(rd);
    f->expected.docs = n < LOOK ? n : f->expected.bytes / bytes * n;
    return !e->kind;
}

static void *fuzzy_open(const struct run *r, struct err *e)
{
    struct fuzzy *f = mem_zero(1, sizeof *f);
    f->max_group = opt.max_group;
    f->components = opt.components;
    f->annotate = opt.annotate;
    f->signatures = opt.signatures;
    f->index = opt.index;
    f->pairs = opt.pairs;
    f->memory = r->memory;
    f->threads = r->threads;
    f->verdicts.fd = -1;
    bool ok = sketcher_init(&f->sketcher, &opt.sketch, r->seed, e) && (!f->index || open_index(f, e))
           && (r->plan || (f->out = slice_create(&f->sketcher.sketch, NULL, e)));
    if (ok && (!r->plan || expect(f, r, e))) return f;
    fuzzy_free(f);
    return NULL;
}

/* Both passes come here: signing is work of the first only, unless signatures are what is asked for. */
static bool fuzzy_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct fuzzy *f = self;
    if (f->settled != f->signatures) return true;
    struct sketched *k = NEW(d->mem, struct sketched, 1);
    sketcher_doc(&f->sketcher, d, k);
    d->note = k;
    return true;
}

static bool fuzzy_turn(void *self, struct doc *d, struct err *e)
{
    struct fuzzy *f = self;
    if (f->signatures) return true;
    struct slice_doc s = sketched_doc(d->note, d);
    return slice_put(f->out, &s, e);
}

static bool group(struct fuzzy *f, struct pairs *pairs, struct err *e)
{
    const struct sketch *k = &f->sketcher.sketch;
    struct group_job job = {
        .slices = f->slices, .n_slices = f->n_slices, .n_old = f->n_old, .max_group = f->max_group,
        .rules = { k->similarity, k->proof != PROOF_NONE, f->components, pairs ? pairs_put : NULL, pairs },
        .memory = f->memory, .threads = f->threads };
    struct group_tally t;
    return group_run(&job, &f->verdicts, &t, e);
}

static bool fuzzy_settle(void *self, struct err *e)
{
    struct fuzzy *f = self;
    f->settled = true;
    if (f->signatures) return true;
    if (!slice_flush(f->out, e)) return false;
    f->slices[f->n_slices++] = slice_of(f->out);
    f->like = likeness_open(f->slices, f->n_slices, f->memory / 16);
    struct pairs *pairs = f->pairs ? pairs_open(f->pairs, f->slices, f->n_slices, e) : NULL;
    if (f->pairs && !pairs) return false;
    if (group(f, pairs, e)) return pairs_done(pairs, e);
    pairs_drop(pairs);
    return false;
}

static bool fuzzy_again(void *self, struct doc *d, struct err *e)
{
    struct fuzzy *f = self;
    if (f->signatures) { sketched_show(&f->sketcher, d->note, d); return true; }
    uint64_t number = f->n_old + d->row;
    struct verdict v = *(const struct verdict *)shelf_at(&f->verdicts, number);
    buf_reset(&f->name);
    if (v.twin && !f->annotate && !likeness_name(f->like, v.twin - 1, &f->name, e)) return false;
    verdict_apply(d, v, number, buf_str(&f->name), f->annotate);
    return true;
}

static bool fuzzy_close(void *self, struct err *e)
{
    struct fuzzy *f = self;
    return !f->index || f->signatures || index_save(f->index, f->slices, f->n_slices, &f->verdicts, e);
}

/* As measured on a million documents of 1 KB, 18 bands (bench/fuzzy.sh scale): 476 MB at the peak, 8.9 s of CPU. */
enum { KEY_BYTES = 20, DOC_BYTES = 50, BASE_MIB = 64, MB_PER_SECOND = 125 };

static void fuzzy_plan(void *self, FILE *to)
{
    const struct fuzzy *f = self;
    sketcher_plan(&f->sketcher, f->memory, to);
    if (!(f->expected.docs > 0)) return;
    const double memory = f->expected.docs * (f->sketcher.sketch.bands * KEY_BYTES + DOC_BYTES),
                 megabytes = f->expected.bytes / 1e6;
    fprintf(to, "input   about %.0f documents, %.0f MB of JSON, read twice\n", f->expected.docs, megabytes);
    fprintf(to, "so      about %.0f MiB of memory, and %.1f s of CPU on %d threads\n",
            fmin(memory, (double)f->memory) / (1 << 20) + BASE_MIB, megabytes / MB_PER_SECOND, f->threads);
}

const struct stage stage_fuzzy = {
    .place = 240, .name = "fuzzy", .brief = "drop near-duplicates: MinHash, bands, verified likeness",
    .text = "Signs every document, looks at those that share a band of their signatures, and drops a document only when\n"
            "it is alike enough to a copy that stays. --drops names that copy and how alike they are.",
    .example = "  tamis fuzzy --similarity 0.8 --drops twins.jsonl docs.jsonl.zst -o out.jsonl.zst",
    .see = "fuzzy stream, fuzzy sign, dedup, semdedup",
    .options = options, .open = fuzzy_open, .each = fuzzy_each, .turn = fuzzy_turn, .settle = fuzzy_settle,
    .again = fuzzy_again,
    .close = fuzzy_close, .free = fuzzy_free, .plan = fuzzy_plan,
};
