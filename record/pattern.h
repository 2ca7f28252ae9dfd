/* pattern.h - a user's regular expression, shared by all threads, that cannot run away.
 * SPDX-License-Identifier: Apache-2.0
 *
 * PCRE2 with its JIT, on valid UTF-8. \d \w \s and case folding of \w are ASCII's unless the pattern
 * begins with (*UCP). A match that takes more than PATTERN_STEPS steps, or its share of
 * memory, is given up: PATTERN_LIMIT says that it is not known whether there is one.
 */
#ifndef RECORD_PATTERN_H
#define RECORD_PATTERN_H
#include "core/str.h"

enum { PATTERN_STEPS = 1000000 };                    /* about 10 ms; PCRE2 itself would allow ten times as many */
enum pattern_found { PATTERN_NO, PATTERN_YES, PATTERN_LIMIT };

struct pattern;
/* NULL with e set (ERR_USAGE) and *at where in the pattern it is wrong. workers: how many threads will match. */
struct pattern *pattern_compile(struct str regex, int workers, size_t *at, struct err *e) MUST_CHECK;
enum pattern_found pattern_find(const struct pattern *p, struct str text, int worker);
void pattern_free(struct pattern *p);

#endif
