/* page.c - from bytes to text: parse, lay out, judge, write.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/page.h"
#include "extract/boiler.h"
#include "extract/html_text.h"

const char *const page_kind_name[PAGE_KINDS] = { "other", "article", "forum", "product", "listing", "documentation" };

static enum page_kind kind_of(const struct facts *f)
{
    static const struct { unsigned flags; enum page_kind kind; } row[] = {
        { FACT_LD_FORUM, PAGE_FORUM }, { FACT_LD_PRODUCT | FACT_OG_PRODUCT, PAGE_PRODUCT }, { FACT_LD_ARTICLE | FACT_LD_RECIPE, PAGE_ARTICLE },
        { FACT_LD_LIST, PAGE_LISTING }, { FACT_URL_FORUM, PAGE_FORUM }, { FACT_OG_ARTICLE, PAGE_ARTICLE }, { FACT_URL_PRODUCT, PAGE_PRODUCT },
        { FACT_URL_LIST, PAGE_LISTING }, { FACT_URL_DOC, PAGE_DOCUMENTATION }, { FACT_URL_ARTICLE, PAGE_ARTICLE } };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) if (f->flags & row[i].flags) return row[i].kind;
    return PAGE_OTHER;
}

static void choose(const struct layout *l, const struct facts *f, const struct page_options *o, bool *keep, struct arena *mem)
{
    static const float least[3] = { 0.65f, 0.42f, 0.2f };        /* by balance; 0.42: the best mean F1 over the three sets, doc/EXTRACT.md */
    float *p = NEW(mem, float, l->n_blocks + 1), at = least[o->balance < 0 ? 0 : o->balance > 0 ? 2 : 1];
    boiler_judge(l, f, p, mem);
    for (size_t i = 0; i < l->n_blocks; i++) keep[i] = p[i] >= at;
}

bool page_text(struct str html, struct str url, const struct page_options *o, struct arena *mem, struct page_result *out)
{
    struct html_tree tree;
    struct layout l;
    struct facts f;
    html_parse(html, (struct html_context){ NULL, HTML_NS }, o->max_nodes, mem, &tree);
    facts_find(&tree, url, mem, &f);
    layout_make(&l, &tree, o, mem);
    bool *keep = NEW(mem, bool, l.n_blocks + 1);
    if (o->keep == PAGE_ALL) for (size_t i = 0; i < l.n_blocks; i++) keep[i] = !l.blocks[i].hidden;
    else choose(&l, &f, o, keep, mem);
    *out = (struct page_result){ .title = f.title, .text = html_text(&l, keep, o->markdown, mem), .kind = kind_of(&f), .nodes = tree.nodes, .cut = tree.cut };
    if (o->meta) {
        out->author = f.author;
        out->date = f.date;
        out->site = f.site;
        out->lang = f.lang;
        out->canonical = f.canonical;
        out->description = f.description;
    }
    layout_free(&l);
    return out->text.n > 0;
}
