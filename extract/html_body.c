/* html_body.c - the insertion mode "in body", where nearly every token goes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/html_build.h"

static bool is_space_text(struct str s)
{
    size_t i = 0;
    while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\n' || s.p[i] == '\t' || s.p[i] == '\r' || s.p[i] == '\f')) i++;
    return i == s.n;
}

static void text(struct build *b, struct html_token *k)
{
    unsigned raw = k->raw | (b->tok.state == HTML_PLAINTEXT ? 0 : RAW_DROP_NUL);
    format_reopen(b);
    if (b->frameset_ok) {
        struct str s = html_decoded(k->text, raw, b->mem);
        if (!s.n) return;
        if (!is_space_text(s)) b->frameset_ok = false;
    }
    build_text(b, k->text, raw);
}

static void pop_html(struct build *b, enum html_tag t)           /* generate implied end tags, pop through t */
{
    build_implied(b, t, false);
    build_pop_to(b, t);
}

/* ---- start tags ---- */

static void start_html(struct build *b, const struct html_token *k)
{
    if (!b->n_of[TAG_template]) build_merge_attrs(b, b->open[0], k);
}

static void start_body(struct build *b, const struct html_token *k)
{
    if (b->n_open < 2 || !is_tag(b->open[1], TAG_body) || b->n_of[TAG_template]) return;
    b->frameset_ok = false;
    build_merge_attrs(b, b->open[1], k);
}

static void start_frameset(struct build *b, const struct html_token *k)
{
    if (b->n_open < 2 || !is_tag(b->open[1], TAG_body) || !b->frameset_ok) return;
    build_unlink(b->open[1]);
    while (b->n_open > 1) build_pop(b);
    build_insert(b, k);
    b->mode = IN_FRAMESET;
}

static void start_block(struct build *b, const struct html_token *k)
{
    build_close_p(b);
    build_insert(b, k);
}

static void start_heading(struct build *b, const struct html_token *k)
{
    build_close_p(b);
    if (current(b)->ns == HTML_NS && html_tag_flags[current(b)->tag] & HEADING) build_pop(b);
    build_insert(b, k);
}

static void start_form(struct build *b, const struct html_token *k)
{
    bool template = b->n_of[TAG_template];
    if (b->form && !template) return;
    build_close_p(b);
    struct html_node *n = build_insert(b, k);
    if (!template) b->form = n;
}

static bool special_but_few(const struct html_node *n)           /* special, but not address, div or p */
{
    if (n->ns != HTML_NS) return n->tag == TAG_foreignobject || n->tag == TAG_desc || n->tag == TAG_title
        || n->tag == TAG_mi || n->tag == TAG_mo ||
                                 n->tag == TAG_mn || n->tag == TAG_ms || n->tag == TAG_mtext
                                     || n->tag == TAG_annotation_xml;
    return html_tag_flags[n->tag] & SPECIAL && n->tag != TAG_address && n->tag != TAG_div && n->tag != TAG_p;
}

static void start_item(struct build *b, const struct html_token *k)      /* li, dd, dt */
{
    b->frameset_ok = false;
    bool li = k->tag == TAG_li;
    if (li ? b->n_of[TAG_li] : b->n_of[TAG_dd] + b->n_of[TAG_dt]) {
        for (int i = b->n_open - 1; i >= 0; i--) {
            enum html_tag t = b->open[i]->ns == HTML_NS ? (enum html_tag)b->open[i]->tag : TAG_NONE;
            if (li ? t == TAG_li : t == TAG_dd || t == TAG_dt) { pop_html(b, t); break; }
            if (special_but_few(b->open[i])) break;
        }
    }
    build_close_p(b);
    build_insert(b, k);
}

static void start_a(struct build *b, const struct html_token *k)
{
    struct html_node *a = format_last(b, TAG_a);
    if (a) {
        format_adopt(b, &(struct html_token){ .kind = HTML_END, .tag = TAG_a, .name = S("a") });
        format_remove(b, a);
        int at = build_find(b, a);
        if (at > 0) build_remove(b, at);
    }
    format_reopen(b);
    format_add(b, build_insert(b, k));
}

static void start_format(struct build *b, const struct html_token *k)
{
    format_reopen(b);
    if (k->tag == TAG_nobr && build_in_scope(b, TAG_nobr, DEFAULT_SCOPE)) {
        format_adopt(b, &(struct html_token){ .kind = HTML_END, .tag = TAG_nobr, .name = S("nobr") });
        format_reopen(b);
    }
    format_add(b, build_insert(b, k));
}

static void insert_void(struct build *b, const struct html_token *k)
{
    build_insert(b, k);
    build_pop(b);
}

static void start_input(struct build *b, const struct html_token *k)
{
    if (b->fragment && is_tag(&b->context, TAG_select)) return;
    if (build_in_scope(b, TAG_select, DEFAULT_SCOPE)) build_pop_to(b, TAG_select);
    format_reopen(b);
    insert_void(b, k);
    struct str type = html_attr_get(k->attrs, k->n_attrs, S("type"), b->mem);
    if (!str_eq_nocase(type, S("hidden"))) b->frameset_ok = false;
}

