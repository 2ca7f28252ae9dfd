/* choose.c - a border of the page's own, what is said beside its content, what it says twice.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/choose.h"

/* The border of p that makes the expected word F1 of this page highest is half of that F1 itself. But the judge errs by
 * pages: where it is unsure of many blocks it is likely wrong about all of them one way or the other, and a lower
 * border is safer; where it is sure of all, a higher one keeps boxes between the paragraphs out. doc/html.md has the
 * measurement. */
static float border(const struct layout *l, const float *p)
{
    const double LOW = 0.8, SURE = 0.7;
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

/* What a page says twice (for phones and for desks, for crawlers in <noscript>, in carousels, in quotes) is kept once.
 * What is surely content may repeat for good reasons: an interviewer's question, a recipe's step; a long block
 * only if it stands in boxes like the first's, as the same dish on two days of a week's menu does. */
static void keep_once(const struct layout *l, const float *p, bool *keep, struct arena *mem)
{
    const uint32_t SAID = 4, LONG = 25;                          /* words */
    const float SURELY = 0.8f;
    size_t size = 64;
    while (size < 2 * l->n_blocks) size *= 2;
    uint32_t *seen = ZERO(mem, uint32_t, size);                  /* number + 1 of the first block of this text */
    for (size_t i = 0; i < l->n_blocks; i++) {
        const struct block *b = &l->blocks[i];
        if (!keep[i] || b->words < SAID || b->pre || b->row_id) continue;
        size_t at = b->hash >> 1 & (size - 1);
        while (seen[at] && l->blocks[seen[at] - 1].hash != b->hash) at = (at + 1) & (size - 1);
        if (!seen[at]) { seen[at] = (uint32_t)i + 1; continue; }
        bool alike = l->boxes[l->blocks[seen[at] - 1].box].path == l->boxes[b->box].path;
        if (p[i] < SURELY || (b->words >= LONG && !alike)) keep[i] = false;
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
        else if (!b->hidden && b->words >= SAYS && 2 * b->link_chars < b->chars && !b->near[BOX_FORM]
                 && !b->near[BOX_BUTTON])
            keep[i] = true;
    }
}

/* Comments, captions, lines that are a link: what may be the whole content of one page and stands beside that of
 * another. The class is asked of all boxes, <body class="comments-open"> too: such a page may be all comments. */
static bool is_beside(const struct block *b)
{
    enum { SAYS = 4 };
    bool link = b->words >= SAYS && b->link_chars > 0.8 * b->chars;
    return link || b->tag == TAG_figcaption || b->tag == TAG_caption || b->near[BOX_COMMENT];
}

/* A thread's posts stand in the same boxes as an article's comments, a list's entries look like the links between an
 * article's paragraphs: the trees see a block and are unsure. What tells them apart is whether the page surely has
 * content elsewhere: then these are none. */
static void drop_beside(const struct layout *l, const float *p, bool *keep)
{
    const uint32_t ENOUGH = 100;                                 /* words */
    const float SURE = 0.92f;
    uint32_t words = 0;
    for (size_t i = 0; i < l->n_blocks; i++)
        if (p[i] >= SURE && !is_beside(&l->blocks[i])) words += l->blocks[i].words;
    for (size_t i = 0; words >= ENOUGH && i < l->n_blocks; i++) if (is_beside(&l->blocks[i])) keep[i] = false;
}

void choose_main(const struct layout *l, const float *p, enum page_kind kind, const struct page_options *o, bool *keep,
                 struct arena *mem)
{
    float at = border(l, p);
    if (o->balance < 0) at *= 2 - at;
    if (o->balance > 0) at /= 2;
    for (size_t i = 0; i < l->n_blocks; i++) keep[i] = p[i] >= at;
    if (o->balance <= 0) drop_beside(l, p, keep);
    if (o->comments && kind != PAGE_FORUM) choose_comments(l, o->comments == PAGE_COMMENTS_KEPT, keep);
    keep_once(l, p, keep, mem);
}

/* What stands in <noscript> only when that is all there is. */
void choose_all(const struct layout *l, bool *keep)
{
    enum { ENOUGH = 30 };
    size_t words = 0;
    for (size_t i = 0; i < l->n_blocks; i++)
        words += l->blocks[i].hidden || l->blocks[i].near[BOX_NOSCRIPT] ? 0 : l->blocks[i].words;
    for (size_t i = 0; i < l->n_blocks; i++)
        keep[i] = !l->blocks[i].hidden && (words < ENOUGH || !l->blocks[i].near[BOX_NOSCRIPT]);
}
