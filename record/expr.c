/* expr.c - recursive descent to a tree in an arena; evaluation walks it.
 * SPDX-License-Identifier: Apache-2.0 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "record/expr.h"
#include "core/utf8.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEPTH = 200, MATCH_LIMIT = 1000000 };

enum op { OP_OR, OP_AND, OP_NOT, OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_MATCH, OP_NO_MATCH, OP_IN, OP_LEN, OP_EXISTS, OP_PATH, OP_LITERAL, OP_LIST };
enum type { T_NULL, T_BOOL, T_NUMBER, T_STRING, T_ARRAY, T_OBJECT };
struct value { enum type type; double number; struct str s; bool literal_null; };   /* s: decoded string, or raw array or object */
struct node {
    enum op op;
    struct node *left, *right, *next;                /* next: in a list */
    struct value value;
    struct str path;
    pcre2_code *regex;
};
struct expr { struct arena mem; struct node *root; struct node *regexes; };
struct parse { struct str text; const char *p, *end; struct expr *x; int depth; struct err *e; };

/* ---- parsing ---- */

static struct node *fail(struct parse *p, const char *at, const char *what)
{
    enum { AROUND = 60 };
    size_t column = (size_t)(at - p->text.p), from = column > AROUND ? column - AROUND : 0;
    size_t n = p->text.n - from < 2 * AROUND ? p->text.n - from : 2 * AROUND;
    err_set(p->e, ERR_USAGE, "%s\n  %.*s\n  %*s^", what, (int)n, p->text.p + from, (int)(column - from), "");
    return NULL;
}

static void skip_space(struct parse *p)
{
    while (p->p < p->end && (*p->p == ' ' || *p->p == '\t' || *p->p == '\n')) p->p++;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || (c & 0x80);
}

static bool eat(struct parse *p, struct str token)
{
    skip_space(p);
    if (!str_starts(str_span(p->p, p->end), token)) return false;
    if (is_name(token.p[0]) && p->p + token.n < p->end && is_name(p->p[token.n])) return false;
    p->p += token.n;
    return true;
}

static struct node *node(struct parse *p, enum op op, struct node *left, struct node *right)
{
    struct node *n = ZERO(&p->x->mem, struct node, 1);
    n->op = op;
    n->left = left;
    n->right = right;
    return n;
}

static struct node *literal(struct parse *p, struct value v)
{
    struct node *n = node(p, OP_LITERAL, NULL, NULL);
    n->value = v;
    return n;
}

static struct node *parse_or(struct parse *p);

static struct node *parse_string(struct parse *p)
{
    const char *begin = p->p, quote = *p->p++;
    while (p->p < p->end && *p->p != quote) p->p += quote == '"' && *p->p == '\\' ? 2 : 1;
    if (p->p >= p->end) return fail(p, begin, "this string does not end");
    p->p++;
    struct value v = { .type = T_STRING, .s = str_span(begin + 1, p->p - 1) };
    struct err ignored = { 0 };
    if (quote == '"' && (!json_valid(str_span(begin, p->p), &ignored) || !json_string(str_span(begin, p->p), &p->x->mem, &v.s)))
        return fail(p, begin, "this string has a bad escape or is not UTF-8");
    v.s = str_copy(&p->x->mem, v.s);
    return literal(p, v);
}

static struct node *parse_number(struct parse *p)
{
    char copy[64], *end;
    size_t n = 0;
    while (n < sizeof copy - 1 && p->p + n < p->end && strchr("+-.0123456789eE", p->p[n])) { copy[n] = p->p[n]; n++; }
    copy[n] = 0;
    struct value v = { .type = T_NUMBER, .number = strtod(copy, &end) };
    if (end == copy) return fail(p, p->p, "expected a value");
    p->p += end - copy;
    return literal(p, v);
}