static void start_hr(struct build *b, const struct html_token *k)
{
    build_close_p(b);
    if (build_in_scope(b, TAG_select, DEFAULT_SCOPE)) build_implied(b, TAG_NONE, false);
    insert_void(b, k);
    b->frameset_ok = false;
}

static void start_select(struct build *b, const struct html_token *k)
{
    if (b->fragment && is_tag(&b->context, TAG_select)) return;
    if (build_in_scope(b, TAG_select, DEFAULT_SCOPE)) { build_pop_to(b, TAG_select); return; }
    format_reopen(b);
    build_insert(b, k);
    b->frameset_ok = false;
}

static void start_option(struct build *b, const struct html_token *k)    /* option, optgroup */
{
    if (build_in_scope(b, TAG_select, DEFAULT_SCOPE))
        build_implied(b, k->tag == TAG_option ? TAG_optgroup : TAG_NONE, false);
    else if (is_tag(current(b), TAG_option)) build_pop(b);
    format_reopen(b);
    build_insert(b, k);
}

static void start_textarea(struct build *b, const struct html_token *k)
{
    build_raw(b, k, HTML_RCDATA);
    b->skip_newline = true;
    b->frameset_ok = false;
}

static void start_foreign(struct build *b, const struct html_token *k)
{
    format_reopen(b);
    build_insert_foreign(b, k, k->tag == TAG_svg ? SVG_NS : MATHML_NS);
    if (k->self_closing) build_pop(b);
}

static void start(struct build *b, struct html_token *k)
{
    switch (k->tag) {
    case TAG_html: start_html(b, k); return;
    case TAG_base: case TAG_basefont: case TAG_bgsound: case TAG_link: case TAG_meta: case TAG_noframes:
    case TAG_script: case TAG_style:
    case TAG_template: case TAG_title: head_token(b, k); return;
    case TAG_body: start_body(b, k); return;
    case TAG_frameset: start_frameset(b, k); return;
    case TAG_address: case TAG_article: case TAG_aside: case TAG_blockquote: case TAG_center: case TAG_details:
    case TAG_dialog: case TAG_dir:
    case TAG_div: case TAG_dl: case TAG_fieldset: case TAG_figcaption: case TAG_figure: case TAG_footer:
    case TAG_header: case TAG_hgroup:
    case TAG_main: case TAG_menu: case TAG_nav: case TAG_ol: case TAG_p: case TAG_search: case TAG_section:
    case TAG_summary: case TAG_ul:
        start_block(b, k); return;
    case TAG_h1: case TAG_h2: case TAG_h3: case TAG_h4: case TAG_h5: case TAG_h6: start_heading(b, k); return;
    case TAG_pre: case TAG_listing: start_block(b, k); b->skip_newline = true; b->frameset_ok = false; return;
    case TAG_form: start_form(b, k); return;
    case TAG_li: case TAG_dd: case TAG_dt: start_item(b, k); return;
    case TAG_plaintext: start_block(b, k); b->tok.state = HTML_PLAINTEXT; return;
    case TAG_button:
        if (build_in_scope(b, TAG_button, DEFAULT_SCOPE)) pop_html(b, TAG_button);
        format_reopen(b); build_insert(b, k); b->frameset_ok = false; return;
    case TAG_a: start_a(b, k); return;
    case TAG_b: case TAG_big: case TAG_code: case TAG_em: case TAG_font: case TAG_i: case TAG_s: case TAG_small:
    case TAG_strike:
    case TAG_strong: case TAG_tt: case TAG_u: case TAG_nobr: start_format(b, k); return;
    case TAG_applet: case TAG_marquee: case TAG_object:
        format_reopen(b); build_insert(b, k); format_marker(b); b->frameset_ok = false; return;
    case TAG_table:
        if (!b->out->quirks) build_close_p(b);
        build_insert(b, k); b->frameset_ok = false; b->mode = IN_TABLE; return;
    case TAG_area: case TAG_br: case TAG_embed: case TAG_img: case TAG_keygen: case TAG_wbr:
        format_reopen(b); insert_void(b, k); b->frameset_ok = false; return;
    case TAG_input: start_input(b, k); return;
    case TAG_param: case TAG_source: case TAG_track: insert_void(b, k); return;
    case TAG_hr: start_hr(b, k); return;
    case TAG_image: k->tag = TAG_img; k->name = S("img"); start(b, k); return;
    case TAG_textarea: start_textarea(b, k); return;
    case TAG_xmp: build_close_p(b); format_reopen(b); b->frameset_ok = false; build_raw(b, k, HTML_RAWTEXT); return;
    case TAG_iframe: b->frameset_ok = false; build_raw(b, k, HTML_RAWTEXT); return;
    case TAG_noembed: build_raw(b, k, HTML_RAWTEXT); return;
    case TAG_select: start_select(b, k); return;
    case TAG_option: case TAG_optgroup: start_option(b, k); return;
    case TAG_rb: case TAG_rtc:
        if (build_in_scope(b, TAG_ruby, DEFAULT_SCOPE)) build_implied(b, TAG_NONE, false);
        build_insert(b, k); return;
    case TAG_rp: case TAG_rt:
        if (build_in_scope(b, TAG_ruby, DEFAULT_SCOPE)) build_implied(b, TAG_rtc, false);
        build_insert(b, k); return;
    case TAG_math: case TAG_svg: start_foreign(b, k); return;
    case TAG_caption: case TAG_col: case TAG_colgroup: case TAG_frame: case TAG_head: case TAG_tbody: case TAG_td:
    case TAG_tfoot: case TAG_th:
    case TAG_thead: case TAG_tr: return;
    default: format_reopen(b); build_insert(b, k); return;
    }
}

