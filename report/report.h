/* report.h - a run as one page: no script, no network, light and dark, wide and narrow.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H
#include "report/border.h"
#include "report/survey.h"

struct report {
    const struct run *run;
    struct trail trail;
    struct survey survey;
    struct borders borders;
    struct buf *html;
};

/* documents: how many are looked at closely (values, languages, words); all are counted. */
bool report_page(struct buf *html, const struct run *r, const char *folder, size_t documents, struct err *e) MUST_CHECK;

/* Its sections. One that has nothing to show writes nothing. */
void draw_section(struct buf *b, const char *id, const char *title, const char *text);
void draw_facts(const struct report *p);                                         /* draw_run.c */
void draw_funnel(const struct report *p);
void draw_cost(const struct report *p);
bool draw_shards(const struct report *p, struct err *e) MUST_CHECK;              /* draw_tokens.c */
bool draw_weights(const struct report *p, struct err *e) MUST_CHECK;
bool draw_losses(const struct report *p, struct err *e) MUST_CHECK;
void draw_languages(const struct report *p);                                     /* draw_docs.c */
void draw_values(const struct report *p);
bool draw_groups(const struct report *p, struct err *e) MUST_CHECK;
bool draw_map(const struct report *p, struct err *e) MUST_CHECK;
void draw_borders(const struct report *p);                                       /* draw_border.c */

#endif
