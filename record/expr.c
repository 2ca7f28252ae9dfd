/* expr.c - walk the nodes with one document; look at raw JSON, decode last.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/utf8.h"
#include "record/expr_node.h"

#include <stdlib.h>

struct ask { struct doc *d; bool limit; };

/* ---- values ---- */

struct value value_of_json(struct str json)
{
    struct value v = { .kind = V_NULL };
    if (!json.n) return v;
    switch (*json.p) {
    case 'n': return v;
    case 'f': v.kind = V_FALSE; return v;
    case 't': v.kind = V_TRUE; return v;
    case '[': v.kind = V_ARRAY; v.raw = json; return v;
    case '{': v.kind = V_OBJECT; v.raw = json; return v;
    case '"':
        v.kind = V_STRING;
        v.raw = (struct str){ json.p + 1, json.n - 2 };
        return v;
    default:
        v.kind = json_number(json, &v.number) ? V_NUMBER : V_NULL;
        return v;
    }
}

static struct str text_of(struct value *v, struct doc *d)
{
    if (!v->text.p) json_string((struct str){ v->raw.p - 1, v->raw.n + 2 }, d->mem, &v->text);
    return v->text;
}

/* The text field is decoded once for all stages: doc_text keeps it. */
static struct value field(struct str path, struct doc *d)
{
    struct value v = value_of_json(doc_path(d, path));
    if (v.kind == V_STRING && str_eq(path, str_of(d->text_field))) v.text = d->text;
    return v;
}

static struct str field_text(struct str path, struct value *v, struct doc *d)
{
    if (!v->text.p && str_eq(path, str_of(d->text_field))) v->text = doc_text(d);
    return text_of(v, d);
}

static struct value number(size_t n)
{
    return (struct value){ .kind = V_NUMBER, .number = (double)n };
}

static struct value length(struct str path, struct doc *d)
{
    struct value v = field(path, d);
    struct str rest = v.raw, item;
    struct json_field member;
    size_t n = 0;
    switch (v.kind) {
    case V_STRING: return number(utf8_length(field_text(path, &v, d)));
    case V_ARRAY:  while (json_next(&rest, &item)) n++; return number(n);
    case V_OBJECT: while (json_next_field(&rest, &member)) n++; return number(n);
    case V_NULL: case V_FALSE: case V_TRUE: case V_NUMBER: break;
    }
    return (struct value){ .kind = V_NULL };
}

/* The flags are read before they are set, so that threads do not pull at one line. */
static void look_out(struct sight *s, bool there)
{
    if (!atomic_load_explicit(&s->asked, memory_order_relaxed)) atomic_store(&s->asked, true);
    if (there && !atomic_load_explicit(&s->found, memory_order_relaxed)) atomic_store(&s->found, true);
}

static struct value value(const struct node *n, struct doc *d)
{
    if (n->kind == N_LEN) return length(n->path, d);
    if (n->kind != N_PATH) return n->value;
    const struct value v = field(n->path, d);
    if (n->sight) look_out(n->sight, v.kind != V_NULL);
    return v;
}

/* ---- comparisons ---- */

/* A byte of text takes one to six bytes of JSON, so most strings differ by their length alone. */
static bool strings_equal(struct value *a, struct value *b, struct doc *d)
{
    if (a->text.p && !b->text.p && (b->raw.n < a->text.n || b->raw.n / 6 > a->text.n)) return false;
    if (b->text.p && !a->text.p && (a->raw.n < b->text.n || a->raw.n / 6 > b->text.n)) return false;
    return str_eq(text_of(a, d), text_of(b, d));
}

static bool equal(struct value *a, struct value *b, struct doc *d)
{
    if (a->kind != b->kind) return false;
    switch (a->kind) {
    case V_NULL: case V_FALSE: case V_TRUE: return true;
    case V_NUMBER: return a->number == b->number;
    case V_STRING: return strings_equal(a, b, d);
    case V_ARRAY: case V_OBJECT: break;
    }
    return false;
}

static bool is_null_literal(const struct node *n)
{
    return n->kind == N_LITERAL && n->value.kind == V_NULL;
}

/* == and != */
static bool alike(const struct node *n, struct doc *d, bool wanted)
{
    const struct node *x = n->kids, *y = x->next;
    struct value a = value(x, d), b = value(y, d);
    if (is_null_literal(x) || is_null_literal(y)) return (a.kind == b.kind) == wanted;
    return a.kind != V_NULL && b.kind != V_NULL && equal(&a, &b, d) == wanted;
}

