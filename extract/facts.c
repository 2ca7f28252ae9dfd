/* facts.c - one pass over the tree for what pages say about themselves.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/facts.h"
#include "record/json.h"

static bool holds(struct str s, const char *what)
{
    return s.n && memmem(s.p, s.n, what, strlen(what));
}

static struct str one_line(struct str s, struct arena *mem)      /* white space folded */
{
    char *to = arena_alloc(mem, s.n + 1), *q = to;
    for (size_t i = 0; i < s.n; i++) {
        bool space = s.p[i] == ' ' || (s.p[i] >= '\t' && s.p[i] <= '\r');
        if (!space) *q++ = s.p[i];
        else if (q > to && q[-1] != ' ') *q++ = ' ';
    }
    while (q > to && q[-1] == ' ') q--;
    return str_span(to, q);
}

static struct str text_of(const struct html_node *n, struct arena *mem)
{
    struct buf b = { 0 };
    for (const struct html_node *c = html_next(n, n); c && b.n < 2000; c = html_next(c, n))
        if (c->kind == HTML_TEXT) buf_put(&b, html_decoded(c->s, c->raw, mem));
    struct str s = one_line(buf_str(&b), mem);
    buf_free(&b);
    return s;
}

static void set(struct str *field, struct str value, struct arena *mem)
{
    if (field->n || !value.n) return;
    struct str s = one_line(value, mem);
    if (s.n) *field = s;
}

/* ---- meta ---- */

static void collect(struct str *to, size_t *n, struct str s)
{
    enum { MOST = 20000 };
    if (s.n && *n < FACT_STRINGS) to[(*n)++] = (struct str){ s.p, s.n < MOST ? s.n : MOST };
}

static void meta(struct facts *f, const struct html_node *n, struct arena *mem)
{
    struct str name = html_get(n, S("property"), mem), content = html_get(n, S("content"), mem);
    if (!name.p) name = html_get(n, S("name"), mem);
    if (!name.p) name = html_get(n, S("itemprop"), mem);
    if (!name.p || !content.n) return;
    static const struct { const char *name; int field; } row[] = {
        { "og:title", 0 }, { "og:site_name", 1 }, { "author", 2 }, { "article:author", 2 }, { "citation_author", 2 }, { "dc.creator", 2 },
        { "dcterms.creator", 2 }, { "parsely-author", 2 }, { "sailthru.author", 2 }, { "article:published_time", 3 }, { "datepublished", 3 },
        { "citation_publication_date", 3 }, { "dc.date", 3 }, { "dcterms.date", 3 }, { "date", 3 }, { "pubdate", 3 }, { "publish-date", 3 },
        { "parsely-pub-date", 3 }, { "sailthru.date", 3 }, { "og:description", 4 }, { "description", 4 },
        { "og:type", 5 }, { "application-name", 1 } };
    struct str *field[] = { &f->title, &f->site, &f->author, &f->date, &f->description };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (!str_eq_nocase(name, str_of(row[i].name))) continue;
        if (row[i].field == 4) collect(f->about, &f->n_about, content);
        if (row[i].field < 5) {
            if (row[i].field != 2 || !holds(content, "://")) set(field[row[i].field], content, mem);
        } else if (holds(content, "article")) f->flags |= FACT_OG_ARTICLE;
        else if (holds(content, "product")) f->flags |= FACT_OG_PRODUCT;
        else if (holds(content, "website")) f->flags |= FACT_OG_WEBSITE;
    }
}

/* ---- JSON-LD ---- */

/* The first string that is the value of "key" in s: decoded, null when there is none; s goes on behind it. */
static struct str ld_next(struct str *s, const char *key, struct arena *mem)
{
    const char *end = s->p + s->n, *p = memmem(s->p, s->n, key, strlen(key));
    if (!p) { *s = (struct str){ 0 }; return *s; }
    p += strlen(key);
    *s = str_span(p, end);
    while (p < end && (*p == ' ' || *p == ':' || *p == '[' || *p == '\n' || *p == '\r' || *p == '\t')) p++;
    if (p == end || *p != '"') return (struct str){ 0 };
    const char *q = p + 1;
    while (q < end && *q != '"') q += *q == '\\' && q + 1 < end ? 2 : 1;
    struct str out;
    if (q >= end || !json_string(str_span(p, q + 1), mem, &out)) return (struct str){ 0 };
    return out;
}

static struct str ld_string(struct str s, const char *key, struct arena *mem)
{
    return ld_next(&s, key, mem);
}

static void ld_texts(struct facts *f, struct str s, struct arena *mem)
{
    static const struct { const char *key; bool review; } row[] = {
        { "\"description\"", false }, { "\"articleBody\"", false }, { "\"text\"", false }, { "\"reviewBody\"", true } };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct str rest = s;
        for (int k = 0; rest.n && k < FACT_STRINGS; k++) {
            struct str found = ld_next(&rest, row[i].key, mem);
            if (row[i].review) collect(f->reviews, &f->n_reviews, found);
            else collect(f->about, &f->n_about, found);
        }
    }
}

