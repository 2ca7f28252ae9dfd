/* test_choose.c - what is kept of a page, when the chances of its blocks are given.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/boiler.h"
#include "extract/choose.h"
#include "tests/test.h"

static struct arena mem;
static struct buf html;

enum { DISH = 28 };                                              /* words */

static void put_words(const char *word, int n)
{
    for (int i = 0; i < n; i++) buf_printf(&html, "%s%d ", word, i);
}

/* Of the page whose blocks have the chances p: a letter a block, x kept. */
static struct str chosen(struct str page, const float *p, struct page_options o)
{
    struct html_tree tree;
    struct layout l;
    html_parse(page, (struct html_context){ NULL, HTML_NS }, 0, &mem, &tree);
    layout_make(&l, &tree, &o, &boiler_lexicon, NULL, &mem);
    bool *keep = NEW(&mem, bool, l.n_blocks + 1);
    choose_main(&l, p, PAGE_OTHER, &o, keep, &mem);
    char *s = NEW(&mem, char, l.n_blocks);
    for (size_t i = 0; i < l.n_blocks; i++) s[i] = keep[i] ? 'x' : '-';
    struct str letters = { s, l.n_blocks };
    layout_free(&l);
    return letters;
}

/* A paragraph of so many words, a comment, a caption, a line that is a link. */
static struct str page_of(int words)
{
    buf_reset(&html);
    buf_put(&html, S("<p>"));
    put_words("word", words);
    buf_put(&html, S("<div class=comments><p>I see this quite another way</div><figure><figcaption>The cat that sat</figcaption></figure>"
                  "<p><a href=/b>Read what else there is</a><p>And so it ends today"));
    return buf_str(&html);
}

static const float unsure[] = { 0.95f, 0.9f, 0.9f, 0.9f, 0.9f };

TEST(comments_captions_and_links_go_where_there_is_content_elsewhere)
{
    STR_EQ(chosen(page_of(120), unsure, PAGE_OPTIONS), S("x---x"));
}

TEST(they_are_judged_as_any_other_block_where_they_may_be_all_there_is)
{
    STR_EQ(chosen(page_of(60), unsure, PAGE_OPTIONS), S("xxxxx"));
}

TEST(recall_keeps_them_and_so_does_comments_keep)
{
    STR_EQ(chosen(page_of(120), unsure, (struct page_options){ .balance = 1 }), S("xxxxx"));
    STR_EQ(chosen(page_of(120), unsure, (struct page_options){ .comments = PAGE_COMMENTS_KEPT }), S("xx--x"));
}

/* A long dish, a short one and the long one again, in two lists of boxes with these names. */
static struct str menu(const char *first, const char *then)
{
    buf_reset(&html);
    buf_printf(&html, "<div class=%s><p>", first);
    put_words("dish", DISH);
    buf_put(&html, S("<p>With rice and beans</div><div class="));
    buf_printf(&html, "%s><p>", then);
    put_words("dish", DISH);
    buf_put(&html, S("</div>"));
    return buf_str(&html);
}

TEST(a_long_block_is_kept_again_only_in_boxes_like_those_of_the_first)
{
    static const float sure[] = { 0.95f, 0.95f, 0.95f }, doubtful[] = { 0.95f, 0.95f, 0.79f };
    STR_EQ(chosen(menu("day", "day"), sure, PAGE_OPTIONS), S("xxx"));
    STR_EQ(chosen(menu("day", "quote"), sure, PAGE_OPTIONS), S("xx-"));
    STR_EQ(chosen(menu("day", "day"), doubtful, PAGE_OPTIONS), S("xx-"));
}

TEST(the_border_is_lower_where_all_is_unsure)
{
    static const float low[] = { 0.3f, 0.25f, 0.25f, 0.25f, 0.01f };
    STR_EQ(chosen(page_of(60), low, PAGE_OPTIONS), S("xxxx-"));
    STR_EQ(chosen(page_of(60), low, (struct page_options){ .balance = -1 }), S("-----"));
}

MAIN
