/* near.h - the name that was meant: of those that are tried, the nearest to a word that is none of them.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     struct near n = { .word = S("lnag") };
 *     for (...) near_try(&n, names[i]);
 *     if (n.name) ... "did you mean lang?"
 */
#ifndef CORE_NEAR_H
#define CORE_NEAR_H
#include "core/str.h"

struct near { struct str word; const char *name; size_t distance; };   /* name: NULL while nothing is near enough */

/* Near: a third of the letters may be wrong, missing or in excess; two letters in each other's place are one
 * mistake. */
void near_try(struct near *n, const char *name);

#endif
