/* main.c - from the command line to a chain of stages.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   tamis NAME ...            one stage          tamis-NAME ...   the same
 *   tamis run A ... ! B ...   several, fused     tamis            the list of all
 */
#include "core/names.h"
#include "core/near.h"
#include "frame/journal.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { THREADS_MAX = 1024 };

static struct settings set;
static bool help, man, words;
static const struct settings defaults = { .memory = (size_t)4 << 30, .output = "-", .text_field = "text",
                                          .max_bad = 0.001, .checkpoint = 10 };
static const struct opt common[] = {
    { GROUP("Common options") },
    { 'o', "output",      TEXT(&set.output),      "FILE", "where documents go; .zst and .gz are compressed" },
    { 'j', "threads",     INT(&set.threads),      "N",    "worker threads; 0 means one per core", .max = THREADS_MAX },
    {  0 , "memory",      SIZE(&set.memory),      "SIZE", "ceiling of a stage with a memory" },
    {  0 , "seed",        INT(&set.seed),         "N",    "of everything random" },
    {  0 , "shard",       TEXT(&set.shard),       "I/N",  "read slice I of N, counted from 0" },
    {  0 , "text-field",  TEXT(&set.text_field),  "NAME", "the field that holds the text" },
    {  0 , "drops",       TEXT(&set.drops),       "FILE", "write what was dropped, with reason and evidence" },
    {  0 , "rejects",     TEXT(&set.rejects),     "FILE", "write what was bad, with its place" },
    {  0 , "max-bad",     REAL(&set.max_bad),     "P",    "stop past this share of bad records, after 1000", .max = 1 },
    {  0 , "strict",      FLAG(&set.strict),              "stop at the first bad record" },
    {  0 , "resume",      FLAG(&set.resume),              "go on where this run was stopped, killed or not" },
    {  0 , "checkpoint",  REAL(&set.checkpoint),  "SECONDS", "how often --resume notes how far it is", .max = 1e9 },
    {  0 , "manifest",    TEXT(&set.manifest),    "FILE", "the manifest's name, if not OUTPUT.manifest.json" },
    {  0 , "no-manifest", FLAG(&set.no_manifest),         "write no manifest" },
    {  0 , "plan",        FLAG(&set.plan),                "say what it would take, and stop" },
    {  0 , "progress",    FLAG(&set.progress),            "report on standard error, terminal or not" },
    { 'q', "quiet",       FLAG(&set.quiet),               "report nothing but errors" },
    { 'h', "help",        FLAG(&help),                    "print this help" },
    {  0 , "man",         FLAG(&man),                     "print the manual page, in roff" },
    {  0 , "words",       FLAG(&words),                   "print all options, a line each, for completion" },
    { END }
};

/* ---- names ---- */

/* The stage whose name is the most words of argv; *n_words of them. */
static const struct stage *find_stage(int argc, char **argv, int *n_words)
{
    const struct stage *best = NULL;
    *n_words = 0;
    for (size_t i = 0; i < n_stages; i++) {
        struct str rest = str_of(stages[i]->name), word;
        int n = 0;
        bool same = true;
        while (same && str_cut(&rest, ' ', &word)) same = n < argc && str_eq(word, str_of(argv[n++]));
        if (same && n > *n_words) { best = stages[i]; *n_words = n; }
    }
    return best;
}

static int by_place(const void *a, const void *b)
{
    const struct stage *x = *(const struct stage *const *)a, *y = *(const struct stage *const *)b;
    return x->place != y->place ? (x->place > y->place) - (x->place < y->place) : strcmp(x->name, y->name);
}

