/* test_page.c - pages to text: what a reader would check by hand, and pages made to hang.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "core/utf8.h"
#include "extract/page.h"
#include "tests/test.h"

static struct arena mem;

static struct page_result page(const char *html, struct page_options o)
{
    struct page_result r;
    page_text(str_of(html), S("http://example.org/a"), &o, &mem, &r);
    return r;
}

static struct str all(const char *html)
{
    return page(html, (struct page_options){ .keep = PAGE_ALL }).text;
}

static struct str markdown(const char *html)
{
    return page(html, (struct page_options){ .keep = PAGE_ALL, .markdown = true }).text;
}

TEST(paragraphs_stand_apart_and_white_space_is_one_space)
{
    STR_EQ(all("<p>One\n  <b>two</b>&nbsp; three</p><div>four<p>five"), S("One two three\n\nfour\n\nfive"));
    STR_EQ(all("a<br>b<br><br>c"), S("a\nb\n\nc"));
}

TEST(words_do_not_run_together_at_borders_nor_fall_apart_inside)
{
    STR_EQ(all("<td>x</td><h2>Tea</h2>time<span>ly</span>"), S("x\n\nTea\n\ntimely"));
    STR_EQ(all("<a>Home</a><a>News</a>"), S("Home News"));
    STR_EQ(all("<div>a</div>b<section>c</section>"), S("a\n\nb\n\nc"));
}

TEST(lists_and_tables_keep_their_lines)
{
    STR_EQ(all("<ul><li>a<ul><li>b</ul><li>c</ul>d"), S("- a\n  - b\n- c\n\nd"));
    STR_EQ(all("<table><tr><th>k<th>v<tr><td>1<td>2</table>x"), S("k\tv\n1\t2\n\nx"));
    STR_EQ(all("<dl><dt>term<dd>what it means</dl>"), S("term\nwhat it means"));
}

TEST(code_keeps_its_spaces)
{
    STR_EQ(all("<pre>\nint  x;\n  y &lt; 1;\n</pre>z"), S("int  x;\n  y < 1;\n\nz"));
}

TEST(what_is_not_read_is_gone)
{
    STR_EQ(all("<title>t</title><style>s</style><script>a</script><template>b</template><p hidden>c<p style='display:none'>d<p>e<select><option>f</select>"), S("e"));
    STR_EQ(all("<noscript>please</noscript>"), S("please"));
}

TEST(markdown_shows_structure)
{
    STR_EQ(markdown("<h2>Tea</h2><p>It is <b>hot</b>, <em>very</em>. <a href='/x'>More</a></p><ol><li>a<li>b</ol><pre>x  y</pre>"),
           S("## Tea\n\nIt is **hot**, *very*. [More](/x)\n\n1. a\n2. b\n\n```\nx  y\n```"));
    STR_EQ(markdown("<table><tr><th>k<th>v<tr><td>1<td>2</table>"), S("| k | v |\n| --- | --- |\n| 1 | 2 |"));
    STR_EQ(markdown("<img alt='A cat' src='c.png'> and <code>x</code>"), S("![A cat](c.png)\n\nand `x`"));
}

TEST(the_head_says_title_author_and_date)
{
    struct page_result r =
        page("<html lang=de><head><title>Tee &amp; mehr - Blatt</title><meta property=og:site_name content=Blatt>"
        "<link rel=canonical href=http://x/><script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"datePublished\":\"2024-05-01\","
        "\"author\":{\"name\":\"Ann \\u00c4\"}}</script><body><p>x", (struct page_options){ .keep = PAGE_ALL, .meta = true });
    STR_EQ(r.title, S("Tee & mehr"));
    STR_EQ(r.author, S("Ann \xC3\x84"));
    STR_EQ(r.date, S("2024-05-01"));
    STR_EQ(r.site, S("Blatt"));
    STR_EQ(r.lang, S("de"));
    STR_EQ(r.canonical, S("http://x/"));
    EQ(r.kind, PAGE_ARTICLE);
}

TEST(an_article_is_kept_and_its_navigation_is_not)
{
    struct buf b = { 0 };
    buf_put(&b, S("<body><nav class=menu><ul><li><a href=/>Home</a><li><a href=/n>News</a><li><a href=/c>Contact us</a></ul></nav><main><article class=post><h1>On tea</h1>"));
    for (int i = 0; i < 8; i++)
        buf_put(&b, S("<p>Tea is made from the leaves of a plant, and it has been drunk for a very long time, in many countries, by all kinds of people.</p>"));
    buf_put(&b, S("</article></main><footer class=footer><p>Copyright 2024. All rights reserved. <a href=/p>Privacy policy</a></footer>"));
    struct page_result r;
    struct page_options o = PAGE_OPTIONS;
    OK(page_text(buf_str(&b), S("http://example.org/blog/tea"), &o, &mem, &r));
    OK(memmem(r.text.p, r.text.n, "leaves of a plant", 17));
    OK(!memmem(r.text.p, r.text.n, "Contact us", 10));
    OK(!memmem(r.text.p, r.text.n, "All rights", 10));
    buf_free(&b);
}

/* ---- pages made to hang ---- */

