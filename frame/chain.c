/* chain.c - documents through the links, pass by pass.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "frame/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- one link ---- */

/* A document that the stage dropped goes to --drops; the others close up. */
static void sift(const struct link *l, struct batch *b)
{
    struct tally *t = &b->tallies[l->index];
    size_t kept = 0;
    for (size_t i = 0; i < b->n; i++) {
        struct doc *d = b->docs[i];
        if (!d->dropped) { b->docs[kept++] = d; continue; }
        if (d->rejected) { tally_reject(t, d->dropped, 1); continue; }
        tally_drop(t, d->dropped, 1);
        if (!l->chain->drops) continue;
        struct str id = doc_id(d), url = doc_get(d, "url");
        buf_put(&b->drops, S("{\"id\":"));
        if (id.p) json_put_string(&b->drops, id); else buf_put(&b->drops, S("null"));
        if (url.p) { buf_put(&b->drops, S(",\"url\":")); buf_put(&b->drops, url); }
        buf_printf(&b->drops, ",\"stage\":\"%s\",\"reason\":\"%s\"", l->stage->as ? l->stage->as : l->stage->name,
                   d->dropped);
        if (d->evidence.n) { buf_putc(&b->drops, ','); buf_put(&b->drops, d->evidence); }
        buf_put(&b->drops, S("}\n"));
    }
    b->n = kept;
}

static void count_in(const struct link *l, struct batch *b)
{
    b->tallies[l->index].in += b->n;
}

static void count_out(const struct link *l, struct batch *b)
{
    sift(l, b);
    b->tallies[l->index].out += b->n;
}

static bool run_each(const struct link *l, struct batch *b, struct err *e)
{
    const struct stage *s = l->stage;
    for (size_t i = 0; i < b->n; i++) b->docs[i]->worker = b->worker;
    if (s->batch) return s->batch(l->self, b->docs, b->n, e);
    for (size_t i = 0; s->each && i < b->n; i++) if (!s->each(l->self, b->docs[i], e)) return false;
    return true;
}

static bool run_serial(struct link *l, struct batch *b, bool (*fn)(void *, struct doc *, struct err *), struct err *e)
{
    for (size_t i = 0; i < b->n; i++) {
        struct doc *d = b->docs[i];
        if (d->dropped) continue;
        d->row = l->rows++;
        b->tallies[l->index].turned++;
        d->worker = b->worker;
        if (!fn(l->self, d, e)) return false;
    }
    return true;
}

/* The steps of a link. First pass of a stage that settles: counted in; second pass: counted out. */
static bool step_each(void *link, struct batch *b, struct err *e)
{
    const struct link *l = link;
    count_in(l, b);
    if (!run_each(l, b, e)) return false;
    if (!l->stage->turn) count_out(l, b);
    return true;
}

static bool step_turn(void *link, struct batch *b, struct err *e)
{
    struct link *l = link;
    if (!run_serial(l, b, l->stage->turn, e)) return false;
    count_out(l, b);
    return true;
}

static bool step_first_each(void *link, struct batch *b, struct err *e)
{
    const struct link *l = link;
    size_t said = b->n_rejects;
    count_in(l, b);
    if (!run_each(l, b, e)) return false;
    if (l->chain->spool_out) sift(l, b);             /* what is bad is not kept for the second pass */
    else b->n_rejects = said;                        /* each reads the files again, and says it then */
    return true;
}

static bool step_first_turn(void *link, struct batch *b, struct err *e)
{
    struct link *l = link;
    return !l->stage->turn || run_serial(l, b, l->stage->turn, e);
}

static bool step_second_each(void *link, struct batch *b, struct err *e)
{
    return run_each(link, b, e);
}

static bool step_again(void *link, struct batch *b, struct err *e)
{
    struct link *l = link;
    if (!run_serial(l, b, l->stage->again, e)) return false;
    count_out(l, b);
    return true;
}

static bool step_make(void *link, struct batch *b, struct err *e)
{
    struct link *l = link;
    if (!l->stage->source->make(l->self, b, e)) return false;
    count_in(l, b);
    for (size_t i = 0; i < b->n; i++) b->docs[i]->worker = b->worker;
    if (!l->stage->turn) count_out(l, b);
    return true;
}

/* ---- a row of links between two cuts ---- */

static void add(struct flow *f, bool (*run)(void *, struct batch *, struct err *), void *with, bool serial)
{
    f->steps[f->n_steps++] = (struct step){ .run = run, .with = with, .serial = serial };
}

static bool cuts(const struct link *l)
{
    return l->stage->settle && !l->one_pass;
}

static void add_link(struct flow *f, struct link *l, bool second)
{
    const struct stage *s = l->stage;
    if (second) {
        l->rows = 0;
        add(f, step_second_each, l, false);
        add(f, step_again, l, true);
    } else if (cuts(l)) {
        add(f, step_first_each, l, false);
        add(f, step_first_turn, l, true);
    } else {
        add(f, s->source ? step_make : step_each, l, false);
        if (s->turn) add(f, step_turn, l, true);
    }
}

bool files_regular(char **files)
{
    struct stat st;
    for (; *files; files++)
        if (!strcmp(*files, "-") || stat(*files, &st) || !S_ISREG(st.st_mode)) return false;
    return true;
}

static bool open_lines(const struct chain *c, struct lines *lines, struct err *e)
{
    if (!lines_open(lines, &c->links[0].run, c->sliced || c->links[0].run.cut, e)) return false;
    lines->files = c->inputs;
    return true;
}

/* The source to the place of the last checkpoint. */
static bool go_on(struct chain *c, struct lines *lines, struct err *e)
{
    const struct source *source = c->links[0].stage->source;
    if (source) return source->seek(c->links[0].self, &c->place, e);
    if (!lines_seek(lines, &c->place, e)) return false;
    c->at_file = lines->name;
    return true;
}

