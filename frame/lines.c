/* lines.c - batches of whole lines, and documents from them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "frame/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { LINE_MAX_BYTES = 1 << 30 };                   /* a longer line is no document */

/* One of several slices of fewer files than slices: by frames, so every file must have them. */
static bool slice_frames(struct lines *l, const struct run *r, struct err *e)
{
    uint64_t all = 0;
    for (char **f = l->files; *f; f++) {
        struct frames fr;
        if (!frames_open(&fr, *f, e)) return false;
        if (!fr.n)
            return err_set(e, ERR_USAGE,
                           "--shard: %s cannot be cut (give as many files as slices, or .zst files written by tamis)",
                           *f);
        all += fr.n;
        frames_close(&fr);
    }
    l->frame_begin = all * (uint64_t)r->shard / (uint64_t)r->shards;
    l->frame_end = all * (uint64_t)(r->shard + 1) / (uint64_t)r->shards;
    return true;
}

bool lines_open(struct lines *l, const struct run *r, bool sliced, struct err *e)
{
    *l = (struct lines){ .files = r->files, .text_field = r->text_field, .frame_end = UINT64_MAX, .spool = -1,
                         .frames = { .fd = -1 } };
    return r->shards == 1 || sliced || slice_frames(l, r, e);
}

void lines_spool(struct lines *l, int fd, const char *text_field)
{
    static char scratch[] = "the scratch file", *name[] = { scratch, NULL };
    *l = (struct lines){ .files = name, .text_field = text_field, .frame_end = UINT64_MAX, .spool = fd,
                         .frames = { .fd = -1 } };
}

/* The next file; false when there is none or with e set. */
static bool next_file(struct lines *l, struct err *e)
{
    if (!*l->files) return false;
    l->name = *l->files++;
    l->n_opened++;
    l->frame = 0;
    l->given = l->consumed = 0;
    if (l->spool >= 0) {
        char path[64];
        snprintf(path, sizeof path, "/proc/self/fd/%d", l->spool);
        return frames_open(&l->frames, path, e);
    }
    if (!frames_open(&l->frames, l->name, e)) return false;
    if (!l->frames.n && !(l->in = input_open(l->name, e))) return false;
    return true;
}

static void end_file(struct lines *l)
{
    input_close(l->in);
    frames_close(&l->frames);
    l->in = NULL;
    l->name = NULL;
}

/* Hands out the next frame of the slice, still compressed. */
static bool read_frame(struct lines *l, struct batch *b, struct err *e)
{
    for (; l->frame < l->frames.n; l->frame++, l->frames_seen++) {
        if (l->frames_seen < l->frame_begin || l->frames_seen >= l->frame_end) continue;
        l->frames_seen++;
        b->frame_raw = l->frames.all[l->frame].raw_size;
        b->consumed = l->frames.all[l->frame].size;
        return frames_get(&l->frames, l->frame++, &b->frame, e) || err_in(e, "%s", l->name);
    }
    return false;
}

/* Fills b->in with whole lines of the open input; what follows the last newline waits in rest. */
static bool read_lines(struct lines *l, struct batch *b, struct err *e)
{
    buf_put(&b->in, buf_str(&l->rest));
    buf_reset(&l->rest);
    size_t want = BATCH_SIZE, got = 1;
    for (;;) {
        while (b->in.n < want && (got = input_read(l->in, buf_room(&b->in, want - b->in.n), want - b->in.n, e)) > 0)
            b->in.n += got;
        if (e->kind) return false;
        if (!got) break;
        const char *nl = memrchr(b->in.p, '\n', b->in.n);
        if (nl) {
            const char *end = b->in.p + b->in.n;
            buf_put(&l->rest, str_span(nl + 1, end));
            b->in.n = (size_t)(nl + 1 - b->in.p);
            break;
        }
        if (b->in.n > LINE_MAX_BYTES)
            return err_set(e, ERR_DATA, "%s: a line is longer than %d bytes", l->name, LINE_MAX_BYTES);
        want += b->in.n;
    }
    b->consumed = input_consumed(l->in) - l->consumed;
    l->consumed += b->consumed;
    l->given += b->in.n;
    return b->in.n > 0;
}

enum { FILES, FRAME, FRAMES_SEEN, GIVEN, REST, CONSUMED };            /* of a place */

static struct place place_of(const struct lines *l)
{
    return (struct place){ { l->n_opened, l->frame, l->frames_seen, l->given, l->rest.n, l->consumed } };
}

bool lines_seek(struct lines *l, const struct place *p, struct err *e)
{
    while (l->n_opened < p->at[FILES]) {
        end_file(l);
        if (!next_file(l, e)) return false;
    }
    l->frame = p->at[FRAME];
    l->frames_seen = p->at[FRAMES_SEEN];
    l->given = p->at[GIVEN];
    l->consumed = p->at[CONSUMED];
    size_t rest = (size_t)p->at[REST], got = 1;
    if (l->in && !input_skip(l->in, l->given, e)) return false;
    while (l->rest.n < rest && (got = input_read(l->in, buf_room(&l->rest, rest - l->rest.n), rest - l->rest.n, e)) > 0)
        l->rest.n += got;
    return !e->kind;
}

bool lines_read(void *lines, struct batch *b, struct err *e)
{
    struct lines *l = lines;
    for (;;) {
        if (!l->name && !next_file(l, e)) return false;
        b->file = l->name;
        if (l->frames.n ? read_frame(l, b, e) : l->in && read_lines(l, b, e)) {
            batch_place(b, place_of(l));
            return true;
        }
        if (e->kind) return false;
        end_file(l);
    }
}

static bool unpack(struct batch *b, struct err *e)
{
    char *to = buf_room(&b->in, b->frame_raw);
    size_t n = ZSTD_decompress(to, b->frame_raw, b->frame.p, b->frame.n);
    if (ZSTD_isError(n) && ZSTD_getErrorCode(n) == ZSTD_error_memory_allocation) mem_out(0);
    if (ZSTD_isError(n) || n != b->frame_raw) return err_set(e, ERR_DATA, "corrupt zstd frame");
    b->in.n = n;
    return true;
}

static void parse_line(struct lines *l, struct batch *b, struct str line)
{
    struct err e = { 0 };
    struct doc *d = batch_add(b);
    b->n_lines++;
    if (doc_parse(d, line, &b->mem, l->text_field, &e)) {
        d->origin = b->n_lines;
        d->batch = b;
        return;
    }
    b->n--;
    if (!l->quiet) batch_reject_line(b, b->n_lines, "not-json", e.msg);
}

bool lines_parse(void *lines, struct batch *b, struct err *e)
{
    struct lines *l = lines;
    if (b->frame.n && !unpack(b, e)) return err_in(e, "%s", b->file);
    for (const char *p = b->in.p, *end = p + b->in.n, *nl; p < end; p = nl + 1) {
        nl = memchr(p, '\n', (size_t)(end - p));
        if (!nl) nl = end;
        struct str line = str_trim(str_span(p, nl));
        if (line.n) parse_line(l, b, line);
        else b->n_lines++;
    }
    return true;
}

void lines_close(struct lines *l)
{
    end_file(l);
    buf_free(&l->rest);
}
