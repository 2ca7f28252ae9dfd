/* replay.h - the documents as they came to a stage: what stood before it is run again.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Output is a function of input and options, so the documents inside a fused run need not have been kept:
 * the links before the stage are run again from the step's inputs, in a process of their own (this program, "run A !
 * B", with the run's own words, without its outputs), and read from a pipe. For the first link they are read from the
 * files.
 *
 *     struct replay *p = replay_open(r, step, stage, NULL, e);
 *     for (struct doc *d; p && (d = replay_next(p, e)); ) ...
 *     if (p && !replay_close(p, e)) ...
 */
#ifndef REPORT_REPLAY_H
#define REPORT_REPLAY_H
#include "frame/stage.h"
#include "report/trail.h"

struct replay;
/* more: further links for the end of the row, NULL-terminated, without the first "!"; or NULL. */
struct replay *replay_open(const struct run *r, const struct trail_step *s, size_t stage, const char *const *more,
                           struct err *e) MUST_CHECK;
/* The words of a stage of s for `more`: its name and options, without what it read and wrote; then extra's. In mem. */
const char *const *replay_words(struct arena *mem, const struct trail_step *s, size_t stage, const char *const *extra);
/* This program with these words (NULL-terminated); "-q --no-manifest" are added. */
struct replay *replay_command(const struct run *r, const char *const *words, struct err *e) MUST_CHECK;
/* NULL at the end or with e set; valid until the next call */
struct doc *replay_next(struct replay *p, struct err *e) MUST_CHECK;
/* waits; false when the other process failed. Ends it when it was not read to its end */
bool replay_close(struct replay *p, struct err *e);

#endif