/* From `begin`, in its second pass for all rows but the first, to the next link that settles, or to the last one.
 * reread: what came to that link is in the files, and can be read from them again. */
struct row { size_t begin, end; bool second, settles, reread; };

static struct row next_row(const struct chain *c, size_t begin, bool second)
{
    size_t end = begin + second;
    while (end < c->n && !cuts(&c->links[end])) end++;
    const bool settles = end < c->n;
    return (struct row){ begin, settles ? end : c->n - 1, second, settles,
                         settles && end == 0 && !c->links[0].stage->source && files_regular(c->inputs) };
}

static bool flow_row(struct chain *c, struct lines *lines, struct row r, struct err *e)
{
    struct step *steps = mem_zero(c->n * 2 + 3, sizeof *steps);
    const struct source *source = r.second ? NULL : c->links[0].stage->source;
    struct flow f = { .steps = steps, .threads = (int)c->set.threads, .n_tallies = c->n };
    f.read = source ? source->read : lines_read;
    f.src = source ? c->links[0].self : (void *)lines;
    f.release = source ? source->release : NULL;
    if (!source) add(&f, lines_parse, lines, false);
    for (size_t i = r.begin; i <= r.end; i++) add_link(&f, &c->links[i], r.second && i == r.begin);
    add(&f, commit_pack, c, false);
    add(&f, commit_batch, c, true);
    bool ok = flow_run(&f, e);
    free(steps);
    return ok;
}

/* The documents go to the output, or to a scratch file for a second pass, or nowhere. */
static bool run_row(struct chain *c, struct lines *lines, struct row r, struct err *e)
{
    const int read = c->spool;                       /* what this row reads, if not the files */
    const bool no_output = c->no_output, spools = r.settles && !r.reread;
    c->no_output |= r.reread;
    bool ok = (!spools || spool_open(c, e)) && flow_row(c, lines, r, e);
    c->no_output = no_output;
    if (read >= 0) close(read);
    if (read >= 0 && c->spool == read) c->spool = -1;
    return ok && (!spools || spool_close(c, e));
}

static bool read_again(struct chain *c, struct lines *lines, bool reread, struct err *e)
{
    lines_close(lines);
    if (!reread) lines_spool(lines, c->spool, c->set.text_field);
    else if (!open_lines(c, lines, e)) return false;
    lines->quiet = true;
    c->bytes_in = 0;
    c->at_file = NULL;
    return true;
}

static bool run_rows(struct chain *c, struct err *e)
{
    struct lines lines;
    if (!open_lines(c, &lines, e)) return false;
    bool ok = !c->resumed || go_on(c, &lines, e);
    for (struct row r = next_row(c, 0, false); ok; r = next_row(c, r.end, true)) {
        const struct link *last = &c->links[r.end];
        ok = run_row(c, &lines, r, e);
        if (!ok || !r.settles) break;
        ok = last->stage->settle(last->self, e) && read_again(c, &lines, r.reread, e);
    }
    lines_close(&lines);
    return ok;
}

/* ---- the whole ---- */

static bool balanced(const struct chain *c, struct err *e)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct tally *t = &c->links[i].tally;
        if (t->in != t->out + t->dropped + t->rejected)
            return err_set(e, ERR_SYSTEM, "%s: %llu in is not %llu out + %llu dropped + %llu rejected",
                           c->links[i].stage->name, (unsigned long long)t->in, (unsigned long long)t->out,
                           (unsigned long long)t->dropped, (unsigned long long)t->rejected);
    }
    return true;
}

static bool something_was_read(const struct chain *c, struct err *e)
{
    if (!c->n_seen || c->n_bad < c->n_seen) return true;
    return err_set(e, ERR_DATA,
                   "none of %llu records could be read; the first: %.*s\nhint: --rejects FILE says where and why",
                   (unsigned long long)c->n_seen, reject_shown(&c->first_bad), c->first_bad.p);
}

/* What was decided about a slice elsewhere holds for the documents that it had then. */
static bool all_came(const struct link *l, struct err *e)
{
    return l->expected == UINT64_MAX || l->rows == l->expected
        || err_set(e, ERR_DATA, "the slice had %llu documents when its part was written, and has %llu now",
                   (unsigned long long)l->expected, (unsigned long long)l->rows);
}

static bool close_links(struct chain *c, struct err *e)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct link *l = &c->links[i];
        if (all_came(l, e) && (!l->stage->close || l->stage->close(l->self, e))) continue;
        return c->n > 1 ? err_in(e, "%s", l->stage->name) : false;
    }
    return true;
}

static bool open_links(struct chain *c, struct err *e)
{
    for (size_t i = 0; i < c->n; i++) {
        struct link *l = &c->links[i];
        if (l->stage->sink) c->no_output = true;
        if (l->self || !l->stage->open) continue;
        if (!(l->self = l->stage->open(&l->run, e))) return false;
    }
    if (c->no_input) c->inputs += c->n_inputs;       /* the NULL behind them */
    if (c->no_input) c->n_inputs = 0;
    return true;
}

bool chain_run(struct chain *c, struct err *e)
{
    c->spool = -1;
    c->began = time_now();
    bool ok = open_links(c, e) && journal_open(c, e) && commit_open(c, e) && journal_resume(c, e) && run_rows(c, e)
           && something_was_read(c, e) && balanced(c, e) && close_links(c, e) && commit_close(c, e);
    if (ok) journal_done(c);
    ok = ok && manifest_write(c, e);
    if (ok) progress_tell(c, true);
    commit_drop(c);
    journal_free(c);
    return ok;
}