static void list_stages(bool names_only)
{
    const struct stage **all = mem_alloc(n_stages, sizeof *all);
    memcpy(all, stages, n_stages * sizeof *all);
    qsort(all, n_stages, sizeof *all, by_place);
    if (!names_only)
        puts("tamis " TAMIS_VERSION " - from raw web crawls to weighted training shards\n\n"
             "usage: tamis STAGE [OPTION]... [FILE]...\n       tamis run STAGE [OPTION]... [FILE]... ! STAGE [OPTION]... -o FILE\n");
    for (size_t i = 0; i < n_stages; i++) {
        if (!names_only && i && all[i]->place / 100 != all[i - 1]->place / 100) puts("");
        if (!names_only) printf("  %-20s %s\n", all[i]->name, all[i]->brief);
        else if (!i || strcspn(all[i]->name, " ") != strcspn(all[i - 1]->name, " ")
                 || strncmp(all[i]->name, all[i - 1]->name, strcspn(all[i]->name, " ")) != 0)
            printf("%.*s\n", (int)strcspn(all[i]->name, " "), all[i]->name);
    }
    if (!names_only) puts("\ntamis STAGE --help says more.");
    free(all);
}

/* ---- ends ---- */

static int fail(const char *name, const struct err *e)
{
    if (e->kind == ERR_PIPE) {
        file_cleanup();
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
    }
    fprintf(stderr, "tamis %s: %s\n", name, e->msg);
    if (e->kind == ERR_USAGE && !strstr(e->msg, "\nhint:")) fprintf(stderr, "hint: tamis %s --help\n", name);
    return (int)e->kind;
}

static void on_signal(int number)
{
    if (journal_stops(number)) return;
    file_cleanup();
    signal(number, SIG_DFL);
    raise(number);
}

static void catch_signals(void)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction old;
        if (!sigaction(numbers[i], NULL, &old) && old.sa_handler != SIG_IGN) signal(numbers[i], on_signal);
    }
    atexit(file_cleanup);
}

/* Standard output was promised something: a full disk must not look like success. */
static int flushed(int status)
{
    if (!fflush(stdout) && !ferror(stdout)) return status;
    struct err e = { 0 };
    err_sys(&e, "could not write to standard output");
    return fail("", &e);
}

/* ---- options of one link ---- */

static const char *memory_of(const struct stage *s)
{
    return s->memory ? s->memory : s->plan || s->plans ? "see --plan" : "a few batches of documents";
}

static struct about about_of(const struct stage *s)
{
    static char name[80], usage[80];
    snprintf(name, sizeof name, "tamis %s", s->name);
    snprintf(usage, sizeof usage, "[OPTION]... [FILE]...%s%s", s->writes ? " -o " : "", s->writes ? s->writes : "");
    return (struct about){ .name = name, .brief = s->brief, .usage = s->usage ? s->usage : usage,
                           .text = s->text, .memory = memory_of(s), .example = s->example, .see = s->see,
                           .options = s->options };
}

static bool parse_shard(struct run *r, struct err *e)
{
    char rest;
    r->shards = 1;
    if (!set.shard) return true;
    if (sscanf(set.shard, "%ld/%ld%c", &r->shard, &r->shards, &rest) != 2 || r->shards < 1 || r->shard < 0
        || r->shard >= r->shards)
        return err_set(e, ERR_USAGE, "--shard: \"%s\" is not I/N with 0 <= I < N", set.shard);
    return true;
}

/* Operands @LIST become the names in LIST; for the life of the program. */
static bool expand_files(struct run *r, struct err *e)
{
    static struct names operands;
    size_t first = operands.n, lists = 0;
    for (char **f = r->files; *f; f++) lists += **f == '@';
    for (char **f = r->files; lists && *f; f++) if (!names_add(&operands, *f, e)) return false;
    if (lists && operands.n == first) return err_set(e, ERR_USAGE, "%s names no file", r->files[0]);
    if (lists) { r->files = operands.all + first; r->n_files = operands.n - first; }
    return true;
}

