/* border.c - play each filter's input again, measure, remember the nearest on both sides.
 * SPDX-License-Identifier: Apache-2.0 */
#include "report/border.h"
#include "report/drops.h"
#include "report/limits.h"
#include "report/replay.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { KEPT, DROPPED };

/* ---- the nearest ---- */

static void buf_set(struct buf *b, struct str s)
{
    buf_reset(b);
    buf_put(b, s);
}

static struct str excerpt_of(struct str text)
{
    const struct str t = str_trim(text);
    size_t n = 0;
    for (size_t chars = 0; n < t.n; n++) if (((unsigned char)t.p[n] & 0xC0) != 0x80 && chars++ == EXCERPT + 1) break;
    return (struct str){ t.p, n };
}

/* A place among the nearest for one that is so far from the border, or NULL: the farthest one's buffers are used
 * again. */
static struct border_doc *place_for(struct border *b, int side, double far)
{
    struct border_doc *near = b->near[side];
    size_t n = b->n_near[side], i = n < BORDER_DOCS ? n : BORDER_DOCS - 1;
    if (n == BORDER_DOCS && far >= near[i].far) return NULL;
    if (n < BORDER_DOCS) b->n_near[side]++;
    struct border_doc d = near[i];
    for (; i && near[i - 1].far > far; i--) near[i] = near[i - 1];
    near[i] = d;
    return &near[i];
}

static void feed(struct border *b, int side, double value, double far, struct doc *d)
{
    struct str url = { 0 };
    if (!isfinite(value)) return;
    values_add(side == KEPT ? &b->kept : &b->dropped, value);
    struct border_doc *at = place_for(b, side, fabs(far));
    if (!at) return;
    at->value = value;
    at->far = fabs(far);
    const struct str id = doc_id(d);
    buf_set(&at->id, id.p ? id : S(""));
    doc_string(d, "url", &url);
    buf_set(&at->url, url.p ? url : S(""));
    buf_set(&at->text, excerpt_of(doc_text(d)));
    buf_reset(&at->twin);
}

static struct border *add(struct borders *all, struct str stage, struct str name, double limit)
{
    all->all = mem_grow(all->all, &all->cap, all->n + 1, sizeof *all->all);
    struct border *b = &all->all[all->n++];
    *b = (struct border){ .stage = stage, .name = name, .limit = limit };
    return b;
}

/* ---- one filter: what came to it, and what it dropped ---- */

struct filter {
    const struct run *run;
    const struct trail *trail;
    const struct trail_step *step;
    size_t stage;
    struct drops drops;
    struct borders *all;
    size_t first;                        /* its borders are all->all[first] and on */
};
/* evidence: null when it was kept */
typedef void measure_fn(struct filter *f, void *with, struct doc *d, struct str evidence);

/* What came to the stage, of all slices. */
static bool play(struct filter *f, size_t stage, measure_fn *fn, void *with, struct err *e)
{
    for (const struct trail_step *s = f->step; s; s = s->next) {
        struct replay *p = replay_open(f->run, s, stage, NULL, e);
        if (!p) return false;
        for (struct doc *d; (d = replay_next(p, e)); ) {
            const uint32_t k = drops_of(&f->drops, doc_id(d));
            fn(f, with, d, k == VOCAB_NONE ? (struct str){ 0 } : f->drops.evidence[k]);
        }
        if (!replay_close(p, e)) return false;
    }
    return true;
}

static double evidence_number(struct str evidence, struct str name)
{
    double x = NAN;
    const struct str v = evidence.p ? json_get(str_trim(evidence), name) : evidence;
    return v.p && json_number(v, &x) ? x : NAN;
}

/* ---- rules: a border for each that dropped some ---- */

/* which limit each of the borders is */
struct ruled { struct limits limits; size_t at[LIMITS_MAX]; };

static void measure_rules(struct filter *f, void *with, struct doc *d, struct str evidence)
{
    struct ruled *r = with;
    struct str text = doc_text(d), reason = { 0 };
    if (!text.p || text.n >= UINT32_MAX) return;
    if (evidence.p) json_string(json_get(str_trim(evidence), S("reason")), d->mem, &reason);
    limits_text(&r->limits, text);
    for (size_t i = f->first; i < f->all->n; i++) {
        const size_t k = r->at[i - f->first];
        if (evidence.p && !str_eq(reason, f->all->all[i].name)) continue;        /* it went for another reason */
        const double value = limits_value(&r->limits, k);
        feed(&f->all->all[i], evidence.p ? DROPPED : KEPT, value, limits_room(&r->limits, k, value), d);
    }
}

