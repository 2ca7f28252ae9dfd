/* boiler-pages.c - pages to what train-boiler learns from, and to text and time.
 * SPDX-License-Identifier: Apache-2.0
 *
 *      boiler-pages pages WARC             the pages of a crawl, as PAGES
 *      boiler-pages blocks PAGES OUT       OUT.jsonl: {"id", "blocks": [text, ...]}
 *                                          OUT.text: u32 slots of lexicon.text, FFFF after each block
 *                                          OUT.names: for each block and box around it u32 n, n slots of lexicon.name;
 *                                          FFFF after each block
 *      boiler-pages features PAGES OUT LEXICONS
 *                                          OUT.f32: its features, a row a block. LEXICONS: a byte a page, which
 *                                          lexicon; then struct lexicon each
 *      boiler-pages choose PAGES OUT P     OUT.keep: a byte a block, whether it is kept when P, a float a block, are the chances
 *      boiler-pages text PAGES             {"id", "text"} a line
 *      boiler-pages time PAGES             MB/s of parsing, of layout and of everything
 *
 * PAGES: records "id \t url \t length \n" and that many bytes of UTF-8 HTML. */
#include "core/file.h"
#include "core/mem.h"
#include "extract/boiler.h"
#include "extract/choose.h"
#include "extract/payload.h"
#include "record/json.h"

#include <stdio.h>
#include <stdlib.h>

struct page { struct str id, url, html; };

static bool next_page(struct str *rest, struct page *p)
{
    struct str line, field;
    if (!rest->n || !str_cut(rest, '\n', &line)) return false;
    str_cut(&line, '\t', &p->id);
    str_cut(&line, '\t', &p->url);
    str_cut(&line, '\t', &field);
    size_t n = strtoull(field.p, NULL, 10);
    p->html = (struct str){ rest->p, n };
    rest->p += n;
    rest->n -= n;
    return true;
}

static void pages(const char *warc)
{
    enum { LIMIT = 64 << 20 };
    struct err err = { 0 }, *e = &err;
    struct payload_scratch scratch = { 0 };
    struct arena mem = { 0 };
    struct feed *f = feed_open(warc, e);
    struct warc *w = f ? warc_open(f, LIMIT) : NULL;
    struct warc_record r;
    struct payload p;
    for (enum warc_got got; w && (got = warc_next(w, &mem, &r, e)) != WARC_END; arena_reset(&mem))
        if (got == WARC_RECORD && r.block.p && payload_open(&r, LIMIT, &scratch, &p)) {
            printf("%.*s\t%.*s\t%zu\n", (int)r.id.n, r.id.p, (int)r.url.n, r.url.p, p.text.n);
            fwrite(p.text.p, 1, p.text.n, stdout);
        }
    if (e->kind) fprintf(stderr, "boiler-pages: %s\n", e->msg);
    payload_scratch_free(&scratch);
    warc_close(w);
}

static FILE *create(const char *base, const char *suffix)
{
    char name[1000];
    snprintf(name, sizeof name, "%s%s", base, suffix);
    FILE *f = fopen(name, "we");
    if (!f) exit(3);
    return f;
}

static void lay(struct page *p, struct layout *l, struct facts *f, const struct lexicon *x, struct buf *record,
                struct arena *mem)
{
    struct html_tree tree;
    struct page_options o = PAGE_OPTIONS;
    html_parse(p->html, (struct html_context){ NULL, HTML_NS }, 0, mem, &tree);
    facts_find(&tree, p->url, mem, f);
    layout_make(l, &tree, &o, x, record, mem);
}

static void put_u32(FILE *f, uint32_t x)
{
    fwrite(&x, sizeof x, 1, f);
}

static void put_names(FILE *to, const struct layout *l, const struct block *b)
{
    for (uint32_t at = b->box;; at = l->boxes[at].parent) {
        struct names names;
        layout_names(l->boxes[at].node, &names);
        put_u32(to, (uint32_t)names.n);
        for (int i = 0; i < names.n; i++) put_u32(to, names.slot[i]);
        if (!at) break;
    }
    put_u32(to, LEXICON_END);
}

static void put_blocks(struct buf *line, const struct page *p, const struct layout *l)
{
    buf_put(line, S("{\"id\":"));
    json_put_string(line, p->id);
    buf_put(line, S(",\"blocks\":["));
    for (size_t i = 0; i < l->n_blocks; i++) {
        if (i) buf_putc(line, ',');
        json_put_string(line, (struct str){ l->text.p + l->blocks[i].text, l->blocks[i].n });
    }
    buf_put(line, S("]}\n"));
}

static void blocks(struct str pages, const char *base)
{
    FILE *json = create(base, ".jsonl"), *text = create(base, ".text"), *names = create(base, ".names");
    struct arena mem = { 0 };
    struct buf line = { 0 }, slots = { 0 };
    for (struct page p; next_page(&pages, &p); arena_reset(&mem), buf_reset(&line), buf_reset(&slots)) {
        struct layout l;
        struct facts f;
        lay(&p, &l, &f, &boiler_lexicon, &slots, &mem);
        put_blocks(&line, &p, &l);
        fwrite(line.p, 1, line.n, json);
        fwrite(slots.p, 1, slots.n, text);
        for (size_t i = 0; i < l.n_blocks; i++) put_names(names, &l, &l.blocks[i]);
        layout_free(&l);
    }
    fclose(json);
    fclose(text);
    fclose(names);
}

