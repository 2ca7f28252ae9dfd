/* draw_run.c - the funnel, what it cost, and the four figures at the top.
 * SPDX-License-Identifier: Apache-2.0 */
#include "report/markup.h"
#include "report/report.h"

#include <math.h>
#include <stdlib.h>

/* ---- what came in, what went out ---- */

static uint64_t first_in(const struct trail *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->steps[i].stages[0].counted && step_makes_docs(&t->steps[i])) return t->steps[i].stages[0].in;
    return 0;
}

static uint64_t last_out(const struct report *p)
{
    return p->survey.last < p->trail.n ? p->survey.steps[p->survey.last].docs : 0;
}

static double seconds_of(const struct trail *t)
{
    double sum = 0;
    for (size_t i = 0; i < t->n; i++) sum += t->steps[i].seconds;
    return sum;
}

static uint64_t peak_of(const struct trail *t)
{
    uint64_t most = 0;
    for (size_t i = 0; i < t->n; i++) if (t->steps[i].memory > most) most = t->steps[i].memory;
    return most;
}

void draw_facts(const struct report *p)
{
    struct buf *b = p->html;
    const uint64_t in = first_in(&p->trail), out = last_out(p);
    buf_put(b, S("<div class=\"facts\"><div class=\"fact\"><b>"));
    markup_count(b, in);
    buf_put(b, S("</b><span>pages or documents in</span></div><div class=\"fact\"><b>"));
    markup_count(b, out);
    buf_printf(b, "</b><span>documents stayed, %.1f&thinsp;%%</span></div>", in ? 100 * (double)out / (double)in : 0);
    if (p->survey.last < p->trail.n) {
        buf_put(b, S("<div class=\"fact\"><b>"));
        markup_short(b, (double)p->survey.steps[p->survey.last].chars);
        buf_put(b, S("</b><span>characters stayed"));
        if (p->survey.steps[p->survey.last].tokens > 0) {
            buf_put(b, S(", about "));
            markup_short(b, p->survey.steps[p->survey.last].tokens);
            buf_put(b, S(" tokens"));
        }
        buf_put(b, S("</span></div>"));
    }
    buf_put(b, S("<div class=\"fact\"><b>"));
    markup_seconds(b, seconds_of(&p->trail));
    buf_put(b, S("</b><span>at most "));
    markup_bytes(b, (double)peak_of(&p->trail));
    buf_put(b, S(" of memory</span></div></div>\n"));
}

/* ---- funnel ---- */

static int by_number(const void *a, const void *b)
{
    const uint64_t x = ((const struct reason *)a)->n, y = ((const struct reason *)b)->n;
    return (x < y) - (x > y);
}

static void put_reasons(struct buf *b, const char *what, struct reason *all, size_t n)
{
    qsort(all, n, sizeof *all, by_number);
    for (size_t i = 0; i < n; i++) {
        buf_printf(b, "%s<em>", i ? ", " : what);
        markup_text(b, all[i].name);
        buf_put(b, S("</em> "));
        markup_count(b, all[i].n);
    }
}

static void put_stage(const struct report *p, size_t i, size_t k, double first)
{
    struct buf *b = p->html;
    const struct trail_step *s = &p->trail.steps[i];
    struct trail_stage *g = &s->stages[k];
    buf_put(b, S("<div class=\"step\"><div><b>"));
    markup_text(b, g->name);
    buf_printf(b, "</b></div><div><div class=\"bar\" role=\"img\" aria-label=\"%llu of %llu documents stay\">",
               (unsigned long long)g->out, (unsigned long long)g->in);
    buf_printf(b, "<i style=\"width:%.2f%%\"></i><i class=\"d\" style=\"width:%.2f%%\"></i></div><p><b>",
               100 * (double)g->out / first, 100 * (double)(g->in - g->out) / first);
    markup_count(b, g->out);
    buf_put(b, S("</b> documents"));
    if (g->in > g->out) buf_printf(b, " (&minus;%.1f&thinsp;%%)", 100 * (double)(g->in - g->out) / (double)g->in);
    if (k + 1 == s->n && p->survey.steps[i].docs) {
        buf_put(b, S(", "));
        markup_short(b, (double)p->survey.steps[i].chars);
        buf_put(b, S(" characters"));
        if (p->survey.steps[i].tokens > 0) {
            buf_put(b, S(", about "));
            markup_short(b, p->survey.steps[i].tokens);
            buf_put(b, S(" tokens"));
        }
    }
    put_reasons(b, " &middot; went: ", g->dropped, g->n_dropped);
    put_reasons(b, " &middot; bad: ", g->rejected, g->n_rejected);
    buf_put(b, S("</p></div></div>\n"));
}