static void ld_types(struct facts *f, struct str s)
{
    static const struct { const char *name; unsigned flag; } row[] = {
        { "Article", FACT_LD_ARTICLE }, { "BlogPosting", FACT_LD_ARTICLE }, { "Report", FACT_LD_ARTICLE }, { "Product", FACT_LD_PRODUCT },
        { "QAPage", FACT_LD_FORUM }, { "DiscussionForumPosting", FACT_LD_FORUM }, { "CollectionPage", FACT_LD_LIST }, { "ItemList", FACT_LD_LIST },
        { "FAQPage", FACT_LD_FAQ }, { "Recipe", FACT_LD_RECIPE }, { "Service", FACT_LD_SERVICE },
        { "LocalBusiness", FACT_LD_SERVICE } };
    const char *end = s.p + s.n;
    for (const char *p = s.p; (p = memmem(p, (size_t)(end - p), "\"@type\"", 7)); ) {
        p += 7;
        const char *q = p;
        while (q < end && q - p < 60 && *q != ',' && *q != '}' && *q != '\n') q++;
        for (size_t i = 0; i < sizeof row / sizeof *row; i++)
            if (holds(str_span(p, q), row[i].name)) f->flags |= row[i].flag;
    }
}

static void json_ld(struct facts *f, const struct html_node *n, struct arena *mem)
{
    for (const struct html_node *c = n->first; c; c = c->next) {
        ld_types(f, c->s);
        ld_texts(f, c->s, mem);
        set(&f->date, ld_string(c->s, "\"datePublished\"", mem), mem);
        const char *author = memmem(c->s.p, c->s.n, "\"author\"", 8);
        if (author) set(&f->author, ld_string(str_span(author, c->s.p + c->s.n), "\"name\"", mem), mem);
    }
}

/* ---- elements ---- */

static void element(struct facts *f, const struct html_node *n, struct arena *mem, struct str *first_title)
{
    switch (n->tag) {
    case TAG_meta: meta(f, n, mem); return;
    case TAG_title: if (!first_title->p && n->ns == HTML_NS) *first_title = text_of(n, mem); return;
    case TAG_script: if (n->n_attrs && holds(html_get(n, S("type"), mem), "ld+json")) json_ld(f, n, mem); return;
    case TAG_link: {
        struct str rel = html_get(n, S("rel"), mem);
        if (rel.n && str_eq_nocase(rel, S("canonical"))) set(&f->canonical, html_get(n, S("href"), mem), mem);
        return;
    }
    case TAG_h1: if (!f->n_h1++) f->heading = text_of(n, mem); return;
    case TAG_article: f->n_article++; return;
    case TAG_main: f->n_main++; return;
    case TAG_time: if (!f->date.n) set(&f->date, html_get(n, S("datetime"), mem), mem); return;
    case TAG_a: {
        const struct html_attr *rel = f->author.n ? NULL : html_attr_find(n->attrs, n->n_attrs, S("rel"));
        if (rel && holds((struct str){ rel->value, rel->n_value }, "author")) set(&f->author, text_of(n, mem), mem);
        return;
    }
    default: return;
    }
}

static void url_facts(struct facts *f, struct str url)
{
    static const struct { const char *part; unsigned flag; } row[] = {
        { "forum", FACT_URL_FORUM }, { "thread", FACT_URL_FORUM }, { "topic", FACT_URL_FORUM }, { "/t/", FACT_URL_FORUM }, { "question", FACT_URL_FORUM },
        { "/comments/", FACT_URL_FORUM }, { "community", FACT_URL_FORUM }, { "product", FACT_URL_PRODUCT }, { "/p/", FACT_URL_PRODUCT }, { "/dp/", FACT_URL_PRODUCT },
        { "shop", FACT_URL_PRODUCT }, { "collection", FACT_URL_LIST }, { "categor", FACT_URL_LIST }, { "/tag/", FACT_URL_LIST }, { "blog", FACT_URL_ARTICLE },
        { "news", FACT_URL_ARTICLE }, { "article", FACT_URL_ARTICLE }, { "/20", FACT_URL_ARTICLE }, { "doc", FACT_URL_DOC }, { "/api", FACT_URL_DOC },
        { "guide", FACT_URL_DOC }, { "reference", FACT_URL_DOC }, { "manual", FACT_URL_DOC } };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) if (holds(url, row[i].part)) f->flags |= row[i].flag;
    for (size_t i = 8; i + 1 < url.n; i++) f->url_depth += url.p[i] == '/';
}

/* "Headline | Site": the headline, when the page's own heading or a site's name tells which part it is. */
static struct str title_of(const struct facts *f, struct str title)
{
    if (f->heading.n && title.n > f->heading.n && str_starts(title, f->heading)) return f->heading;
    struct str site = f->site;
    if (!site.n || title.n <= site.n + 3 || !str_ends(title, site)) return title;
    struct str t = { title.p, title.n - site.n };
    static const char *const borders[] = { " - ", " | ", " \xE2\x80\x93 ", " \xE2\x80\x94 ", " : ", " \xC2\xB7 ",
                                           " \xC2\xBB " };
    for (size_t i = 0; i < sizeof borders / sizeof *borders; i++)
        if (str_ends(t, str_of(borders[i]))) return (struct str){ t.p, t.n - strlen(borders[i]) };
    return title;
}

void facts_find(const struct html_tree *t, struct str url, struct arena *mem, struct facts *f)
{
    struct str title = { 0 };
    *f = (struct facts){ 0 };
    for (const struct html_node *n = t->document; n; n = html_next(n, t->document))
        if (n->kind == HTML_ELEMENT) element(f, n, mem, &title);
    if (t->html) f->lang = html_get(t->html, S("lang"), mem);
    url_facts(f, url);
    if (!f->title.n) f->title = title.n ? title_of(f, title) : f->heading;
}
