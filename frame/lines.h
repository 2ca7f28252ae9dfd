/* lines.h - documents as lines: of files, of a pipe, or of the scratch file between two passes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * read() is serial and makes batches of about BATCH_SIZE bytes; parse() runs on any thread. Frames
 * of our own .zst files are decompressed by parse(), all else by read(). Blank lines are passed over;
 * a carriage return before the newline is white space and is not kept. A line that is no JSON
 * object is a reject with its place.
 */
#ifndef FRAME_LINES_H
#define FRAME_LINES_H
#include "core/file.h"
#include "frame/batch.h"

struct lines {
    char **files;                    /* NULL-terminated: those to come */
    uint64_t n_opened;               /* those before */
    const char *text_field;
    uint64_t frame_begin, frame_end; /* the slice, in frames over all files; 0, UINT64_MAX: all */
    uint64_t frames_seen;
    int spool;                       /* a scratch file instead of files, or -1 */
    const char *name;
    struct input *in;
    struct frames frames;
    size_t frame;
    struct buf rest;                 /* the start of a line whose end was not read yet */
    uint64_t given, consumed;        /* of the open file: bytes of lines handed out, of the file itself */
    bool quiet;                      /* second pass: what is bad was said in the first */
};

bool lines_open(struct lines *l, const struct run *r, bool sliced, struct err *e) MUST_CHECK;
void lines_spool(struct lines *l, int fd, const char *text_field);
bool lines_read(void *lines, struct batch *b, struct err *e);
/* before the first read: where a batch said it ended */
bool lines_seek(struct lines *l, const struct place *p, struct err *e) MUST_CHECK;
bool lines_parse(void *lines, struct batch *b, struct err *e);
void lines_close(struct lines *l);

#endif
