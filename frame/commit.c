/* commit.c - the end of the row: outputs, drops, rejects and counts, in order.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A batch with much output is one frame, compressed by its own worker. Batches with little are
 * gathered until they fill a frame, so that a filter that keeps one document in a hundred does not write a
 * thousand tiny frames. Which is which depends on the bytes only. */
#include "frame/journal.h"

#include <stdio.h>
#include <unistd.h>

enum { FRAME_MIN = BATCH_SIZE / 4, BAD_FREE = 1000 };

static struct output *open_side(const struct chain *c, const char *path, struct err *e)
{
    return !path || e->kind ? NULL : c->journal ? output_part(path, e) : output_open(path, e);
}

static void open_all(struct chain *c, struct err *e)
{
    if (!c->no_output) c->out = open_side(c, c->set.output, e);
    c->drops = open_side(c, c->set.drops, e);
    c->rejects = open_side(c, c->set.rejects, e);
}

static void drop_all(struct chain *c)
{
    output_drop(c->out);
    output_drop(c->drops);
    output_drop(c->rejects);
    c->out = c->drops = c->rejects = NULL;
}

static bool all_open(const struct chain *c)
{
    return (c->out || c->no_output) && (c->drops || !c->set.drops) && (c->rejects || !c->set.rejects);
}

bool commit_open(struct chain *c, struct err *e)
{
    open_all(c, e);
    if (!e->kind && !all_open(c)) {
        drop_all(c);
        journal_give_up(c, "another process holds the part of this one, or the file system has no locks");
        open_all(c, e);
    }
    enum compression kind = compression_of(c->set.output);
    for (int i = 0; i < (int)c->set.threads; i++)
        c->packers[i] = packer_open(kind, kind == ZSTD ? ZSTD_LEVEL : GZIP_LEVEL);
    return !e->kind;
}

/* ---- the scratch file between two passes: zstd -1 frames, unlinked ---- */

bool spool_open(struct chain *c, struct err *e)
{
    c->spool = file_scratch(e);
    if (c->spool < 0) return false;
    c->spool_out = output_fd(c->spool, ZSTD, e);
    return c->spool_out != NULL;
}

bool spool_close(struct chain *c, struct err *e)
{
    struct output *o = c->spool_out;
    bool ok = !c->pending.n || output_write(o, buf_str(&c->pending), e);
    buf_reset(&c->pending);
    c->spool_out = NULL;
    if (ok) return output_done(o, e);
    output_drop(o);
    return false;
}

/* ---- any thread ---- */

bool commit_pack(void *chain, struct batch *b, struct err *e)
{
    struct chain *c = chain;
    if (c->no_output && !c->spool_out) return true;
    for (size_t i = 0; i < b->n; i++) doc_write(b->docs[i], &b->out);
    if (b->out.n < FRAME_MIN || c->spool_out) return true;
    return packer_pack(c->packers[b->worker], buf_str(&b->out), &b->packed, e);
}

/* ---- in order ---- */

static bool flush_pending(struct chain *c, struct err *e)
{
    bool ok = !c->pending.n || output_write(c->out, buf_str(&c->pending), e);
    buf_reset(&c->pending);
    return ok;
}

static bool write_docs(struct chain *c, struct batch *b, struct err *e)
{
    if (c->spool_out) return !b->out.n || output_write(c->spool_out, buf_str(&b->out), e);
    if (!c->out) return true;
    c->bytes_out += b->out.n;
    if (b->packed.n) return flush_pending(c, e) && output_frame(c->out, buf_str(&b->packed), b->out.n, e);
    buf_put(&c->pending, buf_str(&b->out));
    bool full = compression_of(c->set.output) == PLAIN || c->pending.n >= FRAME_MIN;
    return !full || flush_pending(c, e);
}

