/* html_tree.c - the loop of tree construction, fragments, and walking the tree.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/html_build.h"

static void fragment(struct build *b, struct html_context in)
{
    enum html_tag t = html_tag_of(str_of(in.name));
    b->fragment = true;
    b->context = (struct html_node){ .kind = HTML_ELEMENT, .s = str_of(in.name), .tag = (uint16_t)t,
                                     .ns = (uint8_t)in.ns };
    struct html_node *html = build_node(b, HTML_ELEMENT);
    html->s = S("html");
    html->tag = TAG_html;
    build_append(b->out->document, html);
    build_push(b, html);
    b->out->html = html;
    b->tok.cdata = in.ns != HTML_NS;
    if (in.ns == HTML_NS) {
        if (t == TAG_title || t == TAG_textarea) b->tok.state = HTML_RCDATA;
        if (t == TAG_style || t == TAG_xmp || t == TAG_iframe || t == TAG_noembed || t == TAG_noframes)
            b->tok.state = HTML_RAWTEXT;
        if (t == TAG_script) b->tok.state = HTML_SCRIPT;
        if (t == TAG_plaintext) b->tok.state = HTML_PLAINTEXT;
        if (t == TAG_template) b->templates[b->n_templates++] = IN_TEMPLATE;
    }
    build_reset_mode(b);
}

/* A newline right after <pre> or <textarea> is left out. */
static void skip_newline(struct build *b, struct html_token *k)
{
    b->skip_newline = false;
    if (k->kind != HTML_CHARS) return;
    k->text = html_decoded(k->text, k->raw | RAW_KEEP_NUL, b->mem);
    k->raw = k->text.n && memchr(k->text.p, 0, k->text.n) ? RAW_NUL : 0;
    if (k->text.n && k->text.p[0] == '\n') { k->text.p++; k->text.n--; }
}

static void parse(struct build *b)
{
    struct html_token k;
    do {
        html_token_next(&b->tok, &k);
        if (b->skip_newline) skip_newline(b, &k);
        if (k.kind == HTML_CHARS && !k.text.n) continue;
        if (b->n_open && foreign_takes(b, &k)) foreign_token(b, &k);
        else mode_token(b, b->mode, &k);
        if (b->n_open) b->tok.cdata = (b->fragment && b->n_open == 1 ? b->context.ns : current(b)->ns) != HTML_NS;
    } while (k.kind != HTML_EOF && !b->stop);
}

/* What a page must have, however early it was cut off. */
static void complete(struct build *b)
{
    b->stop = false;
    struct html_node *html = b->out->html;
    if (b->fragment || !html) return;
    if (!b->out->body)
        for (struct html_node *n = html->first; n; n = n->next) if (html_is(n, TAG_body)) b->out->body = n;
}

void html_parse(struct str html, struct html_context in, size_t max_nodes, struct arena *mem, struct html_tree *out)
{
    enum { NODES_A_BYTE = 2, NODES_MORE = 1000 };
    size_t most = html.n * NODES_A_BYTE + NODES_MORE;
    *out = (struct html_tree){ 0 };
    struct build *b = ZERO(mem, struct build, 1);
    b->mem = mem;
    b->out = out;
    b->max_nodes = max_nodes && max_nodes < most ? max_nodes : most;
    b->frameset_ok = true;
    html_tokens_init(&b->tok, html, mem);
    out->document = build_node(b, HTML_DOCUMENT);
    if (in.name) fragment(b, in);
    parse(b);
    complete(b);
}

struct html_node *html_skip(const struct html_node *n, const struct html_node *root)
{
    while (n != root && !n->next) n = n->parent;
    return n == root ? NULL : n->next;
}

struct html_node *html_next(const struct html_node *n, const struct html_node *root)
{
    return n->first ? n->first : html_skip(n, root);
}
