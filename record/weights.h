/* weights.h - weights of domains by name, from JSON.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     {"books": 0.3, "code": 0.7}        or that as "weights" of a larger object, as doremi, doge and regmix write it
 *
 * Weights are finite numbers from 0 up, of any sum; a domain that is not named has 0, one that is named twice is refused.
 */
#ifndef RECORD_WEIGHTS_H
#define RECORD_WEIGHTS_H
#include "core/str.h"

struct weight { struct str name; double x; };
struct weights { struct arena mem; struct weight *of; size_t n; };         /* of: sorted by name */

bool weights_read(struct weights *w, const char *path, struct err *e) MUST_CHECK;      /* free it either way */
double weights_of(const struct weights *w, struct str name);
void weights_free(struct weights *w);

#endif
