/* boiler.c - blocks in numbers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/boiler.h"
#include "extract/boiler_view.h"

enum { UP = 5, WINDOWS = 2, OWN = 34, PLACE_PART = 5, PAGE_PART = 9, TOP_PART = 10, SECTION_PART = 10, SAID_PART = 2,
       PATH_PART = 7, NAME_PART = 2, MAIN_PART = 8, WINDOW_PART = 4 };
enum { BLOCK_FEATURES = OWN + LINE_TOPIC_COUNT + BOX_TOPIC_COUNT + UP * (BOX_PART + 1) + 2 * BESIDE * (BESIDE_PART + 1)
       + WINDOWS * WINDOW_PART + TOP_PART + HEADING_PART + 3 +
           SECTION_PART + MAIN_PART + PATH_PART + SAID_PART + NAME_PART + PLACE_PART,
       FEATURES = BLOCK_FEATURES + PAGE_PART + LINE_TOPIC_COUNT + BOX_TOPIC_COUNT + KIND_PART + FACT_BITS };

/* ---- one block ---- */

static unsigned char last_byte(const struct page_view *v, const struct block *b)
{
    const char *p = v->l->text.p + b->text + b->n;
    unsigned char c = (unsigned char)p[-1];
    if (b->n > 1 && (c == '"' || c == ')' || c == ']' || c == '\'')) c = (unsigned char)p[-2];
    return c;
}

enum { SIGNS = 300 };
struct signs { uint16_t lines, bars, dollars; };

static struct signs signs_in(const char *p, size_t n)
{
    struct signs s = { 0 };
    for (size_t k = 0; k < n; k++) {
        s.lines = (uint16_t)(s.lines + (p[k] == '\n'));
        s.bars = (uint16_t)(s.bars + ((p[k] == '|') | (p[k] == '>') | (p[k] == '/')));
        s.dollars = (uint16_t)(s.dollars + (p[k] == '$'));
    }
    return s;
}

/* How many euro signs begin in n bytes of size. */
static size_t euros(const char *p, size_t n, size_t size)
{
    size_t found = 0;
    for (const char *q = p; (q = memchr(q, 0xE2, (size_t)(p + n - q))); q++)
        found += p + size - q > 2 && q[1] == '\x82' && q[2] == '\xAC';
    return found;
}

/* Each part writes its numbers down the column that x is in, and returns the place behind them. */

static forest_column *own(const struct page_view *v, size_t i, forest_column *x)
{
    const struct block *b = &v->l->blocks[i];
    const char *p = v->l->text.p + b->text;
    unsigned char last = last_byte(v, b), first = (unsigned char)p[0];
    struct signs signs = signs_in(p, b->n < SIGNS ? b->n : SIGNS);
    **x++ = log_of(b->words);
    **x++ = ratio(b->chars, b->words);
    **x++ = v->link_share[i];
    **x++ = (float)b->links;
    **x++ = ratio(b->upper, b->chars);
    **x++ = ratio(b->digits, b->chars);
    **x++ = ratio(b->commas, b->words);
    **x++ = v->stop_share[i];
    **x++ = ratio(b->marked, b->chars);
    **x++ = b->tag == TAG_p;
    **x++ = is_heading(b) ? (float)(b->tag - TAG_h1 + 1) : 0;
    **x++ = b->tag == TAG_li;
    **x++ = b->tag == TAG_td ? 1 : b->tag == TAG_th ? 2 : 0;
    **x++ = b->tag == TAG_div;
    **x++ = b->tag == TAG_dt || b->tag == TAG_dd;
    **x++ = b->tag == TAG_button || b->tag == TAG_summary || b->tag == TAG_legend;
    **x++ = b->tag == TAG_figcaption || b->tag == TAG_caption;
    **x++ = b->tag == TAG_section || b->tag == TAG_article;
    **x++ = (float)b->list;
    **x++ = (float)b->quote;
    **x++ = b->pre;
    **x++ = b->item;
    **x++ = b->row_id > 0;
    **x++ = b->hidden;
    **x++ = last == '.' || last == '!' || last == '?' ? 1 : last == ':' ? 2 : last == ','
            || last == ';' ? 3 : last >= 0x80 ? 4 : 0;
    **x++ = first >= 'A' && first <= 'Z' ? 1 : first >= 'a' && first <= 'z' ? 2 : first >= '0'
            && first <= '9' ? 3 : first >= 0x80 ? 4 : 0;
    **x++ = signs.lines;
    **x++ = signs.bars;
    **x++ = (float)(signs.dollars + euros(p, b->n < SIGNS ? b->n : SIGNS, b->n));
    **x++ = (float)(v->copies[i] & 0x7FFFFFFF);
    **x++ = (float)(v->copies[i] >> 31);
    **x++ = v->title_share[i];
    **x++ = (float)b->words;
    **x++ = b->text_score;
    return x;
}

