/* boiler.c - blocks in numbers, and the trees that judge them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/boiler.h"
#include "core/hash.h"

#include <math.h>

enum { UP = 5, AROUND = 3, WINDOWS = 2, OWN = 33, BOX_PART = 10, NEAR_PART = 5, PAGE_PART = 14, TOP_PART = 10, HEAD_PART = 12, KIND_PART = 6 };
enum { FEATURES = OWN + LINE_TOPIC_COUNT + BOX_TOPIC_COUNT + UP * BOX_PART + 2 * AROUND * NEAR_PART + WINDOWS * 3 + TOP_PART + HEAD_PART + PAGE_PART + FACT_BITS + LINE_TOPIC_COUNT + BOX_TOPIC_COUNT + KIND_PART };

struct page_view {
    const struct layout *l;
    const struct facts *f;
    uint32_t best;               /* the box with the most running text near its surface */
    size_t h1;                   /* block of the first h1, or n_blocks */
    uint32_t *copies;            /* (n_blocks): how many blocks have this text; high bit: an earlier one has */
    uint32_t *words_before;      /* (n_blocks + 1) */
    uint32_t *link_before, *chars_before;
    size_t *heading;             /* (n_blocks): the last heading before or at it, or n_blocks */
    uint64_t *title_words; size_t n_title;
    float kind[LINE_TOPIC_COUNT + BOX_TOPIC_COUNT + KIND_PART];      /* what the page as a whole is like */
};

static float ratio(double a, double b)   /* 0 when there is nothing to divide by */
{
    return b > 0 ? (float)(a / b) : 0;
}

static float log_of(double x)
{
    return log2f((float)x + 1);
}

static bool is_heading(const struct block *b)
{
    return b->tag >= TAG_h1 && b->tag <= TAG_h6;
}

/* ---- the page ---- */

static void count_copies(struct page_view *v, struct arena *mem)
{
    const struct layout *l = v->l;
    size_t size = 64;
    while (size < 2 * l->n_blocks) size *= 2;
    uint32_t *slot = ZERO(mem, uint32_t, size);                  /* block + 1 */
    uint32_t *first = NEW(mem, uint32_t, l->n_blocks + 1);
    v->copies = ZERO(mem, uint32_t, l->n_blocks + 1);
    for (size_t i = 0; i < l->n_blocks; i++) {
        size_t at = l->blocks[i].hash & (size - 1);
        while (slot[at] && l->blocks[slot[at] - 1].hash != l->blocks[i].hash) at = (at + 1) & (size - 1);
        if (!slot[at]) slot[at] = (uint32_t)i + 1;
        first[i] = slot[at] - 1;
        v->copies[first[i]]++;
    }
    for (size_t i = l->n_blocks; i-- > 0; )
        if (first[i] != i) v->copies[i] = v->copies[first[i]] | 1u << 31;
}

static void find_best(struct page_view *v, struct arena *mem)    /* Readability's idea: long blocks give their words to the boxes around them */
{
    const struct layout *l = v->l;
    float *score = ZERO(mem, float, l->n_boxes + 1);
    for (size_t i = 0; i < l->n_blocks; i++) {
        const struct block *b = &l->blocks[i];
        if (b->words < 15 || b->hidden) continue;
        float give = (float)b->words * (1 - ratio(b->link_chars, b->chars));
        uint32_t box = l->boxes[b->box].parent;
        for (int up = 0; up < 4; up++, give *= 0.6f) {
            score[box] += give;
            if (!box) break;
            box = l->boxes[box].parent;
        }
    }
    v->best = 0;
    for (uint32_t i = 0; i < l->n_boxes; i++) if (score[i] > score[v->best]) v->best = i;
}

static void hash_title(struct page_view *v, struct str s, struct arena *mem)
{
    v->title_words = NEW(mem, uint64_t, s.n + 1);
    uint64_t h = 0;
    for (size_t i = 0; i <= s.n; i++) {
        unsigned char c = i < s.n ? (unsigned char)s.p[i] : ' ';
        if (c >= 'A' && c <= 'Z') c |= 32;
        bool word = c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (word) h = (h ^ c) * 0x100000001B3u + 1;
        else if (h) { v->title_words[v->n_title++] = h; h = 0; }
    }
}

