/* draw_border.c - for each threshold the values on both sides, and the documents nearest to it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "report/markup.h"
#include "report/report.h"

#include <math.h>

static void put_doc(struct buf *b, const struct border_doc *d)
{
    buf_put(b, S("<div class=\"doc\"><b>"));
    markup_number(b, d->value);
    buf_put(b, S("</b> <span class=\"at\">"));
    markup_cut(b, d->url.n ? buf_str(&d->url) : buf_str(&d->id), 160);
    buf_put(b, S("</span><p>"));
    markup_cut(b, buf_str(&d->text), EXCERPT);
    buf_put(b, S("</p>"));
    if (d->twin.n) {
        buf_put(b, S("<p><b>like:</b> "));
        markup_cut(b, buf_str(&d->twin), EXCERPT);
        buf_put(b, S("</p>"));
    }
    buf_put(b, S("</div>\n"));
}

static void put_side(struct buf *b, const struct border *o, int side)
{
    static const char *const titles[] = { "Just kept", "Just dropped" }, *const classes[] = { "kept", "gone" };
    buf_printf(b, "<div class=\"%s\"><h3>%s</h3>\n", classes[side], titles[side]);
    for (size_t i = 0; i < o->n_near[side]; i++) put_doc(b, &o->near[side][i]);
    if (!o->n_near[side]) buf_put(b, S("<p class=\"soft small\">How near others came was not measured.</p>"));
    buf_put(b, S("</div>\n"));
}

static void put_name(struct buf *b, const struct border *o)
{
    markup_text(b, o->stage);
    buf_put(b, S(": "));
    markup_text(b, o->name);
}

static void put_chart(struct buf *b, const struct border *o)
{
    struct buf name = { 0 };
    struct values kept = o->kept, dropped = o->dropped;
    put_name(&name, o);
    buf_put(b, S("<figure class=\"card\"><figcaption><b>"));
    buf_put(b, buf_str(&name));
    buf_put(b, S("</b> &middot; "));
    markup_count(b, o->dropped.n);
    buf_put(b, S(" went</figcaption>"));
    buf_putc(&name, 0);
    chart_histogram(b, name.p, &kept, &dropped, o->limit);
    buf_put(b, S("</figure>\n"));
    buf_free(&name);
}

void draw_borders(const struct report *p)
{
    struct buf *b = p->html;
    if (!p->borders.n) return;
    draw_section(b, "borders", "Thresholds, and what lies at them",
                 "For each rule that dropped documents: all values, and the documents nearest to the limit on both sides. "
                 "Read these to judge a threshold. <span class=\"key\"><span><i></i>kept by this stage</span> <span><i class=\"d\"></i>dropped by this rule</span> <span><i class=\"l\"></i>limit</span></span>");
    buf_put(b, S("<div class=\"grid\">\n"));
    for (size_t i = 0; i < p->borders.n; i++) put_chart(b, &p->borders.all[i]);
    buf_put(b, S("</div>\n"));
    for (size_t i = 0; i < p->borders.n; i++) {
        const struct border *o = &p->borders.all[i];
        buf_put(b, S("<details><summary>"));
        put_name(b, o);
        if (isfinite(o->limit)) { buf_put(b, S(" &middot; limit ")); markup_number(b, o->limit); }
        buf_put(b, S("</summary><div class=\"sides\">\n"));
        put_side(b, o, 0);
        put_side(b, o, 1);
        buf_put(b, S("</div></details>\n"));
    }
}
