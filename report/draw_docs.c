/* draw_docs.c - what the documents are: languages, values, groups, clusters.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/rows.h"
#include "report/groups.h"
#include "report/markup.h"
#include "report/plane.h"
#include "report/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LANGS_SHOWN = 24, CLUSTERS_SHOWN = 240 };

/* ---- languages ---- */

struct lang { struct str name; uint64_t before, after; };

static int by_before(const void *a, const void *b)
{
    const uint64_t x = ((const struct lang *)a)->before, y = ((const struct lang *)b)->before;
    return (x < y) - (x > y);
}

void draw_languages(const struct report *p)
{
    const struct survey *s = &p->survey;
    struct buf *b = p->html;
    if (!s->langs.n) return;
    struct lang *all = mem_zero(s->langs.n, sizeof *all);
    for (size_t i = 0; i < s->langs.n; i++) {
        all[i].name = s->langs.token[i];
        all[i].before = i < s->lang_cap[0] ? s->lang_docs[0][i] : 0;
        all[i].after = i < s->lang_cap[1] ? s->lang_docs[1][i] : 0;
    }
    qsort(all, s->langs.n, sizeof *all, by_before);
    draw_section(b, "languages", "Languages",
                 "Documents by their language, where it was found; blue is what stayed to the end.");
    buf_put(b, S("<div class=\"card\"><div class=\"rows\" role=\"group\" aria-label=\"Documents by language\">\n"));
    const double most = fmax((double)all[0].before, 1);
    for (size_t i = 0; i < s->langs.n && i < LANGS_SHOWN; i++) {
        struct buf n = { 0 };
        markup_count(&n, (uint64_t)llround((double)all[i].before / s->sample));
        buf_printf(&n, " &rarr; ");
        markup_count(&n, (uint64_t)llround((double)all[i].after / s->sample));
        buf_putc(&n, 0);
        chart_row(b, all[i].name, (double)all[i].after / most, (double)(all[i].before - all[i].after) / most, n.p);
        buf_free(&n);
    }
    buf_put(b, S("</div>"));
    if (s->langs.n > LANGS_SHOWN) buf_printf(b, "<p class=\"small soft\">and %zu more</p>", s->langs.n - LANGS_SHOWN);
    buf_put(b, S("</div>\n"));
    free(all);
}

/* ---- values ---- */

void draw_values(const struct report *p)
{
    struct buf *b = p->html;
    draw_section(b, "values", "Signals",
                 "How many documents have which value, where the field first came; heights are square roots of counts. "
                 "<span class=\"key\"><span><i></i>stayed to the end</span> <span><i class=\"d\"></i>went later, for whatever reason</span></span>");
    buf_put(b, S("<div class=\"grid\">\n"));
    for (size_t i = 0; i < p->survey.n_tracks; i++) {
        const struct track *t = &p->survey.tracks[i];
        if (!t->found) continue;
        buf_put(b, S("<figure class=\"card\"><figcaption><b>"));
        markup_text(b, str_of(t->name));
        buf_put(b, S("</b></figcaption>"));
        struct values kept = t->kept, dropped = t->dropped;
        chart_histogram(b, t->name, &kept, &dropped, NAN);
        buf_put(b, S("</figure>\n"));
    }
    buf_put(b, S("</div>\n"));
}

/* ---- groups ---- */

static void put_groups(struct buf *b, const struct groups *g)
{
    double most = 1;
    for (size_t k = 0; k < GROUP_CLASSES; k++) most = fmax(most, (double)g->groups[k]);
    buf_put(b, S("<figure class=\"card\"><figcaption><b>"));
    markup_text(b, g->stage);
    buf_put(b, S("</b>: "));
    markup_count(b, g->n);
    buf_put(b, S(" groups, by their documents</figcaption><div class=\"rows\" role=\"group\" aria-label=\"Groups of duplicates by size\">\n"));
    for (size_t k = 0; k < GROUP_CLASSES; k++) {
        struct buf n = { 0 };
        if (!g->groups[k]) continue;
        markup_count(&n, g->groups[k]);
        buf_putc(&n, 0);
        chart_row(b, str_of(groups_class(k)), (double)g->groups[k] / most, 0, n.p);
        buf_free(&n);
    }
    buf_put(b, S("</div><p class=\"small soft\">The largest, and what stayed of them:</p>\n"));
    for (size_t i = 0; i < g->n_largest; i++) {
        buf_printf(b, "<div class=\"doc\"><b>%llu</b> <span class=\"at\">", (unsigned long long)g->largest[i].docs);
        markup_cut(b, g->largest[i].url.p ? g->largest[i].url : g->largest[i].id, 160);
        buf_put(b, S("</span></div>\n"));
    }
    buf_put(b, S("</figure>\n"));
}

