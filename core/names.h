/* names.h - lists of file names: more of them than a command line holds.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A name @LIST stands for the names in the file LIST, one a line (a file whose name begins with @ is ./@NAME).
 */
#ifndef CORE_NAMES_H
#define CORE_NAMES_H
#include "core/str.h"

struct names { char **all; size_t n, cap; struct arena mem; };    /* all: NULL-terminated */

bool names_add(struct names *l, const char *name, struct err *e) MUST_CHECK;       /* name, or the names of @LIST */
bool names_split(struct names *l, const char *names, struct err *e) MUST_CHECK;    /* "a,b,@c" */
void names_free(struct names *l);

#endif
