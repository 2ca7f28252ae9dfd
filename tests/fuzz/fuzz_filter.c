/* fuzz_filter.c - any text is an expression that gives a verdict, or an error with a caret.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The input is the expression; a document of one's own may follow behind a newline. */
#include "record/expr.h"

#include <stdlib.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

static void ask(const struct expr *x, struct str line, struct arena *mem)
{
    struct err e = { 0 };
    struct doc d;
    size_t rule, again;
    if (!doc_parse(&d, line, mem, "text", &e)) return;
    enum expr_verdict v = expr_eval(x, &d, &rule);
    MUST(v == EXPR_TRUE ? rule == expr_rules(x) : rule < expr_rules(x));
    if (v != EXPR_TRUE) MUST(expr_rule(x, rule).n > 0);
    MUST(expr_eval(x, &d, &again) == v && again == rule);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena mem;
    struct err e = { 0 };
    const char *text = (const char *)data, *end = text + size, *nl = size ? memchr(text, '\n', size) : NULL;
    struct expr *x = expr_compile(str_span(text, nl ? nl : end), 1, &e);
    if (!x) {
        MUST(e.kind == ERR_USAGE && strchr(e.msg, '^') != NULL);
        return 0;
    }
    MUST(e.kind == ERR_NONE);
    ask(x, S("{}"), &mem);
    ask(x, S("{\"a\":1,\"b\":\"\\u00e9x\",\"c\":[1,\"a\",null,[2]],\"d\":{\"e\":true},\"text\":\"one\\ntwo\",\"lang\":\"en\",\"n\":null}"), &mem);
    if (nl) ask(x, str_span(nl + 1, end), &mem);
    expr_free(x);
    arena_reset(&mem);
    return 0;
}
