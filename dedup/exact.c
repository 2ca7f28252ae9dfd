/* exact.c - see exact.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/exact.h"
#include "core/utf8.h"
#include "frame/stage.h"
#include "text/url.h"

struct exact exact_of(const struct exact_options *o, const char *text_field)
{
    struct str by = str_of(o->by);
    return (struct exact){
        .by = str_eq(by, S("url")) ? BY_URL : str_eq(by, S("line")) ? BY_LINE
              : str_eq(by, S("paragraph")) ? BY_PARAGRAPH : BY_FIELD,
        .normal = (enum normal)o->normal, .wide = o->hash == 1, .field = str_eq(by, S("text")) ? text_field : o->by };
}

bool exact_keys(const struct exact *x, struct doc *d)
{
    struct str v;
    if (exact_pieces(x)) {
        struct str text = doc_text(d);
        struct cut_pieces *c = NEW(d->mem, struct cut_pieces, 1);
        if (!text.p) return run_no_text(d);
        c->all = pieces_cut(text, x->by == BY_PARAGRAPH, x->normal, d->mem, &c->n);
        d->note = c;
        return true;
    }
    d->note = NULL;
    if (!doc_string(d, x->field, &v)) v = doc_get(d, x->field);
    if (!v.p) return true;
    struct buf scratch = { 0 };
    struct hash128 *key = NEW(d->mem, struct hash128, 1);
    *key = piece_key(x->by == BY_URL ? url_normal(v, d->mem) : v, x->normal, &scratch);
    d->note = key;
    buf_free(&scratch);
    return true;
}

void exact_twin(const struct exact *x, struct doc *d, struct str twin, bool annotate)
{
    struct buf b = { 0 };
    json_put_string(&b, twin.p ? twin : S("(in the index)"));
    if (annotate) doc_put_raw(d, "duplicate_of", str_copy(d->mem, buf_str(&b)));
    else doc_drop(d, "duplicate", "\"by\":\"%s\",\"twin\":%.*s", x->field, (int)b.n, b.p);
    buf_free(&b);
}

void exact_copies(const struct exact *x, struct doc *d)
{
    doc_drop(d, "duplicate", "\"by\":\"%s\",\"copies\":\"all\"", x->field);
}

/* ---- lines and paragraphs ---- */

static struct str list(struct arena *mem, const bool *stays, size_t n, bool of)
{
    struct buf b = { 0 };
    buf_putc(&b, '[');
    for (size_t i = 0; i < n; i++)
        if (stays[i] == of) buf_printf(&b, "%s%zu", b.n > 1 ? "," : "", i);
    buf_putc(&b, ']');
    struct str s = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s;
}

static struct str join(const struct cut_pieces *c, const bool *stays, struct str by, struct arena *mem)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++) n += c->all[i].text.n + by.n;
    struct buf b = { arena_alloc(mem, n), 0, n };
    for (size_t i = 0, written = 0; i < c->n; i++) {
        if (!stays[i]) continue;
        if (written++) buf_put(&b, by);
        buf_put(&b, c->all[i].text);
    }
    return buf_str(&b);
}

/* The text without its duplicate pieces, and cc_net's counts. */
static void rewrite(bool lines, struct doc *d, const struct cut_pieces *c, const bool *stays, size_t n_stay)
{
    struct str old = doc_text(d), text = join(c, stays, lines ? S("\n") : S("\n\n"), d->mem);
    doc_put_text(d, text);
    doc_put_int(d, "original_length", (int64_t)utf8_length(old));
    doc_put_int(d, "length", (int64_t)utf8_length(text));
    doc_put_int(d, lines ? "original_nlines" : "original_nparagraphs", (int64_t)c->n);
    doc_put_int(d, lines ? "nlines" : "nparagraphs", (int64_t)n_stay);
    doc_put_raw(d, lines ? "line_ids" : "paragraph_ids", list(d->mem, stays, c->n, true));
}

void exact_cut(const struct exact *x, struct doc *d, const bool *stays, bool annotate)
{
    const struct cut_pieces *c = d->note;
    const bool lines = x->by == BY_LINE;
    size_t n_stay = 0;
    for (size_t i = 0; i < c->n; i++) n_stay += stays[i];
    if (annotate) doc_put_raw(d, lines ? "duplicate_lines" : "duplicate_paragraphs", list(d->mem, stays, c->n, false));
    else if (!n_stay) doc_drop(d, "duplicate-lines", "\"lines\":%zu", c->n);
    else rewrite(lines, d, c, stays, n_stay);
}
