/* err.h - what went wrong, in words for the person at the terminal.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every function that can fail returns bool, takes a struct err * last, and on
 * failure returns what err_set() returns: false. Callers that know more prepend
 * it with err_in(). The first error stays: a later one never hides its cause.
 * Running out of memory is not an error but the end: see arena.h.
 *
 *     if (!file_read(f, buf, n, e)) return err_in(e, "%s", path);
 *
 * Wording: lower case, no full stop; what, where, why. "could not" when it may
 * work next time. A second line "hint: ..." when there is a next step.
 */
#ifndef CORE_ERR_H
#define CORE_ERR_H
#include <stdbool.h>

enum err_kind { ERR_NONE, ERR_DATA, ERR_USAGE, ERR_SYSTEM, ERR_PIPE };   /* also the exit status */
struct err { enum err_kind kind; char msg[500]; };

#define MUST_CHECK      __attribute__((warn_unused_result))
#define PRINTF(f, a)    __attribute__((format(printf, f, a)))

bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...) PRINTF(3, 4);
bool err_sys(struct err *e, const char *fmt, ...) PRINTF(2, 3);          /* adds strerror(errno) */
bool err_in(struct err *e, const char *fmt, ...) PRINTF(2, 3);           /* "where: " before the message */

#endif
