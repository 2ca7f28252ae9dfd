/* html_modes.c - the insertion modes around "in body": head, templates, framesets, the ends.
 * SPDX-License-Identifier: Apache-2.0
 *
 * mode_token() is "process the token using the rules for": a mode that is done with itself sets
 * b->mode and hands the token on. */
#include "extract/html_build.h"

bool mode_take_space(struct build *b, struct html_token *k, struct html_token *space)
{
    k->text = html_decoded(k->text, k->raw | RAW_KEEP_NUL, b->mem);
    k->raw = k->text.n && memchr(k->text.p, 0, k->text.n) ? RAW_NUL : 0;
    size_t n = 0;
    while (n < k->text.n && is_space(k->text.p[n])) n++;
    *space = (struct html_token){ .kind = HTML_CHARS, .text = { k->text.p, n } };
    k->text.p += n;
    k->text.n -= n;
    return n > 0;
}

bool mode_take_plain(struct build *b, struct html_token *k)
{
    struct html_token space;
    if (k->kind == HTML_CHARS && mode_take_space(b, k, &space)) build_text(b, space.text, 0);
    if (k->kind == HTML_COMMENT) build_comment(b, k, NULL);
    return k->kind == HTML_COMMENT || k->kind == HTML_DOCTYPE || (k->kind == HTML_CHARS && !k->text.n);
}

/* The text token of the modes that keep white space and nothing else; k is left with what is not. */
static void keep_space(struct build *b, struct html_token *k)
{
    k->text = html_decoded(k->text, k->raw | RAW_KEEP_NUL, b->mem);
    char *to = arena_alloc(b->mem, k->text.n);
    size_t n = 0;
    for (size_t i = 0; i < k->text.n; i++) if (is_space(k->text.p[i])) to[n++] = k->text.p[i];
    build_text(b, (struct str){ to, n }, 0);
}

static bool is_end_of(const struct html_token *k, enum html_tag a, enum html_tag c, enum html_tag d, enum html_tag f)
{
    return k->kind == HTML_END && (k->tag == a || k->tag == c || k->tag == d || k->tag == f);
}

/* ---- before the body ---- */

static void initial(struct build *b, struct html_token *k)
{
    struct html_token space;
    if (k->kind == HTML_CHARS && (mode_take_space(b, k, &space), !k->text.n)) return;
    if (k->kind == HTML_COMMENT) { build_comment(b, k, b->out->document); return; }
    if (k->kind == HTML_DOCTYPE) {
        struct html_node *n = build_node(b, HTML_DOCTYPE_NODE);
        struct html_attr *ids = ZERO(b->mem, struct html_attr, 2);
        ids[0].value = k->public_id.p;
        ids[0].n_value = (uint32_t)k->public_id.n;
        ids[1].value = k->system_id.p;
        ids[1].n_value = (uint32_t)k->system_id.n;
        n->s = k->name;
        n->attrs = ids;
        build_append(b->out->document, n);
        b->out->quirks = build_quirks(k);
        b->mode = BEFORE_HTML;
        return;
    }
    b->out->quirks = true;
    mode_go(b, BEFORE_HTML, k);
}

static void push_html(struct build *b, const struct html_token *k)
{
    struct html_node *n = build_element(b, k, HTML_NS);
    build_append(b->out->document, n);
    build_push(b, n);
    b->out->html = n;
    b->mode = BEFORE_HEAD;
}

static void before_html(struct build *b, struct html_token *k)
{
    struct html_token space;
    if (k->kind == HTML_DOCTYPE) return;
    if (k->kind == HTML_COMMENT) { build_comment(b, k, b->out->document); return; }
    if (k->kind == HTML_CHARS && (mode_take_space(b, k, &space), !k->text.n)) return;
    if (k->kind == HTML_START && k->tag == TAG_html) { push_html(b, k); return; }
    if (k->kind == HTML_END && !is_end_of(k, TAG_head, TAG_body, TAG_html, TAG_br)) return;
    push_html(b, &(struct html_token){ .kind = HTML_START, .tag = TAG_html, .name = S("html") });
    mode_go(b, BEFORE_HEAD, k);
}

static void before_head(struct build *b, struct html_token *k)
{
    struct html_token space;
    if (k->kind == HTML_CHARS && (mode_take_space(b, k, &space), !k->text.n)) return;
    if (k->kind == HTML_COMMENT) { build_comment(b, k, NULL); return; }
    if (k->kind == HTML_DOCTYPE) return;
    if (k->kind == HTML_START && k->tag == TAG_html) { body_token(b, k); return; }
    if (k->kind == HTML_START && k->tag == TAG_head) { b->out->head = build_insert(b, k); b->mode = IN_HEAD; return; }
    if (k->kind == HTML_END && !is_end_of(k, TAG_head, TAG_body, TAG_html, TAG_br)) return;
    b->out->head = build_insert_tag(b, TAG_head);
    mode_go(b, IN_HEAD, k);
}