static void put_unit(struct buf *b, const char *unit, size_t i)          /* %zu in it is i */
{
    const char *at = strstr(unit, "%zu");
    if (!at) { buf_put(b, str_of(unit)); return; }
    buf_printf(b, "%.*s%zu%s", (int)(at - unit), unit, i, at + 3);
}

static double seconds(const char *head, const char *unit, size_t size)
{
    struct buf b = { 0 };
    struct page_result r;
    struct page_options o = PAGE_OPTIONS;
    buf_put(&b, str_of(head));
    for (size_t i = 0; b.n < size; i++) put_unit(&b, unit, i);
    double start = time_cpu();
    page_text(buf_str(&b), S(""), &o, &mem, &r);
    double t = time_cpu() - start;
    OK(utf8_valid(r.text));
    arena_free(&mem);
    buf_free(&b);
    return t;
}

static struct str with_comments(int what)
{
    const char *article =
        "<body class=comments-open><article><h1>On tea</h1><p>Tea is made by pouring hot water over the leaves of a plant, and waiting. "
        "How long you wait depends on the leaf, the water and the one who drinks it, as every book on the matter says.</p><p>Black tea wants boiling "
        "water and five minutes; green tea wants neither, and is bitter when it gets them, which is why so many people think they do not like it.</p>"
        "</article><div id=comments><h3>2 comments</h3><div class=comment><a href=/u>Ann</a><p>I wait for seven minutes, and I like it.</p></div></div>";
    return page(article, (struct page_options){ .comments = what }).text;
}

TEST(comments_are_kept_or_dropped_as_told)
{
    struct str kept = with_comments(PAGE_COMMENTS_KEPT), dropped = with_comments(PAGE_COMMENTS_DROPPED);
    OK(memmem(kept.p, kept.n, "seven minutes", 13));
    OK(!memmem(kept.p, kept.n, "Ann", 3));
    OK(!memmem(dropped.p, dropped.n, "seven minutes", 13));
    OK(memmem(dropped.p, dropped.n, "five minutes", 12));
}

TEST(no_page_hangs)
{
    static const struct { const char *head, *unit; } bad[] = {
        { "", "<div>" }, { "", "<b>" }, { "", "<a href=x>" }, { "", "<p>x" }, { "", "<table>" }, { "", "<table><tr><td>" }, { "", "<a><div>" },
        { "", "<b><p>" }, { "", "<font color=%zu>" }, { "", "<p><b a=%zu>x" }, { "", "<i a=%zu><p>x</i>" }, { "<div ", "a%zu=1 " }, { "<div ", "a " },
        { "", "&" }, { "", "&amp" }, { "", "&#x26;" }, { "", "&notit;" }, { "", "<" }, { "", "</" }, { "", "<!" }, { "<!--", "-" }, { "<!--", "--!" },
        { "", "</p>" }, { "", "</div>" }, { "", "</br>" }, { "", "<body a%zu=1>" }, { "", "<html a%zu=1>" }, { "<script>", "<!--" }, { "<script><!--", "<script " },
        { "<title>", "</titl" }, { "<svg>", "<![CDATA[" }, { "<svg>", "<g>" }, { "<math>", "<mi>" }, { "", "<svg><desc>" }, { "", "<template>" },
        { "", "<select><option>" }, { "<table>", "x<td>" }, { "<table>", "x" }, { "", "<li>" }, { "", "<ul><li>" }, { "", "<dd>" }, { "", "<button>" },
        { "", "<nobr>" }, { "", "<form>" }, { "", "<ruby><rt>" }, { "", "<h1>" }, { "", "<frameset>" }, { "", "<x%zu>" }, { "", "x<br>" }, { "<pre>", "x\n" },
        { "<div class='", "article body " }, { "", "word " }, { "<script type='application/ld+json'>", "\"@type\":" }, { "", "<meta property=og:type content=x>" },
    };
    double most = getenv("SAN") && *getenv("SAN") ? 20 : 3;       /* seconds for 1 MB; measured below 0.5 */
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double t = seconds(bad[i].head, bad[i].unit, 1 << 20);
        if (t > most) TEST_FAIL("1 MB of %s%s takes %.1f s", bad[i].head, bad[i].unit, t);
        if (getenv("SHOW")) printf("# %.3f s  %s%s\n", t, bad[i].head, bad[i].unit);
    }
}

TEST(a_page_with_too_many_nodes_is_cut_and_says_so)
{
    struct page_options o = PAGE_OPTIONS;
    struct page_result r;
    o.max_nodes = 100;
    struct buf b = { 0 };
    for (int i = 0; i < 1000; i++) buf_put(&b, S("<p>x"));
    page_text(buf_str(&b), S(""), &o, &mem, &r);
    OK(r.cut);
    OK(r.nodes <= 102);
    buf_free(&b);
}
MAIN
