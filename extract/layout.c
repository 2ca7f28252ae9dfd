/* layout.c - one walk over the tree: boxes open and close, text falls into blocks.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/layout.h"
#include "core/hash.h"
#include "extract/runs.h"

enum { FRAMES = HTML_DEPTH_MAX + 16, MARKS = 16 };

/* Markdown: an inline element that is open in this block */
struct mark { const struct html_node *node; bool written; };

struct frame { const struct html_node *node; uint32_t box; float names; uint8_t near[BOX_TOPIC_COUNT]; bool hidden; };

struct walk {
    struct layout *l;
    const struct page_options *o;
    struct frame *frames;                    /* (FRAMES) */
    int n_frames, n_named;                   /* n_named: of so many of them, what they are called is known */
    struct block now;                        /* the block being filled; n is known when it closes */
    bool open, space, after_link, break_once;
    uint32_t list, quote, pre, link, mark, row_id, rows;
    bool item, cell, row;
    struct mark marks[MARKS];
    int n_marks;
    uint32_t *numbers; int n_lists;         /* the next number of each open list; 0: not ordered */
};

/* ---- growing ---- */

static void *grown(struct arena *mem, void *old, size_t n, size_t *cap, size_t size)
{
    if (n < *cap) return old;
    size_t more = *cap ? 2 * *cap : 256;
    void *p = arena_alloc(mem, mem_size(more, size));
    if (n) memcpy(p, old, n * size);
    *cap = more;
    return p;
}

static struct box *box_new(struct layout *l)
{
    l->boxes = grown(l->mem, l->boxes, l->n_boxes, &l->cap_boxes, sizeof *l->boxes);
    return memset(&l->boxes[l->n_boxes++], 0, sizeof *l->boxes);
}

/* ---- what elements do ---- */

static bool is_skipped(const struct html_node *n)
{
    if (n->ns == SVG_NS) return true;
    switch (n->tag) {
    case TAG_script: case TAG_style: case TAG_template: case TAG_iframe: case TAG_object: case TAG_select:
    case TAG_textarea:
    case TAG_audio: case TAG_video: case TAG_canvas: case TAG_head: case TAG_title: case TAG_datalist: case TAG_noembed:
    case TAG_noframes:
    case TAG_applet: case TAG_embed: case TAG_svg: return true;
    default: return false;
    }
}

static bool is_block(const struct html_node *n)
{
    if (n->ns != HTML_NS) return false;
    switch (n->tag) {
    case TAG_html: case TAG_body: case TAG_address: case TAG_article: case TAG_aside: case TAG_blockquote:
    case TAG_center: case TAG_dd: case TAG_details:
    case TAG_dialog: case TAG_dir: case TAG_div: case TAG_dl: case TAG_dt: case TAG_fieldset: case TAG_figcaption:
    case TAG_figure: case TAG_footer:
    case TAG_form: case TAG_h1: case TAG_h2: case TAG_h3: case TAG_h4: case TAG_h5: case TAG_h6: case TAG_header:
    case TAG_hgroup: case TAG_hr:
    case TAG_li: case TAG_main: case TAG_menu: case TAG_nav: case TAG_ol: case TAG_p: case TAG_pre: case TAG_section:
    case TAG_summary: case TAG_table:
    case TAG_tbody: case TAG_td: case TAG_tfoot: case TAG_th: case TAG_thead: case TAG_tr: case TAG_ul:
    case TAG_caption: case TAG_legend:
    case TAG_listing: case TAG_xmp: case TAG_plaintext: case TAG_search: case TAG_button: case TAG_optgroup:
    case TAG_option: case TAG_frameset: case TAG_noscript: return true;
    default: return false;
    }
}

static bool holds(struct str s, const char *what)
{
    return s.n && memmem(s.p, s.n, what, strlen(what));
}

static bool is_hidden(const struct html_node *n)
{
    if (!n->n_attrs) return false;
    if (html_attr_find(n->attrs, n->n_attrs, S("hidden"))) return true;
    const struct html_attr *style = html_attr_find(n->attrs, n->n_attrs, S("style"));
    if (!style) return false;
    struct str s = { style->value, style->n_value };
    return holds(s, "display:none") || holds(s, "display: none") || holds(s, "visibility:hidden")
        || holds(s, "visibility: hidden");
}

/* ---- names ---- */

static void name_frame(struct walk *w, int depth)
{
    struct frame *f = &w->frames[depth];
    struct layout *l = w->l;
    struct box *x = &l->boxes[f->box];
    layout_name_box(l, x, f->node);
    x->path = x->sign;
    if (depth) {
        const struct frame *up = f - 1;
        const struct box *around = &l->boxes[x->parent];
        x->path = hash_mix(x->sign + hash_mix(around->sign + l->boxes[around->parent].sign));
        f->names = up->names;
        f->hidden = up->hidden;
        memcpy(f->near, up->near, sizeof f->near);
    }
    f->hidden = f->hidden || is_hidden(f->node);
    for (uint64_t t = x->topics; t; t &= t - 1) f->near[__builtin_ctzll(t)] = (uint8_t)(depth < 250 ? depth + 1 : 250);
    f->names += x->names;
}