/* The share of the block's words that stand in the title. */
static float title_share(const struct page_view *v, const struct block *b)
{
    if (b->words > 40 || !v->n_title) return 0;
    const char *p = v->l->text.p + b->text;
    uint64_t h = 0;
    int words = 0, same = 0;
    for (size_t i = 0; i <= b->n; i++) {
        unsigned char c = i < b->n ? (unsigned char)p[i] : ' ';
        if (c >= 'A' && c <= 'Z') c |= 32;
        bool word = c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (word) { h = (h ^ c) * 0x100000001B3u + 1; continue; }
        if (!h) continue;
        words++;
        for (size_t k = 0; k < v->n_title && k < 60; k++) if (v->title_words[k] == h) { same++; break; }
        h = 0;
    }
    return ratio(same, words);
}

/* Shares of the page's blocks that touch each topic, and how its text is spread: forums, shops and articles differ here. */
static void describe_page(struct page_view *v)
{
    const struct layout *l = v->l;
    float *line = v->kind, *box = line + LINE_TOPIC_COUNT, *x = box + BOX_TOPIC_COUNT, each = 1 / ((float)l->n_blocks + 1);
    double long_words = 0, very_long = 0, most = 0, money = 0, items = 0, rows = 0;
    for (size_t i = 0; i < l->n_blocks; i++) {
        const struct block *b = &l->blocks[i];
        for (int t = 0; t < LINE_TOPIC_COUNT; t++) line[t] += b->line_words[t] ? each : 0;
        for (int t = 0; t < BOX_TOPIC_COUNT; t++) box[t] += b->near[t] ? each : 0;
        long_words += b->words >= 25 ? b->words : 0;
        very_long += b->words >= 60 ? b->words : 0;
        money += memchr(l->text.p + b->text, '$', b->n < 40 ? b->n : 40) ? 1 : 0;
        items += b->item;
        rows += b->row;
    }
    for (size_t i = 0; i < l->n_boxes; i++) if (l->boxes[i].repeats * (double)l->boxes[i].words > most) most = l->boxes[i].repeats * (double)l->boxes[i].words;
    *x++ = ratio(long_words, l->boxes[0].words);
    *x++ = ratio(very_long, l->boxes[0].words);
    *x++ = ratio(most, l->boxes[0].words);
    *x++ = ratio(money, (double)l->n_blocks);
    *x++ = ratio(items, (double)l->n_blocks);
    *x++ = ratio(rows, (double)l->n_blocks);
}

static void view_make(struct page_view *v, const struct layout *l, const struct facts *f, struct arena *mem)
{
    size_t n = l->n_blocks;
    *v = (struct page_view){ .l = l, .f = f, .h1 = n };
    v->words_before = ZERO(mem, uint32_t, n + 1);
    v->link_before = ZERO(mem, uint32_t, n + 1);
    v->chars_before = ZERO(mem, uint32_t, n + 1);
    v->heading = NEW(mem, size_t, n + 1);
    size_t heading = n;
    for (size_t i = 0; i < n; i++) {
        const struct block *b = &l->blocks[i];
        v->words_before[i + 1] = v->words_before[i] + b->words;
        v->link_before[i + 1] = v->link_before[i] + b->link_chars;
        v->chars_before[i + 1] = v->chars_before[i] + b->chars;
        if (is_heading(b)) heading = i;
        v->heading[i] = heading;
        if (b->tag == TAG_h1 && v->h1 == n) v->h1 = i;
    }
    count_copies(v, mem);
    find_best(v, mem);
    hash_title(v, f->title, mem);
    describe_page(v);
}

/* ---- one block ---- */

static unsigned char last_byte(const struct page_view *v, const struct block *b)
{
    const char *p = v->l->text.p + b->text + b->n;
    unsigned char c = (unsigned char)p[-1];
    if (b->n > 1 && (c == '"' || c == ')' || c == ']' || c == '\'')) c = (unsigned char)p[-2];
    return c;
}

