/* crawl.c - which file comes next, and what kind it is.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/crawl.h"
#include "extract/zip.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct crawl {
    struct crawl_options o;
    struct arena mem;
    const char **paths;
    size_t n_paths, cap_paths, next_path;
    const char *name;                                /* of the open file */
    struct warc *warc;
    struct feed_place last;                          /* of the record given last */
    uint64_t told;
    uint64_t part_begin, part_end;                   /* of the open file, with --shard */
    struct crawl_read *read;                         /* the open file's is the last */
    size_t n_read, cap_read;
    struct buf page;                                 /* a bare page */
    uint64_t passed;                                 /* bytes of files that are closed */

    struct map zip;                                  /* a WACZ, and its members */
    struct zip_member *members;
    size_t n_members, next_member;
    const char *zip_name;
    struct buf member;
};

/* ---- paths ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool add_path(struct crawl *c, const char *path, struct err *e);

static bool is_page(const char *name)
{
    struct str s = str_of(name);
    static const char *const ends[] = { ".html", ".htm", ".xhtml", ".HTML", ".HTM" };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) if (str_ends(s, str_of(ends[i]))) return true;
    return false;
}

/* Its pages and folders, by name: the order does not depend on the file system. */
static bool add_folder(struct crawl *c, const char *path, struct err *e)
{
    DIR *d = opendir(path);
    if (!d) return err_sys(e, "could not open folder %s", path);
    const char **names = NULL;
    size_t n = 0, cap = 0;
    for (struct dirent *f; (f = readdir(d)) != NULL; ) {
        if (f->d_name[0] == '.') continue;
        struct stat st;
        const char *full = str_printf(&c->mem, "%s/%s%c", path, f->d_name, 0).p;
        if (lstat(full, &st) || (!S_ISDIR(st.st_mode) && !(S_ISREG(st.st_mode) && is_page(full)))) continue;
        names = mem_grow(names, &cap, n + 1, sizeof *names);
        names[n++] = full;
    }
    closedir(d);
    if (n) qsort(names, n, sizeof *names, by_name);
    for (size_t i = 0; i < n && !e->kind; i++) add_path(c, names[i], e);
    free(names);
    return !e->kind;
}

static bool add_path(struct crawl *c, const char *path, struct err *e)
{
    struct stat st;
    if (c->o.html && strcmp(path, "-") != 0) {
        if (stat(path, &st)) return err_sys(e, "could not open file %s", path);
        if (S_ISDIR(st.st_mode)) return add_folder(c, path, e);
    }
    c->paths = mem_grow(c->paths, &c->cap_paths, c->n_paths + 1, sizeof *c->paths);
    c->paths[c->n_paths++] = path;
    return true;
}

/* ---- files ---- */

static bool is_zip(const char *path)
{
    char magic[4] = "";
    struct stat st;
    if (!strcmp(path, "-") || stat(path, &st) || !S_ISREG(st.st_mode)) return false;
    FILE *f = fopen(path, "re");
    bool is = f && fread(magic, 1, 4, f) == 4 && !memcmp(magic, "PK\3\4", 4);
    if (f) fclose(f);
    return is;
}

static void begin(struct crawl *c, struct feed *f, const char *name)
{
    c->warc = f ? warc_open(f, c->o.max_block) : NULL;
    c->name = name;
}

/* Only the records that begin in this part of the file, and no member of it is read in vain. */
static bool take_part(struct crawl *c, struct err *e)
{
    if (!c->warc || c->o.shards < 2) return true;
    struct feed *f = warc_feed(c->warc);
    uint64_t size = feed_raw(f).n, shard = (uint64_t)c->o.shard, shards = (uint64_t)c->o.shards;
    c->part_begin = size / shards * shard + size % shards * shard / shards;
    c->part_end = size / shards * (shard + 1) + size % shards * (shard + 1) / shards;
    return feed_cut(f, c->part_begin, e);
}

/* Bytes of the open file that were not told yet: reading goes back at times. */
static uint64_t untold(struct crawl *c)
{
    uint64_t at = c->warc ? feed_consumed(warc_feed(c->warc)) : 0, n = at > c->told ? at - c->told : 0;
    c->told += n;
    return n;
}

static void end(struct crawl *c)
{
    c->passed += untold(c);
    c->told = 0;
    warc_close(c->warc);
    c->warc = NULL;
}