static void start_template(struct build *b, const struct html_token *k)
{
    build_insert(b, k);
    format_marker(b);
    b->frameset_ok = false;
    b->mode = IN_TEMPLATE;
    if (b->n_templates < OPEN_MAX) b->templates[b->n_templates++] = IN_TEMPLATE;
}

void template_end(struct build *b)
{
    if (!b->n_of[TAG_template]) return;
    build_implied(b, TAG_NONE, true);
    build_pop_to(b, TAG_template);
    format_clear(b);
    if (b->n_templates) b->n_templates--;
    build_reset_mode(b);
}

static void head_start(struct build *b, struct html_token *k)
{
    switch (k->tag) {
    case TAG_html: body_token(b, k); return;
    case TAG_base: case TAG_basefont: case TAG_bgsound: case TAG_link: case TAG_meta:
        build_insert(b, k); build_pop(b); return;
    case TAG_title: build_raw(b, k, HTML_RCDATA); return;
    case TAG_noscript: build_insert(b, k); b->mode = IN_HEAD_NOSCRIPT; return;
    case TAG_noframes: case TAG_style: build_raw(b, k, HTML_RAWTEXT); return;
    case TAG_script: build_raw(b, k, HTML_SCRIPT); return;
    case TAG_template: start_template(b, k); return;
    case TAG_head: return;
    default: build_pop(b); mode_go(b, AFTER_HEAD, k); return;
    }
}

void head_token(struct build *b, struct html_token *k)
{
    if (mode_take_plain(b, k)) return;
    if (k->kind == HTML_START) { head_start(b, k); return; }
    if (k->kind == HTML_END && k->tag == TAG_head) { build_pop(b); b->mode = AFTER_HEAD; return; }
    if (k->kind == HTML_END && k->tag == TAG_template) { template_end(b); return; }
    if (k->kind == HTML_END && !is_end_of(k, TAG_body, TAG_html, TAG_br, TAG_br)) return;
    build_pop(b);
    mode_go(b, AFTER_HEAD, k);
}

static void head_noscript(struct build *b, struct html_token *k)
{
    struct html_token space;
    if (k->kind == HTML_DOCTYPE) return;
    if (k->kind == HTML_START && k->tag == TAG_html) { body_token(b, k); return; }
    if (k->kind == HTML_END && k->tag == TAG_noscript) { build_pop(b); b->mode = IN_HEAD; return; }
    if (k->kind == HTML_CHARS) {
        if (mode_take_space(b, k, &space)) build_text(b, space.text, 0);
        if (!k->text.n) return;
    }
    const bool heads = k->tag == TAG_basefont || k->tag == TAG_bgsound || k->tag == TAG_link || k->tag == TAG_meta
                       || k->tag == TAG_noframes || k->tag == TAG_style;
    if (k->kind == HTML_COMMENT || (k->kind == HTML_START && heads)) { head_token(b, k); return; }
    if (k->kind == HTML_START && (k->tag == TAG_head || k->tag == TAG_noscript)) return;
    if (k->kind == HTML_END && k->tag != TAG_br) return;
    build_pop(b);
    mode_go(b, IN_HEAD, k);
}

static void after_head(struct build *b, struct html_token *k)
{
    if (mode_take_plain(b, k)) return;
    if (k->kind == HTML_START) {
        switch (k->tag) {
        case TAG_html: body_token(b, k); return;
        case TAG_body: b->out->body = build_insert(b, k); b->frameset_ok = false; b->mode = IN_BODY; return;
        case TAG_frameset: build_insert(b, k); b->mode = IN_FRAMESET; return;
        case TAG_base: case TAG_basefont: case TAG_bgsound: case TAG_link: case TAG_meta: case TAG_noframes:
        case TAG_script: case TAG_style:
        case TAG_template: case TAG_title:
            build_push(b, b->out->head);
            head_token(b, k);
            if (build_find(b, b->out->head) > 0) build_remove(b, build_find(b, b->out->head));
            return;
        case TAG_head: return;
        default: break;
        }
    }
    if (k->kind == HTML_END && k->tag == TAG_template) { template_end(b); return; }
    if (k->kind == HTML_END && !is_end_of(k, TAG_body, TAG_html, TAG_br, TAG_br)) return;
    b->out->body = build_insert_tag(b, TAG_body);
    mode_go(b, IN_BODY, k);
}

static void text_mode(struct build *b, struct html_token *k)
{
    if (k->kind == HTML_CHARS) { build_text(b, k->text, k->raw); return; }
    build_pop(b);
    b->mode = b->back;
    if (k->kind == HTML_EOF) mode_token(b, b->mode, k);
}

/* ---- templates, framesets, the end ---- */