static float *own(const struct page_view *v, size_t i, float *x)
{
    const struct block *b = &v->l->blocks[i];
    const char *p = v->l->text.p + b->text;
    unsigned char last = last_byte(v, b), first = (unsigned char)p[0];
    size_t lines = 0, bars = 0, money = 0;
    for (size_t k = 0; k < b->n && k < 300; k++) {
        lines += p[k] == '\n';
        bars += p[k] == '|' || p[k] == '>' || p[k] == '/';
        money += p[k] == '$' || (p[k] == '\xE2' && k + 2 < b->n && p[k + 1] == '\x82' && p[k + 2] == '\xAC');
    }
    *x++ = log_of(b->words);
    *x++ = ratio(b->chars, b->words);
    *x++ = ratio(b->link_chars, b->chars);
    *x++ = (float)b->links;
    *x++ = ratio(b->upper, b->chars);
    *x++ = ratio(b->digits, b->chars);
    *x++ = ratio(b->commas, b->words);
    *x++ = ratio(b->stops, b->words);
    *x++ = ratio(b->marked, b->chars);
    *x++ = b->tag == TAG_p;
    *x++ = is_heading(b) ? (float)(b->tag - TAG_h1 + 1) : 0;
    *x++ = b->tag == TAG_li;
    *x++ = b->tag == TAG_td ? 1 : b->tag == TAG_th ? 2 : 0;
    *x++ = b->tag == TAG_div;
    *x++ = b->tag == TAG_dt || b->tag == TAG_dd;
    *x++ = b->tag == TAG_button || b->tag == TAG_summary || b->tag == TAG_legend;
    *x++ = b->tag == TAG_figcaption || b->tag == TAG_caption;
    *x++ = b->tag == TAG_section || b->tag == TAG_article;
    *x++ = (float)b->list;
    *x++ = (float)b->quote;
    *x++ = b->pre;
    *x++ = b->item;
    *x++ = b->row_id > 0;
    *x++ = b->hidden;
    *x++ = last == '.' || last == '!' || last == '?' ? 1 : last == ':' ? 2 : last == ',' || last == ';' ? 3 : last >= 0x80 ? 4 : 0;
    *x++ = first >= 'A' && first <= 'Z' ? 1 : first >= 'a' && first <= 'z' ? 2 : first >= '0' && first <= '9' ? 3 : first >= 0x80 ? 4 : 0;
    *x++ = (float)lines;
    *x++ = (float)bars;
    *x++ = (float)money;
    *x++ = (float)(v->copies[i] & 0x7FFFFFFF);
    *x++ = (float)(v->copies[i] >> 31);
    *x++ = title_share(v, b);
    *x++ = (float)b->words;
    return x;
}

static float *topics(const struct page_view *v, size_t i, float *x)
{
    const struct block *b = &v->l->blocks[i];
    for (int t = 0; t < LINE_TOPIC_COUNT; t++) *x++ = ratio(b->line_words[t], b->words < 60 ? b->words : 60);
    int depth = v->l->boxes[b->box].depth + 1;
    for (int t = 0; t < BOX_TOPIC_COUNT; t++) *x++ = b->near[t] ? (float)(depth - b->near[t]) : 99;
    return x;
}

/* Boxes around the block, passing over those that hold nothing more than the last. */
static float *boxes(const struct page_view *v, size_t i, float *x)
{
    const struct layout *l = v->l;
    uint32_t at = l->blocks[i].box;
    for (int k = 0; k < UP; k++) {
        const struct box *c = &l->boxes[at];
        uint32_t n = c->end - c->first;
        *x++ = ratio(c->words, l->boxes[0].words);
        *x++ = log_of(c->words);
        *x++ = ratio(c->link_chars, c->chars);
        *x++ = (float)n;
        *x++ = ratio(c->words, n);
        *x++ = ratio(c->commas, c->words);
        *x++ = (float)c->long_blocks;
        *x++ = (float)c->repeats;
        *x++ = ratio((double)(i - c->first), n);
        *x++ = ratio(c->paragraphs, n);
        while (at && l->boxes[at].end - l->boxes[at].first == n) at = l->boxes[at].parent;
    }
    return x;
}

static float *around(const struct page_view *v, size_t i, float *x)
{
    const struct layout *l = v->l;
    for (int d = -AROUND; d <= AROUND; d++) {
        if (!d) continue;
        size_t j = i + (size_t)d;
        const struct block *b = j < l->n_blocks ? &l->blocks[j] : NULL;
        *x++ = b ? (float)b->words : -1;
        *x++ = b ? ratio(b->link_chars, b->chars) : -1;
        *x++ = b ? is_heading(b) : -1;
        *x++ = b ? l->boxes[b->box].parent == l->boxes[l->blocks[i].box].parent : -1;
        *x++ = b ? ratio(b->stops, b->words) : -1;
    }
    static const size_t reach[WINDOWS] = { 5, 15 };
    for (int w = 0; w < WINDOWS; w++) {
        size_t a = i > reach[w] ? i - reach[w] : 0, z = i + reach[w] + 1 < l->n_blocks ? i + reach[w] + 1 : l->n_blocks;
        *x++ = ratio(v->words_before[z] - v->words_before[a], (double)(z - a));
        *x++ = ratio(v->link_before[z] - v->link_before[a], v->chars_before[z] - v->chars_before[a]);
        *x++ = ratio(v->words_before[i] - v->words_before[a], v->words_before[z] - v->words_before[a]);
    }
    return x;
}