/* Parses argv (argv[0] is skipped) for link l; its operands become the run's files. */
static bool parse_link(struct link *l, int argc, char **argv, struct err *e)
{
    static char dash[] = "-", *only_dash[] = { dash, NULL };
    struct about a = about_of(l->stage);
    int at = opt_parse(&a, common, argc, argv, e);
    if (help || man || words) return true;
    if (!at) return false;
    int files = at + l->stage->n_args;
    if (files > argc) return err_set(e, ERR_USAGE, "an operand is missing: %s %s", a.name, a.usage);
    bool some = files < argc;
    l->run = (struct run){ .stage = l->stage->name, .args = argv + at, .files = some ? argv + files : only_dash,
                           .n_files = some ? (size_t)(argc - files) : 1 };
    return expand_files(&l->run, e);
}

/* Many files are sliced by file; fewer than slices by frame, in lines.c, or by the source. */
static bool slice_files(struct chain *c, struct err *e)
{
    struct run *r = &c->links[0].run;
    size_t n = r->n_files, begin = n * (size_t)r->shard / (size_t)r->shards,
           end = n * (size_t)(r->shard + 1) / (size_t)r->shards;
    c->sliced = r->shards > 1 && n >= (size_t)r->shards;
    const struct source *source = c->links[0].stage->source;
    r->cut = source && source->cuts && r->shards > 1 && !c->sliced;
    if (source && r->shards > 1 && !c->sliced && !r->cut)
        return err_set(e, ERR_USAGE, "--shard: %zu files are fewer than %ld slices", n, r->shards);
    if (c->sliced) {
        r->files[end] = NULL;
        r->files += begin;
        r->n_files = end - begin;
    }
    c->inputs = r->files;
    c->n_inputs = r->n_files;
    for (size_t i = 0; i < c->n_inputs; i++) {
        uint64_t size;
        struct err ignored = { 0 };
        if (strcmp(c->inputs[i], "-") != 0 && file_size(c->inputs[i], &size, &ignored)) c->bytes_all += size;
    }
    return true;
}

static bool files_named(const struct link *l, struct err *e)
{
    const struct stage *s = l->stage;
    if (s->reads_files && !strcmp(l->run.files[0], "-"))
        return err_set(e, ERR_USAGE, "an operand is missing: tamis %s %s", s->name, s->usage);
    if (s->writes && !l->run.plan && !strcmp(l->run.output, "-"))
        return err_set(e, ERR_USAGE, "the output is no stream: give -o %s", s->writes);
    return true;
}

/* What the common options say, once all links are parsed. */
static bool fill_run(struct chain *c, struct link *l, struct err *e)
{
    struct run *r = &l->run;
    if (!set.threads) set.threads = sysconf(_SC_NPROCESSORS_ONLN);
    if (set.threads > THREADS_MAX) set.threads = THREADS_MAX;
    r->threads = (int)set.threads;
    r->seed = (uint64_t)set.seed;
    r->memory = set.memory;
    r->output = set.output;
    r->text_field = set.text_field;
    r->plan = set.plan;
    r->quiet = set.quiet;
    r->progress = set.progress;
    r->no_output = &c->no_output;
    r->no_input = &c->no_input;
    r->one_pass = &l->one_pass;
    r->rows = &l->rows;
    r->expected = &l->expected;
    l->expected = UINT64_MAX;
    return files_named(l, e) && parse_shard(r, e) && (l->index || slice_files(c, e));
}

/* ---- runs ---- */

static void plan_links(struct chain *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct link *l = &c->links[i];
        const char *memory = memory_of(l->stage);
        if (l->stage->plan) { l->stage->plan(l->self, stdout); continue; }
        printf("%s: memory: %s", l->stage->name, memory);
        if (strstr(memory, "--memory")) printf(" (--memory is %zu MiB)", l->run.memory >> 20);
        putchar('\n');
    }
}

static bool plan_chain(struct chain *c, struct err *e)
{
    for (size_t i = 0; i < c->n; i++) {
        struct link *l = &c->links[i];
        if (l->stage->open && !(l->self = l->stage->open(&l->run, e))) return false;
    }
    plan_links(c);
    return true;
}

static bool run_command(struct chain *c, struct err *e)
{
    c->began = time_now();
    if (set.plan && !c->links[0].stage->plans) { plan_links(c); return true; }
    return c->links[0].stage->command(&c->links[0].run, e) && (set.plan || manifest_write(c, e));
}

