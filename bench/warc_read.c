/* warc_read.c - where the time of extract goes: each part of its work alone, on one thread.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   warc_read inflate|read|http|parse|all FILE.warc.gz      prints user seconds, plain bytes, pages
 *
 * inflate is the yardstick: libdeflate on each member in turn, and nothing else. */
#include "extract/html_tree.h"
#include "extract/page.h"
#include "extract/payload.h"

#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

struct sums { uint64_t bytes, html, pages, text; };

static double user_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_utime.tv_sec + (double)u.ru_utime.tv_usec * 1e-6;
}

static bool inflate_only(const char *path, struct sums *s, struct err *e)
{
    enum { ROOM = 64 << 20 };
    struct map m;
    if (!map_open(&m, path, e)) return false;
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    char *to = mem_alloc(ROOM, 1);
    for (size_t at = 0, used, made; at < m.n; at += used, s->bytes += made)
        if (libdeflate_gzip_decompress_ex(d, m.p + at, m.n - at, to, ROOM, &used, &made))
            return err_set(e, ERR_DATA, "%s: not plain gzip members", path);
    libdeflate_free_decompressor(d);
    free(to);
    map_close(&m);
    return true;
}

struct work { struct payload_scratch scratch; struct arena mem, page; struct page_options options; int depth; };

static void parse(struct work *w, struct str html, struct sums *s)
{
    struct html_tree tree;
    html_parse(html, (struct html_context){ 0 }, w->options.max_nodes, &w->page, &tree);
    s->text += tree.nodes;
}

static void one(struct work *w, const struct warc_record *r, struct sums *s)
{
    struct payload p;
    struct page_result page;
    s->bytes += r->length;
    s->pages += r->block.p != NULL;
    if (w->depth < 1 || !r->block.p || !payload_open(r, 64 << 20, &w->scratch, &p)) return;
    s->html += p.text.n;
    if (w->depth < 2 || p.kind == MIME_TEXT) return;
    arena_reset(&w->page);
    if (w->depth == 2) parse(w, p.text, s);
    else if (page_text(p.text, r->url, &w->options, &w->page, &page)) s->text += page.text.n;
}

static bool walk(const char *path, int depth, struct sums *s, struct err *e)
{
    struct feed *f = feed_open(path, e);
    if (!f) return false;
    struct warc *w = warc_open(f, 64 << 20);
    struct work work = { .options = PAGE_OPTIONS, .depth = depth };
    struct warc_record r;
    for (enum warc_got got; (got = warc_next(w, &work.mem, &r, e)) != WARC_END; arena_reset(&work.mem))
        if (got == WARC_RECORD) one(&work, &r, s);
    payload_scratch_free(&work.scratch);
    arena_free(&work.mem);
    arena_free(&work.page);
    warc_close(w);
    return !e->kind;
}

int main(int argc, char **argv)
{
    static const char *const modes[] = { "read", "http", "parse", "all" };
    struct err e = { 0 };
    struct sums s = { 0 };
    if (argc != 3) return 2;
    double before = user_seconds();
    bool ok = false;
    if (!strcmp(argv[1], "inflate")) ok = inflate_only(argv[2], &s, &e);
    for (int i = 0; i < 4; i++) if (!strcmp(argv[1], modes[i])) ok = walk(argv[2], i, &s, &e);
    printf("%.3f %llu %llu %llu\n", user_seconds() - before, (unsigned long long)(s.html ? s.html : s.bytes),
           (unsigned long long)s.pages, (unsigned long long)s.text);
    if (!ok) fprintf(stderr, "%s\n", e.msg);
    return !ok;
}