/* The next member of the open WACZ that is a crawl; false when there is none, or with e set. */
static bool next_member(struct crawl *c, struct err *e)
{
    while (c->next_member < c->n_members) {
        const struct zip_member *m = &c->members[c->next_member++];
        if (!str_starts(m->name, S("archive/")) || m->name.p[m->name.n - 1] == '/') continue;
        struct str bytes;
        if (!zip_bytes((struct str){ c->zip.p, c->zip.n }, m, &c->member, &bytes, e))
            return err_in(e, "%s", c->zip_name);
        begin(c, feed_memory(bytes.p, bytes.n, e),
              str_printf(&c->mem, "%s:%.*s%c", c->zip_name, (int)m->name.n, m->name.p, 0).p);
        return !e->kind && take_part(c, e);
    }
    map_close(&c->zip);
    c->n_members = 0;
    return false;
}

static bool open_path(struct crawl *c, const char *path, struct err *e)
{
    if (is_zip(path)) {
        c->zip_name = path;
        c->next_member = 0;
        return map_open(&c->zip, path, e) && (zip_members((struct str){ c->zip.p, c->zip.n }, &c->mem, &c->members,
                                                          &c->n_members, e) || err_in(e, "%s", path));
    }
    begin(c, feed_open(path, e), path);
    return (!e->kind && take_part(c, e)) || err_in(e, "%s", path);
}

/* ---- --from ---- */

/* Opens the file of that name, or the WACZ and in it the member FILE.wacz:archive/NAME; files before it are passed
 * over. */
static bool open_named(struct crawl *c, struct str name, struct err *e)
{
    while (c->next_path < c->n_paths && !e->kind) {
        const char *path = c->paths[c->next_path++];
        size_t n = strlen(path);
        if (str_eq(name, str_of(path))) return open_path(c, path, e);
        if (name.n <= n || name.p[n] != ':' || memcmp(name.p, path, n) != 0 || !is_zip(path) || !open_path(c, path, e))
            continue;
        for (; next_member(c, e); end(c)) if (str_eq(name, str_of(c->name))) return true;
    }
    return e->kind ? false : err_set(e, ERR_USAGE, "--from: %.*s is none of the files", (int)name.n, name.p);
}

/* "FILE@OFFSET[+SKIP]": it is opened there. */
static bool start_at(struct crawl *c, struct err *e)
{
    const char *at = strrchr(c->o.from, '@');
    unsigned long long offset, skip = 0;
    char rest;
    int n = at ? sscanf(at + 1, "%llu+%llu%c", &offset, &skip, &rest) : 0;
    if (n < 1 || n > 2) return err_set(e, ERR_USAGE, "--from: \"%s\" is not FILE@OFFSET", c->o.from);
    if (!open_named(c, str_span(c->o.from, at), e)) return false;
    if (c->warc && feed_seek(warc_feed(c->warc), (struct feed_place){ offset, skip }, e)) return true;
    return e->kind ? false : err_set(e, ERR_USAGE, "--from: there is no %s", c->o.from);
}

struct crawl *crawl_open(const struct crawl_options *o, struct err *e)
{
    struct crawl *c = mem_zero(1, sizeof *c);
    c->o = *o;
    for (char **f = o->files; *f && !e->kind; f++) add_path(c, *f, e);
    if (o->html && o->shards > 1) {
        size_t n = c->n_paths, shard = (size_t)o->shard, shards = (size_t)o->shards;
        c->next_path = n * shard / shards;
        c->n_paths = n * (shard + 1) / shards;
    }
    if (!e->kind && (!o->from || start_at(c, e))) return c;
    crawl_close(c);
    return NULL;
}

void crawl_close(struct crawl *c)
{
    if (!c) return;
    warc_close(c->warc);
    map_close(&c->zip);
    buf_free(&c->page);
    buf_free(&c->member);
    free(c->paths);
    free(c->read);
    arena_free(&c->mem);
    free(c);
}

uint64_t crawl_consumed(struct crawl *c)
{
    uint64_t n = c->passed + untold(c);
    c->passed = 0;
    return n;
}

/* ---- records ---- */