static void put_reject(const struct chain *c, const struct reject *r, struct buf *to)
{
    buf_put(to, S("{\"place\":"));
    if (r->place) json_put_string(to, str_of(r->place));
    else {
        struct buf place = { 0 };
        buf_printf(&place, "%s:%llu", c->at_file, (unsigned long long)(c->lines_before + r->line));
        json_put_string(to, buf_str(&place));
        buf_free(&place);
    }
    buf_printf(to, ",\"reason\":\"%s\"", r->reason);
    if (r->detail.n) { buf_putc(to, ','); buf_put(to, r->detail); }
    buf_put(to, S("}\n"));
}

/* Rejects to their file; units that a source passed over (bad == false) are drops. */
static bool write_rejects(struct chain *c, struct batch *b, struct err *e)
{
    struct buf bad = { 0 }, passed = { 0 };
    if (b->file && b->file != c->at_file) { c->at_file = b->file; c->lines_before = 0; }
    for (size_t i = 0; i < b->n_rejects; i++) {
        const struct reject *r = &b->rejects[i];
        if (r->bad && !c->n_bad++) put_reject(c, r, &c->first_bad);
        if (r->bad ? c->rejects != NULL : c->drops != NULL) put_reject(c, r, r->bad ? &bad : &passed);
        if (r->bad && c->set.strict) {
            buf_reset(&bad);
            put_reject(c, r, &bad);
            err_set(e, ERR_DATA, "a bad record (--strict): %.*s", (int)bad.n - 1, bad.p);
        }
    }
    bool ok = !e->kind && (!bad.n || output_write(c->rejects, buf_str(&bad), e))
              && (!passed.n || output_write(c->drops, buf_str(&passed), e));
    c->lines_before += b->n_lines;
    buf_free(&bad);
    buf_free(&passed);
    return ok;
}

/* A line of --rejects in a message: how much of it, without its end. */
int reject_shown(const struct buf *reject)
{
    return reject->n > 300 ? 300 : (int)reject->n - 1;
}

static bool too_many_bad(const struct chain *c, struct err *e)
{
    if (c->n_seen <= BAD_FREE || (double)c->n_bad <= c->set.max_bad * (double)c->n_seen) return false;
    err_set(e, ERR_DATA, "%llu of %llu records are bad, more than --max-bad %g; the first: %.*s\nhint: --rejects FILE says where and why",
            (unsigned long long)c->n_bad, (unsigned long long)c->n_seen, c->set.max_bad, reject_shown(&c->first_bad),
            c->first_bad.p);
    return true;
}

bool commit_batch(void *chain, struct batch *b, struct err *e)
{
    struct chain *c = chain;
    c->n_seen += b->tallies[0].in;
    c->bytes_in += b->consumed;
    for (size_t i = 0; i < c->n; i++) tally_add(&c->links[i].tally, &b->tallies[i]);
    if (!write_rejects(c, b, e)) return false;
    if (c->drops && b->drops.n && !output_write(c->drops, buf_str(&b->drops), e)) return false;
    if (!write_docs(c, b, e) || too_many_bad(c, e) || !journal_note(c, b, e)) return false;
    progress_tell(c, false);
    return true;
}

static bool done_or_drop(struct output *o, bool ok, struct err *e)
{
    if (o && ok) return output_done(o, e);
    output_drop(o);
    return ok;
}

bool commit_close(struct chain *c, struct err *e)
{
    bool ok = !c->out || flush_pending(c, e);
    struct output *o = c->rejects, *d = c->drops, *out = c->out;
    c->rejects = c->drops = c->out = NULL;
    ok = done_or_drop(o, ok, e);
    ok = done_or_drop(d, ok, e);
    return done_or_drop(out, ok, e);                 /* last: when it stands, all stands */
}

void commit_drop(struct chain *c)
{
    drop_all(c);
    output_drop(c->spool_out);
    if (c->spool >= 0) close(c->spool);
    for (int i = 0; i < (int)c->set.threads; i++) packer_close(c->packers[i]);
    buf_free(&c->pending);
    buf_free(&c->first_bad);
}
