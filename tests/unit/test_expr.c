/* test_expr.c - expressions against a naive evaluation over a tree, and how errors look.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/rng.h"
#include "record/expr.h"
#include "tests/test.h"

static struct arena mem;

static enum expr_verdict ask(const char *text, const char *json)
{
    struct err e = { 0 };
    struct doc d;
    size_t rule;
    struct expr *x = expr_compile(str_of(text), 1, &e);
    if (!x || !doc_parse(&d, str_of(json), &mem, "text", &e)) { printf("# %s: %s\n", text, e.msg); exit(TEST_FAILED); }
    enum expr_verdict v = expr_eval(x, &d, &rule);
    expr_free(x);
    return v;
}

static const char *complaint(const char *text)
{
    static struct err e;
    e = (struct err){ 0 };
    if (expr_compile(str_of(text), 1, &e)) return "none";
    return e.kind == ERR_USAGE ? e.msg : "not a usage error";
}

#define YES(expr, json) EQ(ask(expr, json), EXPR_TRUE)
#define NO(expr, json)  EQ(ask(expr, json), EXPR_FALSE)

TEST(a_missing_field_is_null_and_compares_false)
{
    YES("x == null", "{}");
    NO("x != null", "{}");
    YES("x == null", "{\"x\":null}");
    YES("null != x", "{\"x\":0}");
    NO("x == 1 || x != 1 || x < 1 || x >= 1 || x ~ \"\" || x !~ \"a\" || x in [1] || x == y || x != y", "{}");
    NO("x", "{\"x\":null}");
    YES("!x", "{}");
    YES("exists(x) && !exists(y)", "{\"x\":null}");
}

TEST(values_of_other_types_differ_and_are_not_in_order)
{
    YES("x != \"3\" && x != true && x != y && y != 3", "{\"x\":3,\"y\":[3]}");
    NO("x < \"4\" || x == \"3\" || y == y || y < z", "{\"x\":3,\"y\":[3],\"z\":[4]}");
    YES("x == 3.0 && x == 3e0 && x <= 3 && x > -1", "{\"x\":3}");
    YES("a < b && b > a && a != b && a <= a", "{\"a\":\"Z\",\"b\":\"\\u00e9\"}");
}

TEST(a_value_alone_is_true_unless_it_is_null_false_zero_or_empty)
{
    YES("t && n && s && a && o", "{\"t\":true,\"n\":-1,\"s\":\"0\",\"a\":[],\"o\":{}}");
    NO("t || n || s || x || y", "{\"t\":false,\"n\":0.0,\"s\":\"\",\"x\":null}");
}

TEST(paths_reach_into_objects_and_arrays)
{
    const char *json = "{\"s\":{\"n\":[[0,10,0.5]],\"o\":{\"p\":true}},\"a\":[{\"b\":\"c\"}],\"x.y\":1,\"date-1\":2}";
    YES("s.n[0][2] == 0.5 && s.n[0][1] > 9 && s.o.p && a[0].b == 'c' && x.y == 1 && date-1 == 2", json);
    YES("s.n[1] == null && s.n[0][3] == null && s.o.p.q == null && a.b == null", json);
}

TEST(strings_match_escaped_or_not)
{
    YES("x == \"caf\xC3\xA9\\n\"", "{\"x\":\"caf\\u00e9\\n\"}");
    YES("x == \"\\ud83d\\ude00\"", "{\"x\":\"\xF0\x9F\x98\x80\"}");
    YES("x == ''", "{\"x\":\"\"}");
    NO("x == 'aaaaaa'", "{\"x\":\"a\"}");
    NO("x == 'a'", "{\"x\":\"aaaaaaaaaaaaaaaaaaaaaa\"}");
    YES("x == 'a'", "{\"x\":\"\\u0061\"}");
}

TEST(regular_expressions_are_taken_as_written)
{
    YES("x ~ \"^\\d+\\.html$\" && x !~ \"a\"", "{\"x\":\"12.html\"}");
    YES("x ~ \"a\\\"b\" && x ~ '\"'", "{\"x\":\"a\\\"b\"}");
    YES("text ~ '(?i)hello'", "{\"text\":\"Hello\"}");
    YES("x ~ '^.$'", "{\"x\":\"\\u00e9\"}");
    NO("x !~ 'a' || x ~ '1'", "{\"x\":1}");
}

TEST(a_pattern_that_runs_away_is_given_up)
{
    EQ(ask("x ~ '^(a+)+$'", "{\"x\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"}"), EXPR_LIMIT);
    EQ(ask("!(x ~ '^(a+)+$') || true", "{\"x\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"}"), EXPR_LIMIT);
}

TEST(in_looks_through_a_list_or_a_field)
{
    YES("x in [\"de\", 'en', 3] && !(x in []) && x in all && 3 in all", "{\"x\":\"en\",\"all\":[1,\"\\u0065n\",3]}");
    NO("x in all || x in none", "{\"x\":\"en\",\"all\":\"en\"}");
}

TEST(len_is_code_points_items_or_members)
{
    YES("len(text) == 5 && len(a) == 2 && len(o) == 1 && len(e) == 0 && len(n) == null && len(x) == null",
        "{\"text\":\"caf\\u00e9\\n\",\"a\":[[],2],\"o\":{\"a\":1},\"e\":[],\"n\":7}");
}

TEST(and_binds_before_or_and_not_before_and)
{
    YES("true || false && false", "{}");
    NO("(true || false) && false", "{}");
    NO("!true && false || false", "{}");
    YES("!x == 1", "{\"x\":2}");
    YES("len == 1 && in == 2 && exists == 3 && nullx == 4", "{\"len\":1,\"in\":2,\"exists\":3,\"nullx\":4}");
}

TEST(the_rule_that_failed_is_named)
{
    struct err e = { 0 };
    struct doc d;
    size_t rule;
    struct expr *x = expr_compile(S("a == 1 &&  (b > 2 || c)  && d"), 1, &e);
    EQ(expr_rules(x), 3);
    OK(doc_parse(&d, S("{\"a\":1,\"b\":2}"), &mem, "text", &e));
    EQ(expr_eval(x, &d, &rule), EXPR_FALSE);
    STR_EQ(expr_rule(x, rule), S("(b > 2 || c)"));
    expr_free(x);
}

TEST(errors_stand_over_their_place)
{
    STR_EQ(str_of(complaint("a = 1")), S("equality is ==\n  a = 1\n    ^"));
    STR_EQ(str_of(complaint("a == 'caf\xC3\xA9' b")),
           S("&&, || or the end is expected here\n  a == 'caf\xC3\xA9' b\n              ^"));
    STR_EQ(str_of(complaint("a ~ \"x(\"")), S("missing closing parenthesis\n  a ~ \"x(\"\n         ^"));
    STR_EQ(str_of(complaint("")), S("a value is missing here\n  \n  ^"));
    static const char *const wrong[] = { "a ==", "a &&", "(a", "a)", "a[", "a[x]", "a[1", "a.", ".a", "a..b", "foo(a)",
                                         "len a b", "len()", "exists(", "\"a",
        "\"\\d\"", "a in b c", "a in [", "a in [b]", "a in [1,]", "01", "1e", "-", "a ~ b", "a ~ 1", "a ~ '\\C'",
        "a < b < c", "a == b == c", "!", "a || || b", "a & b", "\xFF", "in [1]" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (!strstr(complaint(wrong[i]), "^")) TEST_FAIL("%s: %s", wrong[i], complaint(wrong[i]));
}

TEST(long_and_deep_expressions_end_in_words)
{
    struct buf b = { 0 };
    for (int i = 0; i < 20000; i++) buf_put(&b, S("!(("));
    buf_putc(&b, 0);
    OK(strstr(complaint(b.p), "too many parentheses") != NULL);
    for (int i = 0; i < 20000; i++) buf_put(&b, S("!(("));
    buf_reset(&b);
    for (int i = 0; i < 10000; i++) buf_put(&b, S("a &&"));
    buf_put(&b, S("a == \xC3\xA9\xC3\xA9"));
    for (int i = 0; i < 50; i++) buf_put(&b, S("\xE2\x82\xAC "));
    buf_putc(&b, 0);
    OK(strlen(complaint(b.p)) < 300);
    buf_free(&b);
}

/* ---- against the definition ---- */

