/* stay.c - see stay.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/stay.h"

#include <math.h>

bool stay_parse(struct stay *s, const char *word, struct err *e)
{
    struct str w = str_of(word);
    *s = (struct stay){ .by = str_eq(w, S("near")) ? STAY_NEAR : str_eq(w, S("first")) ? STAY_FIRST
                        : str_starts(w, S("best:")) ? STAY_BEST : STAY_FAR };
    if (s->by == STAY_BEST) s->field = str_of(word + 5);
    return s->by != STAY_FAR || str_eq(w, S("far"))
        || err_set(e, ERR_USAGE, "--stay: \"%s\" is not far, near, first or best:FIELD", word);
}

double stay_rank(const struct stay *s, const struct doc *d)
{
    double x = 0;
    if (s->by == STAY_FIRST) return 0;
    if (s->by == STAY_BEST) return json_number(doc_path(d, s->field), &x) ? -x : INFINITY;
    if (!json_number(doc_get(d, "distance"), &x)) return 0;
    return s->by == STAY_FAR ? -x : x;
}