/* ---- end tags ---- */

void body_other_end(struct build *b, const struct html_token *k)
{
    if (k->tag && !b->n_of[k->tag]) return;
    for (int i = b->n_open - 1; i > 0; i--) {
        struct html_node *n = b->open[i];
        if (n->ns == HTML_NS && n->tag == k->tag && (k->tag || str_eq(n->s, k->name))) {
            build_implied(b, k->tag, false);
            while (b->n_open > i) build_pop(b);
            return;
        }
        if (n->ns == HTML_NS ? html_tag_flags[n->tag] & SPECIAL : special_but_few(n)) return;
    }
}

static void end_form(struct build *b)
{
    if (b->n_of[TAG_template]) {
        if (build_in_scope(b, TAG_form, DEFAULT_SCOPE)) pop_html(b, TAG_form);
        return;
    }
    struct html_node *form = b->form;
    b->form = NULL;
    if (!form || !build_node_in_scope(b, form)) return;
    build_implied(b, TAG_NONE, false);
    build_remove(b, build_find(b, form));
}

static void end_p(struct build *b)
{
    if (!build_in_scope(b, TAG_p, BUTTON_SCOPE)) build_insert_tag(b, TAG_p);
    build_close_p(b);
}

static void end_heading(struct build *b)
{
    if (!build_heading_in_scope(b)) return;
    build_implied(b, TAG_NONE, false);
    for (bool last = false; !last && b->n_open > 1; build_pop(b))
        last = current(b)->ns == HTML_NS && html_tag_flags[current(b)->tag] & HEADING;
}

static void end(struct build *b, struct html_token *k)
{
    switch (k->tag) {
    case TAG_template: template_end(b); return;
    case TAG_body: if (build_in_scope(b, TAG_body, DEFAULT_SCOPE)) b->mode = AFTER_BODY; return;
    case TAG_html:
        if (!build_in_scope(b, TAG_body, DEFAULT_SCOPE)) return;
        b->mode = AFTER_BODY; mode_token(b, AFTER_BODY, k); return;
    case TAG_address: case TAG_article: case TAG_aside: case TAG_blockquote: case TAG_button: case TAG_center:
    case TAG_details: case TAG_dialog:
    case TAG_dir: case TAG_div: case TAG_dl: case TAG_fieldset: case TAG_figcaption: case TAG_figure: case TAG_footer:
    case TAG_header:
    case TAG_hgroup: case TAG_listing: case TAG_main: case TAG_menu: case TAG_nav: case TAG_ol: case TAG_pre:
    case TAG_search: case TAG_section:
    case TAG_select: case TAG_summary: case TAG_ul: case TAG_dd: case TAG_dt:
        if (build_in_scope(b, k->tag, DEFAULT_SCOPE)) pop_html(b, k->tag);
        return;
    case TAG_form: end_form(b); return;
    case TAG_p: end_p(b); return;
    case TAG_li: if (build_in_scope(b, TAG_li, LIST_SCOPE)) pop_html(b, TAG_li); return;
    case TAG_h1: case TAG_h2: case TAG_h3: case TAG_h4: case TAG_h5: case TAG_h6: end_heading(b); return;
    case TAG_a: case TAG_b: case TAG_big: case TAG_code: case TAG_em: case TAG_font: case TAG_i: case TAG_nobr:
    case TAG_s: case TAG_small:
    case TAG_strike: case TAG_strong: case TAG_tt: case TAG_u: format_adopt(b, k); return;
    case TAG_applet: case TAG_marquee: case TAG_object:
        if (build_in_scope(b, k->tag, DEFAULT_SCOPE)) { pop_html(b, k->tag); format_clear(b); }
        return;
    case TAG_br:
        format_reopen(b);
        insert_void(b, &(struct html_token){ .kind = HTML_START, .tag = TAG_br, .name = S("br") });
        b->frameset_ok = false; return;
    default: body_other_end(b, k); return;
    }
}

void body_token(struct build *b, struct html_token *k)
{
    switch (k->kind) {
    case HTML_CHARS: text(b, k); return;
    case HTML_COMMENT: build_comment(b, k, NULL); return;
    case HTML_DOCTYPE: return;
    case HTML_START: start(b, k); return;
    case HTML_END: end(b, k); return;
    case HTML_EOF: if (b->n_templates) mode_token(b, IN_TEMPLATE, k); return;
    }
}
