/* replay.c - one child, one pipe.
 * SPDX-License-Identifier: Apache-2.0 */
#include "report/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct replay { struct reader *docs; pid_t child; int fd; bool at_end; char path[40], *files[2]; };

/* ---- the words ---- */

struct argv { const char **all; size_t n, cap; };

static void add(struct argv *a, const char *word)
{
    a->all = mem_grow(a->all, &a->cap, a->n + 1, sizeof *a->all);
    a->all[a->n++] = word;
}

/* Options that say where things go, and how loudly: a replay writes to its pipe only. */
static size_t is_output(const char *word)
{
    static const char *const with_value[] = { "-o", "--output", "--drops", "--rejects", "--manifest", "-j",
                                              "--threads" };
    static const char *const alone[] = { "-q", "--quiet", "--progress", "--no-manifest" };
    for (size_t i = 0; i < sizeof with_value / sizeof *with_value; i++) {
        const size_t n = strlen(with_value[i]);
        if (!strcmp(word, with_value[i])) return 2;
        /* -oFILE, --output=FILE */
        if (!strncmp(word, with_value[i], n) && (word[1] != '-' || word[n] == '=')) return 1;
    }
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++) if (!strcmp(word, alone[i])) return 1;
    return 0;
}

static void add_stage(struct argv *a, struct arena *mem, const struct trail_stage *s)
{
    struct str rest = s->name, word;
    while (str_cut(&rest, ' ', &word)) add(a, str_c(mem, word));
    for (size_t i = 0; i < s->n_args; i++) {
        const size_t skip = is_output(s->args[i]);
        if (skip) i += skip - 1;
        else add(a, s->args[i]);
    }
}

static bool is_input(const struct trail_step *s, const char *word)
{
    for (size_t i = 0; i < s->n_inputs; i++) if (!strcmp(s->inputs[i], word)) return true;
    return false;
}

const char *const *replay_words(struct arena *mem, const struct trail_step *s, size_t stage, const char *const *extra)
{
    struct argv a = { 0 };
    size_t n = 0;
    add_stage(&a, mem, &s->stages[stage]);
    for (; *extra; extra++) add(&a, *extra);
    const char **words = NEW(mem, const char *, a.n + 1);
    for (size_t i = 0; i < a.n; i++) if (!is_input(s, a.all[i])) words[n++] = a.all[i];
    words[n] = NULL;
    free(a.all);
    return words;
}

/* ---- the process ---- */

static bool spawn(struct replay *p, char *const *argv, struct err *e)
{
    int pipe_fd[2];
    posix_spawn_file_actions_t acts;
    if (pipe2(pipe_fd, O_CLOEXEC)) return err_sys(e, "could not make a pipe");
    posix_spawn_file_actions_init(&acts);
    posix_spawn_file_actions_adddup2(&acts, pipe_fd[1], 1);
    posix_spawn_file_actions_addopen(&acts, 0, "/dev/null", O_RDONLY, 0);
    const int failed = posix_spawn(&p->child, "/proc/self/exe", &acts, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&acts);
    close(pipe_fd[1]);
    p->fd = pipe_fd[0];
    errno = failed;
    return !failed || err_sys(e, "could not run this program again");
}

static void forget(struct replay *p)
{
    if (p->docs) reader_close(p->docs);
    if (p->fd >= 0) close(p->fd);
    free(p);
}

static struct replay *start(const struct run *r, struct argv *a, struct err *e)
{
    struct replay *p = mem_zero(1, sizeof *p);
    char threads[20];
    struct run plain = { .text_field = r->text_field, .shards = 1, .threads = 1 };
    snprintf(threads, sizeof threads, "-j%d", r->threads);
    add(a, "-q");
    add(a, "--no-manifest");
    add(a, threads);
    add(a, NULL);
    p->fd = -1;
    bool ok = spawn(p, (char *const *)a->all, e);
    free(a->all);
    snprintf(p->path, sizeof p->path, "/dev/fd/%d", p->fd);
    p->files[0] = p->path;
    if (ok && (p->docs = reader_open(&plain, p->files, e))) return p;
    forget(p);
    return NULL;
}

/* ---- the interface ---- */

static const struct stage *stage_named(struct str name)
{
    for (size_t i = 0; i < n_stages; i++) if (str_eq(str_of(stages[i]->name), name)) return stages[i];
    return NULL;
}

static struct replay *open_files(const struct run *r, const struct trail_step *s, struct err *e)
{
    struct replay *p = mem_zero(1, sizeof *p);
    struct run plain = { .text_field = r->text_field, .shards = 1, .threads = 1 };
    p->fd = -1;
    p->at_end = true;
    p->docs = reader_open(&plain, s->inputs, e);
    if (p->docs) return p;
    forget(p);
    return NULL;
}

struct replay *replay_open(const struct run *r, const struct trail_step *s, size_t stage, const char *const *more,
                           struct err *e)
{
    struct argv a = { 0 };
    struct arena mem = { 0 };
    const struct stage *first = stage_named(s->stages[0].name);
    if (!first || (stage == 0 && first->source)) {
        err_set(e, ERR_DATA, "no document came to %.*s: it makes them", (int)s->stages[0].name.n, s->stages[0].name.p);
        return NULL;
    }
    if (!stage && !more) return open_files(r, s, e);
    add(&a, "tamis");
    add(&a, "run");
    if (!stage) add(&a, "docs");
    for (size_t i = 0; !stage && i < s->n_inputs; i++) add(&a, s->inputs[i]);
    for (size_t k = 0; k < stage; k++) {
        if (k) add(&a, "!");
        add_stage(&a, &mem, &s->stages[k]);
    }
    if (more) add(&a, "!");
    for (; more && *more; more++) add(&a, *more);
    struct replay *p = start(r, &a, e);
    arena_free(&mem);
    return p;
}

struct replay *replay_command(const struct run *r, const char *const *words, struct err *e)
{
    struct argv a = { 0 };
    add(&a, "tamis");
    for (; *words; words++) add(&a, *words);
    return start(r, &a, e);
}

struct doc *replay_next(struct replay *p, struct err *e)
{
    struct doc *d = reader_next(p->docs, e);
    if (!d) p->at_end = true;
    return d;
}

bool replay_close(struct replay *p, struct err *e)
{
    int status = 0;
    const pid_t child = p->child;
    const bool at_end = p->at_end;
    forget(p);
    if (!child) return !e->kind;
    if (!at_end) kill(child, SIGTERM);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return !e->kind && (!at_end || !status || err_set(e, ERR_DATA, "the run could not be played again up to there"));
}
