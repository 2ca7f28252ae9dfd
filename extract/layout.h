/* layout.h - the tree as a reader sees it: boxes, and blocks of text in them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A block is a run of text with no block border in it: a paragraph, a heading, a list item's first
 * line, a table cell. A box is an element that holds blocks: div, section, ul, td ... Boxes form a
 * tree (parents before children) and know what is in them; blocks are in reading order.
 *
 *      <div><h2>Tea</h2><p>Black <b>or</b> green.</div>
 *
 *      box 0 body, box 1 div (2 blocks), box 2 h2 (1), box 3 p (1)
 *      block 0 "Tea" in box 2;  block 1 "Black or green." in box 3
 *
 * All text is here, hidden text too (marked): who keeps what is boiler.h's and html_text.h's matter.
 */
#ifndef EXTRACT_LAYOUT_H
#define EXTRACT_LAYOUT_H
#include "extract/html_tree.h"
#include "extract/page.h"
#include "extract/words.h"

struct box {
    uint32_t parent;                         /* its own number for the root, box 0 */
    uint32_t first, end;                     /* blocks [first, end) */
    uint16_t tag, depth;
    uint64_t topics;                         /* of its own class, id, role, itemprop, and tag */
    uint64_t sign;                           /* hash of tag and class: siblings with the same are repeats */
    uint32_t repeats;                        /* siblings of the same sign, itself included */
    uint32_t children, words, chars, link_chars, commas, paragraphs, headings, links, long_blocks;
};

struct block {
    uint32_t text, n;                        /* in layout.text */
    uint32_t box;
    uint16_t tag;                            /* of the box, or the inline element that made a block of it (button) */
    uint8_t list, quote;                     /* how deep in lists and quotes */
    bool image;                              /* Markdown only: an image with no text beside it; nothing else of it is counted */
    bool hidden, pre, item, cell, row;   /* item: first of a list item; cell, row: first of a table cell, row */
    uint32_t row_id;                         /* the table row, 0: none */
    uint32_t number;                         /* of an item in an ordered list, 0: none */
    uint32_t words, chars, link_chars, links, upper, digits, commas, stops, marked;   /* marked: characters in b, strong, i, em */
    uint32_t line_words[LINE_TOPIC_COUNT];   /* how many of its first words are of a topic */
    uint64_t hash;                           /* of its letters and digits: repeats are equal */
    uint8_t near[BOX_TOPIC_COUNT];           /* depth of the nearest box of a topic, 0: none */
};

struct layout {
    struct buf text;
    struct box *boxes; size_t n_boxes, cap_boxes;
    struct block *blocks; size_t n_blocks, cap_blocks;
    struct arena *mem;
};

/* With o->markdown the text carries inline marks and images; the blocks are the same but for images between them. */
void layout_make(struct layout *l, const struct html_tree *t, const struct page_options *o, struct arena *mem);
void layout_free(struct layout *l);

#endif
