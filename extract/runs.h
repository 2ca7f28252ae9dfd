/* runs.h - running text: where it ends, and what is in it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * White space is what HTML calls so (space, tab, LF, FF, CR) and U+00A0. A run is what can be copied as it
 * stands: words, with single spaces between them. Most text of the web is a few long ones:
 *
 *      "\n    Black <b>or</b>  green tea."       runs "Black", "or", "green tea."
 */
#ifndef EXTRACT_RUNS_H
#define EXTRACT_RUNS_H
#include "core/str.h"

struct run {
    uint32_t chars;              /* that are no spaces */
    uint32_t spaces, upper, digits, commas;          /* commas: . , ; : ! ? */
    uint32_t wide;               /* U+3000 to U+9FFF: Kana and Han, which are written without spaces */
};

bool run_is_nbsp(const char *p, const char *end);
/* Behind the white space that begins at p. */
const char *run_space(const char *p, const char *end);
/* Behind the run that begins at p, of which *r is told; one of a single word if spaces count. */
const char *run_text(const char *p, const char *end, bool one_word, struct run *r);

/* The ways to do it, for tests; null where the processor cannot. */
enum run_way { RUN_PLAIN, RUN_AVX2, RUN_AVX512, RUN_WAYS };
struct run_scan {
    const char *(*space)(const char *p, const char *end);
    const char *(*text)(const char *p, const char *end, bool one_word, struct run *r);
};
const struct run_scan *run_by(enum run_way way);

#endif