static struct node *parse_path(struct parse *p)
{
    const char *begin = p->p;
    while (p->p < p->end && (is_name(*p->p) || *p->p == '.')) {
        p->p++;
        while (p->p < p->end && *p->p == '[') {
            const char *open = p->p++;
            while (p->p < p->end && *p->p >= '0' && *p->p <= '9') p->p++;
            if (p->p == p->end || *p->p != ']' || p->p == open + 1) return fail(p, open, "expected an index and ]");
            p->p++;
        }
    }
    if (p->p == begin) return fail(p, begin, "expected a value");
    struct node *n = node(p, OP_PATH, NULL, NULL);
    n->path = str_copy(&p->x->mem, str_span(begin, p->p));
    return n;
}

static struct node *parse_call(struct parse *p, enum op op)
{
    if (!eat(p, S("("))) return fail(p, p->p, "expected (");
    struct node *inner = parse_or(p);
    if (!inner) return NULL;
    if (!eat(p, S(")"))) return fail(p, p->p, "expected )");
    if (op == OP_EXISTS && inner->op != OP_PATH) return fail(p, p->p - 1, "exists() asks for a field");
    return node(p, op, inner, NULL);
}

static struct node *parse_value(struct parse *p)
{
    skip_space(p);
    if (p->p == p->end) return fail(p, p->p, "expected a value");
    if (*p->p == '"' || *p->p == '\'') return parse_string(p);
    if (*p->p == '-' || *p->p == '.' || (*p->p >= '0' && *p->p <= '9')) return parse_number(p);
    if (eat(p, S("null"))) return literal(p, (struct value){ .literal_null = true });
    if (eat(p, S("true"))) return literal(p, (struct value){ .type = T_BOOL, .number = 1 });
    if (eat(p, S("false"))) return literal(p, (struct value){ .type = T_BOOL });
    if (eat(p, S("len"))) return parse_call(p, OP_LEN);
    if (eat(p, S("exists"))) return parse_call(p, OP_EXISTS);
    if (!eat(p, S("("))) return parse_path(p);
    struct node *inner = parse_or(p);
    if (inner && !eat(p, S(")"))) return fail(p, p->p, "expected )");
    return inner;
}

static struct node *parse_list(struct parse *p)
{
    struct node *list = node(p, OP_LIST, NULL, NULL), **last = &list->left;
    for (bool first = true; !eat(p, S("]")); first = false) {
        if (!first && !eat(p, S(","))) return fail(p, p->p, "expected , or ]");
        struct node *item = parse_value(p);
        if (!item) return NULL;
        *last = item;
        last = &item->next;
    }
    return list;
}

static struct node *parse_regex(struct parse *p, struct node *n, const char *at)
{
    int code;
    PCRE2_SIZE where;
    if (n->right->op != OP_LITERAL || n->right->value.type != T_STRING) return fail(p, at, "a pattern is a string");
    struct str s = n->right->value.s;
    n->regex = pcre2_compile((PCRE2_SPTR)s.p, s.n, PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_DOLLAR_ENDONLY, &code, &where, NULL);
    if (!n->regex) {
        char why[120], what[160];
        if (code == PCRE2_ERROR_HEAP_FAILED) mem_out(0);
        pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof why);
        snprintf(what, sizeof what, "this pattern is wrong: %s", why);
        return fail(p, at, what);
    }
    pcre2_jit_compile(n->regex, PCRE2_JIT_COMPLETE);
    n->next = p->x->regexes;
    p->x->regexes = n;
    return n;
}

static struct node *parse_test(struct parse *p)
{
    static const struct { struct str token; enum op op; } ops[] = {
        { { "==", 2 }, OP_EQ }, { { "!=", 2 }, OP_NE }, { { "<=", 2 }, OP_LE }, { { "<", 1 }, OP_LT }, { { ">=", 2 }, OP_GE },
        { { ">", 1 }, OP_GT }, { { "!~", 2 }, OP_NO_MATCH }, { { "~", 1 }, OP_MATCH }, { { "in", 2 }, OP_IN },
    };
    struct node *left = parse_value(p);
    if (!left) return NULL;
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        if (!eat(p, ops[i].token)) continue;
        skip_space(p);
        const char *at = p->p;
        struct node *right = ops[i].op == OP_IN && eat(p, S("[")) ? parse_list(p) : parse_value(p);
        if (!right) return NULL;
        if (ops[i].op == OP_IN && right->op != OP_LIST && right->op != OP_PATH) return fail(p, at, "in asks for a [list] or a field");
        struct node *n = node(p, ops[i].op, left, right);
        return ops[i].op == OP_MATCH || ops[i].op == OP_NO_MATCH ? parse_regex(p, n, at) : n;
    }
    return left;
}