/* A value as the definition sees it, and two ways to write it in JSON. */
enum type { NONE, NUMBER, BOOLEAN, TEXT, OTHER };
struct thing { enum type type; double number; const char *text, *json[2]; };
static const struct thing scalars[] = {
    { NONE, 0, "", { "null", "null" } }, { BOOLEAN, 1, "", { "true", "true" } }, { BOOLEAN, 0, "", { "false", "false" } },
    { NUMBER, 0, "", { "0", "-0.0" } }, { NUMBER, 1, "", { "1", "1.0" } }, { NUMBER, 2.5, "", { "2.5", "25e-1" } },
    { NUMBER, -1, "", { "-1", "-1E0" } }, { NUMBER, 1e20, "", { "1e20", "100000000000000000000" } },
    { TEXT, 0, "", { "\"\"", "\"\"" } }, { TEXT, 0, "a", { "\"a\"", "\"\\u0061\"" } }, { TEXT, 0, "aaaa", { "\"aaaa\"", "\"aa\\u0061a\"" } },
    { TEXT, 0, "caf\xC3\xA9", { "\"caf\xC3\xA9\"", "\"caf\\u00E9\"" } }, { TEXT, 0, "\n/", { "\"\\n/\"", "\"\\u000a\\/\"" } },
    { TEXT, 0, "\xF0\x9F\x98\x80", { "\"\xF0\x9F\x98\x80\"", "\"\\ud83d\\ude00\"" } },
};
enum { N_SCALARS = sizeof scalars / sizeof *scalars, A = 0, B, SX, SY, L0, L1, N_PLACES };
static const char *const names[] = { "a", "b", "s.x", "s.y", "l[0]", "l[1]", "l", "s", "nothing", "s.z.z" };
static const struct thing nothing = { NONE, 0, "", { 0 } }, other = { OTHER, 0, "", { 0 } };

