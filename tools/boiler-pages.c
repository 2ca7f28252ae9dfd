/* boiler-pages.c - pages to what train-boiler learns from, and to text and time.
 * SPDX-License-Identifier: Apache-2.0
 *
 *      boiler-pages features PAGES OUT     OUT.jsonl: {"id", "blocks": [text, ...]}; OUT.f32: its features, a row a block
 *      boiler-pages text PAGES             {"id", "text"} a line
 *      boiler-pages time PAGES             MB/s of parsing, of layout and of everything
 *
 * PAGES: records "id \t url \t length \n" and that many bytes of UTF-8 HTML. */
#include "core/file.h"
#include "core/mem.h"
#include "extract/boiler.h"
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

static FILE *create(const char *base, const char *suffix)
{
    char name[1000];
    snprintf(name, sizeof name, "%s%s", base, suffix);
    FILE *f = fopen(name, "we");
    if (!f) exit(3);
    return f;
}

static void lay(struct page *p, struct layout *l, struct facts *f, struct arena *mem)
{
    struct html_tree tree;
    struct page_options o = PAGE_OPTIONS;
    html_parse(p->html, (struct html_context){ NULL, HTML_NS }, 0, mem, &tree);
    facts_find(&tree, p->url, mem, f);
    layout_make(l, &tree, &o, mem);
}

static void features(struct str pages, const char *base)
{
    FILE *text = create(base, ".jsonl"), *f32 = create(base, ".f32");
    struct arena mem = { 0 };
    struct buf line = { 0 };
    for (struct page p; next_page(&pages, &p); arena_reset(&mem), buf_reset(&line)) {
        struct layout l;
        struct facts f;
        lay(&p, &l, &f, &mem);
        float *x = NEW(&mem, float, l.n_blocks * boiler_features() + 1);
        boiler_describe(&l, &f, x, &mem);
        fwrite(x, sizeof *x * boiler_features(), l.n_blocks, f32);
        buf_put(&line, S("{\"id\":"));
        json_put_string(&line, p.id);
        buf_put(&line, S(",\"blocks\":["));
        for (size_t i = 0; i < l.n_blocks; i++) {
            if (i) buf_putc(&line, ',');
            json_put_string(&line, (struct str){ l.text.p + l.blocks[i].text, l.blocks[i].n });
        }
        buf_put(&line, S("]}\n"));
        fwrite(line.p, 1, line.n, text);
        layout_free(&l);
    }
    fclose(text);
    fclose(f32);
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
            if (round == 0) { html_tokens_init(&t, p.html, &mem); do html_token_next(&t, &k); while (k.kind != HTML_EOF); continue; }
            if (round == 3) { page_text(p.html, p.url, &o, &mem, &r); continue; }
            html_parse(p.html, (struct html_context){ NULL, HTML_NS }, 0, &mem, &tree);
            if (round == 2) { layout_make(&l, &tree, &o, &mem); layout_free(&l); }
        }
        spent[round] = time_cpu() - start;
    }
    printf("%.1f MB: tokens %.0f, parse %.0f, parse and layout %.0f, everything %.0f MB/s\n", bytes * 1e-6, bytes * 1e-6 / spent[0], bytes * 1e-6 / spent[1],
           bytes * 1e-6 / spent[2], bytes * 1e-6 / spent[3]);
}

int main(int argc, char **argv)
{
    struct err err = { 0 }, *e = &err;
    struct buf b = { 0 };
    if (argc < 3 || !file_slurp(argv[2], &b, (size_t)2 << 30, e)) { fprintf(stderr, "boiler-pages: %s\n", argc < 3 ? "MODE PAGES [OUT]" : e->msg); return 2; }
    if (!strcmp(argv[1], "features") && argc > 3) features(buf_str(&b), argv[3]);
    else if (!strcmp(argv[1], "text")) texts(buf_str(&b));
    else times(buf_str(&b));
    return 0;
}
