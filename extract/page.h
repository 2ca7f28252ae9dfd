/* page.h - a web page in, its text out.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The way: html_token (bytes to tokens), html_tree (tokens to a tree, as the WHATWG standard
 * says browsers do), boiler (which blocks are content), html_text (the tree laid out as text).
 * Everything lives in the arena that the caller gives: one per page, emptied between pages.
 * Work and memory are linear in the page's size, whatever the page holds.
 *
 *     struct page_options o = PAGE_OPTIONS;
 *     struct page_result r;
 *     if (page_text(html, url, &o, &mem, &r)) ... r.title, r.text ...
 *     arena_reset(&mem);
 */
#ifndef EXTRACT_PAGE_H
#define EXTRACT_PAGE_H
#include "core/str.h"

enum page_keep { PAGE_MAIN, PAGE_ALL };
enum page_comments { PAGE_COMMENTS_JUDGED, PAGE_COMMENTS_KEPT, PAGE_COMMENTS_DROPPED };
enum page_kind { PAGE_OTHER, PAGE_ARTICLE, PAGE_FORUM, PAGE_PRODUCT, PAGE_LISTING, PAGE_DOCUMENTATION, PAGE_KINDS };
extern const char *const page_kind_name[PAGE_KINDS];

struct page_options {
    int keep;            /* PAGE_MAIN: the content; PAGE_ALL: everything that a reader would see */
    int balance;         /* -1 rather miss a block than keep a wrong one, 0, 1 the other way round */
    /* what readers wrote below: judged as any other block, kept, or dropped; the posts of a forum are its content */
    int comments;
    bool markdown;       /* headings, emphasis, links, lists, tables, code and images as Markdown */
    bool meta;           /* fill the fields below text */
    size_t max_nodes;    /* a tree with more nodes ends there, and says so in cut; 0: no limit */
};
#define PAGE_OPTIONS ((struct page_options){ .max_nodes = 4000000 })

/* Strings are valid UTF-8, in mem or in the html that was given. A null one: the page does not say. */
struct page_result {
    /* title: one line; text: paragraphs, a blank line between */
    struct str title, text;
    struct str author, date, site, lang, canonical, description;  /* date: YYYY-MM-DD, or as far as the page says */
    enum page_kind kind;
    size_t nodes;        /* in the tree */
    bool cut;            /* max_nodes was reached */
};

/* html must be valid UTF-8; url may be null. False, with an empty result, when there is no text at all. */
bool page_text(struct str html, struct str url, const struct page_options *o, struct arena *mem,
               struct page_result *out);

#endif