static void features(struct str pages, const char *base, struct str lexicons)
{
    FILE *f32 = create(base, ".f32");
    struct arena mem = { 0 };
    size_t n = 0, i = 0;
    struct str rest = pages;
    for (struct page p; next_page(&rest, &p); n++) {}
    const struct lexicon *x = (const void *)(lexicons.p + n);
    for (struct page p; next_page(&pages, &p); arena_reset(&mem), i++) {
        struct layout l;
        struct facts f;
        lay(&p, &l, &f, &x[(unsigned char)lexicons.p[i]], NULL, &mem);
        float *to = NEW(&mem, float, l.n_blocks * boiler_features() + 1);
        boiler_describe(&l, &f, to, &mem);
        fwrite(to, sizeof *to * boiler_features(), l.n_blocks, f32);
        layout_free(&l);
    }
    fclose(f32);
}

static void chosen(struct str pages, const char *base, struct str chances)
{
    FILE *to = create(base, ".keep");
    struct arena mem = { 0 };
    struct page_options o = PAGE_OPTIONS;
    const float *at = (const void *)chances.p;
    for (struct page p; next_page(&pages, &p); arena_reset(&mem)) {
        struct layout l;
        struct facts f;
        lay(&p, &l, &f, &boiler_lexicon, NULL, &mem);
        bool *keep = NEW(&mem, bool, l.n_blocks + 1);
        choose_main(&l, at, PAGE_OTHER, &o, keep, &mem);
        fwrite(keep, 1, l.n_blocks, to);
        at += l.n_blocks;
        layout_free(&l);
    }
    fclose(to);
}

static void texts(struct str pages)
{
    struct arena mem = { 0 };
    struct buf line = { 0 };
    struct page_options o = PAGE_OPTIONS;
    for (struct page p; next_page(&pages, &p); arena_reset(&mem), buf_reset(&line)) {
        struct page_result r;
        page_text(p.html, p.url, &o, &mem, &r);
        buf_put(&line, S("{\"id\":"));
        json_put_string(&line, p.id);
        buf_put(&line, S(",\"text\":"));
        json_put_string(&line, r.text);
        buf_put(&line, S("}\n"));
        fwrite(line.p, 1, line.n, stdout);
    }
}

static void times(struct str all)
{
    struct arena mem = { 0 };
    double spent[4] = { 0 }, bytes = 0;
    struct page_options o = PAGE_OPTIONS;
    for (int round = 0; round < 4; round++) {
        struct str pages = all;
        double start = time_cpu();
        for (struct page p; next_page(&pages, &p); arena_reset(&mem)) {
            struct html_tree tree;
            struct html_tokens t;
            struct html_token k;
            struct page_result r;
            struct layout l;
            bytes += round ? 0 : (double)p.html.n;
            if (round == 0) {
                html_tokens_init(&t, p.html, &mem);
                do html_token_next(&t, &k);
                while (k.kind != HTML_EOF);
                continue;
            }
            if (round == 3) { page_text(p.html, p.url, &o, &mem, &r); continue; }
            html_parse(p.html, (struct html_context){ NULL, HTML_NS }, 0, &mem, &tree);
            if (round == 2) { layout_make(&l, &tree, &o, &boiler_lexicon, NULL, &mem); layout_free(&l); }
        }
        spent[round] = time_cpu() - start;
    }
    printf("%.1f MB: tokens %.0f, parse %.0f, parse and layout %.0f, everything %.0f MB/s\n", bytes * 1e-6,
           bytes * 1e-6 / spent[0], bytes * 1e-6 / spent[1], bytes * 1e-6 / spent[2], bytes * 1e-6 / spent[3]);
}

int main(int argc, char **argv)
{
    struct err err = { 0 }, *e = &err;
    struct buf b = { 0 };
    if (argc > 2 && !strcmp(argv[1], "pages")) { pages(argv[2]); return 0; }
    if (argc < 3 || !file_slurp(argv[2], &b, (size_t)2 << 30, e)) {
        fprintf(stderr, "boiler-pages: %s\n", argc < 3 ? "MODE PAGES [OUT]" : e->msg);
        return 2;
    }
    struct buf x = { 0 };
    if (argc > 4 && !file_slurp(argv[4], &x, (size_t)1 << 30, e)) {
        fprintf(stderr, "boiler-pages: %s\n", e->msg);
        return 2;
    }
    if (!strcmp(argv[1], "blocks") && argc > 3) blocks(buf_str(&b), argv[3]);
    else if (!strcmp(argv[1], "features") && argc > 4) features(buf_str(&b), argv[3], buf_str(&x));
    else if (!strcmp(argv[1], "choose") && argc > 4) chosen(buf_str(&b), argv[3], buf_str(&x));
    else if (!strcmp(argv[1], "text")) texts(buf_str(&b));
    else times(buf_str(&b));
    return 0;
}
