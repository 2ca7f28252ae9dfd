/* flow.h - batches walk a row of steps; a serial step takes them in the order they were read.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   read (serial) -> step -> step (serial) -> step -> ... -> last step (serial: the commit)
 *
 * Workers carry batches: a worker takes a batch whose turn has come, or reads a new one, and runs
 * its steps until it would have to wait; then the batch is parked. At most 2 * threads + 2 batches
 * exist, so a slow writer holds the reader back. Whatever the threads, each serial step sees the
 * same batches in the same order. The first failure in that order stops the flow: batches before it
 * are still committed, no later one is.
 */
#ifndef FRAME_FLOW_H
#define FRAME_FLOW_H
#include "frame/batch.h"

struct step { bool (*run)(void *with, struct batch *b, struct err *e); void *with; bool serial; uint64_t next; };

struct flow {
    bool (*read)(void *src, struct batch *b, struct err *e);    /* false: no more, or e is set */
    void *src;
    struct step *steps;                                         /* the last is serial */
    size_t n_steps;
    int threads;
    void (*release)(void *raw);                                 /* for batch.raw at the end; may be NULL */
    size_t n_tallies;                                           /* each batch gets so many */
};

bool flow_run(const struct flow *f, struct err *e);             /* does nothing when e is already set */

#endif
