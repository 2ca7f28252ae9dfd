/* boiler_view.h - a page as the judge of its blocks sees it: what must be known of the whole to describe a part.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTRACT_BOILER_VIEW_H
#define EXTRACT_BOILER_VIEW_H
#include "extract/facts.h"
#include "extract/forest.h"
#include "extract/layout.h"

#include <math.h>

enum { KIND_PART = 6, BOX_PART = 13, BOX_LOG_WORDS = 1, HEADING_PART = 9, BESIDE_PART = 6, BESIDE = 3 };

struct box_view {
    uint32_t wider;              /* the nearest box around it that holds more blocks */
    uint32_t repeated;           /* of it and those around it the most repeated, the inner of equals */
    /* the nearest around it, or itself, that holds the best box too, the anchor too */
    uint32_t with_best, with_anchor;
    float part[BOX_PART];        /* what it is like; only of boxes that hold blocks */
};

struct path_group {              /* the blocks whose boxes look alike: same tags and classes, three boxes up */
    uint32_t blocks, words, first;
    float text;                  /* sum of their text_score */
};

/* parent: of its box; BESIDE_NONE: there is no block */
struct beside { uint32_t parent; float part[BESIDE_PART]; };
static const uint32_t BESIDE_NONE = UINT32_MAX;

struct said_set { uint64_t *slot; size_t mask; };    /* hashes of three words in a row; mask 0: none */

struct page_view {
    const struct layout *l;
    const struct facts *f;
    uint32_t best;               /* the box with the most running text near its surface */
    uint32_t main;               /* the first main box that holds something, 0: none */
    size_t h1;                   /* block of the first h1, or n_blocks */
    /* where the content's heading seems to be: that h1, or the block most like the title, or n_blocks */
    size_t anchor;
    uint32_t *copies;            /* (n_blocks): how many blocks have this text; high bit: an earlier one has */
    uint32_t *words_before;      /* (n_blocks + 1) */
    uint32_t *link_before, *chars_before, *headings_before;
    float *text_before;
    /* (n_blocks): of its characters in links, its words that are stop words, its words in the title */
    float *link_share, *stop_share, *title_share;
    struct box_view *boxes;      /* (n_boxes) */
    size_t *heading;             /* (n_blocks): the last heading before or at it, or n_blocks */
    size_t *upper;               /* (n_blocks): of a heading, the last one before it of a higher rank, or n_blocks */
    float (*under)[HEADING_PART];        /* (n_blocks): of a heading, what is said of the blocks under it */
    /* (n_blocks + 2 BESIDE): of block i in beside[i + BESIDE], what is said of those next to it; nothing at the ends */
    struct beside *beside;
    size_t *section_end;         /* (n_blocks): of a heading, the next heading */
    uint32_t *group_of, *nth;    /* (n_blocks): its path group, and how many of that came before */
    struct path_group *groups;
    /* what the head says that the page is about; what it says that people said of it */
    struct said_set described, reviewed;
    uint64_t *title, title_bits; size_t n_title;     /* the title's words by their hashes, and which they may be */
    float kind[LINE_TOPIC_COUNT + BOX_TOPIC_COUNT + KIND_PART];      /* what the page as a whole is like */
};

static inline float ratio(double a, double b)        /* 0 when there is nothing to divide by */
{
    return b > 0 ? (float)(a / b) : 0;
}

static inline float log_of(double x)
{
    return log2f((float)x + 1);
}

static inline bool is_heading(const struct block *b)
{
    return b->tag >= TAG_h1 && b->tag <= TAG_h6;
}

void view_make(struct page_view *v, const struct layout *l, const struct facts *f, struct arena *mem);
/* The smallest box that holds both blocks. */
uint32_t view_common(const struct page_view *v, size_t a, size_t b);
/* The share of the block's runs of three words that are in the set. */
float view_said(const struct said_set *set, const struct layout *l, const struct block *b);

/* boiler.c: a page's own numbers into all lanes, behind those of a block; a block's into one lane. */
size_t boiler_block_features(void);
void boiler_describe_page(const struct page_view *v, forest_column *x);
void boiler_describe_block(const struct page_view *v, size_t i, size_t lane, forest_column *x);

#endif
