/* reader.c - documents one after the other, for commands that want to look at files themselves.
 * SPDX-License-Identifier: Apache-2.0 */
#include "frame/lines.h"
#include "frame/tally.h"

#include <stdlib.h>

struct reader { struct lines lines; struct batch *batch; size_t next; uint64_t row; };

struct reader *reader_open(const struct run *r, char **files, struct err *e)
{
    struct reader *rd = mem_zero(1, sizeof *rd);
    struct run of = *r;
    of.files = files;
    of.shards = 1;
    rd->batch = mem_zero(1, sizeof *rd->batch);
    rd->batch->tallies = mem_zero(1, sizeof *rd->batch->tallies);
    rd->batch->n_tallies = 1;
    if (lines_open(&rd->lines, &of, true, e)) return rd;
    reader_close(rd);
    return NULL;
}

struct doc *reader_next(struct reader *rd, struct err *e)
{
    while (rd->next == rd->batch->n) {
        batch_clear(rd->batch);
        rd->next = 0;
        if (!lines_read(&rd->lines, rd->batch, e) || !lines_parse(&rd->lines, rd->batch, e)) return NULL;
    }
    struct doc *d = rd->batch->docs[rd->next++];
    d->row = rd->row++;
    return d;
}

void reader_close(struct reader *rd)
{
    if (!rd) return;
    lines_close(&rd->lines);
    batch_free(rd->batch);
    free(rd);
}