static enum warc_got bare_page(struct crawl *c, const char *path, struct warc_record *r, struct str *where,
                               struct err *e)
{
    struct err why = { 0 };
    *r = (struct warc_record){ .type = WARC_RESOURCE, .id = str_of(path) };
    *where = str_of(path);
    buf_reset(&c->page);
    bool ok = file_slurp(path, &c->page, c->o.max_block, &why);
    if (why.kind == ERR_SYSTEM) { *e = why; return WARC_END; }
    c->passed += c->page.n;
    r->length = c->page.n;
    if (ok) r->block = buf_str(&c->page);
    return WARC_RECORD;
}

/* A file that is no crawl at all, or a WACZ that is no zip, is one bad record. */
static enum warc_got bad_file(struct crawl *c, const char *path, struct warc_record *r, struct str *where,
                              struct err *e)
{
    if (e->kind != ERR_DATA) return WARC_END;
    *e = (struct err){ 0 };
    *r = (struct warc_record){ .type = WARC_OTHER, .why = "unreadable-file" };
    *where = str_of(path);
    map_close(&c->zip);
    c->n_members = 0;
    return WARC_BAD;
}

struct str crawl_place(const char *name, struct feed_place at, struct arena *mem)
{
    return at.skip ? str_printf(mem, "%s@%llu+%llu", name, (unsigned long long)at.at, (unsigned long long)at.skip)
                   : str_printf(mem, "%s@%llu", name, (unsigned long long)at.at);
}

const struct crawl_read *crawl_was_read(const struct crawl *c, size_t *n)
{
    *n = c->n_read;
    return c->read;
}

static void note(struct crawl *c, struct feed_place at)
{
    if (!c->n_read || c->read[c->n_read - 1].name != c->name) {
        c->read = mem_grow(c->read, &c->cap_read, c->n_read + 1, sizeof *c->read);
        c->read[c->n_read++] = (struct crawl_read){ .name = c->name, .first = at };
    }
    c->read[c->n_read - 1].records++;
    c->read[c->n_read - 1].last = at;
}

enum warc_got crawl_next(struct crawl *c, struct arena *mem, struct warc_record *r, struct str *where, struct err *e)
{
    for (;;) {
        if (!c->warc) {
            if (c->n_members && next_member(c, e)) continue;
            if (e->kind) return bad_file(c, c->zip_name, r, where, e);
            if (c->next_path == c->n_paths) return WARC_END;
            const char *path = c->paths[c->next_path++];
            if (c->o.html) return bare_page(c, path, r, where, e);
            if (!open_path(c, path, e)) return bad_file(c, path, r, where, e);
            continue;
        }
        enum warc_got got = warc_next(c->warc, mem, r, e);
        if (e->kind) { err_in(e, "%s", c->name); return WARC_END; }
        if (got == WARC_END || (c->part_end && r->place.at >= c->part_end)) { end(c); continue; }
        if (r->place.at < c->part_begin) continue;
        c->last = r->place;
        if (got == WARC_RECORD) note(c, r->place);
        *where = crawl_place(c->name, r->place, mem);
        return got;
    }
}

/* ---- places ---- */

bool crawl_mark(const struct crawl *c, struct crawl_mark *p)
{
    if (!c->warc || warc_rewound(c->warc)) return false;
    *p = (struct crawl_mark){ c->next_path, c->next_member, c->last.at, c->last.skip, c->told };
    return true;
}

bool crawl_seek(struct crawl *c, const struct crawl_mark *p, struct err *e)
{
    struct arena mem = { 0 };
    struct warc_record r;
    if (!p->file || p->file > c->n_paths) return err_set(e, ERR_DATA, "there is no such place in the files");
    end(c);                                          /* with --from one is open */
    map_close(&c->zip);
    c->n_members = 0;
    c->passed = 0;
    c->next_path = p->file;
    bool ok = open_path(c, c->paths[p->file - 1], e);
    if (ok && c->n_members) {
        c->next_member = p->member ? p->member - 1 : 0;
        ok = next_member(c, e);
    }
    ok = ok && c->warc && feed_seek(warc_feed(c->warc), (struct feed_place){ p->at, p->skip }, e)
         && warc_next(c->warc, &mem, &r, e) != WARC_END;
    c->told = p->told;
    arena_free(&mem);
    return ok || e->kind ? ok : err_set(e, ERR_DATA, "there is no such place in %s", c->paths[p->file - 1]);
}
