/* html_table.c - the insertion modes of tables, and what falls out of them ("foster parenting").
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/html_build.h"

static void to_context(struct build *b, enum html_tag a, enum html_tag c, enum html_tag d)   /* "clear the stack back to a table ... context" */
{
    while (b->n_open > 1 && !is_tag(current(b), a) && !is_tag(current(b), c) && !is_tag(current(b), d) && !is_tag(current(b), TAG_template)) build_pop(b);
}

static void by_body_fostered(struct build *b, struct html_token *k)
{
    b->foster = true;
    body_token(b, k);
    b->foster = false;
}

static void table_close(struct build *b)
{
    build_pop_to(b, TAG_table);
    build_reset_mode(b);
}

static void table_start(struct build *b, struct html_token *k)
{
    switch (k->tag) {
    case TAG_caption: to_context(b, TAG_table, TAG_table, TAG_table); format_marker(b); build_insert(b, k); b->mode = IN_CAPTION; return;
    case TAG_colgroup: to_context(b, TAG_table, TAG_table, TAG_table); build_insert(b, k); b->mode = IN_COLUMN_GROUP; return;
    case TAG_col: to_context(b, TAG_table, TAG_table, TAG_table); build_insert_tag(b, TAG_colgroup); mode_go(b, IN_COLUMN_GROUP, k); return;
    case TAG_tbody: case TAG_tfoot: case TAG_thead: to_context(b, TAG_table, TAG_table, TAG_table); build_insert(b, k); b->mode = IN_TABLE_BODY; return;
    case TAG_td: case TAG_th: case TAG_tr: to_context(b, TAG_table, TAG_table, TAG_table); build_insert_tag(b, TAG_tbody); mode_go(b, IN_TABLE_BODY, k); return;
    case TAG_table:
        if (!build_in_scope(b, TAG_table, TABLE_ONLY_SCOPE)) return;
        table_close(b);
        mode_token(b, b->mode, k);
        return;
    case TAG_style: case TAG_script: case TAG_template: head_token(b, k); return;
    case TAG_input:
        if (str_eq_nocase(html_attr_get(k->attrs, k->n_attrs, S("type"), b->mem), S("hidden"))) { build_insert(b, k); build_pop(b); return; }
        break;
    case TAG_form:
        if (b->n_of[TAG_template] || b->form) return;
        b->form = build_insert(b, k);
        build_pop(b);
        return;
    default: break;
    }
    by_body_fostered(b, k);
}

static bool in_table_context(const struct build *b)
{
    const struct html_node *n = current(b);
    return n->ns == HTML_NS && (n->tag == TAG_table || n->tag == TAG_tbody || n->tag == TAG_template || n->tag == TAG_tfoot || n->tag == TAG_thead || n->tag == TAG_tr);
}

static void in_table(struct build *b, struct html_token *k)
{
    if (k->kind == HTML_CHARS && in_table_context(b)) {
        b->pending = NULL;
        b->pending_end = &b->pending;
        b->back = b->mode;
        mode_go(b, IN_TABLE_TEXT, k);
        return;
    }
    if (k->kind == HTML_COMMENT) { build_comment(b, k, NULL); return; }
    if (k->kind == HTML_DOCTYPE) return;
    if (k->kind == HTML_START) { table_start(b, k); return; }
    if (k->kind == HTML_END) {
        switch (k->tag) {
        case TAG_table: if (build_in_scope(b, TAG_table, TABLE_ONLY_SCOPE)) table_close(b); return;
        case TAG_body: case TAG_caption: case TAG_col: case TAG_colgroup: case TAG_html: case TAG_tbody: case TAG_td: case TAG_tfoot: case TAG_th:
        case TAG_thead: case TAG_tr: return;
        case TAG_template: template_end(b); return;
        default: break;
        }
    }
    if (k->kind == HTML_EOF) { body_token(b, k); return; }
    by_body_fostered(b, k);
}

static void table_text(struct build *b, struct html_token *k)
{
    if (k->kind == HTML_CHARS) {
        struct pending *p = NEW(b->mem, struct pending, 1);
        *p = (struct pending){ html_decoded(k->text, k->raw | RAW_DROP_NUL, b->mem), 0, NULL };
        *b->pending_end = p;
        b->pending_end = &p->next;
        return;
    }
    bool space = true;
    for (struct pending *p = b->pending; p; p = p->next)
        for (size_t i = 0; i < p->text.n; i++) space &= is_space(p->text.p[i]);
    for (struct pending *p = b->pending; p; p = p->next) {
        if (space) build_text(b, p->text, 0);
        else by_body_fostered(b, &(struct html_token){ .kind = HTML_CHARS, .text = p->text });
    }
    mode_go(b, b->back, k);
}

static bool is_table_part(enum html_tag t)
{
    return t == TAG_caption || t == TAG_col || t == TAG_colgroup || t == TAG_tbody || t == TAG_td || t == TAG_tfoot || t == TAG_th || t == TAG_thead || t == TAG_tr;
}

static void in_caption(struct build *b, struct html_token *k)
{
    bool end = k->kind == HTML_END && k->tag == TAG_caption;
    bool leave = (k->kind == HTML_START && is_table_part(k->tag)) || (k->kind == HTML_END && k->tag == TAG_table);
    if (end || leave) {
        if (!build_in_scope(b, TAG_caption, TABLE_ONLY_SCOPE)) return;
        build_implied(b, TAG_NONE, false);
        build_pop_to(b, TAG_caption);
        format_clear(b);
        b->mode = IN_TABLE;
        if (leave) in_table(b, k);
        return;
    }
    if (k->kind == HTML_END && (k->tag == TAG_body || k->tag == TAG_html || is_table_part(k->tag))) return;
    body_token(b, k);
}