static forest_column *topics(const struct page_view *v, size_t i, forest_column *x)
{
    const struct block *b = &v->l->blocks[i];
    for (int t = 0; t < LINE_TOPIC_COUNT; t++)
        **x++ = b->line_words[t] ? ratio(b->line_words[t], b->words < 60 ? b->words : 60) : 0;
    int depth = v->l->boxes[b->box].depth + 1;
    for (int t = 0; t < BOX_TOPIC_COUNT; t++) **x++ = b->near[t] ? (float)(depth - b->near[t]) : 99;
    return x;
}

/* Boxes around the block, passing over those that hold nothing more than the last; and where in them it stands. */
static forest_column *boxes(const struct page_view *v, size_t i, forest_column *x)
{
    const struct layout *l = v->l;
    uint32_t at = l->blocks[i].box;
    for (int k = 0; k < UP; k++, at = v->boxes[at].wider) {
        const struct box *c = &l->boxes[at];
        for (int part = 0; part < BOX_PART; part++) **x++ = v->boxes[at].part[part];
        **x++ = ratio((double)(i - c->first), c->end - c->first);
    }
    return x;
}

static forest_column *around(const struct page_view *v, size_t i, forest_column *x)
{
    const struct layout *l = v->l;
    const struct beside *me = &v->beside[i + BESIDE];
    for (int d = -BESIDE; d <= BESIDE; d++) {
        if (!d) continue;
        const struct beside *b = me + d;
        for (int k = 0; k < 3; k++) **x++ = b->part[k];
        **x++ = b->parent == BESIDE_NONE ? -1 : b->parent == me->parent;
        for (int k = 3; k < BESIDE_PART; k++) **x++ = b->part[k];
    }
    static const size_t reach[WINDOWS] = { 5, 15 };
    for (int w = 0; w < WINDOWS; w++) {
        size_t a = i > reach[w] ? i - reach[w] : 0, z = i + reach[w] + 1 < l->n_blocks ? i + reach[w] + 1 : l->n_blocks;
        **x++ = ratio(v->words_before[z] - v->words_before[a], (double)(z - a));
        **x++ = ratio(v->link_before[z] - v->link_before[a], v->chars_before[z] - v->chars_before[a]);
        **x++ = ratio(v->words_before[i] - v->words_before[a], v->words_before[z] - v->words_before[a]);
        **x++ = ratio(v->text_before[z] - v->text_before[a], (double)(z - a));
    }
    return x;
}

/* The most repeated box around the block, and where the best box is. */
static forest_column *top(const struct page_view *v, size_t i, forest_column *x)
{
    const struct layout *l = v->l;
    const struct box_view *box = &v->boxes[l->blocks[i].box];
    const struct box *most = &l->boxes[box->repeated], *best = &l->boxes[v->best], *common = &l->boxes[box->with_best];
    **x++ = (float)most->repeats;
    **x++ = (float)most->words;
    **x++ = ratio(most->link_chars, most->chars);
    **x++ = (float)(most->end - most->first);
    **x++ = ratio(l->boxes[most->parent].words, l->boxes[0].words);
    **x++ = (float)(best->depth - common->depth);
    **x++ = i < best->first ? -1 : i >= best->end ? 1 : 0;
    **x++ = i < best->first ? (float)(best->first - i) : i >= best->end ? (float)(i - best->end)
            : ratio((double)(i - best->first), best->end - best->first);
    **x++ = ratio(common->words, l->boxes[0].words);
    **x++ = (float)(l->boxes[l->blocks[i].box].depth - common->depth);
    return x;
}

static forest_column *headings(const struct page_view *v, size_t i, forest_column *x)
{
    static const float none[HEADING_PART] = { 0, -1 };
    const struct layout *l = v->l;
    size_t h = v->heading[i];
    const float *part = h < l->n_blocks ? v->under[h] : none;
    **x++ = h < l->n_blocks ? (float)(i - h) : -1;
    for (int k = 0; k < HEADING_PART; k++) **x++ = part[k];
    **x++ = v->h1 < l->n_blocks ? (float)((double)i - (double)v->h1) : -9999;
    **x++ = v->h1 < l->n_blocks ? (float)((double)v->words_before[i] - v->words_before[v->h1]) : -9999;
    return x;
}

/* The section that the heading above begins, and the one around that. */
static forest_column *section(const struct page_view *v, size_t i, forest_column *x)
{
    const struct layout *l = v->l;
    size_t n = l->n_blocks, h = v->heading[i], u = h < n ? v->upper[h] : n;
    if (h == n) {
        for (int k = 0; k < SECTION_PART; k++) **x++ = -99;
        return x;
    }
    uint32_t words = v->words_before[v->section_end[h]] - v->words_before[h];
    uint32_t shared = view_common(v, i, h);
    const struct box *common = &l->boxes[shared];
    **x++ = l->blocks[h].text_score;
    **x++ = l->blocks[h].names;
    **x++ = log_of(words);
    **x++ = ratio(v->words_before[i] - v->words_before[h], words);
    **x++ = v->boxes[shared].part[BOX_LOG_WORDS];
    **x++ = (float)(l->boxes[l->blocks[i].box].depth - common->depth);
    **x++ = u < n ? l->blocks[u].text_score : -99;
    **x++ = u < n ? (float)(i - u) : -99;
    **x++ = u < n ? (float)(v->headings_before[i + 1] - v->headings_before[u]) : -99;
    **x++ = v->anchor < n ? (float)v->headings_before[i + 1] - (float)v->headings_before[v->anchor] : -99;
    return x;
}

