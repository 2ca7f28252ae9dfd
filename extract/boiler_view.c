/* boiler_view.c - copies, groups, sections, the best box: the page before its blocks are judged.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/boiler_view.h"
#include "core/hash.h"

enum { TITLE_WORDS = 60, RUN_WORDS = 60 };      /* enough to know a title, and a block, by */

/* ---- the page ---- */

/* (n): of each key the number of the first that is equal. */
static uint32_t *first_equal(const uint64_t *key, size_t n, struct arena *mem)
{
    size_t size = 64;
    while (size < 2 * n) size *= 2;
    uint32_t *slot = ZERO(mem, uint32_t, size);                  /* number + 1 */
    uint32_t *first = NEW(mem, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        size_t at = key[i] & (size - 1);
        while (slot[at] && key[slot[at] - 1] != key[i]) at = (at + 1) & (size - 1);
        if (!slot[at]) slot[at] = (uint32_t)i + 1;
        first[i] = slot[at] - 1;
    }
    return first;
}

static void count_copies(struct page_view *v, struct arena *mem)
{
    const struct layout *l = v->l;
    uint64_t *key = NEW(mem, uint64_t, l->n_blocks + 1);
    for (size_t i = 0; i < l->n_blocks; i++) key[i] = l->blocks[i].hash;
    uint32_t *first = first_equal(key, l->n_blocks, mem);
    v->copies = ZERO(mem, uint32_t, l->n_blocks + 1);
    for (size_t i = 0; i < l->n_blocks; i++) v->copies[first[i]]++;
    for (size_t i = l->n_blocks; i-- > 0; )
        if (first[i] != i) v->copies[i] = v->copies[first[i]] | 1u << 31;
}

static void group_paths(struct page_view *v, struct arena *mem)
{
    const struct layout *l = v->l;
    uint64_t *key = NEW(mem, uint64_t, l->n_blocks + 1);
    for (size_t i = 0; i < l->n_blocks; i++) key[i] = l->boxes[l->blocks[i].box].path;
    v->group_of = first_equal(key, l->n_blocks, mem);
    v->groups = ZERO(mem, struct path_group, l->n_blocks + 1);
    v->nth = NEW(mem, uint32_t, l->n_blocks + 1);
    for (size_t i = 0; i < l->n_blocks; i++) {
        struct path_group *g = &v->groups[v->group_of[i]];
        if (!g->blocks) g->first = (uint32_t)i;
        v->nth[i] = g->blocks++;
        g->words += l->blocks[i].words;
        g->text += l->blocks[i].text_score;
    }
}

/* Readability's idea: long blocks give their words to the boxes around them */
static void find_best(struct page_view *v, struct arena *mem)
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

static uint64_t bit_of(uint64_t mark)
{
    return 1ull << (mark * 0x9E3779B97F4A7C15u >> 58);
}

static void read_title(struct page_view *v, struct str title, struct arena *mem)
{
    v->title = NEW(mem, uint64_t, title.n / 2 + 1);
    v->n_title = words_marks(title, v->title);
    if (v->n_title > TITLE_WORDS) v->n_title = TITLE_WORDS;
    for (size_t i = 0; i < v->n_title; i++) v->title_bits |= bit_of(v->title[i]);
}

/* The share of the block's words that stand in the title. */
static float title_share(const struct page_view *v, const struct block *b)
{
    if (b->words > LAYOUT_TITLE_WORDS || !v->n_title) return 0;
    const uint64_t *marks = v->l->marks + b->first_mark;
    int same = 0;
    for (uint32_t i = 0; i < b->n_marks; i++) {
        if (!(v->title_bits & bit_of(marks[i]))) continue;
        for (size_t k = 0; k < v->n_title; k++) if (v->title[k] == marks[i]) { same++; break; }
    }
    return ratio(same, b->n_marks);
}

/* ---- what the head says, in the body ---- */

/* Where each three words in a row stand in the set, or would. */
static uint64_t run_of(const uint64_t *marks)
{
    return hash_mix(marks[2] + 31 * (marks[1] + 31 * marks[0])) | 1;
}

static uint64_t *slot_of(const struct said_set *set, uint64_t run)
{
    size_t at = run >> 8 & set->mask;
    while (set->slot[at] && set->slot[at] != run) at = (at + 1) & set->mask;
    return &set->slot[at];
}

static void said_make(struct said_set *set, const struct str *s, size_t n, struct arena *mem)
{
    size_t bytes = 0, most = 0, size = 64;
    for (size_t i = 0; i < n; i++) {
        bytes += s[i].n;
        most = s[i].n > most ? s[i].n : most;
    }
    if (!bytes) return;
    while (size < bytes / 2) size *= 2;
    *set = (struct said_set){ ZERO(mem, uint64_t, size), size - 1 };
    uint64_t *marks = NEW(mem, uint64_t, most / 2 + 1);
    for (size_t i = 0; i < n; i++) {
        size_t words = words_marks(s[i], marks);
        for (size_t k = 2; k < words; k++) *slot_of(set, run_of(marks + k - 2)) = run_of(marks + k - 2);
    }
}

