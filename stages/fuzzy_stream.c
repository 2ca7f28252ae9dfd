/* fuzzy_stream.c - fuzzy in one pass: each document is judged as it comes, against those that stayed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/keymap.h"
#include "dedup/sketch.h"
#include "dedup/verdicts.h"
#include "frame/stage.h"

#include <stdlib.h>

static struct sketch_options opt = SKETCH_DEFAULTS;
static const struct opt options[] = { SKETCH_ROWS(opt), { END } };

struct stream {
    struct sketcher sketcher;
    struct slice_out *out;
    struct slice slice;
    struct likeness *like;
    struct star *star;
    struct keymap buckets;
    struct buf name;
    size_t memory;
};

static void stream_free(void *self)
{
    struct stream *s = self;
    star_close(s->star);
    likeness_close(s->like);
    slice_drop(s->out);
    sketcher_free(&s->sketcher);
    keymap_free(&s->buckets);
    buf_free(&s->name);
    free(s);
}

/* Half of the memory for keys, a quarter for lists, an eighth for sets. */
static bool stream_start(struct stream *s, struct err *e)
{
    const struct sketch *k = &s->sketcher.sketch;
    if (!(s->out = slice_create(k, NULL, e)) || !keymap_init(&s->buckets, s->memory / 2, e)) return false;
    s->slice = slice_of(s->out);
    s->like = likeness_open(&s->slice, 1, s->memory / 8);
    s->star = star_open((struct star_rules){ .similarity = k->similarity, .verify = k->proof != PROOF_NONE }, s->like,
                        s->memory / 4);
    return true;
}

static void *stream_open(const struct run *r, struct err *e)
{
    struct stream *s = mem_zero(1, sizeof *s);
    s->memory = r->memory;
    s->buckets.places.fd = -1;
    bool ok = sketcher_init(&s->sketcher, &opt, r->seed, e)
           && (!s->sketcher.sketch.keep
               || err_set(e, ERR_USAGE, "--keep %s needs to see all documents first: tamis fuzzy", opt.keep))
           && (r->plan || stream_start(s, e));
    if (ok) return s;
    stream_free(s);
    return NULL;
}

static bool stream_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct stream *s = self;
    struct sketched *k = NEW(d->mem, struct sketched, 1);
    sketcher_doc(&s->sketcher, d, k);
    d->note = k;
    return true;
}

static bool stream_turn(void *self, struct doc *d, struct err *e)
{
    struct stream *s = self;
    const struct sketched *k = d->note;
    struct slice_doc row = sketched_doc(k, d);
    uint32_t *buckets = NEW(d->mem, uint32_t, s->sketcher.lsh.bands);
    struct verdict v;
    if (!slice_put(s->out, &row, e) || !slice_flush(s->out, e)) return false;
    s->slice = slice_of(s->out);
    if (!k->keys) return true;
    if (d->row >= UINT32_MAX) return err_set(e, ERR_DATA, "at most 2^32 documents can be compared at once");
    for (size_t b = 0; b < s->sketcher.lsh.bands; b++)
        if (!keymap_bucket(&s->buckets, k->keys[b], &buckets[b], e)) return false;
    if (!star_place(s->star, (uint32_t)d->row, buckets, s->sketcher.lsh.bands, &v, e)) return false;
    buf_reset(&s->name);
    if (v.twin && !likeness_name(s->like, v.twin - 1, &s->name, e)) return false;
    verdict_apply(d, v, d->row, buf_str(&s->name), false);
    return true;
}

static void stream_plan(void *self, FILE *to)
{
    const struct stream *s = self;
    sketcher_plan(&s->sketcher, s->memory, to);
}

const struct stage stage_fuzzy_stream = {
    .place = 244, .name = "fuzzy stream", .brief = "fuzzy in one pass, for an endless pipe: the first copy stays",
    .text = "Writes a document as soon as it is judged; the same documents as tamis fuzzy --keep first.",
    .example = "  crawl | tamis fuzzy stream | tamis lang -m lid.176.ftz -o out.jsonl.zst",
    .see = "fuzzy", .options = options, .open = stream_open, .each = stream_each, .turn = stream_turn,
    .free = stream_free, .plan = stream_plan,
};
