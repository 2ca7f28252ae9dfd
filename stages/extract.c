/* extract.c - from WARC to documents.
 * SPDX-License-Identifier: Apache-2.0
 *
 * read (one thread) inflates and takes records until it has a megabyte of pages; make (any
 * thread) undoes HTTP, finds the charset and takes the text out of the page. */
#include "extract/crawl.h"
#include "extract/page.h"
#include "extract/payload.h"
#include "extract/revisit.h"
#include "frame/stage.h"

#include <stdlib.h>

enum { BATCH_BYTES = 1 << 20, BATCH_RECORDS = 4096, HEADERS = 1 << 16, KEPT_BLOCKS = 3 << 20, KEPT_PAGE = 16 << 20 };
enum balance { BALANCED, PRECISION, RECALL };
static struct {
    bool html, meta, precision, recall, revisits;
    int keep, format, comments;
    size_t max_page;
    const char *from;
} opt = { .max_page = 10 << 20 };
static const struct opt options[] = {
    {  0 , "html",      FLAG(&opt.html),                      "inputs are HTML files, or folders of them" },
    {  0 , "keep",      PICK(&opt.keep),     "main|all",      "the main content, or all that a reader sees" },
    {  0 , "precision", FLAG(&opt.precision),                 "in doubt leave a block out" },
    {  0 , "recall",    FLAG(&opt.recall),                    "in doubt keep a block" },
    {  0 , "comments",  PICK(&opt.comments), "judged|keep|drop", "what readers wrote below: as it seems, or always so" },
    {  0 , "format",    PICK(&opt.format),   "text|markdown", "how headings, lists, links and code are written" },
    {  0 , "meta",      FLAG(&opt.meta),                      "add \"meta\": author, date, site, lang, canonical, kind ..." },
    {  0 , "revisits",  FLAG(&opt.revisits),                  "a revisit has the text of the record in these files that it refers to" },
    {  0 , "max-page",  SIZE(&opt.max_page), "SIZE",          "drop larger pages", .min = 1024, .max = 1 << 30 },
    {  0 , "from",      TEXT(&opt.from),     "FILE@OFFSET",   "begin at this record (a \"source\") of this input" },
    { END }
};

struct worker { struct payload_scratch payload; struct buf text; struct arena page; };
struct extract {
    struct crawl_options from;
    struct crawl *crawl;
    struct revisits *revisits;
    struct page_options page;
    size_t max_page;
    bool meta;
    int threads;
    struct worker *workers;
};

/* One batch: records, their blocks one behind the other. */
struct item { struct warc_record record; struct str where; size_t block; bool held; };
struct raw { struct buf blocks; struct item *items; size_t n, cap; };

static void extract_free(void *self)
{
    struct extract *s = self;
    for (int i = 0; i < s->threads; i++) {
        payload_scratch_free(&s->workers[i].payload);
        buf_free(&s->workers[i].text);
        arena_free(&s->workers[i].page);
    }
    crawl_close(s->crawl);
    revisits_close(s->revisits);
    free(s->workers);
    free(s);
}

static void *extract_open(const struct run *r, struct err *e)
{
    if (opt.precision && opt.recall) {
        err_set(e, ERR_USAGE, "--precision and --recall exclude each other");
        return NULL;
    }
    struct crawl_options from = { .files = r->files, .html = opt.html, .max_block = opt.max_page + HEADERS,
                                  .from = opt.from,
                                  .shard = r->cut ? r->shard : 0, .shards = r->cut ? r->shards : 1 };
    struct crawl *crawl = crawl_open(&from, e);
    if (!crawl) return NULL;
    struct extract *s = mem_zero(1, sizeof *s);
    *s = (struct extract){ .from = from, .crawl = crawl, .page = PAGE_OPTIONS, .max_page = opt.max_page,
                           .meta = opt.meta, .threads = r->threads };
    if (opt.revisits) s->revisits = revisits_open(&s->from);
    s->page.keep = opt.keep;
    s->page.balance = opt.recall - opt.precision;
    s->page.comments = opt.comments;
    s->page.markdown = opt.format == 1;
    s->page.meta = opt.meta;
    s->workers = mem_zero((size_t)r->threads, sizeof *s->workers);
    return s;
}

/* ---- read ---- */

