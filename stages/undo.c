/* undo.c - bring back what a stage dropped.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The ids are in --drops; the documents come from a replay of the run up to that stage (report/replay.h). */
#include "frame/stage.h"
#include "report/drops.h"
#include "report/replay.h"

#include <stdlib.h>

static struct { const char *stage, *reason; } opt;
static const struct opt options[] = {
    { 's', "stage",  TEXT(&opt.stage),  "NAME",   "the stage that dropped them", .required = true },
    { 'r', "reason", TEXT(&opt.reason), "REASON", "only these, as --drops says it" },
    { END }
};

enum { BATCH = 1 << 20 };
struct undo {
    const struct run *run;
    struct trail trail;
    const struct trail_step *slice;          /* whose documents are read, up to the stage */
    size_t stage;
    struct replay *docs;
    struct drops drops;                      /* count: how often it was dropped and not found yet */
    uint64_t found;
};
struct raw { struct buf lines; };

static void undo_free(void *self)
{
    struct undo *s = self;
    struct err ignored = { 0 };
    if (s->docs) replay_close(s->docs, &ignored);
    trail_close(&s->trail);
    drops_free(&s->drops);
    free(s);
}

static bool find_drops(struct undo *s, const struct run *r, struct err *e)
{
    s->run = r;
    if (r->n_files != 1) return err_set(e, ERR_USAGE, "give one folder of a run, not %zu", r->n_files);
    if (!trail_open(&s->trail, r->files[0], e)) return false;
    if (!trail_find(&s->trail, str_of(opt.stage), &s->slice, &s->stage))
        return err_set(e, ERR_USAGE, "--stage: %s was not run in %s", opt.stage, r->files[0]);
    if (!s->slice->drops)
        return err_set(e, ERR_DATA, "%s was run without --drops: what it dropped is not known", opt.stage);
    if (!drops_read_step(&s->drops, r, s->slice, s->stage, str_of(opt.reason), e)) return false;
    s->docs = replay_open(r, s->slice, s->stage, NULL, e);
    return s->docs != NULL;
}

/* The next document that came to the stage, of this slice or the next; NULL after the last. */
static struct doc *next_doc(struct undo *s, struct err *e)
{
    for (struct doc *d; s->docs; ) {
        if ((d = replay_next(s->docs, e)) || e->kind || !s->slice->next) return d;
        struct replay *done = s->docs;
        s->docs = NULL;
        s->slice = s->slice->next;
        if (replay_close(done, e)) s->docs = replay_open(s->run, s->slice, s->stage, NULL, e);
    }
    return NULL;
}

static void *undo_open(const struct run *r, struct err *e)
{
    struct undo *s = mem_zero(1, sizeof *s);
    if (find_drops(s, r, e)) return s;
    undo_free(s);
    return NULL;
}

static bool undo_read(void *self, struct batch *b, struct err *e)
{
    struct undo *s = self;
    struct raw *raw = batch_raw(b, sizeof *raw);
    buf_reset(&raw->lines);
    while (raw->lines.n < BATCH) {
        const struct doc *d = next_doc(s, e);
        if (!d) break;
        const uint32_t k = drops_of(&s->drops, doc_id(d));
        if (k == VOCAB_NONE || !s->drops.count[k]) continue;
        s->drops.count[k]--;
        s->found++;
        doc_write(d, &raw->lines);
    }
    return raw->lines.n > 0 && !e->kind;
}

static bool undo_make(void *self, struct batch *b, struct err *e)
{
    (void)self;
    const struct raw *raw = batch_raw(b, sizeof *raw);
    struct str rest = buf_str(&raw->lines), line;
    while (rest.n && str_cut(&rest, '\n', &line)) {
        struct doc *d = batch_doc(b), parsed;
        if (!doc_parse(&parsed, line, batch_mem(b), d->text_field, e)) return false;
        parsed.batch = d->batch;
        parsed.origin = d->origin;
        *d = parsed;
    }
    return true;
}

static void raw_release(void *p)
{
    struct raw *raw = p;
    buf_free(&raw->lines);
}

static bool undo_close(void *self, struct err *e)
{
    struct undo *s = self;
    struct replay *docs = s->docs;
    s->docs = NULL;
    if (!replay_close(docs, e)) return false;
    return s->found == s->drops.n
        || err_set(e, ERR_DATA,
                   "%llu documents were dropped, %llu came back: the others have no id, or the inputs changed",
                   (unsigned long long)s->drops.n, (unsigned long long)s->found);
}

static const struct source source = { .read = undo_read, .make = undo_make, .release = raw_release };

const struct stage stage_undo = {
    .place = 920, .name = "undo", .brief = "bring back what a stage of a run dropped", .usage = "[OPTION]... RUN",
    .text = "RUN is the folder that a pipeline wrote. Documents come back as they came to the stage: what stood before it is\n"
            "run again from the inputs that the manifest names. They are known by id; of equal ids the first come back.",
    .memory = "the ids of what was dropped, for one step at a time",
    .example = "  tamis undo --stage rules --reason dup_para_frac build/demo/run -o back.jsonl.zst",
    .see = "why, report",
    .options = options, .open = undo_open, .close = undo_close, .free = undo_free, .source = &source,
};
