/* groups.h - groups of duplicates: how large, and around which document.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_GROUPS_H
#define REPORT_GROUPS_H
#include "frame/stage.h"
#include "report/trail.h"

enum { GROUP_CLASSES = 10, GROUPS_SHOWN = 5 };                   /* 2, 3, 4, 5-8, 9-16, ... , more than 256 */
struct groups {
    struct arena mem;
    struct str stage;
    uint64_t groups[GROUP_CLASSES], docs[GROUP_CLASSES], n;      /* docs: with the one that stayed */
    struct { struct str id, url; uint64_t docs; } largest[GROUPS_SHOWN];   /* url: null when it is not known */
    size_t n_largest;
};

/* Of a stage whose drops name a twin that stayed; n is 0 when they name none. */
bool groups_find(struct groups *g, const struct run *r, const struct trail_step *s, size_t stage,
                 struct err *e) MUST_CHECK;
const char *groups_class(size_t k);                              /* "5-8" */
void groups_free(struct groups *g);

#endif
