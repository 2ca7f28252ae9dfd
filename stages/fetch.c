/* fetch.c - crawl files from a server to a folder.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "extract/fetch.h"
#include "frame/stage.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LIST_MAX = 1 << 28 };
static const char *const kinds[] = { "warc", "wet", "wat" };
static struct { const char *crawl, *range, *base; int kind; long tries; double backoff, stall; } opt = {
    .base = "https://data.commoncrawl.org", .tries = 8, .backoff = 1, .stall = 30,
};
static const struct opt options[] = {
    {  0 , "crawl",    TEXT(&opt.crawl),   "NAME",         "fetch files of this Common Crawl, CC-MAIN-2024-22" },
    {  0 , "kind",     PICK(&opt.kind),    "warc|wet|wat", "which of its files" },
    {  0 , "range",    TEXT(&opt.range),   "A-B",          "only numbers A to B of the list, counted from 0" },
    {  0 , "base-url", TEXT(&opt.base),    "URL",          "where the crawls lie, for mirrors" },
    {  0 , "tries",    INT(&opt.tries),    "N",            "give a file up after N attempts that bring nothing", .min = 1, .max = 1000 },
    {  0 , "backoff",  REAL(&opt.backoff), "SECONDS",      "wait so long after a failure, then twice as long", .max = 60 },
    {  0 , "stall",    REAL(&opt.stall),   "SECONDS",      "a connection slower than 1 kB/s for so long is cut", .min = 1, .max = 3600 },
    { END }
};

struct list { struct fetch_item *items; size_t n, cap; };

/* "http://host/a/b.gz?x": DIR/b.gz */
static bool add_url(struct list *l, const char *dir, struct str url, struct arena *mem, struct err *e)
{
    size_t end = 0;
    while (end < url.n && url.p[end] != '?' && url.p[end] != '#') end++;
    const char *slash = memrchr(url.p, '/', end);
    struct str name = slash ? str_span(slash + 1, url.p + end) : (struct str){ 0 };
    if (!name.n || str_eq(name, S(".")) || str_eq(name, S("..")))
        return err_set(e, ERR_DATA, "the URL %.*s names no file", (int)(url.n < 300 ? url.n : 300), url.p);
    l->items = mem_grow(l->items, &l->cap, l->n + 1, sizeof *l->items);
    l->items[l->n++] = (struct fetch_item){ .url = str_c(mem, url),
                                            .path = str_c(mem, str_printf(mem, "%s/%.*s", dir, (int)name.n, name.p)) };
    return true;
}

static int by_path(const void *a, const void *b)
{
    return strcmp((*(const struct fetch_item *const *)a)->path, (*(const struct fetch_item *const *)b)->path);
}

static bool names_differ(const struct list *l, struct err *e)
{
    const struct fetch_item **sorted = mem_alloc(l->n, sizeof *sorted);
    for (size_t i = 0; i < l->n; i++) sorted[i] = &l->items[i];
    if (l->n) qsort(sorted, l->n, sizeof *sorted, by_path);
    for (size_t i = 1; i < l->n && !e->kind; i++)
        if (!strcmp(sorted[i]->path, sorted[i - 1]->path))
            err_set(e, ERR_DATA, "two URLs would be the file %s: %.200s", sorted[i]->path, sorted[i]->url);
    free(sorted);
    return !e->kind;
}

static bool parse_range(unsigned long long *from, unsigned long long *to, struct err *e)
{
    char rest;
    *from = 0;
    *to = UINT64_MAX;
    if (!opt.range || (sscanf(opt.range, "%llu-%llu%c", from, to, &rest) == 2 && *from <= *to)) return true;
    return err_set(e, ERR_USAGE, "--range: \"%s\" is not A-B", opt.range);
}

/* Lines of text, each with prefix before it, that are in the range. */
static bool add_lines(struct list *l, const char *dir, const char *prefix, struct str text, struct arena *mem,
                      struct err *e)
{
    unsigned long long from, to, i = 0;
    if (!parse_range(&from, &to, e)) return false;
    for (struct str line; str_cut(&text, '\n', &line); ) {
        line = str_trim(line);
        if (!line.n || line.p[0] == '#') continue;
        if (i >= from && i <= to && !add_url(l, dir, str_printf(mem, "%s%.*s", prefix, (int)line.n, line.p), mem, e))
            return false;
        i++;
    }
    return true;
}