bool draw_groups(const struct report *p, struct err *e)
{
    struct buf all = { 0 };
    for (size_t i = 0; i < p->trail.n; i++) {
        for (size_t k = 0; k < p->trail.steps[i].n; k++) {
            struct groups g;
            bool ok = groups_find(&g, p->run, &p->trail.steps[i], k, e);
            if (ok && g.n) put_groups(&all, &g);
            groups_free(&g);
            if (!ok) { buf_free(&all); return false; }
        }
    }
    if (all.n) {
        draw_section(p->html, "groups", "Groups of duplicates", "One document of each group stayed.");
        buf_printf(p->html, "<div class=\"grid\">\n%.*s</div>\n", (int)all.n, all.p);
    }
    buf_free(&all);
    return true;
}

/* ---- clusters ---- */

static struct str label_of(struct arena *mem, const struct cluster *c, size_t n)
{
    struct buf b = { 0 };
    for (size_t i = 0; i < c->n_words && i < n; i++)
        buf_printf(&b, "%s%.*s", i ? n > 2 ? ", " : " " : "", (int)c->words[i].n, c->words[i].p);
    const struct str s = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s;
}

static void put_clusters(struct buf *b, const struct survey *s, const struct bubble *all)
{
    double most = 1;
    for (size_t c = 0; c < s->n_clusters; c++) most = fmax(most, (double)s->clusters[c].before);
    buf_printf(b, "<details><summary>All %zu clusters and their words</summary><div class=\"rows\">\n", s->n_clusters);
    for (size_t c = 0; c < s->n_clusters && c < CLUSTERS_SHOWN; c++) {
        char number[80];
        snprintf(number, sizeof number, "%llu &rarr; %llu", (unsigned long long)s->clusters[c].before,
                 (unsigned long long)s->clusters[c].after);
        struct buf name = { 0 };
        buf_printf(&name, "%zu ", c);
        markup_cut(&name, all[c].words, 40);
        buf_put(b, S("<span>"));
        buf_put(b, buf_str(&name));
        buf_put(b, S("</span>"));
        buf_free(&name);
        buf_printf(b, "<div class=\"bar\"><i style=\"width:%.2f%%\"></i><i class=\"d\" style=\"width:%.2f%%\"></i></div><span>%s</span>\n", 100 * (double)s->clusters[c].after / most,
                   100 * (double)(s->clusters[c].before - s->clusters[c].after) / most, number);
    }
    buf_put(b, S("</div><br></details>\n"));
}

bool draw_map(const struct report *p, struct err *e)
{
    const struct survey *s = &p->survey;
    const struct trail_step *step;
    size_t k;
    struct matrix m;
    struct arena mem = { 0 };
    const char *path = trail_find(&p->trail, S("kmeans apply"), &step, &k)
                       ? stage_option(&step->stages[k], "--centroids", "-c") : NULL;
    if (!s->n_clusters || !path || !file_exists(path)) return true;
    if (!rows_open(&m, path, e)) return false;
    const size_t n = s->n_clusters < m.rows ? s->n_clusters : m.rows;
    float *rows = NEW(&mem, float, n * m.cols);
    double *xy = NEW(&mem, double, 2 * n);
    struct bubble *all = NEW(&mem, struct bubble, n);
    matrix_rows(&m, 0, n, rows);
    const double held = plane_place(rows, n, m.cols, xy);
    for (size_t c = 0; c < n; c++)
        all[c] = (struct bubble){ xy[2 * c], xy[2 * c + 1], (double)s->clusters[c].before,
                                  label_of(&mem, &s->clusters[c], 2), label_of(&mem, &s->clusters[c], WORDS_SHOWN) };
    draw_section(p->html, "clusters", "Clusters", "Centroids in the plane of their two main directions; "
                 "the area is the number of documents, the words those that tell a cluster from the others.");
    buf_put(p->html, S("<figure class=\"card wide\">"));
    chart_map(p->html, "Map of the clusters", all, n);
    buf_printf(p->html, "<figcaption>These two directions hold %.0f&thinsp;%% of what sets the centroids apart.</figcaption></figure>\n", 100 * held);
    if (n == s->n_clusters) put_clusters(p->html, s, all);
    matrix_close(&m);
    arena_free(&mem);
    return true;
}
