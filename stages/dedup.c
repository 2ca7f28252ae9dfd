/* dedup.c - drop exact duplicates: documents, URLs, lines, paragraphs.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   each   keys of the document, or of its pieces        any thread
 *   turn   has a key been seen?                          in order
 *   again  --keep none: what was seen twice goes         in order, second pass */
#include "core/notes.h"
#include "dedup/bloom.h"
#include "dedup/exact.h"
#include "dedup/seen.h"
#include "frame/stage.h"

#include <stdlib.h>

static struct {
    struct exact_options exact;
    const char *index;
    int keep;
    double bloom;
    bool annotate;
} opt = { .exact = EXACT_DEFAULTS };
static const struct opt options[] = {
    EXACT_ROWS(opt.exact),
    {  0 , "keep",      PICK(&opt.keep),     "first|none",        "of equal ones; none: drop every copy (two passes)" },
    {  0 , "bloom",     REAL(&opt.bloom),    "FPR",               "fixed memory, this rate of false drops; 0: exact", .max = 0.5 },
    {  0 , "index",     TEXT(&opt.index),    "FILE",              "the seen set: read if there, then saved" },
    {  0 , "annotate",  FLAG(&opt.annotate),                      "add \"duplicate_of\" or \"duplicate_lines\", drop none" },
    { END }
};

/* what a line's number says; else FIRST_ROW + the row it was first in */
enum { TWICE = 0, WRITTEN = 1, FIRST_ROW = 2 };

struct dedup {
    struct exact exact;
    int keep;
    bool annotate;
    const char *index;
    struct seen *seen;
    struct bloom bloom;
    struct notes *ids;
    size_t memory;
};

static void *dedup_open(const struct run *r, struct err *e)
{
    if (opt.bloom > 0 && (opt.keep == KEEP_NONE || opt.index)) {
        err_set(e, ERR_USAGE, "--bloom goes neither with --keep none nor with --index");
        return NULL;
    }
    struct dedup *s = mem_zero(1, sizeof *s);
    *s = (struct dedup){ .exact = exact_of(&opt.exact, r->text_field), .keep = opt.keep, .annotate = opt.annotate,
                         .index = opt.index, .memory = r->memory };
    *r->one_pass = opt.keep == KEEP_FIRST;
    s->ids = notes_open();
    if (opt.bloom > 0) bloom_init(&s->bloom, r->memory, opt.bloom);
    else s->seen = seen_open(s->exact.wide, r->memory);
    if (s->index && file_exists(s->index) && !seen_load(s->seen, s->index, e)) {
        seen_close(s->seen);
        notes_close(s->ids);
        free(s);
        return NULL;
    }
    return s;
}

static bool dedup_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct dedup *s = self;
    return exact_keys(&s->exact, d);
}

/* ---- documents ---- */

static bool mark(const struct dedup *s, struct doc *d, struct str twin)
{
    exact_twin(&s->exact, d, twin, s->annotate);
    return true;
}

static bool doc_turn(struct dedup *s, struct doc *d, struct err *e)
{
    const struct hash128 *key = d->note;
    if (!key) return true;
    if (!s->seen) return !bloom_add(&s->bloom, *key) || mark(s, d, S("(by Bloom filter)"));
    uint64_t where;
    bool there;
    struct str id = doc_id(d), twin = { 0 };
    if (!seen_find(s->seen, *key, &where, &there, e)) return false;
    if (!there) return notes_put(s->ids, id.p ? id : S(""), &where, e) && seen_set(s->seen, *key, where, e);
    if (where != SEEN_BEFORE && !notes_get(s->ids, where, d->mem, &twin, e)) return false;
    return mark(s, d, twin);
}

/* First pass of --keep none: which keys came twice. */
static bool doc_count(struct dedup *s, struct doc *d, struct err *e)
{
    const struct hash128 *key = d->note;
    uint64_t first = FIRST_ROW + d->row;
    bool there;
    if (!key || !seen_add(s->seen, *key, &first, &there, e)) return !key;
    return !there || seen_set(s->seen, *key, TWICE, e);
}

static bool doc_again(struct dedup *s, struct doc *d, struct err *e)
{
    const struct hash128 *key = d->note;
    uint64_t first;
    bool there;
    if (!key) return true;
    if (!seen_find(s->seen, *key, &first, &there, e)) return false;
    if (there && (first == TWICE || first == SEEN_BEFORE)) exact_copies(&s->exact, d);
    return true;
}