/* Nearly half of all boxes hold no text: what a box is called is read when the first block in it opens. */
static void name_frames(struct walk *w)
{
    while (w->n_named < w->n_frames) name_frame(w, w->n_named++);
}

/* ---- blocks ---- */

static void open_block(struct walk *w, const struct html_node *element)
{
    name_frames(w);
    struct frame *f = &w->frames[w->n_frames - 1];
    w->now = (struct block){ .text = (uint32_t)w->l->text.n, .box = f->box, .tag = element->tag,
                             .list = (uint8_t)(w->list < 255 ? w->list : 255),
        .quote = (uint8_t)(w->quote < 255 ? w->quote : 255), .hidden = f->hidden, .pre = w->pre > 0, .item = w->item,
        .cell = w->cell, .row = w->row,
        .row_id = w->row_id };
    memcpy(w->now.near, f->near, sizeof w->now.near);
    w->now.names = f->names;
    if (w->item && w->n_lists && w->numbers[w->n_lists - 1]) w->now.number = w->numbers[w->n_lists - 1]++;
    w->item = w->cell = w->row = w->space = false;
    w->open = true;
}

static void count_in(struct box *x, const struct block *b)
{
    x->words += b->words;
    x->chars += b->chars;
    x->link_chars += b->link_chars;
    x->commas += b->commas;
    x->links += b->links;
    x->paragraphs += b->tag == TAG_p;
    x->headings += b->tag >= TAG_h1 && b->tag <= TAG_h6;
    x->long_blocks += b->words >= 25;
    x->text += b->text_score;
}

/* ---- Markdown's inline marks ---- */

static struct str sign_of(const struct html_node *n)
{
    switch (n->tag) {
    case TAG_b: case TAG_strong: return S("**");
    case TAG_i: case TAG_em: return S("*");
    case TAG_code: case TAG_kbd: case TAG_samp: case TAG_tt: return S("`");
    case TAG_a: return html_attr_find(n->attrs, n->n_attrs, S("href")) ? S("[") : (struct str){ 0 };
    default: return (struct str){ 0 };
    }
}

static void mark_open(struct walk *w, const struct html_node *n)
{
    if (w->o->markdown && !w->pre && w->n_marks < MARKS && sign_of(n).n)
        w->marks[w->n_marks++] = (struct mark){ n, false };
}

static void marks_write(struct walk *w)                          /* before the first character inside */
{
    for (int i = 0; i < w->n_marks; i++) {
        if (w->marks[i].written) continue;
        buf_put(&w->l->text, sign_of(w->marks[i].node));
        w->marks[i].written = true;
    }
}

static void mark_close(struct walk *w, const struct html_node *n)
{
    if (!w->n_marks || w->marks[w->n_marks - 1].node != n) return;
    if (!w->marks[--w->n_marks].written) return;
    if (n->tag != TAG_a) { buf_put(&w->l->text, sign_of(n)); return; }
    struct str href = str_trim(html_get(n, S("href"), w->l->mem));
    buf_put(&w->l->text, S("]("));
    buf_put(&w->l->text, href);
    buf_putc(&w->l->text, ')');
}

static void close_block(struct walk *w)
{
    while (w->n_marks) mark_close(w, w->marks[w->n_marks - 1].node);
    if (!w->open) return;
    struct layout *l = w->l;
    struct block *b = &w->now;
    w->open = w->break_once = false;
    while (l->text.n > b->text && (l->text.p[l->text.n - 1] == '\n' || l->text.p[l->text.n - 1] == ' ')) l->text.n--;
    b->n = (uint32_t)(l->text.n - b->text);
    if (!b->n) return;
    if (!b->image) layout_read_words(l, b);
    l->blocks = grown(l->mem, l->blocks, l->n_blocks, &l->cap_blocks, sizeof *l->blocks);
    l->blocks[l->n_blocks++] = *b;
    count_in(&l->boxes[b->box], b);
}

/* ---- text ---- */

static void put_run(struct walk *w, struct str s, const struct run *r)
{
    struct block *b = &w->now;
    b->upper += r->upper;
    b->digits += r->digits;
    b->commas += r->commas;
    b->chars += r->chars;
    for (uint32_t k = 0; k < r->wide; k++) b->words += b->wide++ & 1;
    b->words += r->spaces;
    if (w->link) b->link_chars += r->chars;
    if (w->mark) b->marked += r->chars;
    buf_put(&w->l->text, s);
}

