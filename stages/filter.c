/* filter.c - keep the documents for which an expression is true.
 * SPDX-License-Identifier: Apache-2.0 */
#include "frame/stage.h"
#include "record/expr.h"

#include <stdlib.h>

static struct { const char *annotate; bool invert; } opt;
static const struct opt options[] = {
    {  0 , "annotate", TEXT(&opt.annotate), "NAME", "write the verdict to this field, drop none" },
    { 'v', "invert",   FLAG(&opt.invert),           "keep those for which it is false" },
    { END }
};

struct filter { struct expr *expr; const char *annotate, *text; bool invert; };

static void *filter_open(const struct run *r, struct err *e)
{
    struct filter *s = mem_zero(1, sizeof *s);
    *s = (struct filter){ .annotate = opt.annotate, .invert = opt.invert, .text = r->args[0] };
    s->expr = expr_compile(str_of(r->args[0]), e);
    if (s->expr) return s;
    free(s);
    return NULL;
}

static bool filter_each(void *self, struct doc *d, struct err *e)
{
    const struct filter *s = self;
    struct err why = { 0 };
    bool verdict;
    (void)e;
    if (!expr_eval(s->expr, d, &verdict, &why)) return run_reject(d, "filter", "\"detail\":\"%s\"", why.msg);
    if (s->annotate) doc_put_raw(d, s->annotate, verdict ? S("true") : S("false"));
    else if (verdict == s->invert) doc_drop(d, "filter", "\"verdict\":%s", verdict ? "true" : "false");
    return true;
}

static void filter_free(void *self)
{
    struct filter *s = self;
    expr_free(s->expr);
    free(s);
}

const struct stage stage_filter = {
    .place = 230, .name = "filter", .brief = "keep the documents for which an expression is true",
    .usage = "[OPTION]... EXPRESSION [FILE]...", .n_args = 1,
    .text = "Compares fields (lang, signals.rps_doc_word_count[0][2]) with numbers, strings, null and each other:\n"
            "  == != < <= > >= ~ !~ (regular expressions)  in [..]  && || ! ( )  len(x)  exists(x)\n"
            "A missing field is null, and a comparison with null is false.",
    .example = "  tamis filter 'lang == \"en\" && len(text) >= 200 && url !~ \"/tag/\"' docs.jsonl.zst -o kept.jsonl.zst",
    .see = "tamis-rules(1)", .options = options, .open = filter_open, .each = filter_each, .free = filter_free,
};