/* ---- lines and paragraphs ---- */

/* Whether piece p of the document in `row` is to stay; and remembers it. */
static bool line_stays(struct dedup *s, const struct piece *p, uint64_t row, bool *stays, struct err *e)
{
    *stays = true;
    if (!p->has_key) return true;
    if (!s->seen) { *stays = !bloom_add(&s->bloom, p->key); return true; }
    uint64_t first = FIRST_ROW + row;
    bool there;
    if (!seen_add(s->seen, p->key, &first, &there, e)) return false;
    if (s->keep == KEEP_FIRST) { *stays = !there; return true; }
    *stays = first == FIRST_ROW + row;               /* seen in this document only, and not written yet */
    return !*stays || seen_set(s->seen, p->key, WRITTEN, e);
}

/* First pass of --keep none: a line that another document had is seen twice; a repeat inside one document is not. */
static bool line_count(struct dedup *s, struct doc *d, struct err *e)
{
    const struct cut_pieces *c = d->note;
    for (size_t i = 0; i < c->n; i++) {
        uint64_t first = FIRST_ROW + d->row;
        bool there;
        if (!c->all[i].has_key) continue;
        if (!seen_add(s->seen, c->all[i].key, &first, &there, e)) return false;
        if (there && first != FIRST_ROW + d->row && first != SEEN_BEFORE && !seen_set(s->seen, c->all[i].key, TWICE, e))
            return false;
    }
    return true;
}

static bool lines_turn(struct dedup *s, struct doc *d, struct err *e)
{
    const struct cut_pieces *c = d->note;
    bool *stays = NEW(d->mem, bool, c->n);
    for (size_t i = 0; i < c->n; i++)
        if (!line_stays(s, &c->all[i], d->row, &stays[i], e)) return false;
    exact_cut(&s->exact, d, stays, s->annotate);
    return true;
}

/* ---- the stage ---- */

static bool dedup_turn(void *self, struct doc *d, struct err *e)
{
    struct dedup *s = self;
    if (s->keep == KEEP_NONE) return exact_pieces(&s->exact) ? line_count(s, d, e) : doc_count(s, d, e);
    return exact_pieces(&s->exact) ? lines_turn(s, d, e) : doc_turn(s, d, e);
}

static bool dedup_settle(void *self, struct err *e)
{
    (void)self; (void)e;
    return true;
}

static bool dedup_again(void *self, struct doc *d, struct err *e)
{
    struct dedup *s = self;
    return exact_pieces(&s->exact) ? lines_turn(s, d, e) : doc_again(s, d, e);
}

static bool dedup_close(void *self, struct err *e)
{
    const struct dedup *s = self;
    return !s->index || seen_save(s->seen, s->index, e);
}

static void dedup_free(void *self)
{
    struct dedup *s = self;
    seen_close(s->seen);
    bloom_free(&s->bloom);
    notes_close(s->ids);
    free(s);
}

static void dedup_plan(void *self, FILE *to)
{
    const struct dedup *s = self;
    if (!s->seen)
        fprintf(to, "dedup: %zu MB for ever; a key is remembered for at least %llu new ones\n", s->memory >> 20,
                (unsigned long long)s->bloom.capacity);
    else fprintf(to, "dedup: up to %zu MB; %.0f million keys in memory, then 16 bytes of disk a key and %.0f million more\n", s->memory >> 20,
                 (double)s->memory / 0x1p30 * 33.5, (double)s->memory / 4 / 1.28 / 1e6);
}

const struct stage stage_dedup = {
    .place = 205, .name = "dedup", .brief = "drop exact duplicates: documents, URLs, lines, paragraphs",
    .text = "Keeps the first of equal documents. By line or paragraph it rewrites the text without\n"
            "those that were seen before, here or in an earlier document; a document left empty goes.",
    .example = "  tamis dedup --by line --normalise ccnet docs.jsonl.zst -o out.jsonl.zst --drops drops.jsonl",
    .see = "tamis-fuzzy(1)", .options = options, .open = dedup_open, .each = dedup_each, .turn = dedup_turn,
    .settle = dedup_settle, .again = dedup_again, .close = dedup_close, .free = dedup_free, .plan = dedup_plan,
};