static void in_template(struct build *b, struct html_token *k)
{
    if (k->kind == HTML_START) {
        enum mode m = IN_BODY;
        switch (k->tag) {
        case TAG_base: case TAG_basefont: case TAG_bgsound: case TAG_link: case TAG_meta: case TAG_noframes:
        case TAG_script: case TAG_style:
        case TAG_template: case TAG_title: head_token(b, k); return;
        case TAG_caption: case TAG_colgroup: case TAG_tbody: case TAG_tfoot: case TAG_thead: m = IN_TABLE; break;
        case TAG_col: m = IN_COLUMN_GROUP; break;
        case TAG_tr: m = IN_TABLE_BODY; break;
        case TAG_td: case TAG_th: m = IN_ROW; break;
        default: break;
        }
        if (b->n_templates) b->templates[b->n_templates - 1] = (uint8_t)m;
        mode_go(b, m, k);
    } else if (k->kind == HTML_END) {
        if (k->tag == TAG_template) template_end(b);
    } else if (k->kind == HTML_EOF) {
        if (!b->n_of[TAG_template]) return;
        build_pop_to(b, TAG_template);
        format_clear(b);
        if (b->n_templates) b->n_templates--;
        build_reset_mode(b);
        mode_token(b, b->mode, k);
    } else body_token(b, k);
}

static void after_body(struct build *b, struct html_token *k)
{
    if (k->kind == HTML_CHARS) {
        struct html_token space;
        if (mode_take_space(b, k, &space)) body_token(b, &space);
        if (!k->text.n) return;
    }
    if (k->kind == HTML_COMMENT) { build_comment(b, k, b->open[0]); return; }
    if (k->kind == HTML_DOCTYPE || k->kind == HTML_EOF) return;
    if (k->kind == HTML_START && k->tag == TAG_html) { body_token(b, k); return; }
    if (k->kind == HTML_END && k->tag == TAG_html) { if (!b->fragment) b->mode = AFTER_AFTER_BODY; return; }
    mode_go(b, IN_BODY, k);
}

static void in_frameset(struct build *b, struct html_token *k)
{
    switch (k->kind) {
    case HTML_CHARS: keep_space(b, k); return;
    case HTML_COMMENT: build_comment(b, k, NULL); return;
    case HTML_START:
        if (k->tag == TAG_html) body_token(b, k);
        else if (k->tag == TAG_frameset) build_insert(b, k);
        else if (k->tag == TAG_frame) { build_insert(b, k); build_pop(b); }
        else if (k->tag == TAG_noframes) head_token(b, k);
        return;
    case HTML_END:
        if (k->tag != TAG_frameset || b->n_open <= 1) return;
        build_pop(b);
        if (!b->fragment && !is_tag(current(b), TAG_frameset)) b->mode = AFTER_FRAMESET;
        return;
    default: return;
    }
}

static void after_frameset(struct build *b, struct html_token *k)
{
    if (k->kind == HTML_CHARS) keep_space(b, k);
    else if (k->kind == HTML_COMMENT) build_comment(b, k, NULL);
    else if (k->kind == HTML_START && k->tag == TAG_html) body_token(b, k);
    else if (k->kind == HTML_END && k->tag == TAG_html) b->mode = AFTER_AFTER_FRAMESET;
    else if (k->kind == HTML_START && k->tag == TAG_noframes) head_token(b, k);
}

static void after_after_body(struct build *b, struct html_token *k)
{
    if (k->kind == HTML_CHARS) {
        struct html_token space;
        if (mode_take_space(b, k, &space)) body_token(b, &space);
        if (!k->text.n) return;
    }
    if (k->kind == HTML_COMMENT) { build_comment(b, k, b->out->document); return; }
    if (k->kind == HTML_DOCTYPE || k->kind == HTML_EOF) return;
    if (k->kind == HTML_START && k->tag == TAG_html) { body_token(b, k); return; }
    mode_go(b, IN_BODY, k);
}

static void after_after_frameset(struct build *b, struct html_token *k)
{
    if (k->kind == HTML_COMMENT) build_comment(b, k, b->out->document);
    else if (k->kind == HTML_CHARS) keep_space(b, k);
    else if (k->kind == HTML_START && k->tag == TAG_html) body_token(b, k);
    else if (k->kind == HTML_START && k->tag == TAG_noframes) head_token(b, k);
}

void mode_token(struct build *b, enum mode m, struct html_token *k)
{
    if (b->stop) return;
    switch (m) {
    case INITIAL: initial(b, k); return;
    case BEFORE_HTML: before_html(b, k); return;
    case BEFORE_HEAD: before_head(b, k); return;
    case IN_HEAD: head_token(b, k); return;
    case IN_HEAD_NOSCRIPT: head_noscript(b, k); return;
    case AFTER_HEAD: after_head(b, k); return;
    case IN_BODY: body_token(b, k); return;
    case IN_TEXT: text_mode(b, k); return;
    case IN_TABLE: case IN_TABLE_TEXT: case IN_CAPTION: case IN_COLUMN_GROUP: case IN_TABLE_BODY: case IN_ROW:
    case IN_CELL: table_token(b, m, k); return;
    case IN_TEMPLATE: in_template(b, k); return;
    case AFTER_BODY: after_body(b, k); return;
    case IN_FRAMESET: in_frameset(b, k); return;
    case AFTER_FRAMESET: after_frameset(b, k); return;
    case AFTER_AFTER_BODY: after_after_body(b, k); return;
    case AFTER_AFTER_FRAMESET: after_after_frameset(b, k); return;
    }
}
