/* journal.h - --resume: a run that was stopped goes on where it last noted how far it was.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   .OUT.part         the output as far as it is (drops and rejects likewise); locked by the run that writes it
 *   .OUT.journal      the last checkpoint: where the source stands, how long the parts are, what was counted
 *
 * Batches are committed in the order they were read and their borders depend on the input only, so a run is known by
 * one place in it. Going on is: cut the parts to their length then, take over the counts, seek the source. Output,
 * drops, rejects and counts are those of an unbroken run, whatever the threads. A checkpoint is made every --checkpoint
 * seconds, and on SIGTERM, SIGINT and SIGHUP, which end the run at the next batch (a second one at once).
 *
 * A journal counts only for the same version, command line (but for threads, memory and what is only shown), and files:
 * those read, and those that the command line names, by size and time. A run with a stage whose memory is not in the
 * journal, or without files, has none: it begins anew, as does one whose part another process holds; that is said, and
 * does no harm.
 */
#ifndef FRAME_JOURNAL_H
#define FRAME_JOURNAL_H
#include "frame/chain.h"

struct journal;
/* stages are open, outputs not: c->journal, or NULL where there can be none */
bool journal_open(struct chain *c, struct err *e) MUST_CHECK;
void journal_give_up(struct chain *c, const char *why);          /* goes without */
/* outputs are open: back to the last checkpoint, or to nothing; sets c->resumed */
bool journal_resume(struct chain *c, struct err *e) MUST_CHECK;
/* b was committed: a checkpoint, when it is time */
bool journal_note(struct chain *c, const struct batch *b, struct err *e) MUST_CHECK;
void journal_done(struct chain *c);                              /* the outputs are whole */
void journal_free(struct chain *c);
/* async-signal-safe: whether the run will end by itself, at its next batch */
bool journal_stops(int signal);

/* ---- the state of a run, see journal_state.c ---- */
/* rest: what is still to be read; mem: for what is */
struct notes { bool reading, damaged; struct buf bytes; struct str rest; struct arena *mem; };
/* Written or read, as t says; false without e: what was read does not fit the parts, which come first, or is
 * damaged. */
bool journal_state(struct notes *t, struct chain *c, struct place *place, struct err *e) MUST_CHECK;

#endif