static bool in_order(const struct node *n, struct doc *d)
{
    struct value a = value(n->kids, d), b = value(n->kids->next, d);
    if (a.kind != b.kind || (a.kind != V_NUMBER && a.kind != V_STRING)) return false;
    int order = a.kind == V_NUMBER ? (a.number > b.number) - (a.number < b.number)
                : str_cmp(text_of(&a, d), text_of(&b, d));
    return n->kind == N_LT ? order < 0 : n->kind == N_LE ? order <= 0 : n->kind == N_GT ? order > 0 : order >= 0;
}

static bool among(const struct node *n, struct doc *d)
{
    struct value a = value(n->kids, d);
    const struct node *list = n->kids->next;
    if (list->kind == N_PATH) {
        struct str rest = doc_path(d, list->path), item;
        while (json_next(&rest, &item)) {
            struct value b = value_of_json(item);
            if (equal(&a, &b, d)) return true;
        }
        return false;
    }
    for (const struct node *item = list->kids; item; item = item->next) {
        struct value b = item->value;
        if (equal(&a, &b, d)) return true;
    }
    return false;
}

static bool matches(const struct node *n, struct ask *ask)
{
    const struct node *of = n->kids;
    struct value v = value(of, ask->d);
    if (v.kind != V_STRING) return false;
    struct str text = of->kind == N_PATH ? field_text(of->path, &v, ask->d) : text_of(&v, ask->d);
    enum pattern_found found = pattern_find(n->pattern, text, ask->d->worker);
    ask->limit |= found == PATTERN_LIMIT;
    return (found == PATTERN_YES) == (n->kind == N_MATCH);
}

/* ---- conditions ---- */

static bool is_true(struct value v)
{
    switch (v.kind) {
    case V_NULL: case V_FALSE: return false;
    case V_NUMBER: return v.number != 0;
    case V_STRING: return v.text.n || v.raw.n;
    case V_TRUE: case V_ARRAY: case V_OBJECT: break;
    }
    return true;
}

static bool holds(const struct node *n, struct ask *ask)
{
    switch (n->kind) {
    case N_ANY:
        for (const struct node *kid = n->kids; kid; kid = kid->next) if (holds(kid, ask) || ask->limit) return true;
        return false;
    case N_ALL:
        for (const struct node *kid = n->kids; kid; kid = kid->next) if (!holds(kid, ask) || ask->limit) return false;
        return true;
    case N_NOT:    return !holds(n->kids, ask);
    case N_EXISTS: return doc_path(ask->d, n->path).p != NULL;
    case N_EQ:     return alike(n, ask->d, true);
    case N_NE:     return alike(n, ask->d, false);
    case N_LT: case N_LE: case N_GT: case N_GE: return in_order(n, ask->d);
    case N_MATCH: case N_NO_MATCH: return matches(n, ask);
    case N_IN:     return among(n, ask->d);
    case N_TRUTH:  return is_true(value(n->kids, ask->d));
    case N_LITERAL: case N_PATH: case N_LEN: case N_LIST: break;     /* values, never asked */
    }
    return false;
}

enum expr_verdict expr_eval(const struct expr *x, struct doc *d, size_t *rule)
{
    struct ask ask = { .d = d };
    for (*rule = 0; *rule < x->n_rules; ++*rule) {
        bool yes = holds(x->rules[*rule], &ask);
        if (ask.limit) return EXPR_LIMIT;
        if (!yes) return EXPR_FALSE;
    }
    return EXPR_TRUE;
}

/* ---- compilation ---- */

static void list_rules(struct expr *x)
{
    struct node *first = x->root->kind == N_ALL ? x->root->kids : x->root;
    x->n_rules = 0;
    for (const struct node *n = first; n; n = n->next) x->n_rules++;
    x->rules = NEW(&x->mem, struct node *, x->n_rules);
    size_t i = 0;
    for (struct node *n = first; n; n = n->next) x->rules[i++] = n;
}

struct expr *expr_compile(struct str text, int workers, struct err *e)
{
    struct expr *x = mem_zero(1, sizeof *x);
    x->root = expr_parse(x, text, workers, e);
    if (!x->root) {
        expr_free(x);
        return NULL;
    }
    list_rules(x);
    return x;
}

size_t expr_rules(const struct expr *x)
{
    return x->n_rules;
}

struct str expr_rule(const struct expr *x, size_t rule)
{
    return x->rules[rule]->source;
}

struct str expr_unseen(const struct expr *x)
{
    for (const struct sight *s = x->sights; s; s = s->next) if (s->asked && !s->found) return s->path;
    return (struct str){ 0 };
}

void expr_free(struct expr *x)
{
    for (size_t i = 0; i < x->n_patterns; i++) pattern_free(x->patterns[i]);
    free(x->patterns);
    arena_free(&x->mem);
    free(x);
}
