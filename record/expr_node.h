/* expr_node.h - a compiled expression, between its parser and its evaluation.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef RECORD_EXPR_NODE_H
#define RECORD_EXPR_NODE_H
#include "record/expr.h"
#include "record/pattern.h"

#include <stdatomic.h>

/* A string is raw (between its JSON quotes, perhaps escaped) until text is asked for. */
enum value_kind { V_NULL, V_FALSE, V_TRUE, V_NUMBER, V_STRING, V_ARRAY, V_OBJECT };
struct value { enum value_kind kind; double number; struct str raw, text; };

enum node_kind {
    N_ANY, N_ALL, N_NOT, N_TRUTH, N_EXISTS,                          /* conditions; of their kids */
    N_EQ, N_NE, N_LT, N_LE, N_GT, N_GE, N_MATCH, N_NO_MATCH, N_IN,   /* of two kids; MATCH: of one and the pattern */
    N_LITERAL, N_PATH, N_LEN, N_LIST,                                /* values */
};
struct node {
    enum node_kind kind;
    struct node *kids, *next;        /* next: the parent's next kid */
    struct value value;              /* LITERAL */
    struct str path;                 /* PATH, LEN, EXISTS */
    struct pattern *pattern;         /* MATCH, NO_MATCH */
    struct str source;
    struct sight *sight;             /* a PATH behind a comparison's sign: en, of lang == en */
};
struct sight { struct str path; atomic_bool asked, found; struct sight *next; };
struct expr {
    struct arena mem;
    struct node *root, **rules;
    size_t n_rules;
    struct sight *sights;            /* in the order of the text */
    struct pattern **patterns;       /* all, to be freed */
    size_t n_patterns, cap_patterns;
};

struct value value_of_json(struct str json);                         /* json: raw, or null for none */
struct node *expr_parse(struct expr *x, struct str text, int workers, struct err *e) MUST_CHECK;

#endif
