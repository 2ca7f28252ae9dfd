/* expr_parse.c - recursive descent over expr.h's grammar, one function a line.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/utf8.h"
#include "record/expr_node.h"

/* WINDOW: bytes of the expression that an error shows before its place */
enum { DEPTH_MAX = 100, LENGTH_MAX = 100000, WINDOW = 60 };

struct parse { struct expr *x; const char *begin, *at, *end; int workers, depth; struct err *e; };

/* ---- errors ---- */

static bool is_more(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* The message, the expression around `at`, and a caret under it. */
static void *fail(struct parse *p, const char *at, const char *what)
{
    char shown[2 * WINDOW + 1];
    const char *from = at - p->begin > WINDOW ? at - WINDOW : p->begin;
    while (from < at && is_more(*from)) from++;
    size_t n = 0, column = 0;
    for (const char *c = from; c < p->end && n < sizeof shown - 4; c++) {
        if (!is_more(*c) && n >= sizeof shown - 8) break;
        if (c < at && !is_more(*c)) column++;
        shown[n++] = (unsigned char)*c < ' ' ? ' ' : *c;
    }
    err_set(p->e, ERR_USAGE, "%s\n  %.*s\n  %*s^", what, (int)n, shown, (int)column, "");
    return NULL;
}

/* ---- words ---- */

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
    return ((c | 32) >= 'a' && (c | 32) <= 'z') || is_digit(c) || c == '_' || c == '-' || (unsigned char)c >= 0x80;
}

static void skip(struct parse *p)
{
    while (p->at < p->end && is_space(*p->at)) p->at++;
}

static char look(struct parse *p)                    /* NUL at the end */
{
    skip(p);
    return p->at < p->end ? *p->at : 0;
}

static bool take(struct parse *p, struct str sign)
{
    skip(p);
    if (!str_starts(str_span(p->at, p->end), sign)) return false;
    p->at += sign.n;
    return true;
}

static bool take_word(struct parse *p, struct str word)
{
    skip(p);
    const char *behind = p->at + word.n;
    if (!str_starts(str_span(p->at, p->end), word)
        || (behind < p->end && (is_name(*behind) || *behind == '.' || *behind == '[')))
        return false;
    p->at = behind;
    return true;
}

static struct node *node(struct parse *p, enum node_kind kind, struct node *kids)
{
    struct node *n = ZERO(&p->x->mem, struct node, 1);
    n->kind = kind;
    n->kids = kids;
    return n;
}

/* ---- values ---- */

/* The span between the quotes at p->at; null span with the error set when they do not close. */
static struct str quoted(struct parse *p)
{
    const char *open = p->at, quote = *open, *c = open + 1;
    while (c < p->end && *c != quote) c += *c == '\\' && quote == '"' && c + 1 < p->end ? 2 : 1;
    if (c >= p->end) { fail(p, open, "a string without its closing quote"); return (struct str){ 0 }; }
    p->at = c + 1;
    return str_span(open + 1, c);
}

static struct node *literal(struct parse *p, struct value v)
{
    struct node *n = node(p, N_LITERAL, NULL);
    n->value = v;
    return n;
}

static struct node *parse_string(struct parse *p)
{
    const char *open = p->at;
    struct err bad = { 0 };
    struct str s = quoted(p), json = str_span(open, p->at);
    if (!s.p) return NULL;
    if (*open == '"' && !json_valid(json, &bad))
        return fail(p, open, "not a JSON string (a backslash is written twice)");
    if (*open == '"') json_string(json, &p->x->mem, &s);
    return literal(p, (struct value){ .kind = V_STRING, .text = s });
}

static struct node *parse_number(struct parse *p)
{
    const char *begin = p->at;
    struct err bad = { 0 };
    while (p->at < p->end
           && (is_digit(*p->at) || *p->at == '-' || *p->at == '+' || *p->at == '.' || (*p->at | 32) == 'e'))
        p->at++;
    struct str s = str_span(begin, p->at);
    struct value v = { .kind = V_NUMBER };
    if (!json_valid(s, &bad) || !json_number(s, &v.number)) return fail(p, begin, "not a number");
    return literal(p, v);
}

