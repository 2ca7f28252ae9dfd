/* fuzzy_sign.c - the signatures of one slice, for fuzzy group.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/sketch.h"
#include "frame/stage.h"

#include <stdlib.h>

static struct sketch_options opt = SKETCH_DEFAULTS;
static const struct opt options[] = { SKETCH_ROWS(opt), { END } };

struct sign { struct sketcher sketcher; struct slice_out *out; size_t memory; };

static void sign_free(void *self)
{
    struct sign *s = self;
    slice_drop(s->out);
    sketcher_free(&s->sketcher);
    free(s);
}

static void *sign_open(const struct run *r, struct err *e)
{
    struct sign *s = mem_zero(1, sizeof *s);
    s->memory = r->memory;
    if (sketcher_init(&s->sketcher, &opt, r->seed, e)
        && (r->plan || (s->out = slice_create(&s->sketcher.sketch, r->output, e))))
        return s;
    sign_free(s);
    return NULL;
}

static bool sign_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct sign *s = self;
    struct sketched *k = NEW(d->mem, struct sketched, 1);
    sketcher_doc(&s->sketcher, d, k);
    d->note = k;
    return true;
}

static bool sign_turn(void *self, struct doc *d, struct err *e)
{
    struct sign *s = self;
    struct slice_doc k = sketched_doc(d->note, d);
    return slice_put(s->out, &k, e);
}

static bool sign_close(void *self, struct err *e)
{
    struct sign *s = self;
    struct slice_out *out = s->out;
    s->out = NULL;
    return slice_done(out, e);
}

static void sign_plan(void *self, FILE *to)
{
    const struct sign *s = self;
    sketcher_plan(&s->sketcher, s->memory, to);
}

const struct stage stage_fuzzy_sign = {
    .place = 241, .name = "fuzzy sign", .brief = "fuzzy on many machines: the signatures of one slice",
    .text = "Writes NAME and NAME.proof. Give every slice the same options.",
    .example = "  tamis fuzzy sign slice-3.jsonl.zst -o slice-3.sig",
    .see = "fuzzy group, fuzzy drop", .sink = true, .writes = "SIG",
    .options = options, .open = sign_open, .each = sign_each, .turn = sign_turn, .close = sign_close, .free = sign_free,
    .plan = sign_plan,
};