static int run_chain(struct chain *c, const char *name, struct err *e)
{
    c->set = set;
    bool ok = !e->kind;
    if (ok && c->links[0].stage->command) ok = run_command(c, e);
    else if (ok && set.plan) ok = plan_chain(c, e);
    else if (ok) ok = chain_run(c, e);
    for (size_t i = 0; i < c->n; i++) {
        if (c->links[i].self && c->links[i].stage->free) c->links[i].stage->free(c->links[i].self);
        tally_free(&c->links[i].tally);
    }
    free(c->links);
    return ok ? 0 : fail(name, e);
}

static int show(const struct stage *s)
{
    struct about a = about_of(s);
    set = defaults;
    if (words) { opt_words(s->options, stdout); opt_words(common, stdout); }
    else (help ? opt_help : opt_man)(&a, common, stdout);
    return 0;
}

/* Which it could be: those that it is the first word of ("tokenizer"), or the one that is spelled nearly so. */
static bool no_stage(const char *word, struct err *e)
{
    struct near near = { .word = str_of(word) };
    struct buf of = { 0 };
    for (size_t i = 0; i < n_stages; i++) {
        near_try(&near, stages[i]->name);
        if (str_starts(str_of(stages[i]->name), near.word) && stages[i]->name[near.word.n] == ' ')
            buf_printf(&of, "%s%s", of.n ? ", " : "", stages[i]->name);
    }
    if (of.n) err_set(e, ERR_USAGE, "\"%s\" is no stage by itself\nhint: %.*s", word, (int)of.n, of.p);
    else if (near.name) err_set(e, ERR_USAGE, "\"%s\" is no stage: did you mean %s?", word, near.name);
    else err_set(e, ERR_USAGE, "\"%s\" is no stage", word);
    buf_free(&of);
    return false;
}

static int run_one(const struct stage *s, int argc, char **argv)
{
    static struct chain c;
    struct err e = { 0 };
    c.links = mem_zero(1, sizeof *c.links);
    c.n = 1;
    c.links[0] = (struct link){ .stage = s, .chain = &c };
    if (parse_link(&c.links[0], argc, argv, &e) && (help || man || words)) { free(c.links); return show(s); }
    if (!e.kind) fill_run(&c, &c.links[0], &e);
    return run_chain(&c, s->name, &e);
}

/* One link of a fused run: argv up to its "!". A later one takes no files. */
static bool parse_fused(struct chain *c, int argc, char **argv, struct err *e)
{
    int n_words;
    const struct stage *s = find_stage(argc, argv, &n_words);
    if (!s)
        return argc && strcmp(argv[0], "!") != 0 ? no_stage(argv[0], e)
            : err_set(e, ERR_USAGE, "a stage is missing: tamis run STAGE ... ! STAGE ...");
    struct link *l = &c->links[c->n++];
    *l = (struct link){ .stage = s, .chain = c, .index = c->n - 1 };
    if (s->command) return err_set(e, ERR_USAGE, "%s is no stream of documents: it cannot be part of a run", s->name);
    if (s->source && l->index) return err_set(e, ERR_USAGE, "%s can only be the first stage of a run", s->name);
    if (!parse_link(l, argc - n_words + 1, argv + n_words - 1, e)) return err_in(e, "%s", s->name);
    if (help || man || words) return true;
    if (l->index && strcmp(l->run.files[0], "-") != 0)
        return err_set(e, ERR_USAGE, "%s: files are read by the first stage only, not %s", s->name, l->run.files[0]);
    return true;
}

/* Parses every link of argv. The first time for the common options, which hold for the whole run wherever they
 * stand; the second time each link is opened at once, since a stage that is there twice has one set of options. */
