/* report.c - what is read, and the order in which it is drawn.
 * SPDX-License-Identifier: Apache-2.0 */
#include "report/report.h"
#include "report/markup.h"

#include <stdio.h>

void draw_section(struct buf *b, const char *id, const char *title, const char *text)
{
    buf_printf(b, "<h2 id=\"%s\">%s</h2>\n<p class=\"soft\">%s</p>\n", id, title, text);
}

static void draw_head(const struct report *p)
{
    struct buf *b = p->html;
    const char *const parts[] = { markup_head, markup_style_page, markup_style_parts };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) buf_put(b, str_of(parts[i]));
    buf_put(b, S("<title>"));
    markup_text(b, str_of(p->trail.folder));
    buf_put(b, S(" \xC2\xB7 tamis</title>\n</head>\n<body>\n<header>\n<h1>What became of the documents</h1>\n<p class=\"soft\"><code>"));
    markup_text(b, str_of(p->trail.folder));
    buf_put(b, S("</code></p>\n"));
    draw_facts(p);
}

/* The sections that are there: those that wrote something between two lengths. */
static void put_links(struct buf *to, struct str body)
{
    static const char mark[] = "<h2 id=\"";
    buf_put(to, S("<nav aria-label=\"Sections\">"));
    for (const char *at = body.p, *end = body.p + body.n; (at = memmem(at, (size_t)(end - at), mark, strlen(mark))); ) {
        at += strlen(mark);
        const char *id_end = memchr(at, '"', (size_t)(end - at)), *title = id_end + 2,
                   *title_end = memchr(title, '<', (size_t)(end - title));
        buf_printf(to, "<a href=\"#%.*s\">%.*s</a> ", (int)(id_end - at), at, (int)(title_end - title), title);
    }
    buf_put(to, S("</nav>\n</header>\n<main>\n"));
}

static bool draw_all(struct report *p, struct err *e)
{
    struct buf *page = p->html, body = { 0 };
    draw_head(p);
    p->html = &body;
    draw_funnel(p);
    draw_languages(p);
    draw_values(p);
    draw_borders(p);
    bool ok = draw_groups(p, e) && draw_map(p, e) && draw_weights(p, e) && draw_losses(p, e) && draw_shards(p, e);
    draw_cost(p);
    put_links(page, buf_str(&body));
    buf_put(page, buf_str(&body));
    buf_printf(page, "</main>\n<footer>tamis %s. Drawn from manifests, drops and documents; ", TAMIS_VERSION);
    buf_printf(page, "<code>tamis why ID</code> says more of a document, <code>tamis undo</code> brings back what a stage dropped.</footer>\n</body>\n</html>\n");
    buf_free(&body);
    return ok;
}

bool report_page(struct buf *html, const struct run *r, const char *folder, size_t documents, struct err *e)
{
    struct report p = { .run = r, .html = html };
    if (!trail_open(&p.trail, folder, e)) return false;
    bool ok = survey_run(&p.survey, r, &p.trail, documents, e) && borders_find(&p.borders, r, &p.trail, e)
              && draw_all(&p, e);
    borders_free(&p.borders);
    survey_free(&p.survey);
    trail_close(&p.trail);
    return ok;
}