static struct fetch_options settings(const struct run *r)
{
    return (struct fetch_options){ .parallel = r->threads, .tries = (int)opt.tries, .backoff = opt.backoff,
                                   .stall = opt.stall };
}

/* The crawl's own list of its files, kept beside them. */
static bool list_crawl(struct list *l, const struct run *r, const char *dir, struct arena *mem, struct err *e)
{
    struct fetch_options o = settings(r);
    struct fetch_item paths =
        { .url = str_c(mem, str_printf(mem, "%s/crawl-data/%s/%s.paths.gz", opt.base, opt.crawl, kinds[opt.kind])),
                                .path = str_c(mem,
                                              str_printf(mem, "%s/%s.%s.paths.gz", dir, opt.crawl, kinds[opt.kind])) };
    if (!fetch_all(&paths, 1, &o, e)) return false;
    if (!paths.done) return err_set(e, ERR_SYSTEM, "%s: %s", paths.url, paths.why);
    struct buf text = { 0 };
    bool ok = file_slurp(paths.path, &text, LIST_MAX, e)
           && add_lines(l, dir, str_c(mem, str_printf(mem, "%s/", opt.base)), buf_str(&text), mem, e);
    buf_free(&text);
    return ok;
}

static bool list_urls(struct list *l, const struct run *r, const char *dir, struct arena *mem, struct err *e)
{
    struct buf text = { 0 };
    for (char **f = r->files; *f && !e->kind; f++) {
        buf_reset(&text);
        if (file_slurp(*f, &text, LIST_MAX, e)) add_lines(l, dir, "", buf_str(&text), mem, e);
    }
    buf_free(&text);
    return !e->kind;
}

/* ---- what the user sees ---- */

static void tell(void *with, const struct fetch_progress *p)
{
    (void)with;
    double rate = (double)p->fresh / (p->seconds > 0 ? p->seconds : 1);
    double left = rate > 0 && p->expected > p->bytes ? (double)(p->expected - p->bytes) / rate : 0;
    fprintf(stderr, "\r%zu/%zu files  %.1f MB  %.1f MB/s  %d:%02d left  %zu failed\033[K", p->done, p->n,
            (double)p->bytes / 1e6, rate / 1e6, (int)(left / 60), (int)left % 60, p->failed);
    if (p->done + p->failed == p->n) fputc('\n', stderr);
}

static void finished(void *with, const struct fetch_item *item)
{
    (void)with;
    if (item->done) { puts(item->path); fflush(stdout); }
}

static bool all_done(const struct list *l, struct err *e)
{
    size_t failed = 0;
    const struct fetch_item *first = NULL;
    for (size_t i = 0; i < l->n; i++)
        if (!l->items[i].done && !failed++) first = &l->items[i];
    if (!failed) return true;
    return err_set(e, ERR_SYSTEM,
                   "%zu of %zu files could not be fetched; the first: %.200s: %s\nhint: what came of them is kept, and the same command goes on with it",
                   failed, l->n, first->url, first->why);
}

static bool fetch_command(const struct run *r, struct err *e)
{
    const char *dir = strcmp(r->output, "-") ? r->output : ".";
    struct arena mem = { 0 };
    struct list l = { 0 };
    bool ok = file_folder(dir, e);
    ok = ok && (opt.crawl ? list_crawl(&l, r, dir, &mem, e) : list_urls(&l, r, dir, &mem, e)) && names_differ(&l, e);
    struct fetch_options o = settings(r);
    o.finished = finished;
    if (!r->quiet && isatty(2)) o.tell = tell;
    if (ok && r->plan) printf("fetch: %zu files into %s, %d at a time\n", l.n, dir, r->threads);
    else if (ok) ok = fetch_all(l.items, l.n, &o, e) && all_done(&l, e);
    free(l.items);
    arena_free(&mem);
    return ok;
}

const struct stage stage_fetch = {
    .place = 90, .name = "fetch", .brief = "fetch crawl files over HTTP, each whole or not at all",
    .usage = "[OPTION]... [LIST]...",
    .text = "Fetches the files of a crawl (--crawl), or URLs read from LIST or standard input, a line each, into the folder\n"
            "--output, --threads at a time, and prints the name of each. What is there already is not fetched again; what is\n"
            "there in part is continued.",
    .example = "  tamis fetch --crawl CC-MAIN-2024-22 --kind wet --range 0-9 -o crawl | xargs tamis extract -o docs.jsonl.zst",
    .options = options, .command = fetch_command, .plans = true,
};