float view_said(const struct said_set *set, const struct layout *l, const struct block *b)
{
    uint32_t n = b->n_marks < RUN_WORDS ? b->n_marks : RUN_WORDS, found = 0;
    if (!set->mask || n < 3 || b->words < 3) return 0;
    for (uint32_t k = 2; k < n; k++) found += *slot_of(set, run_of(l->marks + b->first_mark + k - 2)) != 0;
    return ratio(found, n - 2);
}

/* Shares of the page's blocks that touch each topic, and how its text is spread: forums, shops and articles differ
 * here. */
static void describe_page(struct page_view *v)
{
    const struct layout *l = v->l;
    float *x = v->kind, each = 1 / ((float)l->n_blocks + 1);
    uint32_t line[LINE_TOPIC_COUNT] = { 0 }, box[BOX_TOPIC_COUNT] = { 0 };
    double long_words = 0, very_long = 0, most = 0, money = 0, items = 0, rows = 0;
    for (size_t i = 0; i < l->n_blocks; i++) {
        const struct block *b = &l->blocks[i];
        for (int t = 0; t < LINE_TOPIC_COUNT; t++) line[t] += b->line_words[t] > 0;
        for (int t = 0; t < BOX_TOPIC_COUNT; t++) box[t] += b->near[t] > 0;
        long_words += b->words >= 25 ? b->words : 0;
        very_long += b->words >= 60 ? b->words : 0;
        money += memchr(l->text.p + b->text, '$', b->n < 40 ? b->n : 40) ? 1 : 0;
        items += b->item;
        rows += b->row;
    }
    for (size_t i = 0; i < l->n_boxes; i++)
        if (l->boxes[i].repeats * (double)l->boxes[i].words > most)
            most = l->boxes[i].repeats * (double)l->boxes[i].words;
    for (int t = 0; t < LINE_TOPIC_COUNT; t++) *x++ = (float)line[t] * each;
    for (int t = 0; t < BOX_TOPIC_COUNT; t++) *x++ = (float)box[t] * each;
    *x++ = ratio(long_words, l->boxes[0].words);
    *x++ = ratio(very_long, l->boxes[0].words);
    *x++ = ratio(most, l->boxes[0].words);
    *x++ = ratio(money, (double)l->n_blocks);
    *x++ = ratio(items, (double)l->n_blocks);
    *x++ = ratio(rows, (double)l->n_blocks);
}

/* ---- headings ---- */

static void describe_heading(const struct page_view *v, size_t i, float *x)
{
    static const int asked[] = { L_RELATED, L_COMMENT, L_SHARE, L_SIGNUP, L_SHOP, L_NAV, L_CONTACT };
    const struct block *b = &v->l->blocks[i];
    *x++ = (float)(b->tag - TAG_h1 + 1);
    *x++ = v->link_share[i];
    for (size_t k = 0; k < sizeof asked / sizeof *asked; k++) *x++ = ratio(b->line_words[asked[k]], b->words);
}

static void find_sections(struct page_view *v, struct arena *mem)
{
    const struct layout *l = v->l;
    size_t n = l->n_blocks, last[7], now = n;
    for (int k = 0; k < 7; k++) last[k] = n;
    v->heading = NEW(mem, size_t, n + 1);
    v->upper = NEW(mem, size_t, n + 1);
    v->section_end = NEW(mem, size_t, n + 1);
    v->under = arena_alloc(mem, mem_size(n + 1, sizeof *v->under));
    for (size_t i = 0; i < n; i++) {
        const struct block *b = &l->blocks[i];
        v->upper[i] = v->section_end[i] = n;
        if (is_heading(b)) {
            int rank = b->tag - TAG_h1;
            for (int k = 0; k < rank; k++)
                if (last[k] < n && (v->upper[i] == n || last[k] > v->upper[i])) v->upper[i] = last[k];
            for (int k = rank + 1; k < 7; k++) last[k] = n;
            last[rank] = i;
            if (now < n) v->section_end[now] = i;
            now = i;
            describe_heading(v, i, v->under[i]);
        }
        v->heading[i] = now;
    }
}

uint32_t view_common(const struct page_view *v, size_t a, size_t b)
{
    const struct layout *l = v->l;
    uint32_t at = l->blocks[a].box;
    while (at && (b < l->boxes[at].first || b >= l->boxes[at].end)) at = l->boxes[at].parent;
    return at;
}

static void find_anchor(struct page_view *v)
{
    const struct layout *l = v->l;
    float most = 0.3f;
    v->anchor = v->h1;
    for (size_t i = 0; i < l->n_blocks; i++) {
        const struct block *b = &l->blocks[i];
        if (b->hidden || b->words < 2 || (v->h1 < l->n_blocks && b->tag != TAG_h1)) continue;
        float share = v->title_share[i] + (is_heading(b) ? 0.2f : 0);
        if (share > most) { most = share; v->anchor = i; }
    }
}

