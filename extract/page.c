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

/* The border of p that makes the expected word F1 of this page highest is half of that F1 itself. But the judge errs by
 * pages: where it is unsure of many blocks it is likely wrong about all of them one way or the other, and a lower border is
 * safer; where it is sure of all, a higher one keeps captions and boxes out. Cross-validated against half of F1 itself:
 * word F1 .873 for .868, 4-shingle F1 .956 for .950, segment F1 .936 for .935. */
static float border(const struct layout *l, const float *p)
{
    const double LOW = 0.7, SURE = 0.7;
    double at = 0.45, all = 0;
    for (size_t i = 0; i < l->n_blocks; i++) all += (double)p[i] * l->blocks[i].words;
    for (int round = 0; round < 8; round++) {
        double hit = 0, kept = 0;
        for (size_t i = 0; i < l->n_blocks; i++) {
            if (p[i] < at) continue;
            hit += (double)p[i] * l->blocks[i].words;
            kept += l->blocks[i].words;
        }
        at = kept + all > 0 ? hit / (kept + all) : at;
    }
    return (float)(LOW * at + (2 * at > SURE ? 2 * at - SURE : 0));
}

/* What a page says twice (for phones and for desks, for crawlers in <noscript>, in carousels, in quotes) is kept
 * once. Short blocks that are surely content repeat for good reasons: an interviewer's question, a recipe's step. */
static void keep_once(const struct layout *l, const float *p, bool *keep, struct arena *mem)
{
    const uint32_t SAID = 4, LONG = 25;                          /* words */
    const float SURELY = 0.8f;
    size_t size = 64;
    while (size < 2 * l->n_blocks) size *= 2;
    uint64_t *seen = ZERO(mem, uint64_t, size);
    for (size_t i = 0; i < l->n_blocks; i++) {
        const struct block *b = &l->blocks[i];
        if (!keep[i] || b->words < SAID || b->pre || b->row_id) continue;
        uint64_t h = b->hash | 1;
        size_t at = h >> 1 & (size - 1);
        while (seen[at] && seen[at] != h) at = (at + 1) & (size - 1);
        if (seen[at] && (p[i] < SURELY || b->words >= LONG)) keep[i] = false;
        seen[at] = h;
    }
}

/* In a box that is named for comments, and is not the page itself (<body class="comments-open">). */
static bool is_comment(const struct layout *l, const struct block *b)
{
    const uint64_t COMMENT = 1ull << BOX_COMMENT;
    if (!b->near[BOX_COMMENT]) return false;
    for (uint32_t at = b->box; at; at = l->boxes[at].parent)
        if (l->boxes[at].topics & COMMENT && l->boxes[at].words < l->boxes[0].words * 0.9) return true;
    return false;
}

/* Kept are the words of comments, not the names, dates and buttons between them. */
static void choose_comments(const struct layout *l, bool kept, bool *keep)
{
    enum { SAYS = 4 };
    for (size_t i = 0; i < l->n_blocks; i++) {
        const struct block *b = &l->blocks[i];
        if (!is_comment(l, b)) continue;
        if (!kept) keep[i] = false;
        else if (!b->hidden && b->words >= SAYS && 2 * b->link_chars < b->chars && !b->near[BOX_FORM] && !b->near[BOX_BUTTON]) keep[i] = true;
    }
}

static void choose(const struct layout *l, const struct facts *f, const struct page_options *o, bool *keep, struct arena *mem)
{
    float *p = NEW(mem, float, l->n_blocks + 1);
    boiler_judge(l, f, p, mem);
    float at = border(l, p);
    if (o->balance < 0) at = (1 + at) / 2;
    if (o->balance > 0) at /= 2;
    for (size_t i = 0; i < l->n_blocks; i++) keep[i] = p[i] >= at;
    if (o->comments && kind_of(f) != PAGE_FORUM) choose_comments(l, o->comments == PAGE_COMMENTS_KEPT, keep);
    keep_once(l, p, keep, mem);
}

/* All that a reader sees; what stands in <noscript> when that is all there is. */
static void choose_all(const struct layout *l, bool *keep)
{
    enum { ENOUGH = 30 };
    size_t words = 0;
    for (size_t i = 0; i < l->n_blocks; i++) words += l->blocks[i].hidden || l->blocks[i].near[BOX_NOSCRIPT] ? 0 : l->blocks[i].words;
    for (size_t i = 0; i < l->n_blocks; i++) keep[i] = !l->blocks[i].hidden && (words < ENOUGH || !l->blocks[i].near[BOX_NOSCRIPT]);
}

/* The choice was made on plain text; the same blocks in Markdown. An image goes with the block before it. */
static struct str as_markdown(const struct html_tree *t, const struct page_options *o, const bool *keep, size_t n, struct arena *mem)
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

bool page_text(struct str html, struct str url, const struct page_options *o, struct arena *mem, struct page_result *out)
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
    if (o->keep == PAGE_ALL) choose_all(&l, keep);
    else choose(&l, &f, o, keep, mem);
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