static struct node *parse_not(struct parse *p)
{
    skip_space(p);
    if (p->end - p->p > 1 && p->p[0] == '!' && p->p[1] != '=' && p->p[1] != '~') {
        if (++p->depth > DEPTH) return fail(p, p->p, "this is nested too deeply");
        p->p++;
        struct node *inner = parse_not(p);
        p->depth--;
        return inner ? node(p, OP_NOT, inner, NULL) : NULL;
    }
    return parse_test(p);
}

static struct node *parse_and(struct parse *p)
{
    struct node *left = parse_not(p);
    while (left && eat(p, S("&&"))) {
        struct node *right = parse_not(p);
        left = right ? node(p, OP_AND, left, right) : NULL;
    }
    return left;
}

static struct node *parse_or(struct parse *p)
{
    if (++p->depth > DEPTH) return fail(p, p->p, "this is nested too deeply");
    struct node *left = parse_and(p);
    while (left && eat(p, S("||"))) {
        struct node *right = parse_and(p);
        left = right ? node(p, OP_OR, left, right) : NULL;
    }
    p->depth--;
    return left;
}

struct expr *expr_compile(struct str text, struct err *e)
{
    struct expr *x = mem_zero(1, sizeof *x);
    struct parse p = { .text = text, .p = text.p, .end = text.p + text.n, .x = x, .e = e };
    if (!utf8_valid(text)) err_set(e, ERR_USAGE, "the expression is not UTF-8");
    else x->root = parse_or(&p);
    skip_space(&p);
    if (x->root && p.p < p.end) x->root = fail(&p, p.p, "expected an operator, or the end");
    if (x->root) return x;
    expr_free(x);
    return NULL;
}

void expr_free(struct expr *x)
{
    if (!x) return;
    for (struct node *n = x->regexes; n; n = n->next) pcre2_code_free(n->regex);
    arena_free(&x->mem);
    free(x);
}

/* ---- evaluation ---- */

static struct value of_json(struct str raw, struct arena *mem)
{
    struct value v = { .s = raw };
    if (!raw.p) return v;
    switch (*raw.p) {
    case '"': v.type = T_STRING; json_string(raw, mem, &v.s); break;
    case '[': v.type = T_ARRAY; break;
    case '{': v.type = T_OBJECT; break;
    case 't': v.type = T_BOOL; v.number = 1; break;
    case 'f': v.type = T_BOOL; break;
    case 'n': break;
    default:  v.type = T_NUMBER; json_number(raw, &v.number); break;
    }
    return v;
}

static bool is_true(struct value v)
{
    return v.type == T_STRING ? v.s.n > 0 : v.type == T_ARRAY || v.type == T_OBJECT || (v.type != T_NULL && v.number != 0);
}

static bool equal(struct value a, struct value b)
{
    if (a.type != b.type) return false;
    return a.type == T_NULL || (a.type == T_BOOL || a.type == T_NUMBER ? a.number == b.number : str_eq(a.s, b.s));
}

static bool compare(enum op op, struct value a, struct value b)
{
    bool with_null = a.literal_null || b.literal_null;
    if (op == OP_EQ || op == OP_NE) {
        if (!with_null && (a.type == T_NULL || b.type == T_NULL)) return false;
        return equal(a, b) == (op == OP_EQ);
    }
    if (a.type != b.type || (a.type != T_NUMBER && a.type != T_STRING)) return false;
    int order = a.type == T_STRING ? str_cmp(a.s, b.s) : (a.number > b.number) - (a.number < b.number);      /* JSON has no NaN */
    return op == OP_LT ? order < 0 : op == OP_LE ? order <= 0 : op == OP_GT ? order > 0 : order >= 0;
}