/* ---- boxes ---- */

static void describe_box(const struct layout *l, const struct box *c, float *x)
{
    uint32_t n = c->end - c->first;
    *x++ = ratio(c->words, l->boxes[0].words);
    *x++ = log_of(c->words);
    *x++ = ratio(c->link_chars, c->chars);
    *x++ = (float)n;
    *x++ = ratio(c->words, n);
    *x++ = ratio(c->commas, c->words);
    *x++ = (float)c->long_blocks;
    *x++ = (float)c->repeats;
    *x++ = ratio(c->paragraphs, n);
    *x++ = c->names;
    *x++ = ratio(c->text, n);
    *x++ = ratio(c->images, n);
    *x++ = ratio(c->controls, n);
}

static bool holds(const struct box *c, size_t i)
{
    return i >= c->first && i < c->end;
}

static void view_boxes(struct page_view *v, struct arena *mem)
{
    const struct layout *l = v->l;
    const struct box *best = &l->boxes[v->best];
    v->boxes = ZERO(mem, struct box_view, l->n_boxes + 1);
    for (uint32_t i = 0; i < l->n_boxes; i++) {                  /* parents come before children */
        const struct box *c = &l->boxes[i], *up = &l->boxes[c->parent];
        const struct box_view *around = &v->boxes[c->parent];
        if (c->end == c->first) continue;
        struct box_view *x = &v->boxes[i];
        x->wider = up->end - up->first > c->end - c->first ? c->parent : around->wider;
        x->repeated = c->parent && l->boxes[around->repeated].repeats > c->repeats ? around->repeated : i;
        x->with_best = best->first >= c->first && best->end <= c->end
                       && c->depth <= best->depth ? i : around->with_best;
        x->with_anchor = v->anchor < l->n_blocks && holds(c, v->anchor) ? i : around->with_anchor;
        describe_box(l, c, x->part);
    }
}

/* ---- neighbours ---- */

static void view_beside(struct page_view *v, struct arena *mem)
{
    const struct layout *l = v->l;
    size_t n = l->n_blocks;
    v->beside = NEW(mem, struct beside, n + 2 * BESIDE);
    for (size_t k = 0; k < 2 * BESIDE; k++)
        v->beside[k < BESIDE ? k : n + k] = (struct beside){ BESIDE_NONE, { -1, -1, -1, -1, -9, -99 } };
    for (size_t i = 0; i < n; i++) {
        const struct block *b = &l->blocks[i];
        v->beside[i + BESIDE] = (struct beside){ l->boxes[b->box].parent,
            { (float)b->words, v->link_share[i], is_heading(b), v->stop_share[i], b->text_score, b->names } };
    }
}

/* ---- all of it ---- */

void view_make(struct page_view *v, const struct layout *l, const struct facts *f, struct arena *mem)
{
    size_t n = l->n_blocks;
    *v = (struct page_view){ .l = l, .f = f, .h1 = n };
    v->words_before = ZERO(mem, uint32_t, n + 1);
    v->link_before = ZERO(mem, uint32_t, n + 1);
    v->chars_before = ZERO(mem, uint32_t, n + 1);
    v->headings_before = ZERO(mem, uint32_t, n + 1);
    v->text_before = ZERO(mem, float, n + 1);
    v->link_share = NEW(mem, float, n + 1);
    v->stop_share = NEW(mem, float, n + 1);
    v->title_share = NEW(mem, float, n + 1);
    read_title(v, f->title, mem);
    for (size_t i = 0; i < n; i++) {
        const struct block *b = &l->blocks[i];
        v->words_before[i + 1] = v->words_before[i] + b->words;
        v->link_before[i + 1] = v->link_before[i] + b->link_chars;
        v->chars_before[i + 1] = v->chars_before[i] + b->chars;
        v->headings_before[i + 1] = v->headings_before[i] + is_heading(b);
        v->text_before[i + 1] = v->text_before[i] + b->text_score;
        v->link_share[i] = ratio(b->link_chars, b->chars);
        v->stop_share[i] = ratio(b->stops, b->words);
        v->title_share[i] = title_share(v, b);
        if (b->tag == TAG_h1 && v->h1 == n) v->h1 = i;
    }
    for (uint32_t i = 1; i < l->n_boxes && !v->main; i++) if (l->boxes[i].main && l->boxes[i].words) v->main = i;
    find_sections(v, mem);
    count_copies(v, mem);
    group_paths(v, mem);
    find_best(v, mem);
    find_anchor(v);
    view_boxes(v, mem);
    view_beside(v, mem);
    said_make(&v->described, f->about, f->n_about, mem);
    said_make(&v->reviewed, f->reviews, f->n_reviews, mem);
    describe_page(v);
}
