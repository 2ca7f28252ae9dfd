/* chart.c - geometry, and what an axis says.
 * SPDX-License-Identifier: Apache-2.0 */
#include "report/chart.h"
#include "core/arena.h"
#include "report/markup.h"

#include <math.h>
#include <stdlib.h>

enum { BARS = 44 };

void values_add(struct values *v, double x)
{
    if (!isfinite(x)) return;
    v->at = mem_grow(v->at, &v->cap, v->n + 1, sizeof *v->at);
    v->at[v->n++] = (float)x;
}

void values_free(struct values *v)
{
    free(v->at);
    *v = (struct values){ 0 };
}

static int by_value(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void open_svg(struct buf *b, const char *name, double w, double h)
{
    buf_printf(b, "<svg viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"", w, h);
    markup_text(b, str_of(name));
    buf_printf(b, "\">");
}

static void put_label(struct buf *b, double x, double y, const char *anchor, double value)
{
    buf_printf(b, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
    markup_number(b, value);
    buf_printf(b, "</text>");
}

/* ---- histogram ---- */

struct axis { double lo, hi; bool log; };

static double place(const struct axis *a, double x)              /* 0 to 1 */
{
    const double at = a->log ? (log(fmax(x, a->lo)) - log(a->lo)) / (log(a->hi) - log(a->lo))
                      : (x - a->lo) / (a->hi - a->lo);
    return at < 0 ? 0 : at > 1 ? 1 : at;
}

/* Takes in all but the outermost 1/parts of the values at either end. */
static void widen(struct axis *a, const struct values *v, size_t parts)
{
    struct values sorted = { 0 };
    for (size_t i = 0; i < v->n; i++) values_add(&sorted, (double)v->at[i]);
    if (!v->n) return;
    qsort(sorted.at, sorted.n, sizeof *sorted.at, by_value);
    a->lo = fmin(a->lo, (double)sorted.at[sorted.n / parts]);
    a->hi = fmax(a->hi, (double)sorted.at[sorted.n - 1 - sorted.n / parts]);
    values_free(&sorted);
}

static struct axis axis_of(const struct values *kept, const struct values *dropped, double limit)
{
    struct axis a = { INFINITY, -INFINITY, false };
    widen(&a, kept, 200);
    widen(&a, dropped, 20);
    if (a.lo > a.hi) a = (struct axis){ 0, 1, false };
    if (isfinite(limit)) { a.lo = fmin(a.lo, limit); a.hi = fmax(a.hi, limit); }
    a.log = a.lo > 0 && a.hi / a.lo > 100;
    if (!a.log && a.lo > 0 && a.lo < a.hi / 3) a.lo = 0;
    if (a.hi <= a.lo) a.hi = a.lo + (fabs(a.lo) > 1 ? fabs(a.lo) : 1);
    return a;
}

void chart_histogram(struct buf *b, const char *name, struct values *kept, struct values *dropped, double limit)
{
    enum { W = 320, H = 128, TOP = 16, BOTTOM = 18 };
    const struct axis a = axis_of(kept, dropped, limit);
    size_t bars[2][BARS] = { { 0 } }, most = 1;
    const struct values *v[2] = { kept, dropped };
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < v[k]->n; i++) bars[k][(size_t)fmin(place(&a, (double)v[k]->at[i]) * BARS, BARS - 1)]++;
    for (size_t i = 0; i < BARS; i++) if (bars[0][i] + bars[1][i] > most) most = bars[0][i] + bars[1][i];
    open_svg(b, name, W, H);
    const double unit = (double)(H - TOP - BOTTOM) / sqrt((double)most), wide = (double)W / BARS;
    for (size_t i = 0; i < BARS; i++) {
        const double both = (double)(bars[0][i] + bars[1][i]), high = sqrt(both) * unit;
        double y = H - BOTTOM;
        for (int k = 0; k < 2; k++) {
            const double h = high * (double)bars[k][i] / fmax(both, 1);
            y -= h;
            if (h > 0)
                buf_printf(b, "<rect class=\"%c\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>", "kd"[k],
                           (double)i * wide, y, wide - 0.8, h);
        }
    }
    buf_printf(b, "<path class=\"axis\" d=\"M0 %d.5H%d\"/>", H - BOTTOM, W);
    put_label(b, 0, H - 4, "start", a.lo);
    put_label(b, W, H - 4, "end", a.hi);
    if (a.log) buf_printf(b, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">log</text>", W / 2, H - 4);
    if (isfinite(limit)) {
        const double x = place(&a, limit) * W;
        const char *anchor = x > W - 40 ? "end" : x < 40 ? "start" : "middle";
        buf_printf(b, "<path class=\"limit\" d=\"M%.1f %dV%d\"/><text class=\"limit-text\" x=\"%.1f\" y=\"11\" text-anchor=\"%s\">", x, TOP - 2, H - BOTTOM, x, anchor);
        markup_number(b, limit);
        buf_printf(b, "</text>");
    }
    buf_printf(b, "</svg>");
}

/* ---- map ---- */

struct box { double x0, y0, x1, y1; };

static bool free_of(const struct box *all, size_t n, struct box c)
{
    for (size_t i = 0; i < n; i++)
        if (c.x0 < all[i].x1 && all[i].x0 < c.x1 && c.y0 < all[i].y1 && all[i].y0 < c.y1) return false;
    return true;
}

static int by_size(const void *a, const void *b)
{
    const double x = ((const struct bubble *)a)->size, y = ((const struct bubble *)b)->size;
    return (x < y) - (x > y);
}

void chart_map(struct buf *b, const char *name, const struct bubble *points, size_t n)
{
    enum { W = 1000, H = 620, EDGE = 60, FONT = 13 };
    struct bubble *all = mem_alloc(n, sizeof *all);
    struct box *taken = mem_alloc(n, sizeof *taken), r = { INFINITY, INFINITY, -INFINITY, -INFINITY };
    size_t n_taken = 0;
    double most = 1;
    memcpy(all, points, n * sizeof *all);
    /* the large ones first: they lie below and have the first choice of words */
    qsort(all, n, sizeof *all, by_size);
    for (size_t i = 0; i < n; i++) {
        r = (struct box){ fmin(r.x0, all[i].x), fmin(r.y0, all[i].y), fmax(r.x1, all[i].x), fmax(r.y1, all[i].y) };
        most = fmax(most, all[i].size);
    }
    open_svg(b, name, W, H);
    for (size_t i = 0; i < n; i++) {
        struct bubble *p = &all[i];
        p->x = EDGE + (p->x - r.x0) / fmax(r.x1 - r.x0, 1e-9) * (W - 2 * EDGE);
        p->y = EDGE / 2.0 + (p->y - r.y0) / fmax(r.y1 - r.y0, 1e-9) * (H - EDGE);
        buf_printf(b, "<circle class=\"bubble\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"><title>", p->x, p->y,
                   3 + 30 * sqrt(p->size / most));
        markup_text(b, p->words);
        buf_printf(b, "</title></circle>");
    }
    for (size_t i = 0; i < n; i++) {
        const double half = (double)markup_chars(all[i].label) * FONT * 0.29;
        const struct box c = { all[i].x - half, all[i].y - FONT * 0.6, all[i].x + half, all[i].y + FONT * 0.6 };
        if (!all[i].label.n || c.x0 < 0 || c.x1 > W || !free_of(taken, n_taken, c)) continue;
        taken[n_taken++] = c;
        buf_printf(b, "<text class=\"word\" style=\"font-size:%dpx\" x=\"%.1f\" y=\"%.1f\">", FONT, all[i].x,
                   all[i].y + FONT * 0.35);
        markup_text(b, all[i].label);
        buf_printf(b, "</text>");
    }
    buf_printf(b, "</svg>");
    free(taken);
    free(all);
}

/* ---- lines ---- */

void chart_lines(struct buf *b, const char *name, const struct series *all, size_t n)
{
    enum { W = 500, H = 240, LEFT = 40, BOTTOM = 20 };
    struct box r = { INFINITY, INFINITY, -INFINITY, -INFINITY };
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < all[k].y.n; i++) {
            const double x = (double)all[k].x.at[i], y = (double)all[k].y.at[i];
            r = (struct box){ fmin(r.x0, x), fmin(r.y0, y), fmax(r.x1, x), fmax(r.y1, y) };
        }
    }
    open_svg(b, name, W, H);
    for (size_t k = 0; k < n; k++) {
        const size_t every = all[k].y.n / 400 + 1;
        buf_printf(b, "<path class=\"loss%s\" d=\"", all[k].kind ? " b" : "");
        for (size_t i = 0; i < all[k].y.n; i += every)
            buf_printf(b, "%c%.1f %.1f", i ? 'L' : 'M', LEFT + ((double)all[k].x.at[i] - r.x0) / fmax(r.x1 - r.x0, 1e-9)
                       * (W - LEFT), 8 + (r.y1 - (double)all[k].y.at[i]) / fmax(r.y1 - r.y0, 1e-9) * (H - BOTTOM - 12));
        buf_printf(b, "\"><title>");
        markup_text(b, all[k].name);
        buf_printf(b, "</title></path>");
    }
    buf_printf(b, "<path class=\"axis\" d=\"M%d 4V%dH%d\" fill=\"none\"/>", LEFT, H - BOTTOM, W);
    if (n && r.x1 >= r.x0) {
        put_label(b, LEFT - 4, 14, "end", r.y1);
        put_label(b, LEFT - 4, H - BOTTOM, "end", r.y0);
        put_label(b, LEFT, H - 4, "start", r.x0);
        put_label(b, W, H - 4, "end", r.x1);
    }
    buf_printf(b, "</svg>");
}

/* ---- bars of the page itself: they keep their letters' size on a phone ---- */

void chart_row(struct buf *b, struct str label, double share, double share2, const char *number)
{
    buf_put(b, S("<span>"));
    markup_text(b, label);
    buf_printf(b, "</span><div class=\"bar\"><i style=\"width:%.2f%%\"></i><i class=\"d\" style=\"width:%.2f%%\"></i></div><span>%s</span>\n", 100 * share, 100 * share2, number);
}

void chart_pair(struct buf *b, struct str label, double share, double share2, const char *number)
{
    buf_put(b, S("<span>"));
    markup_text(b, label);
    buf_printf(b, "</span><div><div class=\"bar\"><i style=\"width:%.2f%%\"></i></div>", 100 * share);
    buf_printf(b, "<div class=\"bar thin\"><i class=\"d\" style=\"width:%.2f%%\"></i></div></div><span>%s</span>\n",
               100 * share2, number);
}