/* A literal, or NULL without an error when there is none. */
static struct node *parse_literal(struct parse *p)
{
    char c = look(p);
    if (c == '"' || c == '\'') return parse_string(p);
    if (c == '-' || is_digit(c)) return parse_number(p);
    if (take_word(p, S("true"))) return literal(p, (struct value){ .kind = V_TRUE });
    if (take_word(p, S("false"))) return literal(p, (struct value){ .kind = V_FALSE });
    if (take_word(p, S("null"))) return literal(p, (struct value){ .kind = V_NULL });
    return NULL;
}

static bool parse_index(struct parse *p)
{
    const char *open = p->at++;
    while (p->at < p->end && is_digit(*p->at)) p->at++;
    if (p->at == open + 1 || p->at == p->end || *p->at != ']') {
        fail(p, open, "an index is [0], [1], ...");
        return false;
    }
    p->at++;
    return true;
}

static struct str parse_path(struct parse *p)
{
    skip(p);
    const char *begin = p->at;
    for (;;) {
        const char *name = p->at;
        while (p->at < p->end && is_name(*p->at)) p->at++;
        if (p->at == name) { fail(p, name, "the name of a field is missing here"); return (struct str){ 0 }; }
        while (p->at < p->end && *p->at == '[') if (!parse_index(p)) return (struct str){ 0 };
        if (p->at == p->end || *p->at != '.') return str_span(begin, p->at);
        p->at++;
    }
}

/* "(" path ")", behind the name of the function. */
static struct node *parse_call(struct parse *p, enum node_kind kind)
{
    struct node *n = node(p, kind, NULL);
    take(p, S("("));
    n->path = parse_path(p);
    if (!n->path.p) return NULL;
    return take(p, S(")")) ? n : fail(p, p->at, "a ) is missing here");
}

static bool take_function(struct parse *p, struct str name)
{
    const char *at = p->at;
    if (take_word(p, name) && look(p) == '(') return true;
    p->at = at;
    return false;
}

static struct node *parse_value(struct parse *p)
{
    struct node *n = parse_literal(p);
    if (n || p->e->kind) return n;
    if (take_function(p, S("len"))) return parse_call(p, N_LEN);
    const char *begin = p->at;
    if (begin == p->end || !is_name(*begin)) return fail(p, begin, "a value is missing here");
    n = node(p, N_PATH, NULL);
    n->path = parse_path(p);
    if (!n->path.p) return NULL;
    return look(p) == '(' ? fail(p, begin, "no such function; there are len() and exists()") : n;
}

/* ---- conditions ---- */

static struct node *parse_match(struct parse *p, struct node *of, enum node_kind kind)
{
    char c = look(p);
    if (c != '"' && c != '\'') return fail(p, p->at, "a regular expression in quotes is missing here");
    struct str regex = quoted(p);
    if (!regex.p) return NULL;
    size_t at = 0;
    struct err bad = { 0 };
    struct node *n = node(p, kind, of);
    n->pattern = pattern_compile(regex, p->workers, &at, &bad);
    if (!n->pattern) return fail(p, regex.p + at, bad.msg);
    struct expr *x = p->x;
    x->patterns = mem_grow(x->patterns, &x->cap_patterns, x->n_patterns + 1, sizeof *x->patterns);
    x->patterns[x->n_patterns++] = n->pattern;
    return n;
}

static struct node *parse_list(struct parse *p)
{
    struct node *list = node(p, N_LIST, NULL), **last = &list->kids;
    if (take(p, S("]"))) return list;
    do {
        *last = parse_literal(p);
        if (!*last) return p->e->kind ? NULL : fail(p, p->at, "a string or number is missing here");
        last = &(*last)->next;
    } while (take(p, S(",")));
    return take(p, S("]")) ? list : fail(p, p->at, "a ] is missing here");
}