/* The most repeated box around the block, and where the best box is. */
static float *top(const struct page_view *v, size_t i, float *x)
{
    const struct layout *l = v->l;
    const struct box *most = &l->boxes[l->blocks[i].box], *best = &l->boxes[v->best];
    uint32_t common = v->best;
    int steps = 0;
    for (uint32_t at = l->blocks[i].box; at; at = l->boxes[at].parent)
        if (l->boxes[at].repeats > most->repeats) most = &l->boxes[at];
    while (common && (i < l->boxes[common].first || i >= l->boxes[common].end)) { common = l->boxes[common].parent; steps++; }
    *x++ = (float)most->repeats;
    *x++ = (float)most->words;
    *x++ = ratio(most->link_chars, most->chars);
    *x++ = (float)(most->end - most->first);
    *x++ = ratio(l->boxes[most->parent].words, l->boxes[0].words);
    *x++ = (float)steps;
    *x++ = i < best->first ? -1 : i >= best->end ? 1 : 0;
    *x++ = i < best->first ? (float)(best->first - i) : i >= best->end ? (float)(i - best->end) : ratio((double)(i - best->first), best->end - best->first);
    *x++ = ratio(l->boxes[common].words, l->boxes[0].words);
    *x++ = (float)(l->boxes[l->blocks[i].box].depth - l->boxes[common].depth);
    return x;
}

static float *headings(const struct page_view *v, size_t i, float *x)
{
    static const int asked[] = { L_RELATED, L_COMMENT, L_SHARE, L_SIGNUP, L_SHOP, L_NAV, L_CONTACT };
    const struct layout *l = v->l;
    size_t h = v->heading[i];
    const struct block *b = h < l->n_blocks ? &l->blocks[h] : NULL;
    *x++ = b ? (float)(i - h) : -1;
    *x++ = b ? (float)(b->tag - TAG_h1 + 1) : 0;
    *x++ = b ? ratio(b->link_chars, b->chars) : -1;
    for (size_t k = 0; k < sizeof asked / sizeof *asked; k++) *x++ = b ? ratio(b->line_words[asked[k]], b->words) : 0;
    *x++ = v->h1 < l->n_blocks ? (float)((double)i - (double)v->h1) : -9999;
    *x++ = v->h1 < l->n_blocks ? (float)((double)v->words_before[i] - v->words_before[v->h1]) : -9999;
    return x;
}

static float *page(const struct page_view *v, size_t i, float *x)
{
    const struct layout *l = v->l;
    const struct box *all = &l->boxes[0];
    size_t n = l->n_blocks;
    *x++ = ratio((double)i, (double)n);
    *x++ = ratio(v->words_before[i], all->words);
    *x++ = (float)i;
    *x++ = (float)(n - i);
    *x++ = log_of(all->words);
    *x++ = ratio(all->link_chars, all->chars);
    *x++ = log_of((double)n);
    *x++ = ratio(all->paragraphs, (double)n);
    *x++ = (float)all->long_blocks;
    *x++ = ratio(l->boxes[v->best].words, all->words);
    *x++ = (float)v->f->n_h1;
    *x++ = (float)v->f->n_article;
    *x++ = (float)v->f->url_depth;
    *x++ = l->boxes[l->blocks[i].box].depth;
    memcpy(x, v->kind, sizeof v->kind);
    x += sizeof v->kind / sizeof *v->kind;
    for (int bit = 0; bit < FACT_BITS; bit++) *x++ = (float)(v->f->flags >> bit & 1);
    return x;
}

size_t boiler_features(void) { return FEATURES; }

void boiler_describe(const struct layout *l, const struct facts *f, float *to, struct arena *mem)
{
    struct page_view v;
    view_make(&v, l, f, mem);
    for (size_t i = 0; i < l->n_blocks; i++)
        to = page(&v, i, headings(&v, i, top(&v, i, around(&v, i, boxes(&v, i, topics(&v, i, own(&v, i, to)))))));
}

/* ---- judging ---- */

static float judge(const float *x)
{
    float sum = 0;
    for (size_t t = 0; t < boiler_trees; t++) {
        const struct boiler_node *root = boiler_nodes + boiler_roots[t], *n = root;
        while (n->feature != BOILER_LEAF) n = x[n->feature] <= n->at ? n + 1 : root + n->right;
        sum += n->at;
    }
    return 1 / (1 + expf(-sum));
}

void boiler_judge(const struct layout *l, const struct facts *f, float *p, struct arena *mem)
{
    float *x = NEW(mem, float, l->n_blocks * FEATURES + 1);
    boiler_describe(l, f, x, mem);
    for (size_t i = 0; i < l->n_blocks; i++) p[i] = judge(x + i * FEATURES);
}
