/* filter.c - keep the documents that a condition holds for.
 * SPDX-License-Identifier: Apache-2.0 */
#include "frame/stage.h"
#include "record/expr.h"

#include <stdlib.h>

static struct { const char *annotate; bool invert; } opt;
static const struct opt options[] = {
    { 'a', "annotate", TEXT(&opt.annotate), "NAME", "drop nothing; write the verdict as this field" },
    { 'v', "invert",   FLAG(&opt.invert),           "keep those that it does not hold for" },
    { END }
};

/* rules: as JSON strings, ending in NUL */
struct filter { struct expr *expr; const char *annotate; bool invert, quiet; struct buf *rules; };

static void *filter_open(const struct run *r, struct err *e)
{
    struct expr *x = expr_compile(str_of(r->args[0]), r->threads, e);
    if (!x) return NULL;
    struct filter *f = mem_zero(1, sizeof *f);
    *f = (struct filter){ x, opt.annotate, opt.invert, r->quiet, mem_zero(expr_rules(x), sizeof *f->rules) };
    for (size_t i = 0; i < expr_rules(x); i++) {
        json_put_string(&f->rules[i], expr_rule(x, i));
        buf_putc(&f->rules[i], 0);
    }
    return f;
}

static bool filter_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct filter *f = self;
    size_t rule;
    enum expr_verdict verdict = expr_eval(f->expr, d, &rule);
    if (verdict == EXPR_LIMIT) return run_reject(d, "match-limit", "\"rule\":%s", f->rules[rule].p);
    if (f->annotate) doc_put_raw(d, f->annotate, verdict ? S("true") : S("false"));
    else if (verdict && f->invert) doc_drop(d, "filter", "\"verdict\":true");
    else if (!verdict && !f->invert) doc_drop(d, "filter", "\"rule\":%s", f->rules[rule].p);
    return true;
}

/* A word without its quotes is a field that is null everywhere: the condition is sound and never holds. Of a run gone
   on with, the documents asked are those of its last part. */
static bool filter_close(void *self, struct err *e)
{
    (void)e;
    const struct filter *f = self;
    const struct str unseen = expr_unseen(f->expr);
    if (unseen.p && !f->quiet)
        fprintf(stderr, "tamis filter: none of the documents asked has a field %.*s\nhint: a string has quotes: \"%.*s\"\n",
                (int)unseen.n, unseen.p, (int)unseen.n, unseen.p);
    return true;
}

static void filter_free(void *self)
{
    struct filter *f = self;
    for (size_t i = 0; i < expr_rules(f->expr); i++) buf_free(&f->rules[i]);
    free(f->rules);
    expr_free(f->expr);
    free(f);
}

const struct stage stage_filter = {
    .place = 230, .name = "filter", .brief = "keep the documents that a condition holds for",
    .usage = "[OPTION]... EXPRESSION [FILE]...", .n_args = 1,
    .text = "Fields: lang, signals.rps_doc_word_count[0][2]. Values: 3, \"a\", 'a', true, null, len(text), exists(url).\n"
            "Tests: == != < <= > >=, ~ and !~ \"a regular expression\", in [\"en\", \"fr\"] or in a field. Joined by && || ! ( ).\n"
            "A missing field is null: x == null is true, every other comparison false. A value of another type differs.",
    .example = "  tamis filter 'lang == \"en\" && len(text) >= 200 && url !~ \"/tag/|/page/\"' docs.jsonl.zst -o kept.jsonl.zst",
    .see = "tamis-rules(1)", .options = options, .by_row = true,
    .open = filter_open, .each = filter_each, .close = filter_close, .free = filter_free,
};