static bool borders_of_rules(struct filter *f, struct err *e)
{
    struct ruled r;
    const struct trail_stage *s = &f->step->stages[f->stage];
    limits_init(&r.limits, s);
    for (size_t i = 0; i < r.limits.n; i++) {
        for (size_t k = 0; k < s->n_dropped; k++) {
            if (!str_eq(s->dropped[k].name, str_of(r.limits.all[i].rule->reason))) continue;
            r.at[f->all->n - f->first] = i;
            add(f->all, stage_work(s), s->dropped[k].name, r.limits.all[i].limit);
        }
    }
    bool ok = f->all->n == f->first || play(f, f->stage, measure_rules, &r, e);
    limits_free(&r.limits);
    return ok;
}

/* ---- a field and one limit: prototype's distance, score ---- */

struct fielded { struct str field; double limit; };

static void measure_field(struct filter *f, void *with, struct doc *d, struct str evidence)
{
    const struct fielded *w = with;
    double value = evidence_number(evidence, w->field);
    const struct str v = doc_path(d, w->field);
    if (isnan(value) && (!v.p || !json_number(v, &value))) return;
    feed(&f->all->all[f->first], evidence.p ? DROPPED : KEPT, value, value - w->limit, d);
}

/* The limit is where the dropped end: the largest distance of a prototype (or the smallest, of outliers). */
static double last_dropped(const struct drops *d, struct str field, bool largest)
{
    double limit = NAN;
    for (size_t i = 0; i < d->ids.n; i++) {
        const double x = evidence_number(d->evidence[i], field);
        if (isnan(limit) || (largest ? x > limit : x < limit)) limit = x;
    }
    return limit;
}

static bool borders_of_prototype(struct filter *f, struct err *e)
{
    const struct trail_stage *s = &f->step->stages[f->stage];
    const char *end = stage_option(s, "--drop", NULL);
    struct fielded w = { S("distance"), last_dropped(&f->drops, S("distance"), !end || strcmp(end, "far") != 0) };
    add(f->all, stage_work(s), S("distance to the centroid"), w.limit);
    return play(f, f->stage, measure_field, &w, e);
}

/* Documents that pass get their score only then: of those the next step's file tells. */
static bool borders_of_score(struct filter *f, struct err *e)
{
    const struct trail_stage *s = &f->step->stages[f->stage];
    struct fielded w = { S("score"), evidence_number(f->drops.evidence[0], S("least")) };
    add(f->all, stage_work(s), S("score"), w.limit);
    if (!play(f, f->stage, measure_field, &w, e)) return false;
    w.field = S("scores.good");
    struct drops none = f->drops;
    f->drops = (struct drops){ 0 };
    /* it ran once more, without its outputs */
    const bool ok = play(f, f->stage + 1, measure_field, &w, e);
    f->drops = none;
    return ok;
}

/* ---- likeness: what went, beside what stayed for it ---- */

static void measure_likeness(struct filter *f, void *with, struct doc *d, struct str evidence)
{
    struct border *b = &f->all->all[f->first];
    const struct str field = *(struct str *)with;
    struct str twin;
    const double value = evidence_number(evidence, field);
    if (isnan(value)) return;
    feed(b, DROPPED, value, value - (isfinite(b->limit) ? b->limit : 0), d);
    if (!json_string(json_get(str_trim(evidence), S("twin")), d->mem, &twin)) return;
    for (size_t i = 0; i < b->n_near[DROPPED]; i++)
        if (str_eq(buf_str(&b->near[DROPPED][i].id), doc_id(d))) buf_set(&b->near[DROPPED][i].twin, twin);
}

/* Ids become texts: the twin's, and those of the pairs that were just not alike enough. */
static void name_twins(struct filter *f, void *with, struct doc *d, struct str evidence)
{
    (void)evidence;
    struct border *b = &f->all->all[f->first];
    bool (*found)[BORDER_DOCS] = with;
    const struct str id = doc_id(d);
    for (int side = 0; id.n && side < 2; side++) {
        for (size_t i = 0; i < b->n_near[side]; i++) {
            struct border_doc *at = &b->near[side][i];
            struct str url;
            if (side == KEPT && str_eq(buf_str(&at->id), id)) {
                buf_set(&at->text, excerpt_of(doc_text(d)));
                if (doc_string(d, "url", &url)) buf_set(&at->url, url);
            }
            if (found[side][i] || !str_eq(buf_str(&at->twin), id)) continue;
            buf_set(&at->twin, excerpt_of(doc_text(d)));
            found[side][i] = true;
        }
    }
}

/* ---- fuzzy: pairs that the limit just spared, found by a lower one ---- */