void draw_funnel(const struct report *p)
{
    const double first = fmax((double)first_in(&p->trail), 1);
    draw_section(p->html, "funnel", "Funnel",
                 "Blue stays, orange goes here. Tokens are estimated with the run&#39;s own tokenizer.");
    for (size_t i = 0; i < p->trail.n; i++) {
        if (!step_makes_docs(&p->trail.steps[i])) continue;
        for (size_t k = 0; k < p->trail.steps[i].n; k++)
            if (p->trail.steps[i].stages[k].counted) put_stage(p, i, k, first);
    }
}

/* ---- time and memory ---- */

static void put_names(struct buf *b, const struct trail_step *s)
{
    for (size_t k = 0; k < s->n; k++) {
        if (k) buf_put(b, S(" ! "));
        markup_text(b, s->stages[k].name);
    }
}

/* How to have it all again; of slices, the first. */
static void put_commands(const struct report *p)
{
    struct buf *b = p->html;
    buf_put(b, S("<details><summary>The commands</summary>\n"));
    for (size_t i = 0; i < p->trail.n; i++) {
        buf_put(b, S("<p class=\"small\"><code>"));
        markup_text(b, p->trail.steps[i].command);
        buf_put(b, S("</code></p>\n"));
    }
    buf_put(b, S("</details>\n"));
}

void draw_cost(const struct report *p)
{
    struct buf *b = p->html;
    const double all = fmax(seconds_of(&p->trail), 1e-9);
    draw_section(b, "cost", "Time and memory",
                 "Of each step, as its manifest has it. Speed is of the bytes that it read, compressed as they were.");
    buf_put(b, S("<div class=\"scroll\"><table><thead><tr><th>step</th><th class=\"n\">time</th><th>share</th>"
                 "<th class=\"n\">processor</th><th class=\"n\">memory</th><th class=\"n\">read</th>"
                 "<th class=\"n\">speed</th></tr></thead><tbody>\n"));
    for (size_t i = 0; i < p->trail.n; i++) {
        const struct trail_step *s = &p->trail.steps[i];
        buf_put(b, S("<tr><td>"));
        put_names(b, s);
        buf_put(b, S("<br><code class=\"soft\">"));
        markup_text(b, str_of(s->file));
        buf_put(b, S("</code>"));
        if (s->slices > 1) buf_printf(b, " <span class=\"soft\">&middot; %zu slices</span>", s->slices);
        buf_put(b, S("</td><td class=\"n\">"));
        markup_seconds(b, s->seconds);
        const double percent = 100 * s->seconds / all;
        buf_printf(b, "</td><td><div class=\"bar\" role=\"img\" aria-label=\"%.0f percent of the time\"><i style=\"width:%.2f%%\"></i></div></td><td class=\"n\">", percent, percent);
        markup_seconds(b, s->cpu);
        buf_put(b, S("</td><td class=\"n\">"));
        markup_bytes(b, (double)s->memory);
        buf_put(b, S("</td><td class=\"n\">"));
        if (s->bytes_in) markup_bytes(b, (double)s->bytes_in);
        buf_put(b, S("</td><td class=\"n\">"));
        if (s->bytes_in && s->seconds > 0) { markup_bytes(b, (double)s->bytes_in / s->seconds); buf_put(b, S("/s")); }
        buf_put(b, S("</td></tr>\n"));
    }
    buf_put(b, S("</tbody></table></div>\n"));
    put_commands(p);
}