static void take(struct raw *raw, const struct warc_record *r, struct str where)
{
    raw->items = mem_grow(raw->items, &raw->cap, raw->n + 1, sizeof *raw->items);
    raw->items[raw->n++] = (struct item){ .record = *r, .where = where, .block = raw->blocks.n,
                                          .held = r->block.p != NULL };
    buf_put(&raw->blocks, r->block);
}

/* With --revisits: remembers a response; makes a response of a revisit whose original is found. */
static void resolve(struct revisits *v, struct warc_record *r, struct str where, struct arena *mem)
{
    if (!v) return;
    if (r->type == WARC_RESPONSE) revisits_note(v, r, where);
    struct str block = r->type == WARC_REVISIT ? revisits_find(v, r, mem) : (struct str){ 0 };
    if (!block.p) return;
    r->type = WARC_RESPONSE;
    r->block = block;
    r->length = block.n;
}

/* With --revisits what was read before matters: then there is none. */
static void say_place(const struct extract *s, struct batch *b)
{
    struct crawl_mark p;
    if (!s->revisits && crawl_mark(s->crawl, &p))
        batch_place(b, (struct place){ { p.file, p.member, p.at, p.skip, p.told } });
}

static bool extract_read(void *self, struct batch *b, struct err *e)
{
    struct extract *s = self;
    struct raw *raw = batch_raw(b, sizeof *raw);
    raw->n = 0;
    buf_reset(&raw->blocks);
    size_t n = 0;
    enum warc_got got = WARC_RECORD;
    for (; n < BATCH_RECORDS && raw->blocks.n < BATCH_BYTES; n++) {
        struct warc_record r;
        struct str where;
        got = crawl_next(s->crawl, batch_mem(b), &r, &where, e);
        if (got == WARC_END) break;
        if (got == WARC_RECORD) resolve(s->revisits, &r, where, batch_mem(b));
        if (got == WARC_RECORD && r.type <= WARC_CONVERSION) take(raw, &r, where);
        else if (got == WARC_BAD)
            batch_reject(b, true, r.why, str_c(batch_mem(b), where), "\"bytes\":%llu", (unsigned long long)r.length);
        else batch_reject(b, false, warc_type_name[r.type], str_c(batch_mem(b), where), "\"bytes\":%llu",
                          (unsigned long long)r.length);
    }
    batch_consumed(b, crawl_consumed(s->crawl));
    if (got == WARC_RECORD) say_place(s, b);
    return n > 0 && !e->kind;
}

static bool extract_seek(void *self, const struct place *p, struct err *e)
{
    struct extract *s = self;
    struct crawl_mark at = { p->at[0], p->at[1], p->at[2], p->at[3], p->at[4] };
    return crawl_seek(s->crawl, &at, e);
}

static void raw_release(void *p)
{
    struct raw *raw = p;
    buf_free(&raw->blocks);
    free(raw->items);
}

/* ---- make ---- */

static void put_meta(struct doc *d, const struct page_result *r)
{
    const struct { const char *name; struct str value; } fields[] = {
        { "author", r->author }, { "published", r->date }, { "site", r->site }, { "lang", r->lang }, { "canonical", r->canonical },
        { "description", r->description }, { "kind", str_of(page_kind_name[r->kind]) },
    };
    struct buf json = { 0 };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (!fields[i].value.p) continue;
        buf_printf(&json, "%c\"%s\":", json.n ? ',' : '{', fields[i].name);
        json_put_string(&json, fields[i].value);
    }
    buf_putc(&json, '}');
    doc_put_raw(d, "meta", str_copy(d->mem, buf_str(&json)));
    buf_free(&json);
}

/* A header's bytes as valid UTF-8, in mem. */
static struct str clean(struct str s, struct arena *mem)
{
    struct buf b = { 0 };
    charset_decode(CS_UTF_8, s, &b);
    struct str copy = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return copy;
}

static void put_doc(const struct extract *s, struct batch *b, const struct item *it, const struct page_result *page,
                    bool cut)
{
    struct arena *mem = batch_mem(b);
    struct doc *d = batch_doc(b);
    struct str where = clean(it->where, mem);
    doc_put_str(d, "id", it->record.id.p ? clean(it->record.id, mem) : where);
    if (it->record.url.p) doc_put_str(d, "url", clean(it->record.url, mem));
    if (it->record.date.p) doc_put_str(d, "date", clean(it->record.date, mem));
    doc_put_str(d, "source", where);
    doc_put_str(d, "title", page->title.p ? str_copy(mem, page->title) : S(""));
    doc_put_text(d, str_copy(mem, page->text));
    if (cut) doc_put_raw(d, "truncated", S("true"));
    if (s->meta) put_meta(d, page);
}