/* Where it is to the main box and to the heading that says what the page is about; what it has in common with that. */
static forest_column *landmarks(const struct page_view *v, size_t i, forest_column *x)
{
    const struct layout *l = v->l;
    const struct box *m = &l->boxes[v->main];
    bool in = v->main && i >= m->first && i < m->end, anchored = v->anchor < l->n_blocks;
    const struct box *common = &l->boxes[v->boxes[l->blocks[i].box].with_anchor];
    **x++ = !v->main ? 2 : in ? 1 : 0;
    **x++ = in ? ratio((double)(i - m->first), m->end - m->first) : -1;
    **x++ = v->main ? ratio(m->words, l->boxes[0].words) : -1;
    **x++ = anchored ? (float)((double)i - (double)v->anchor) : -9999;
    **x++ = anchored ? (float)((double)v->words_before[i] - v->words_before[v->anchor]) : -9999;
    **x++ = anchored ? ratio(common->words, l->boxes[0].words) : -1;
    **x++ = anchored ? (float)(l->boxes[l->blocks[v->anchor].box].depth - common->depth) : -1;
    **x++ = anchored ? (float)(l->boxes[l->blocks[i].box].depth - common->depth) : -1;
    return x;
}

static forest_column *alike(const struct page_view *v, size_t i, forest_column *x)
{
    const struct layout *l = v->l;
    const struct path_group *g = &v->groups[v->group_of[i]];
    **x++ = (float)g->blocks;
    **x++ = ratio(g->words, l->boxes[0].words);
    **x++ = ratio(g->words, g->blocks);
    **x++ = ratio(g->text, g->blocks);
    **x++ = (float)v->nth[i];
    **x++ = ratio(v->nth[i], g->blocks);
    **x++ = ratio(g->first, (double)l->n_blocks);
    return x;
}

static forest_column *said(const struct page_view *v, size_t i, forest_column *x)
{
    const struct block *b = &v->l->blocks[i];
    const struct box *box = &v->l->boxes[b->box];
    **x++ = view_said(&v->described, v->l, b);
    **x++ = view_said(&v->reviewed, v->l, b);
    **x++ = b->names;
    **x++ = v->l->boxes[box->parent].names + box->names;
    return x;
}

static forest_column *place(const struct page_view *v, size_t i, forest_column *x)
{
    const struct layout *l = v->l;
    **x++ = ratio((double)i, (double)l->n_blocks);
    **x++ = ratio(v->words_before[i], l->boxes[0].words);
    **x++ = (float)i;
    **x++ = (float)(l->n_blocks - i);
    **x++ = l->boxes[l->blocks[i].box].depth;
    return x;
}

static float *page(const struct page_view *v, float *x)
{
    const struct layout *l = v->l;
    const struct box *all = &l->boxes[0];
    *x++ = log_of(all->words);
    *x++ = ratio(all->link_chars, all->chars);
    *x++ = log_of((double)l->n_blocks);
    *x++ = ratio(all->paragraphs, (double)l->n_blocks);
    *x++ = (float)all->long_blocks;
    *x++ = ratio(l->boxes[v->best].words, all->words);
    *x++ = (float)v->f->n_h1;
    *x++ = (float)v->f->n_article;
    *x++ = (float)v->f->url_depth;
    memcpy(x, v->kind, sizeof v->kind);
    x += sizeof v->kind / sizeof *v->kind;
    for (int bit = 0; bit < FACT_BITS; bit++) *x++ = (float)(v->f->flags >> bit & 1);
    return x;
}

size_t boiler_features(void) { return FEATURES; }
size_t boiler_block_features(void) { return BLOCK_FEATURES; }

void boiler_describe_page(const struct page_view *v, forest_column *x)
{
    float row[FEATURES - BLOCK_FEATURES];
    page(v, row);
    for (int k = BLOCK_FEATURES; k < FEATURES; k++)
        for (int lane = 0; lane < FOREST_LANES; lane++) x[k][lane] = row[k - BLOCK_FEATURES];
}

void boiler_describe_block(const struct page_view *v, size_t i, size_t lane, forest_column *x)
{
    static forest_column *(*const part[])(const struct page_view *, size_t,
                                          forest_column *) = { own, topics, boxes, around, top, headings, section,
                                                               landmarks, alike, said, place };
    forest_column *to = (forest_column *)&x[0][lane];
    for (size_t k = 0; k < sizeof part / sizeof *part; k++) to = part[k](v, i, to);
}

void boiler_describe(const struct layout *l, const struct facts *f, float *to, struct arena *mem)
{
    struct page_view v;
    forest_column *x = NEW(mem, forest_column, FEATURES);
    view_make(&v, l, f, mem);
    boiler_describe_page(&v, x);
    for (size_t i = 0; i < l->n_blocks; i++) {
        boiler_describe_block(&v, i, 0, x);
        for (int k = 0; k < FEATURES; k++) *to++ = x[k][0];
    }
}