static void put_spaces(struct buf *to, const char *p, const char *end)       /* as they stand in preformatted text */
{
    for (; p < end; p++) {
        bool nbsp = run_is_nbsp(p, end);
        buf_putc(to, nbsp ? ' ' : *p);
        p += nbsp;
    }
}

static void put_text(struct walk *w, struct str s, const struct html_node *element)
{
    for (const char *p = s.p, *end = s.p + s.n; p < end; ) {
        const char *begin = p;
        struct buf *t = &w->l->text;
        p = run_space(p, end);
        if (p > begin && w->pre && w->open) put_spaces(t, begin, p);
        else if (p > begin) w->space = !w->pre || p[-1] == '\n';
        if (p == end) return;
        if (!w->open) open_block(w, element);
        bool first = t->n == w->now.text;
        w->now.words += first || w->space || t->p[t->n - 1] == '\n' || t->p[t->n - 1] == ' ';
        if (w->space && !first && t->p[t->n - 1] != '\n') buf_putc(t, ' ');
        if (w->n_marks) marks_write(w);
        w->space = w->break_once = false;
        struct run r;
        begin = p;
        p = run_text(p, end, w->pre > 0, &r);
        put_run(w, str_span(begin, p), &r);
    }
}

static void text(struct walk *w, const struct html_node *n)
{
    char small[512];
    struct str s = n->s;
    if (n->raw & (RAW_REFS | RAW_CR | RAW_NUL)) {
        size_t room = html_decode_room(s.n, n->raw);
        char *to = room <= sizeof small ? small : arena_alloc(w->l->mem, room);
        s = (struct str){ to, html_decode(s, n->raw, to) };
    }
    put_text(w, s, w->frames[w->n_frames - 1].node);
}

static void line_break(struct walk *w)
{
    if (!w->open) return;
    if (w->break_once) {                                         /* <br><br>: a new paragraph */
        close_block(w);
        return;
    }
    buf_putc(&w->l->text, '\n');
    w->space = false;
    w->break_once = !w->pre;
}

/* An image is a space in text; in Markdown its alternative text, within a block or as one. */
static void image(struct walk *w, const struct html_node *n)
{
    struct str alt = w->o->markdown ? str_trim(html_get(n, S("alt"), w->l->mem)) : (struct str){ 0 };
    if (alt.n && !memchr(alt.p, '\n', alt.n)) {
        struct block was = w->now;
        bool alone = !w->open, item = w->item, cell = w->cell, row = w->row;
        if (alone) open_block(w, w->frames[w->n_frames - 1].node);
        else if (w->space) buf_putc(&w->l->text, ' ');
        struct str src = str_trim(html_get(n, S("src"), w->l->mem));
        buf_printf(&w->l->text, "![%.*s](%.*s)", (int)alt.n, alt.p, (int)src.n, src.n ? src.p : "");
        /* what follows begins a block of its own, as it does without images */
        if (alone) {
            w->now.image = true;
            close_block(w);
            w->now = was;
            w->item = item;
            w->cell = cell;
            w->row = row;
        }
    }
    w->space = true;
}

/* ---- elements ---- */

static void push_frame(struct walk *w, const struct html_node *n)
{
    struct layout *l = w->l;
    struct box *x = box_new(l);
    x->node = n;
    x->tag = n->tag;
    x->depth = (uint16_t)w->n_frames;
    x->first = (uint32_t)l->n_blocks;
    if (w->n_frames) x->parent = w->frames[w->n_frames - 1].box;
    w->frames[w->n_frames++] = (struct frame){ .node = n, .box = (uint32_t)(l->n_boxes - 1) };
}

static void pop_frame(struct walk *w)
{
    struct frame *f = &w->frames[--w->n_frames];
    w->l->boxes[f->box].end = (uint32_t)w->l->n_blocks;
    if (w->n_named > w->n_frames) w->n_named = w->n_frames;
}

static void count_inline(struct walk *w, const struct html_node *n, int by)
{
    uint32_t d = (uint32_t)by;
    switch (n->tag) {
    case TAG_a:
        w->link += d;
        if (by > 0 && w->open) w->now.links++;
        /* </a><a>: words of their own, as every reader takes them */
        if (by > 0 && w->after_link) w->space = true;
        w->after_link = by < 0;
        break;
    case TAG_b: case TAG_strong: case TAG_i: case TAG_em: w->mark += d; break;
    case TAG_pre: case TAG_listing: case TAG_xmp: case TAG_plaintext: w->pre += d; break;
    case TAG_blockquote: w->quote += d; break;
    case TAG_ul: case TAG_ol: case TAG_menu: case TAG_dir:
        w->list += d;
        if (by > 0 && w->n_lists < FRAMES) w->numbers[w->n_lists++] = n->tag == TAG_ol;
        if (by < 0 && w->n_lists) w->n_lists--;
        break;
    default: break;
    }
}