/* at: NULL for a field that is not there */
struct world { struct rng r; const struct thing *at[N_PLACES]; struct buf json, expr; };

static const struct thing *scalar(struct world *w)
{
    return &scalars[rng_below(&w->r, N_SCALARS)];
}

static void write_thing(struct world *w, struct buf *to, const struct thing *t)
{
    buf_put(to, str_of(t->json[rng_below(&w->r, 2)]));
}

static void make_doc(struct world *w)
{
    static const char *const before[] = { "{\"a\":", ",\"b\":", "\"x\":", ",\"y\" :", "", " ,\t" };
    for (int i = 0; i < N_PLACES; i++) w->at[i] = scalar(w);
    if (rng_below(&w->r, 2)) w->at[SY] = NULL;
    if (rng_below(&w->r, 2)) w->at[L1] = NULL;
    if (!w->at[L1] && rng_below(&w->r, 2)) w->at[L0] = NULL;
    buf_reset(&w->json);
    for (int i = 0; i < N_PLACES; i++) {
        if (i == SX) buf_put(&w->json, S(",\"s\" : {"));
        if (i == L0) buf_put(&w->json, S("},\"l\":["));
        if (!w->at[i]) continue;
        buf_put(&w->json, str_of(before[i]));
        write_thing(w, &w->json, w->at[i]);
    }
    buf_put(&w->json, S("]}"));
    buf_putc(&w->json, 0);
}

