/* journal.c - how far a run is, written now and then, read when it is begun again.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   key | what journal_state.c writes | XXH3 of all before */
#include "core/hash.h"
#include "frame/journal.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct journal { char *path; uint64_t key; double noted; struct arena mem; };

/* ---- signals ---- */

static atomic_int armed, asked;                      /* asked: the signal */

bool journal_stops(int signal)
{
    int none = 0;
    return armed && atomic_compare_exchange_strong(&asked, &none, signal);
}

static void stop(void)
{
    int number = asked;
    file_cleanup();
    signal(number, SIG_DFL);
    raise(number);
}

/* ---- whose journal it is ---- */

/* What of a command line does not change the bytes. */
static const struct { const char *word; bool valued; } moot[] = {
    { "-j", true }, { "--threads", true }, { "--memory", true }, { "--checkpoint", true }, { "-q", false }, { "--quiet", false }, { "--progress", false },
};

/* How many words from argv[0] on are moot. */
static int passed_over(char **argv)
{
    for (size_t i = 0; i < sizeof moot / sizeof *moot; i++) {
        if (!strcmp(argv[0], moot[i].word)) return 1 + (moot[i].valued && argv[1]);
        /* -j4, --memory=2G */
        if (moot[i].valued && str_starts(str_of(argv[0]), str_of(moot[i].word))) return 1;
    }
    return 0;
}

static void put_file(struct buf *b, const char *path)
{
    struct stat st;
    if (!stat(path, &st) && S_ISREG(st.st_mode))
        buf_printf(b, "%lld %lld.%09ld", (long long)st.st_size, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    buf_putc(b, 0);
}

/* FILE, @LIST, --option=FILE, -oFILE: whichever there is. */
static void put_named(struct buf *b, const char *word)
{
    const char *value = strchr(word, '=');
    put_file(b, word);
    if (*word == '@') put_file(b, word + 1);
    if (value) put_file(b, value + 1);
    if (*word == '-' && word[1]) put_file(b, word + 2);
}

static uint64_t key_of(const struct chain *c)
{
    struct buf b = { 0 };
    struct arena mem = { 0 };
    buf_put(&b, S("tamis " TAMIS_VERSION));
    for (char **w = c->set.argv; *w; w += passed_over(w) ? passed_over(w) : 1) {
        if (passed_over(w)) continue;
        struct str rest = str_of(*w), part;
        buf_put(&b, rest);
        while (str_cut(&rest, ',', &part)) put_named(&b, str_c(&mem, part));
    }
    for (size_t i = 0; i < c->n_inputs; i++) put_file(&b, c->inputs[i]);
    uint64_t key = hash64(buf_str(&b), 0);
    arena_free(&mem);
    buf_free(&b);
    return key;
}

/* ---- writing ---- */

static bool checkpoint(struct chain *c, struct place place, struct err *e)
{
    struct notes t = { .bytes = { 0 } };
    buf_put(&t.bytes, (struct str){ (const char *)&c->journal->key, sizeof c->journal->key });
    bool ok = journal_state(&t, c, &place, e);
    uint64_t sum = hash64(buf_str(&t.bytes), 0);
    buf_put(&t.bytes, (struct str){ (const char *)&sum, sizeof sum });
    ok = ok && file_write(c->journal->path, buf_str(&t.bytes), e);
    buf_free(&t.bytes);
    c->journal->noted = time_now();
    return ok;
}

bool journal_note(struct chain *c, const struct batch *b, struct err *e)
{
    if (!c->journal) return true;
    bool due = asked || time_now() - c->journal->noted >= c->set.checkpoint;
    if (due && b->placed && !checkpoint(c, b->place, e)) return false;
    if (asked) stop();
    return true;
}

/* ---- reading ---- */

static void say(const struct chain *c, const char *fmt, ...) PRINTF(2, 3);
static void say(const struct chain *c, const char *fmt, ...)
{
    if (c->set.quiet) return;
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "tamis %s: --resume: ", c->n > 1 ? "run" : c->links[0].stage->name);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
}

static bool take(struct chain *c, struct notes *t, struct err *e)
{
    uint64_t key = 0, sum;
    const size_t n = t->bytes.n;
    if (n < sizeof key + sizeof sum) return false;
    memcpy(&key, t->bytes.p, sizeof key);
    memcpy(&sum, t->bytes.p + n - sizeof sum, sizeof sum);
    t->rest = (struct str){ t->bytes.p + sizeof key, n - sizeof key - sizeof sum };
    if (key != c->journal->key || sum != hash64((struct str){ t->bytes.p, n - sizeof sum }, 0)) return false;
    return journal_state(t, c, &c->place, e);
}

/* Back to nothing. The journal goes first: what the parts hold from now on is not what it tells of. */
static bool anew(struct chain *c, struct err *e)
{
    struct output *const parts[] = { c->out, c->drops, c->rejects };
    if (unlink(c->journal->path) && errno != ENOENT) return err_sys(e, "could not remove %s", c->journal->path);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i] && !output_return(parts[i], 0, S(""), e)) return false;
    return true;
}

bool journal_resume(struct chain *c, struct err *e)
{
    if (!c->journal) return true;
    struct notes t = { .reading = true, .mem = &c->journal->mem };
    if (file_exists(c->journal->path) && file_slurp(c->journal->path, &t.bytes, (size_t)1 << 30, e))
        c->resumed = take(c, &t, e);
    if (c->resumed) {
        c->seen_before = c->n_seen;
        say(c, "goes on behind %llu records", (unsigned long long)c->n_seen);
    } else if (t.bytes.n && !e->kind)
        say(c, "begins anew: %s is of another version, options or files", c->journal->path);
    buf_free(&t.bytes);
    if (e->kind || (!c->resumed && !anew(c, e))) return false;
    armed = 1;
    return true;
}

/* The stage that has a memory which no journal holds, or NULL. */
static const char *keeper(const struct chain *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct stage *s = c->links[i].stage;
        if (s->sink || s->settle || ((s->turn || s->close) && !s->by_row) || (s->source && !s->source->seek))
            return s->name;
    }
    return NULL;
}

void journal_give_up(struct chain *c, const char *why)
{
    say(c, "when stopped it begins anew: %s", why);
    journal_free(c);
}

bool journal_open(struct chain *c, struct err *e)
{
    if (!c->set.resume) return true;
    if (!strcmp(c->set.output, "-")) return err_set(e, ERR_USAGE, "--resume needs -o FILE");
    c->journal = mem_zero(1, sizeof *c->journal);
    *c->journal = (struct journal){ .path = file_hidden(c->set.output, "journal"), .key = key_of(c),
                                    .noted = time_now() };
    const char *name = keeper(c);
    if (name) {
        char why[120];
        snprintf(why, sizeof why, "%s has a memory that is not kept", name);
        journal_give_up(c, why);
    } else if (c->no_output) journal_give_up(c, "it writes no documents");
    else if (!files_regular(c->inputs)) journal_give_up(c, "not all inputs are files");
    return true;
}

void journal_done(struct chain *c)
{
    armed = 0;
    if (c->journal) unlink(c->journal->path);
}

void journal_free(struct chain *c)
{
    if (!c->journal) return;
    armed = 0;
    free(c->journal->path);
    arena_free(&c->journal->mem);
    free(c->journal);
    c->journal = NULL;
}