static void pass_over(struct batch *b, const struct item *it, const struct payload *p)
{
    struct buf json = { 0 };
    struct str url = clean(it->record.url, batch_mem(b));
    buf_put(&json, S("\"url\":"));
    json_put_string(&json, url);
    if (p->status) buf_printf(&json, ",\"status\":%d", p->status);
    if (p->type.n) {
        buf_put(&json, S(",\"type\":"));
        json_put_string(&json, clean(p->type, batch_mem(b)));
    }
    batch_reject(b, false, p->why, str_c(batch_mem(b), it->where), "%.*s", (int)json.n, json.p);
    buf_free(&json);
}

/* One huge page must not cost its memory to the end of the run. */
static void let_go(struct worker *w)
{
    arena_reset(&w->page);
    if (w->page.end - w->page.at <= KEPT_PAGE) return;
    arena_free(&w->page);
    buf_free(&w->text);
    payload_scratch_free(&w->payload);
}

static void make_one(struct extract *s, struct batch *b, struct item *it, struct str block)
{
    struct worker *w = &s->workers[batch_worker(b)];
    struct page_result page = { 0 };
    struct payload p;
    it->record.block = block;
    if (!payload_open(&it->record, s->max_page, &w->payload, &p)) { pass_over(b, it, &p); return; }
    if (p.kind == MIME_TEXT) {
        buf_reset(&w->text);
        payload_tidy(p.text, &w->text);
        page.text = buf_str(&w->text);
    } else page_text(p.text, it->record.url, &s->page, &w->page, &page);
    p.why = "no-text";
    if (page.text.n) put_doc(s, b, it, &page, p.damaged || page.cut);
    else pass_over(b, it, &p);
    let_go(w);
}

static bool extract_make(void *self, struct batch *b, struct err *e)
{
    (void)e;
    struct raw *raw = batch_raw(b, sizeof *raw);
    for (size_t i = 0; i < raw->n; i++) {
        struct item *it = &raw->items[i];
        struct str block = { raw->blocks.p + it->block, (size_t)it->record.length };
        make_one(self, b, it, it->held ? block : (struct str){ 0 });
    }
    if (raw->blocks.cap > KEPT_BLOCKS) buf_free(&raw->blocks);
    return true;
}

/* Where a run that begins again may go on: each file's last record, as --from takes it. */
static void extract_tell(void *self, struct buf *json)
{
    struct extract *s = self;
    struct arena mem = { 0 };
    size_t n;
    const struct crawl_read *read = crawl_was_read(s->crawl, &n);
    for (size_t i = 0; i < n; i++) {
        buf_put(json, i ? S(",\n    {\"file\":") : S(",\"read\":[{\"file\":"));
        json_put_string(json, str_of(read[i].name));
        buf_printf(json, ",\"records\":%llu,\"first\":", (unsigned long long)read[i].records);
        json_put_string(json, crawl_place(read[i].name, read[i].first, &mem));
        buf_put(json, S(",\"last\":"));
        json_put_string(json, crawl_place(read[i].name, read[i].last, &mem));
        buf_putc(json, '}');
        arena_reset(&mem);
    }
    if (n) buf_putc(json, ']');
    arena_free(&mem);
}

static const struct source source = { .read = extract_read, .make = extract_make, .seek = extract_seek,
                                      .release = raw_release, .cuts = true };

const struct stage stage_extract = {
    .place = 100, .name = "extract", .brief = "take the main text out of crawled pages",
    .text = "Reads WARC, ARC and WET files (plain, .gz, .zst), WACZ, or with --html bare pages, and writes documents:\n"
            "\"id\" \"url\" \"date\" \"source\" \"title\" \"text\", and \"truncated\" where the crawl holds but the beginning.\n"
            "A \"source\" is FILE@OFFSET: --from begins there again.",
    .example = "  tamis extract crawl.warc.gz -o docs.jsonl.zst\n  tamis extract --html /usr/share/doc/bash -o docs.jsonl.zst",
    .options = options, .open = extract_open, .free = extract_free, .tell = extract_tell, .source = &source,
};