static bool enter(struct walk *w, const struct html_node *n)     /* false: its children are not walked */
{
    if (n->kind == HTML_TEXT) { text(w, n); if (n->s.n) w->after_link = false; return false; }
    if (n->kind != HTML_ELEMENT) return false;
    if (n->tag == TAG_input || n->tag == TAG_select || n->tag == TAG_textarea || n->tag == TAG_button)
        w->l->boxes[w->frames[w->n_frames - 1].box].controls++;
    if (is_skipped(n)) return false;
    if (n->tag == TAG_br) { line_break(w); return false; }
    if (n->tag == TAG_wbr) return false;
    if (n->tag == TAG_img) { image(w, n); w->l->boxes[w->frames[w->n_frames - 1].box].images++; return false; }
    bool block = w->n_frames < FRAMES && (is_block(n) || (n->first && is_hidden(n)));
    if (block) {
        close_block(w);
        w->after_link = false;
        push_frame(w, n);
        if (n->tag == TAG_li) w->item = true;
        if (n->tag == TAG_td || n->tag == TAG_th) w->cell = true;
        if (n->tag == TAG_tr) { w->row = true; w->row_id = ++w->rows; }
    }
    count_inline(w, n, 1);
    mark_open(w, n);
    return true;
}

static void leave(struct walk *w, const struct html_node *n)
{
    mark_close(w, n);
    count_inline(w, n, -1);
    if (w->n_frames && w->frames[w->n_frames - 1].node == n) {
        close_block(w);
        w->after_link = false;
        pop_frame(w);
        if (n->tag == TAG_table) w->row_id = 0;
    }
}

/* ---- sums ---- */

static void sum_up(struct layout *l)
{
    for (size_t i = l->n_boxes; --i > 0; ) {                     /* children come after parents */
        struct box *x = &l->boxes[i], *up = &l->boxes[x->parent];
        up->words += x->words;
        up->chars += x->chars;
        up->link_chars += x->link_chars;
        up->commas += x->commas;
        up->links += x->links;
        up->paragraphs += x->paragraphs;
        up->headings += x->headings;
        up->long_blocks += x->long_blocks;
        up->images += x->images;
        up->controls += x->controls;
        up->text += x->text;
        up->children += x->end > x->first;
    }
}

static void count_repeats(struct layout *l)
{
    size_t size = 64;
    while (size < 2 * l->n_boxes) size *= 2;
    uint32_t *slot = ZERO(l->mem, uint32_t, size), *head = ZERO(l->mem, uint32_t, l->n_boxes);
    for (size_t i = 1; i < l->n_boxes; i++) {                    /* head[i]: the first sibling of the same sign */
        struct box *x = &l->boxes[i];
        if (x->end == x->first) continue;
        size_t at = hash_mix(x->sign + x->parent) & (size - 1);
        while (slot[at] && (l->boxes[slot[at]].sign != x->sign || l->boxes[slot[at]].parent != x->parent))
            at = (at + 1) & (size - 1);
        if (!slot[at]) slot[at] = (uint32_t)i;
        head[i] = slot[at];
        l->boxes[slot[at]].repeats++;
    }
    for (size_t i = 1; i < l->n_boxes; i++) if (head[i]) l->boxes[i].repeats = l->boxes[head[i]].repeats;
}

void layout_make(struct layout *l, const struct html_tree *t, const struct page_options *o, const struct lexicon *x,
                 struct buf *record, struct arena *mem)
{
    *l = (struct layout){ .mem = mem, .lexicon = x, .record = record, .named = ZERO(mem, struct named, NAMED) };
    struct walk *w = &(struct walk){ .l = l, .o = o, .frames = NEW(mem, struct frame, FRAMES),
                                     .numbers = NEW(mem, uint32_t, FRAMES) };
    const struct html_node *root = t->body ? t->body : t->html;
    if (!root) return;
    push_frame(w, root);
    for (const struct html_node *n = root->first; n; ) {
        if (enter(w, n) && n->first) { n = n->first; continue; }
        for (;;) {
            if (n->kind == HTML_ELEMENT && !is_skipped(n) && n->tag != TAG_br && n->tag != TAG_wbr && n->tag != TAG_img)
                leave(w, n);
            if (n->next) { n = n->next; break; }
            n = n->parent;
            if (n == root) { n = NULL; break; }
        }
    }
    close_block(w);
    pop_frame(w);
    sum_up(l);
    count_repeats(l);
}

void layout_free(struct layout *l)
{
    buf_free(&l->text);
}
