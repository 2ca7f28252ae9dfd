/* page.c - from bytes to text: parse, lay out, judge, write.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/page.h"
#include "extract/boiler.h"
#include "extract/choose.h"
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

/* The choice was made on plain text; the same blocks in Markdown. An image goes with the block before it. */
static struct str as_markdown(const struct html_tree *t, const struct page_options *o, const bool *keep, size_t n,
                              struct arena *mem)
{
    struct layout l;
    layout_make(&l, t, o, &boiler_lexicon, NULL, mem);
    bool *also = NEW(mem, bool, l.n_blocks + 1), last = n && keep[0];
    for (size_t i = 0, k = 0; i < l.n_blocks; i++) {
        if (!l.blocks[i].image && k < n) last = keep[k++];
        also[i] = last && !l.blocks[i].hidden;
    }
    struct str s = html_text(&l, also, true, mem);
    layout_free(&l);
    return s;
}

bool page_text(struct str html, struct str url, const struct page_options *o, struct arena *mem,
               struct page_result *out)
{
    struct page_options plain = *o;
    struct html_tree tree;
    struct layout l;
    struct facts f;
    plain.markdown = false;
    html_parse(html, (struct html_context){ NULL, HTML_NS }, o->max_nodes, mem, &tree);
    facts_find(&tree, url, mem, &f);
    layout_make(&l, &tree, &plain, &boiler_lexicon, NULL, mem);
    bool *keep = NEW(mem, bool, l.n_blocks + 1);
    if (o->keep == PAGE_ALL) {
        choose_all(&l, keep);
    } else {
        float *p = NEW(mem, float, l.n_blocks + 1);
        boiler_judge(&l, &f, p, mem);
        choose_main(&l, p, kind_of(&f), o, keep, mem);
    }
    *out = (struct page_result){ .title = f.title, .kind = kind_of(&f), .nodes = tree.nodes, .cut = tree.cut };
    out->text = o->markdown ? as_markdown(&tree, o, keep, l.n_blocks, mem) : html_text(&l, keep, false, mem);
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
