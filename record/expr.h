/* expr.h - conditions on a document: lang == "en" && signals.rps_doc_word_count[0][2] >= 50.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   or     := and ("||" and)*          and := not ("&&" not)*          not := "!" not | test
 *   test   := value [("==" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~") value | "in" (list | path)]
 *   value  := number | "string" | 'raw string' | null | true | false | path | len(value) | exists(path) | (or)
 *   list   := [value, ...]             path := name ("." name | "[" index "]")*
 *
 * A missing field is null. A comparison with null is false, whatever the operator, except == and != with the
 * word null itself. Values of different types are unequal and have no order. Strings are ordered by their bytes. ~ is
 * a PCRE2 search (UTF, JIT) and its right side a literal. len() counts code points, items or members; of anything
 * else it is null. A value alone is true unless it is null, false, 0 or "".
 *
 * Compiled once; evaluated on any thread. A regular expression that exceeds PCRE2's match limit is an error.
 */
#ifndef RECORD_EXPR_H
#define RECORD_EXPR_H
#include "record/doc.h"

struct expr;
struct expr *expr_compile(struct str text, struct err *e) MUST_CHECK;       /* NULL with e set: what, and a caret below where */
bool expr_eval(const struct expr *x, const struct doc *d, bool *verdict, struct err *e) MUST_CHECK;
void expr_free(struct expr *x);

#endif
