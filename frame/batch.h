/* batch.h - some documents on their way, and all that is said about them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A batch is about BATCH_SIZE bytes of input, cut where a record ends; its borders depend on
 * the input only. It never spans two files. Everything in it lives until it is reused.
 */
#ifndef FRAME_BATCH_H
#define FRAME_BATCH_H
#include "frame/stage.h"

/* 1 GB of documents, 2 threads, zstd in and out: 256K 1.00, 1M 0.97, 4M 0.99 of the time; ratio 3.31, 3.42, 3.45. */
enum { BATCH_SIZE = 1 << 20 };

/* place NULL: the file and line */
struct reject { uint64_t line; const char *place, *reason; struct str detail; bool bad; };

struct batch {
    uint64_t seq;
    size_t step;                     /* where in the flow it stands */
    struct err err;
    struct arena mem;
    int worker;
    size_t n_tallies;

    const char *file;                /* where its input came from */
    struct buf in;                   /* lines */
    struct buf frame;                /* or one compressed frame, to become lines on any thread */
    size_t frame_raw;
    uint64_t consumed, n_lines;      /* bytes of the file; lines seen */
    struct place place;              /* where the source stands behind it */
    bool placed;
    void *raw;                       /* a source's own struct */

    struct doc **docs;               /* those still alive */
    size_t n, cap;
    struct reject *rejects;
    size_t n_rejects, cap_rejects;
    struct tally *tallies;           /* one a link of the chain */
    struct buf out, packed, drops;
};

struct doc *batch_add(struct batch *b);                      /* a zeroed document at the end, in mem */
void batch_reject_line(struct batch *b, uint64_t line, const char *reason, const char *detail);
void batch_clear(struct batch *b);
void batch_free(struct batch *b);

#endif
