/* expr.h - a condition on a document: compiled once, asked of every document on any thread.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     lang == "en" && signals.rps_doc_word_count[0][2] >= 50 && !(url ~ "/tag/|/page/")
 *
 *     any   = all { "||" all }
 *     all   = one { "&&" one }
 *     one   = "!" one | "(" any ")" | "exists" "(" path ")" | value [ test ]
 *     test  = ("==" "!=" "<" "<=" ">" ">=") value | ("~" "!~") string | "in" (path | "[" literal { "," literal } "]")
 *     value = literal | path | "len" "(" path ")"
 *     literal = string | number | "true" | "false" | "null"
 *     path  = name { "." name | "[" digits "]" }       a name: letters, digits, _, - and all that is not ASCII
 *     string = a JSON string, or '...' as written      the pattern of ~ is as written in either, for PCRE2
 *
 * A field that is missing is null. x == null and x != null ask whether there is a value; every other
 * comparison with null is false, != and !~ too. Numbers are compared as doubles, strings by bytes (which is
 * by code points). Values of different types differ, and neither is less; arrays and objects equal nothing.
 * A value alone is true unless it is null, false, 0 or "". len is code points of a string, items of an array,
 * members of an object, else null. exists(x): x is there, if only as null.
 *
 * Nothing is decoded that need not be: a comparison with a string looks at the raw JSON first.
 */
#ifndef RECORD_EXPR_H
#define RECORD_EXPR_H
#include "record/doc.h"

/* LIMIT: a regular expression ran into pattern.h's limits */
enum expr_verdict { EXPR_FALSE, EXPR_TRUE, EXPR_LIMIT };

struct expr;
/* NULL with e set, with the place under a caret. Keeps text. workers: how many threads will ask. */
struct expr *expr_compile(struct str text, int workers, struct err *e) MUST_CHECK;
/* *rule: the first of the parts joined by && that was not true, as an index for expr_rule. */
enum expr_verdict expr_eval(const struct expr *x, struct doc *d, size_t *rule);
size_t expr_rules(const struct expr *x);
struct str expr_rule(const struct expr *x, size_t rule);     /* its text */
/* The first field behind a comparison's sign that no document had, though some were asked: en, of lang == en, where
   "en" was meant; else null. After the last document. */
struct str expr_unseen(const struct expr *x);
void expr_free(struct expr *x);

#endif
