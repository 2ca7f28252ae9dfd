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
    /* From here to names: of a box that holds blocks; of others nobody asks. */
    uint64_t topics;                         /* of its own class, id, role, itemprop, and tag */
    uint64_t sign;                           /* hash of tag and class: siblings with the same are repeats */
    uint64_t path;                           /* hash of its sign and those of the two boxes around it */
    float names;                             /* what the lexicon says of its class, id, role ... */
    float text;                              /* sum of its blocks' text */
    const struct html_node *node;
    bool main;                               /* <main> or role=main */
    uint32_t repeats;                        /* siblings of the same sign, itself included */
    uint32_t children, words, chars, link_chars, commas, paragraphs, headings, links, long_blocks;
    uint32_t images, controls;               /* controls: buttons, inputs, selects */
};

struct block {
    uint32_t text, n;                        /* in layout.text */
    uint32_t box;
    uint16_t tag;                            /* of the box, or the inline element that made a block of it (button) */
    uint8_t list, quote;                     /* how deep in lists and quotes */
    /* Markdown only: an image with no text beside it; nothing else of it is counted */
    bool image;
    bool hidden, pre, item, cell, row;   /* item: first of a list item; cell, row: first of a table cell, row */
    uint32_t row_id;                         /* the table row, 0: none */
    uint32_t number;                         /* of an item in an ordered list, 0: none */
    uint32_t words;                          /* between white space; of Chinese and Japanese letters two are a word */
    /* marked: characters in b, strong, i, em */
    uint32_t wide, chars, link_chars, links, upper, digits, commas, stops, marked;
    uint32_t line_words[LINE_TOPIC_COUNT];   /* how many of its first words are of a topic */
    /* what the lexicon says of the boxes around it, summed, and of its first words */
    float names, text_score;
    uint64_t hash;                           /* of its letters and digits: repeats are equal */
    /* in layout.marks: of its words, or of the first 60 of more than LAYOUT_TITLE_WORDS */
    uint32_t first_mark, n_marks;
    uint8_t near[BOX_TOPIC_COUNT];           /* depth of the nearest box of a topic, 0: none */
};

enum { LEXICON_END = 0xFFFF, NAMED = 512, LAYOUT_TITLE_WORDS = 40 };

/* what one attribute's words say, by the hash of its value: classes repeat */
struct named { uint64_t key, topics; int32_t sum, n; };

struct layout {
    struct buf text;
    struct box *boxes; size_t n_boxes, cap_boxes;
    struct block *blocks; size_t n_blocks, cap_blocks;
    uint64_t *marks; size_t n_marks, cap_marks;      /* hashes of words, of all blocks (words.h) */
    const struct lexicon *lexicon;
    struct named *named;                     /* (NAMED) */
    /* for training: null, or gets the lexicon's slots that were asked, a block's ended by LEXICON_END */
    struct buf *record;
    struct arena *mem;
};

/* With o->markdown the text carries inline marks and images; the blocks are the same but for images between them. */
void layout_make(struct layout *l, const struct html_tree *t, const struct page_options *o, const struct lexicon *x,
                 struct buf *record, struct arena *mem);
/* What words_names finds on an element, its tag as a word too. */
void layout_names(const struct html_node *n, struct names *names);
/* Sets what a box's names say: topics, sign, main, names. */
void layout_name_box(struct layout *l, struct box *x, const struct html_node *n);
/* Sets what a block's words say, when its text is whole: line_words, stops, text_score, hash. */
void layout_read_words(struct layout *l, struct block *b);
void layout_free(struct layout *l);

#endif