static bool parse_links(struct chain *c, int argc, char **argv, bool open, struct err *e)
{
    c->n = 0;
    for (int i = 0, from = 0; i <= argc; i++) {
        if (i < argc && argv[i]) continue;
        int n_words;
        const struct stage *s = find_stage(i - from, argv + from, &n_words);
        union opt_value saved[OPT_MAX];
        opt_save(s ? s->options : NULL, saved);
        if (!parse_fused(c, i - from, argv + from, e)) return false;
        struct link *l = &c->links[c->n - 1];
        if (open && (!fill_run(c, l, e) || (s->open && !(l->self = s->open(&l->run, e))))) return false;
        opt_restore(s->options, saved);
        from = i + 1;
    }
    return true;
}

static int run_fused(int argc, char **argv)
{
    static struct chain c;
    struct err e = { 0 };
    size_t n = 1;
    for (int i = 0; i < argc; i++)
        if (!strcmp(argv[i], "!")) { argv[i] = NULL; n++; }
    c.links = mem_zero(n, sizeof *c.links);
    if (parse_links(&c, argc, argv, false, &e) && (help || man || words)) {
        puts("usage: tamis run STAGE [OPTION]... [FILE]... ! STAGE [OPTION]... ! ... -o FILE");
        free(c.links);
        return 0;
    }
    if (!e.kind) parse_links(&c, argc, argv, true, &e);
    return run_chain(&c, "run", &e);
}

static const char *join(int argc, char **argv, struct buf *b)
{
    for (int i = 0; i < argc; i++) {
        if (i) buf_putc(b, ' ');
        bool plain = *argv[i]
                     && !argv[i][strspn(argv[i],
                                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+@%")];
        if (plain) { buf_put(b, str_of(argv[i])); continue; }
        buf_putc(b, '\'');
        for (const char *c = argv[i]; *c; c++) {
            if (*c == '\'') buf_put(b, S("'\\''"));
            else buf_putc(b, *c);
        }
        buf_putc(b, '\'');
    }
    buf_putc(b, 0);
    return b->p;
}

static int dispatch(int argc, char **argv)
{
    int n_words;
    if (!argc || !strcmp(argv[0], "--help") || !strcmp(argv[0], "-h")) { list_stages(false); return 0; }
    if (!strcmp(argv[0], "--version")) { puts("tamis " TAMIS_VERSION); return 0; }
    if (!strcmp(argv[0], "--names")) { list_stages(true); return 0; }
    if (!strcmp(argv[0], "--stages")) { for (size_t i = 0; i < n_stages; i++) puts(stages[i]->name); return 0; }
    if (!strcmp(argv[0], "run")) return run_fused(argc - 1, argv + 1);
    const struct stage *s = find_stage(argc, argv, &n_words);
    if (s) return run_one(s, argc - n_words + 1, argv + n_words - 1);
    struct err e = { 0 };
    no_stage(argv[0], &e);
    fprintf(stderr, "tamis: %s\n%s", e.msg, strstr(e.msg, "\nhint:") ? "" : "hint: tamis alone lists them\n");
    return ERR_USAGE;
}

/* glibc keeps ever larger blocks (up to 32 MB) in heaps that it cannot give back once one of them was freed: a batch's
 * memory then depends on the order of frees. Held at its first value, 128 KB: docs ! filter ! docs on two threads 30 MB
 * instead of 36, no more time. */
static void give_memory_back(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
}

int stage_main(int argc, char **argv)
{
    static struct buf command;
    const char *slash = strrchr(argv[0], '/'), *self = slash ? slash + 1 : argv[0];
    set = defaults;
    give_memory_back();
    catch_signals();
    set.command = join(argc, argv, &command);
    char **given = mem_alloc((size_t)argc + 1, sizeof *given);           /* parsing moves them about */
    set.argv = memcpy(given, argv, ((size_t)argc + 1) * sizeof *given);
    static char name[80];
    int status;
    if (strncmp(self, "tamis-", 6) != 0) status = dispatch(argc - 1, argv + 1);
    else {
        snprintf(name, sizeof name, "%s", self + 6);
        argv[0] = name;
        status = dispatch(argc, argv);
    }
    buf_free(&command);
    free(given);
    return flushed(status);
}