static struct node *parse_in(struct parse *p, struct node *of)
{
    struct node *n = node(p, N_IN, of);
    if (take(p, S("["))) of->next = parse_list(p);
    else {
        of->next = node(p, N_PATH, NULL);
        of->next->path = parse_path(p);
        if (!of->next->path.p) return NULL;
    }
    return of->next ? n : NULL;
}

static void watch(struct parse *p, struct node *path)
{
    struct sight **last = &p->x->sights;
    while (*last) last = &(*last)->next;
    *last = path->sight = ZERO(&p->x->mem, struct sight, 1);
    path->sight->path = path->path;
}

static struct node *parse_comparison(struct parse *p)
{
    /* a sign before its own beginning */
    static const struct { struct str sign; enum node_kind kind; } tests[] = {
        { { "==", 2 }, N_EQ }, { { "!=", 2 }, N_NE }, { { "!~", 2 }, N_NO_MATCH }, { { "~", 1 }, N_MATCH },
        { { "<=", 2 }, N_LE }, { { ">=", 2 }, N_GE }, { { "<", 1 }, N_LT }, { { ">", 1 }, N_GT },
    };
    struct node *of = parse_value(p);
    if (!of) return NULL;
    if (take_word(p, S("in"))) return parse_in(p, of);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        if (!take(p, tests[i].sign)) continue;
        if (tests[i].kind == N_MATCH || tests[i].kind == N_NO_MATCH) return parse_match(p, of, tests[i].kind);
        of->next = parse_value(p);
        if (!of->next) return NULL;
        if (of->next->kind == N_PATH) watch(p, of->next);
        return node(p, tests[i].kind, of);
    }
    if (look(p) == '=') return fail(p, p->at, "equality is ==");
    return node(p, N_TRUTH, of);
}

static struct node *parse_any(struct parse *p);

static struct node *parse_parentheses(struct parse *p)
{
    struct node *n = parse_any(p);
    if (!n) return NULL;
    return take(p, S(")")) ? n : fail(p, p->at, "a ) is missing here");
}

static struct node *parse_not(struct parse *p);

static struct node *parse_one(struct parse *p)
{
    const char *begin = (skip(p), p->at);
    if (p->depth == DEPTH_MAX) return fail(p, begin, "too many parentheses inside each other");
    p->depth++;
    struct node *n = take(p, S("!")) ? parse_not(p) : take(p, S("(")) ? parse_parentheses(p)
                   : take_function(p, S("exists")) ? parse_call(p, N_EXISTS) : parse_comparison(p);
    p->depth--;
    if (n) n->source = str_span(begin, p->at);
    return n;
}

static struct node *parse_not(struct parse *p)
{
    struct node *of = parse_one(p);
    return of ? node(p, N_NOT, of) : NULL;
}

/* part { sign part }: one part stands for itself. */
static struct node *parse_joined(struct parse *p, struct str sign, enum node_kind kind,
                                 struct node *(*part)(struct parse *))
{
    const char *begin = (skip(p), p->at);
    struct node *first = part(p), *last = first;
    if (!first) return NULL;
    while (take(p, sign)) {
        last->next = part(p);
        if (!(last = last->next)) return NULL;
    }
    if (last == first) return first;
    struct node *n = node(p, kind, first);
    n->source = str_trim(str_span(begin, p->at));
    return n;
}

static struct node *parse_all(struct parse *p)
{
    return parse_joined(p, S("&&"), N_ALL, parse_one);
}

static struct node *parse_any(struct parse *p)
{
    return parse_joined(p, S("||"), N_ANY, parse_all);
}

struct node *expr_parse(struct expr *x, struct str text, int workers, struct err *e)
{
    struct parse p = { x, text.p, text.p, text.p + text.n, workers, 0, e };
    if (text.n > LENGTH_MAX) return fail(&p, p.at, "the expression is too long");
    if (!utf8_valid(text)) return fail(&p, p.at, "the expression is not UTF-8");
    struct node *n = parse_any(&p);
    if (!n) return NULL;
    return look(&p) ? fail(&p, p.at, "&&, || or the end is expected here") : n;
}