static void column_group(struct build *b, struct html_token *k)
{
    if (mode_take_plain(b, k)) return;
    if (k->kind == HTML_START && k->tag == TAG_html) { body_token(b, k); return; }
    if (k->kind == HTML_START && k->tag == TAG_col) { build_insert(b, k); build_pop(b); return; }
    if (k->kind == HTML_START && k->tag == TAG_template) { head_token(b, k); return; }
    if (k->kind == HTML_END && k->tag == TAG_template) { template_end(b); return; }
    if (k->kind == HTML_END && k->tag == TAG_col) return;
    if (k->kind == HTML_EOF) { body_token(b, k); return; }
    if (!is_tag(current(b), TAG_colgroup)) return;
    build_pop(b);
    b->mode = IN_TABLE;
    if (k->kind != HTML_END || k->tag != TAG_colgroup) in_table(b, k);
}

static bool is_section(enum html_tag t)
{
    return t == TAG_tbody || t == TAG_tfoot || t == TAG_thead;
}

static void table_body(struct build *b, struct html_token *k)
{
    bool start = k->kind == HTML_START, end = k->kind == HTML_END;
    if (start && (k->tag == TAG_tr || k->tag == TAG_th || k->tag == TAG_td)) {
        to_context(b, TAG_tbody, TAG_tfoot, TAG_thead);
        if (k->tag == TAG_tr) { build_insert(b, k); b->mode = IN_ROW; return; }
        build_insert_tag(b, TAG_tr);
        mode_go(b, IN_ROW, k);
        return;
    }
    if (end && is_section(k->tag)) {
        if (!build_in_scope(b, k->tag, TABLE_ONLY_SCOPE)) return;
        to_context(b, TAG_tbody, TAG_tfoot, TAG_thead);
        build_pop(b);
        b->mode = IN_TABLE;
        return;
    }
    if ((start && (k->tag == TAG_caption || k->tag == TAG_col || k->tag == TAG_colgroup || is_section(k->tag))) || (end && k->tag == TAG_table)) {
        if (!build_in_scope(b, TAG_tbody, TABLE_ONLY_SCOPE) && !build_in_scope(b, TAG_thead, TABLE_ONLY_SCOPE) && !build_in_scope(b, TAG_tfoot, TABLE_ONLY_SCOPE)) return;
        to_context(b, TAG_tbody, TAG_tfoot, TAG_thead);
        build_pop(b);
        mode_go(b, IN_TABLE, k);
        return;
    }
    if (end && (k->tag == TAG_body || k->tag == TAG_html || is_table_part(k->tag))) return;
    in_table(b, k);
}

static void in_row(struct build *b, struct html_token *k)
{
    bool start = k->kind == HTML_START, end = k->kind == HTML_END;
    if (start && (k->tag == TAG_th || k->tag == TAG_td)) {
        to_context(b, TAG_tr, TAG_tr, TAG_tr);
        build_insert(b, k);
        format_marker(b);
        b->mode = IN_CELL;
        return;
    }
    bool row = end && k->tag == TAG_tr, section = end && is_section(k->tag);
    bool leave = (start && is_table_part(k->tag)) || (end && k->tag == TAG_table) || section;
    if (row || leave) {
        if (section && !build_in_scope(b, k->tag, TABLE_ONLY_SCOPE)) return;
        if (!build_in_scope(b, TAG_tr, TABLE_ONLY_SCOPE)) return;
        to_context(b, TAG_tr, TAG_tr, TAG_tr);
        build_pop(b);
        b->mode = IN_TABLE_BODY;
        if (leave) table_body(b, k);
        return;
    }
    if (end && (k->tag == TAG_body || k->tag == TAG_html || is_table_part(k->tag))) return;
    in_table(b, k);
}

static void close_cell(struct build *b)
{
    build_implied(b, TAG_NONE, false);
    for (bool last = false; !last && b->n_open > 1; build_pop(b)) last = is_tag(current(b), TAG_td) || is_tag(current(b), TAG_th);
    format_clear(b);
    b->mode = IN_ROW;
}

static void in_cell(struct build *b, struct html_token *k)
{
    bool end = k->kind == HTML_END;
    if (end && (k->tag == TAG_td || k->tag == TAG_th)) {
        if (!build_in_scope(b, k->tag, TABLE_ONLY_SCOPE)) return;
        build_implied(b, TAG_NONE, false);
        build_pop_to(b, k->tag);
        format_clear(b);
        b->mode = IN_ROW;
        return;
    }
    if (k->kind == HTML_START && is_table_part(k->tag)) {
        if (!build_in_scope(b, TAG_td, TABLE_ONLY_SCOPE) && !build_in_scope(b, TAG_th, TABLE_ONLY_SCOPE)) return;
        close_cell(b);
        in_row(b, k);
        return;
    }
    if (end && (k->tag == TAG_body || k->tag == TAG_caption || k->tag == TAG_col || k->tag == TAG_colgroup || k->tag == TAG_html)) return;
    if (end && (k->tag == TAG_table || k->tag == TAG_tr || is_section(k->tag))) {
        if (!build_in_scope(b, k->tag, TABLE_ONLY_SCOPE)) return;
        close_cell(b);
        in_row(b, k);
        return;
    }
    body_token(b, k);
}

void table_token(struct build *b, enum mode m, struct html_token *k)
{
    switch (m) {
    case IN_TABLE_TEXT: table_text(b, k); return;
    case IN_CAPTION: in_caption(b, k); return;
    case IN_COLUMN_GROUP: column_group(b, k); return;
    case IN_TABLE_BODY: table_body(b, k); return;
    case IN_ROW: in_row(b, k); return;
    case IN_CELL: in_cell(b, k); return;
    default: in_table(b, k); return;
    }
}