static bool take_pair(void *filter, struct doc *d, struct err *e)
{
    (void)e;
    struct filter *f = filter;
    struct border *b = &f->all->all[f->first];
    double similarity;
    struct str one, other;
    if (!json_number(doc_get(d, "similarity"), &similarity) || similarity >= b->limit || !doc_string(d, "a", &one)
        || !doc_string(d, "b", &other))
        return true;
    if (drops_of(&f->drops, one) != VOCAB_NONE || drops_of(&f->drops, other) != VOCAB_NONE) return true;
    values_add(&b->kept, similarity);
    struct border_doc *at = place_for(b, KEPT, b->limit - similarity);
    if (!at) return true;
    at->value = similarity;
    at->far = b->limit - similarity;
    buf_set(&at->id, one);
    buf_set(&at->twin, other);
    buf_reset(&at->url), buf_reset(&at->text);
    return true;
}

static bool find_spared(struct filter *f, struct err *e)
{
    enum { BELOW_PERCENT = 10 };
    char path[4096], lower[40];
    const char *tmp = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/tamis-pairs-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    const double limit = f->all->all[f->first].limit - BELOW_PERCENT / 100.0;
    const int fd = mkstemp(path);
    struct arena mem = { 0 };
    if (fd < 0) return err_sys(e, "could not make a scratch file %s", path);
    close(fd);
    snprintf(lower, sizeof lower, "%g", limit > 0.05 ? limit : 0.05);
    const char *const extra[] = { "-s", lower, "--pairs", path, "--annotate", NULL };
    struct replay *p = replay_open(f->run, f->step, f->stage, replay_words(&mem, f->step, f->stage, extra), e);
    while (p && replay_next(p, e)) continue;
    const bool ok = p && replay_close(p, e) && each_doc(f->run, path, take_pair, f, e);
    unlink(path);
    arena_free(&mem);
    return ok;
}

static bool borders_of_likeness(struct filter *f, struct str field, struct err *e)
{
    const struct trail_stage *s = &f->step->stages[f->stage];
    const bool here = str_eq(s->name, S("fuzzy"));           /* pairs are found here, not over all slices before */
    const struct trail_step *sign;
    size_t k;
    double limit;
    const char *given = here ? stage_option(s, "--similarity", "-s") : NULL;
    if (str_eq(s->name, S("fuzzy drop")) && trail_find(f->trail, S("fuzzy sign"), &sign, &k))
        given = stage_option(&sign->stages[k], "--similarity", "-s");
    if (!given || !json_number(str_of(given), &limit)) limit = last_dropped(&f->drops, field, false);
    bool found[2][BORDER_DOCS] = { { false } };
    add(f->all, stage_work(s), field, limit);
    return play(f, f->stage, measure_likeness, &field, e) && (!here || !given || find_spared(f, e))
        && play(f, f->stage, name_twins, found, e);
}

static bool borders_of_fuzzy(struct filter *f, struct err *e) { return borders_of_likeness(f, S("similarity"), e); }
static bool borders_of_semdedup(struct filter *f, struct err *e) { return borders_of_likeness(f, S("cosine"), e); }

/* ---- all of a run ---- */

static const struct { const char *stage; bool (*find)(struct filter *, struct err *); } kinds[] = {
    { "rules",     borders_of_rules },
    { "prototype", borders_of_prototype },
    { "score",     borders_of_score },
    { "fuzzy",     borders_of_fuzzy },
    { "semdedup",  borders_of_semdedup },
};

static bool find_borders(struct filter *f, struct err *e)
{
    const struct trail_stage *s = &f->step->stages[f->stage];
    f->first = f->all->n;
    if (!s->n_dropped || !f->step->drops) return true;
    size_t i = 0;
    while (i < sizeof kinds / sizeof *kinds && !stage_is(s, str_of(kinds[i].stage))) i++;
    if (i == sizeof kinds / sizeof *kinds) return true;
    const bool ok = drops_read_step(&f->drops, f->run, f->step, f->stage, (struct str){ 0 }, e)
                    && (!f->drops.n || kinds[i].find(f, e));
    drops_free(&f->drops);
    f->drops = (struct drops){ 0 };
    return ok;
}

bool borders_find(struct borders *b, const struct run *r, const struct trail *t, struct err *e)
{
    *b = (struct borders){ 0 };
    for (size_t i = 0; i < t->n; i++) {
        for (size_t k = 0; k < t->steps[i].n; k++) {
            struct filter f = { .run = r, .trail = t, .step = &t->steps[i], .stage = k, .all = b };
            if (!find_borders(&f, e))
                return err_in(e, "%.*s", (int)t->steps[i].stages[k].name.n, t->steps[i].stages[k].name.p);
        }
    }
    return true;
}

void borders_free(struct borders *b)
{
    for (size_t i = 0; i < b->n; i++) {
        values_free(&b->all[i].kept);
        values_free(&b->all[i].dropped);
        for (int side = 0; side < 2; side++) {
            for (size_t k = 0; k < BORDER_DOCS; k++) {
                struct border_doc *d = &b->all[i].near[side][k];
                buf_free(&d->id), buf_free(&d->url), buf_free(&d->text), buf_free(&d->twin);
            }
        }
    }
    free(b->all);
}
