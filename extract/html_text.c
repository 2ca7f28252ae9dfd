/* html_text.c - what stands between two blocks, before one and after one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/html_text.h"

struct writer {
    const struct layout *l;
    bool markdown;
    struct buf out;
    const struct block *last;
    uint32_t table, cells, rows;
};

/* the box of the list or table around b, 0: none */
static uint32_t outermost(const struct layout *l, const struct block *b, bool table)
{
    uint32_t found = 0;
    for (uint32_t at = b->box; at; at = l->boxes[at].parent) {
        uint16_t t = l->boxes[at].tag;
        if (table ? t == TAG_table : t == TAG_ul || t == TAG_ol || t == TAG_dl) found = at;
    }
    return found;
}

static void row_end(struct writer *w)                            /* Markdown: the first row is the table's head */
{
    if (!w->markdown || !w->table || !w->cells) return;
    buf_put(&w->out, S(" |"));
    if (w->rows++ == 0) {
        buf_put(&w->out, S("\n|"));
        for (uint32_t i = 0; i < w->cells; i++) buf_put(&w->out, S(" --- |"));
    }
    w->cells = 0;
}

static void between(struct writer *w, const struct block *b, uint32_t table)
{
    const struct block *a = w->last;
    bool same_table = table && table == w->table, same_row = same_table && a->row_id == b->row_id;
    if (same_row) { buf_put(&w->out, !b->cell ? S(" ") : w->markdown ? S(" | ") : S("\t")); return; }
    row_end(w);
    if (same_table) { buf_putc(&w->out, '\n'); return; }
    uint32_t list = outermost(w->l, b, false);
    buf_put(&w->out, list && list == outermost(w->l, a, false) ? S("\n") : S("\n\n"));
}

static void lead(struct writer *w, const struct block *b, bool new_row)
{
    if (w->markdown) {
        for (int i = 0; i < b->quote; i++) buf_put(&w->out, S("> "));
        if (new_row) buf_put(&w->out, S("| "));
        else if (b->tag >= TAG_h1 && b->tag <= TAG_h6) {
            for (int i = TAG_h1; i <= b->tag; i++) buf_putc(&w->out, '#');
            buf_putc(&w->out, ' ');
        }
        if (b->pre && !w->table) buf_put(&w->out, S("```\n"));
    }
    if (!b->item) return;
    for (int i = 1; i < b->list && i < 12; i++) buf_put(&w->out, S("  "));
    if (w->markdown && b->number) buf_printf(&w->out, "%u. ", b->number);
    else buf_put(&w->out, S("- "));
}

/* In Markdown every line of a quote begins with its signs, and a table's row is one line. */
static void body(struct writer *w, const struct block *b)
{
    const char *p = w->l->text.p + b->text;
    if (!w->markdown || (!b->quote && !w->table)) { buf_put(&w->out, (struct str){ p, b->n }); return; }
    for (uint32_t i = 0; i < b->n; i++) {
        bool line = p[i] == '\n';
        buf_putc(&w->out, line && w->table ? ' ' : p[i]);
        for (int q = 0; line && !w->table && q < b->quote; q++) buf_put(&w->out, S("> "));
    }
}

static void put(struct writer *w, const struct block *b)
{
    uint32_t table = b->row_id ? outermost(w->l, b, true) : 0;
    bool new_row = table && (table != w->table || !w->last || w->last->row_id != b->row_id);
    if (w->last) between(w, b, table);
    if (table != w->table) w->rows = w->cells = 0;
    w->table = table;
    w->cells += table && (b->cell || new_row);
    lead(w, b, new_row);
    body(w, b);
    if (w->markdown && b->pre && !table) buf_put(&w->out, S("\n```"));
    w->last = b;
}

struct str html_text(const struct layout *l, const bool *keep, bool markdown, struct arena *mem)
{
    struct writer w = { .l = l, .markdown = markdown };
    for (size_t i = 0; i < l->n_blocks; i++) if (keep[i]) put(&w, &l->blocks[i]);
    row_end(&w);
    struct str s = str_copy(mem, buf_str(&w.out));
    buf_free(&w.out);
    return s;
}
