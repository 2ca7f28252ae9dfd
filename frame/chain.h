/* chain.h - stages in a row, and the files that a run reads and writes.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   source -> each, turn of link 0 -> each, turn of link 1 -> ... -> pack -> commit
 *
 * A link with settle cuts the row: the documents reach it, it settles, and a second row begins
 * with its again. Between the two they are read from their files once more, or lie in a scratch file.
 */
#ifndef FRAME_CHAIN_H
#define FRAME_CHAIN_H
#include "core/file.h"
#include "frame/flow.h"
#include "frame/lines.h"
#include "frame/tally.h"

struct settings {                    /* the common options */
    long threads, seed;
    size_t memory;
    const char *output, *text_field, *shard, *rejects, *drops, *manifest;
    double max_bad, checkpoint;
    bool strict, no_manifest, progress, quiet, plan, resume;
    const char *command;             /* the command line: as text, and as it was given */
    char **argv;
};

struct link {
    const struct stage *stage;
    void *self;
    struct run run;
    bool one_pass;
    struct tally tally;
    uint64_t rows, expected;         /* expected: UINT64_MAX when any number will do */
    struct chain *chain;
    size_t index;
};

struct chain {
    struct settings set;
    struct link *links;
    size_t n;
    char **inputs;                   /* of the first link, after --shard */
    size_t n_inputs;
    bool sliced, no_output, no_input;

    struct output *out, *drops, *rejects;
    struct buf pending;              /* small outputs, gathered into one frame */
    struct packer *packers[1024];    /* one a thread */
    int spool;                       /* the scratch file being written, or -1 */
    struct output *spool_out;
    const char *at_file;             /* places of rejects: the file, and its lines before this batch */
    uint64_t lines_before;
    struct buf first_bad;            /* the first reject, as --rejects has it */
    uint64_t n_bad, n_seen, bytes_in, bytes_out, bytes_all;
    double began, told;              /* seconds: the start, the last progress line */

    struct journal *journal;         /* with --resume: see journal.h */
    bool resumed;
    struct place place;              /* where it goes on, when resumed; seen and CPU seconds before that */
    uint64_t seen_before;
    double cpu_before;
};

bool chain_run(struct chain *c, struct err *e);                  /* opens, runs, closes, writes manifests */
bool files_regular(char **files);                                /* none is standard input, a pipe or a device */

/* The last steps of the row: see commit.c. */
bool commit_open(struct chain *c, struct err *e) MUST_CHECK;
bool commit_pack(void *chain, struct batch *b, struct err *e);   /* any thread: documents to bytes */
bool commit_batch(void *chain, struct batch *b, struct err *e);  /* in order: to the files */
/* bytes of a line of --rejects that a message has room for */
int reject_shown(const struct buf *reject);
bool commit_close(struct chain *c, struct err *e) MUST_CHECK;    /* whole: rename */
void commit_drop(struct chain *c);                               /* not whole: remove */

bool spool_open(struct chain *c, struct err *e) MUST_CHECK;      /* the output goes to a scratch file for now */
bool spool_close(struct chain *c, struct err *e) MUST_CHECK;     /* then it can be read from c->spool */

bool manifest_write(const struct chain *c, struct err *e) MUST_CHECK;
void progress_tell(struct chain *c, bool last);

#endif