static struct value length(struct value v)
{
    struct value n = { .type = T_NUMBER };
    struct str item;
    struct json_field f;
    if (v.type == T_STRING) n.number = (double)utf8_length(v.s);
    else if (v.type == T_ARRAY) while (json_next(&v.s, &item)) n.number++;
    else if (v.type == T_OBJECT) while (json_next_field(&v.s, &f)) n.number++;
    else n.type = T_NULL;
    return n;
}

static bool matches(const struct node *n, struct str s, bool *found, struct err *e)
{
    pcre2_match_data *m = pcre2_match_data_create(1, NULL);
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    if (!m || !limits) mem_out(0);
    pcre2_set_match_limit(limits, MATCH_LIMIT);
    int rc = pcre2_match(n->regex, (PCRE2_SPTR)s.p, s.n, 0, PCRE2_NO_UTF_CHECK, m, limits);
    pcre2_match_data_free(m);
    pcre2_match_context_free(limits);
    *found = rc >= 0;
    if (rc >= 0 || rc == PCRE2_ERROR_NOMATCH) return true;
    if (rc == PCRE2_ERROR_NOMEMORY) mem_out(0);
    return err_set(e, ERR_DATA, "the pattern took more than %d steps (PCRE2 error %d)", MATCH_LIMIT, rc);
}

static bool eval(const struct node *n, const struct doc *d, struct value *out, struct err *e);

static bool is_in(const struct node *n, struct value what, const struct doc *d, bool *found, struct err *e)
{
    struct value v;
    *found = false;
    if (what.type == T_NULL) return true;
    if (n->op == OP_LIST) {
        for (const struct node *i = n->left; i && !*found; i = i->next) {
            if (!eval(i, d, &v, e)) return false;
            *found = equal(what, v);
        }
        return true;
    }
    struct str list = doc_path(d, n->path), item;
    while (list.p && *list.p != '{' && !*found && json_next(&list, &item)) *found = equal(what, of_json(item, d->mem));
    return true;
}

static struct value truth(bool x)
{
    return (struct value){ .type = T_BOOL, .number = x };
}

/* Operators on one or two values. */
static bool eval_test(const struct node *n, const struct doc *d, struct value *out, struct err *e)
{
    struct value a, b;
    bool found = false;
    if (!eval(n->left, d, &a, e)) return false;
    switch (n->op) {
    case OP_NOT: *out = truth(!is_true(a)); return true;
    case OP_LEN: *out = length(a); return true;
    case OP_IN:  if (!is_in(n->right, a, d, &found, e)) return false; *out = truth(found); return true;
    case OP_MATCH: case OP_NO_MATCH:
        if (a.type == T_STRING && !matches(n, a.s, &found, e)) return false;
        *out = truth(a.type == T_STRING && found == (n->op == OP_MATCH));
        return true;
    default:
        if (!eval(n->right, d, &b, e)) return false;
        *out = truth(compare(n->op, a, b));
        return true;
    }
}

static bool eval(const struct node *n, const struct doc *d, struct value *out, struct err *e)
{
    switch (n->op) {
    case OP_LITERAL: *out = n->value; return true;
    case OP_PATH:    *out = of_json(doc_path(d, n->path), d->mem); return true;
    case OP_EXISTS:  *out = truth(doc_path(d, n->left->path).p != NULL); return true;
    case OP_OR: case OP_AND:
        if (!eval(n->left, d, out, e)) return false;
        if (is_true(*out) == (n->op == OP_OR)) { *out = truth(n->op == OP_OR); return true; }
        if (!eval(n->right, d, out, e)) return false;
        *out = truth(is_true(*out));
        return true;
    default: return eval_test(n, d, out, e);
    }
}

bool expr_eval(const struct expr *x, const struct doc *d, bool *verdict, struct err *e)
{
    struct value v;
    if (!eval(x->root, d, &v, e)) return false;
    *verdict = is_true(v);
    return true;
}
