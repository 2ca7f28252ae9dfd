/* html_text.c - what stands between two blocks, and before one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/html_text.h"

static uint32_t list_of(const struct layout *l, const struct block *b)       /* the box of the outermost list around b, 0: none */
{
    uint32_t found = 0;
    for (uint32_t at = b->box; at; at = l->boxes[at].parent)
        if (l->boxes[at].tag == TAG_ul || l->boxes[at].tag == TAG_ol || l->boxes[at].tag == TAG_dl) found = at;
    return found;
}

static uint32_t table_of(const struct layout *l, const struct block *b)
{
    for (uint32_t at = b->box; b->row_id && at; at = l->boxes[at].parent) if (l->boxes[at].tag == TAG_table) return at;
    return 0;
}

static struct str between(const struct layout *l, const struct block *a, const struct block *b, bool markdown)
{
    uint32_t table = table_of(l, b);
    if (table && table == table_of(l, a)) {
        if (a->row_id != b->row_id) return S("\n");
        return !b->cell ? S(" ") : markdown ? S(" | ") : S("\t");
    }
    uint32_t list = list_of(l, b);
    return list && list == list_of(l, a) ? S("\n") : S("\n\n");
}

static void lead(const struct block *b, bool markdown, struct buf *out)
{
    if (markdown) {
        for (int i = 0; i < b->quote; i++) buf_put(out, S("> "));
        if (b->tag >= TAG_h1 && b->tag <= TAG_h6) { for (int i = TAG_h1; i <= b->tag; i++) buf_putc(out, '#'); buf_putc(out, ' '); }
        if (b->pre) buf_put(out, S("```\n"));
        if (b->row_id && b->row) buf_put(out, S("| "));
    }
    if (!b->item) return;
    for (int i = 1; i < b->list && i < 12; i++) buf_put(out, S("  "));
    if (markdown && b->number) buf_printf(out, "%u. ", b->number);
    else buf_put(out, S("- "));
}

struct str html_text(const struct layout *l, const bool *keep, bool markdown, struct arena *mem)
{
    struct buf out = { 0 };
    const struct block *last = NULL;
    for (size_t i = 0; i < l->n_blocks; i++) {
        const struct block *b = &l->blocks[i];
        if (!keep[i]) continue;
        if (last) buf_put(&out, between(l, last, b, markdown));
        lead(b, markdown, &out);
        buf_put(&out, (struct str){ l->text.p + b->text, b->n });
        if (markdown && b->pre) buf_put(&out, S("\n```"));
        last = b;
    }
    struct str s = str_copy(mem, buf_str(&out));
    buf_free(&out);
    return s;
}