/* Writes a random value into the expression; returns what it is. */
static const struct thing *put_value(struct world *w, bool *literal)
{
    *literal = rng_below(&w->r, 3) == 0;
    if (*literal) {
        const struct thing *t = scalar(w);
        write_thing(w, &w->expr, t);
        return t;
    }
    size_t i = rng_below(&w->r, sizeof names / sizeof *names);
    buf_put(&w->expr, str_of(names[i]));
    if (i < N_PLACES) return w->at[i] ? w->at[i] : &nothing;
    return i < N_PLACES + 2 ? &other : &nothing;
}

static bool same(const struct thing *x, const struct thing *y)
{
    return x->type == y->type && x->type != OTHER && x->number == y->number && !strcmp(x->text, y->text);
}

static bool put_comparison(struct world *w)
{
    static const char *const signs[] = { " == ", "!=", " < ", "<=", ">", " >=" };
    bool l, m;
    const struct thing *x = put_value(w, &l);
    uint64_t sign = rng_below(&w->r, 6);
    buf_put(&w->expr, str_of(signs[sign]));
    const struct thing *y = put_value(w, &m);
    if (sign < 2 && ((l && x->type == NONE) || (m && y->type == NONE))) return (x->type == y->type) == (sign == 0);
    if (x->type == NONE || y->type == NONE) return false;
    if (sign < 2) return same(x, y) == (sign == 0);
    if (x->type != y->type || (x->type != NUMBER && x->type != TEXT)) return false;
    int order = x->type == TEXT ? strcmp(x->text, y->text) : (x->number > y->number) - (x->number < y->number);
    return sign == 2 ? order < 0 : sign == 3 ? order <= 0 : sign == 4 ? order > 0 : order >= 0;
}

static bool put_membership(struct world *w)
{
    bool l, found = false;
    const struct thing *x = put_value(w, &l);
    if (rng_below(&w->r, 2)) {
        buf_put(&w->expr, S(" in l"));
        for (int i = L0; i <= L1; i++) found |= w->at[i] && same(x, w->at[i]);
        return found;
    }
    buf_put(&w->expr, S(" in ["));
    for (uint64_t i = 0, n = rng_below(&w->r, 4); i < n; i++) {
        const struct thing *y = scalar(w);
        if (i) buf_putc(&w->expr, ',');
        write_thing(w, &w->expr, y);
        found |= same(x, y);
    }
    buf_putc(&w->expr, ']');
    return found;
}

static bool put_expr(struct world *w, int depth)
{
    bool x, y, l;
    const struct thing *t;
    uint64_t kind = rng_below(&w->r, depth > 4 ? 4 : 7);
    switch (kind) {
    case 0: case 1: return put_comparison(w);
    case 2: return put_membership(w);
    case 3: t = put_value(w, &l); return t->type == TEXT ? *t->text : t->type == OTHER || t->number != 0;
    case 4:
        buf_put(&w->expr, S("!("));
        x = put_expr(w, depth + 1);
        buf_putc(&w->expr, ')');
        return !x;
    default:
        buf_putc(&w->expr, '(');
        x = put_expr(w, depth + 1);
        buf_put(&w->expr, kind == 5 ? S(") && (") : S(")||("));
        y = put_expr(w, depth + 1);
        buf_putc(&w->expr, ')');
        return kind == 5 ? x && y : x || y;
    }
}

TEST(random_expressions_on_random_documents_mean_what_the_definition_says)
{
    struct world w = { .r = rng_init(7, 0) };
    int n_true = 0, n = 100000;
    for (int k = 0; k < n && !test_bad; k++) {
        make_doc(&w);
        buf_reset(&w.expr);
        bool wanted = put_expr(&w, 0);
        buf_putc(&w.expr, 0);
        if ((int)ask(w.expr.p, w.json.p) != wanted) TEST_FAIL("%s is not %d on %s", w.expr.p, wanted, w.json.p);
        n_true += wanted;
        arena_reset(&mem);
    }
    OK(n_true > n / 10 && n_true < n * 9 / 10);
    buf_free(&w.json);
    buf_free(&w.expr);
}

MAIN
