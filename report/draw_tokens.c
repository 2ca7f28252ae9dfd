/* draw_tokens.c - domains' weights, losses, shards: what is read from the receipts that stages wrote.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "report/drops.h"
#include "report/markup.h"
#include "report/report.h"

#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { RECEIPT_MAX = 1 << 24, DOMAINS_MAX = 4096, SERIES_MAX = 16 };

static double number_of(struct str json, struct str path)
{
    double x = NAN;
    const struct str v = json.p ? json_get(json, path) : json;
    return v.p && json_number(v, &x) ? x : NAN;
}

static bool read_json(const char *path, struct arena *mem, struct str *json, struct err *e)
{
    struct buf b = { 0 };
    bool ok = file_slurp(path, &b, RECEIPT_MAX, e);
    *json = str_trim(str_copy(mem, buf_str(&b)));
    buf_free(&b);
    return ok && (json_valid(*json, e) || err_in(e, "%s", path));
}

/* ---- shards ---- */

static void put_shard(struct buf *b, const char *path, struct str json)
{
    static const struct { const char *path, *name; } facts[] = {
        { "documents", "documents" }, { "tokens", "tokens" }, { "rows", "rows" }, { "length", "tokens a row" },
        { "documents_cut", "documents cut" }, { "tokens_padded", "tokens padded" }, { "token_bytes", "bytes a token" },
    };
    buf_put(b, S("<div class=\"card\"><b>"));
    markup_text(b, str_of(strrchr(path, '/') + 1));
    buf_put(b, S("</b><table><tbody>"));
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        const double x = number_of(json, str_of(facts[i].path));
        if (!(x >= 0)) continue;
        buf_printf(b, "<tr><td>%s</td><td class=\"n\">", facts[i].name);
        markup_count(b, (uint64_t)x);
        buf_put(b, S("</td></tr>"));
    }
    struct str formats = json_get(json, S("formats")), hash;
    for (struct json_field f; formats.p && json_next_field(&formats, &f); ) {
        buf_put(b, S("<tr><td>"));
        markup_text(b, f.key);
        buf_put(b, S(", xxh3</td><td class=\"n\"><code>"));
        hash = json_get(f.value, S("xxh3"));
        markup_text(b, hash.n > 2 ? (struct str){ hash.p + 1, hash.n - 2 } : S("-"));
        buf_put(b, S("</code></td></tr>"));
    }
    buf_put(b, S("</tbody></table></div>\n"));
}

bool draw_shards(const struct report *p, struct err *e)
{
    const struct trail_step *step;
    size_t k;
    glob_t found = { 0 };
    struct arena mem = { 0 };
    struct buf all = { 0 };
    if (!trail_find(&p->trail, S("pack"), &step, &k)) return true;
    const char *slash = strrchr(step->path, '/');
    if (glob(str_c(&mem, str_printf(&mem, "%.*s/*.json", (int)(slash - step->path), step->path)), 0, NULL, &found)) found.gl_pathc = 0;
    for (size_t i = 0; i < found.gl_pathc && !e->kind; i++) {
        struct str json;
        if (read_json(found.gl_pathv[i], &mem, &json, e) && json_get(json, S("pack")).p) put_shard(&all,
        found.gl_pathv[i], json);
    }
    globfree(&found);
    if (all.n) {
        draw_section(p->html, "shards", "Shards", "What pack wrote, by its receipts.");
        buf_printf(p->html, "<div class=\"grid\">\n%.*s</div>\n", (int)all.n, all.p);
    }
    buf_free(&all);
    arena_free(&mem);
    return !e->kind;
}

/* ---- weights: how much there is of a domain, how much there is to be ---- */

struct domain { struct str name; double before, weight, spread; };

static int by_weight(const void *a, const void *b)
{
    const double x = ((const struct domain *)a)->weight, y = ((const struct domain *)b)->weight;
    return (x < y) - (x > y);
}

static double member(struct str object, struct str name)
{
    for (struct json_field f; object.p && json_next_field(&object, &f); ) {
        double x;
        if (str_eq(f.key, name)) return json_number(f.value, &x) ? x : NAN;
    }
    return NAN;
}

static void put_domains(struct buf *b, struct domain *all, size_t n, const char *name, struct str said)
{
    double most = 1e-9;
    qsort(all, n, sizeof *all, by_weight);
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fmax(all[i].before, all[i].weight + (all[i].spread > 0 ? all[i].spread : 0)));
    buf_printf(b, "<figure class=\"card\"><figcaption><b>%s</b></figcaption><div class=\"rows\" role=\"group\" aria-label=\"Weights of domains\">\n", name);
    for (size_t i = 0; i < n && i < 60; i++) {
        char number[80], spread[30] = "";
        if (isfinite(all[i].spread)) snprintf(spread, sizeof spread, " &plusmn; %.1f", 100 * all[i].spread);
        snprintf(number, sizeof number, "%.1f &rarr; %.1f%s&thinsp;%%", 100 * all[i].before, 100 * all[i].weight,
                 spread);
        chart_pair(b, all[i].name, all[i].weight / most, all[i].before / most, number);
    }
    buf_put(b, S("</div><figcaption>"));
    markup_text(b, said);
    buf_put(b, S("</figcaption></figure>\n"));
}

/* weights.json of doremi, doge, regmix. */
static bool put_weights(struct buf *b, const struct trail_step *s, struct err *e)
{
    struct arena mem = { 0 };
    struct str json, item;
    struct domain *all = NEW(&mem, struct domain, DOMAINS_MAX);
    size_t n = 0;
    if (!read_json(s->path, &mem, &json, e)) { arena_free(&mem); return false; }
    item = json_get(json, S("weights"));
    for (struct json_field f; item.p && n < DOMAINS_MAX && json_next_field(&item, &f); n++) {
        all[n] = (struct domain){ f.key, member(json_get(json, S("natural")), f.key), NAN,
                                  member(json_get(json, S("spread")), f.key) };
        if (!json_number(f.value, &all[n].weight)) all[n].weight = 0;
        if (isnan(all[n].before)) all[n].before = 0;
    }
    if (!json_string(json_get(json, S("said")), &mem, &item)) item = S("");
    put_domains(b, all, n, "as small models weigh them, over seeds", item);
    arena_free(&mem);
    return true;
}

/* mix --receipt. */
static bool put_mix(struct buf *b, const char *path, struct err *e)
{
    struct arena mem = { 0 };
    struct str json, rest;
    struct domain *all = NEW(&mem, struct domain, DOMAINS_MAX);
    size_t n = 0;
    double tokens = 0;
    if (!read_json(path, &mem, &json, e)) { arena_free(&mem); return false; }
    rest = json;
    for (struct json_field f; n < DOMAINS_MAX && json_next_field(&rest, &f); n++) {
        all[n] = (struct domain){ f.key, number_of(f.value, S("of.tokens")), number_of(f.value, S("share")), NAN };
        tokens += all[n].before;
    }
    for (size_t i = 0; i < n; i++) all[i].before /= fmax(tokens, 1);
    put_domains(b, all, n, "as mix gave them: shares of tokens", S(""));
    arena_free(&mem);
    return true;
}

static bool weighs(const struct trail_step *s)
{
    return str_eq(s->stages[0].name, S("doremi")) || str_eq(s->stages[0].name, S("doge"))
        || str_eq(s->stages[0].name, S("regmix"));
}

bool draw_weights(const struct report *p, struct err *e)
{
    struct buf b = { 0 };
    bool ok = true;
    for (size_t i = 0; ok && i < p->trail.n; i++) {
        const struct trail_step *s = &p->trail.steps[i];
        const char *receipt = stage_is(&s->stages[0], S("mix")) ? stage_option(&s->stages[0], "--receipt", NULL) : NULL;
        if (weighs(s)) ok = put_weights(&b, s, e);
        else if (receipt && file_exists(receipt)) ok = put_mix(&b, receipt, e);
    }
    if (b.n) {
        draw_section(p->html, "weights", "Weights of the domains",
                     "Share before and after, in per cent of the tokens; the spread is the standard deviation over seeds. "
                     "<span class=\"key\"><span><i></i>after</span> <span><i class=\"d\"></i>before</span></span>");
        buf_printf(p->html, "<div class=\"grid two\">\n%.*s</div>\n", (int)b.n, b.p);
    }
    buf_free(&b);
    return ok;
}

/* ---- losses: JSON lines with "step" and "loss", a line a seed ---- */

struct losses { struct series all[SERIES_MAX]; long seed[SERIES_MAX]; size_t n; };

static bool take_loss(void *losses, struct doc *d, struct err *e)
{
    (void)e;
    struct losses *l = losses;
    double step, loss, seed = 0;
    size_t k = 0;
    if (!json_number(doc_get(d, "step"), &step) || !json_number(doc_get(d, "loss"), &loss)) return true;
    json_number(doc_get(d, "seed"), &seed);
    while (k < l->n && l->seed[k] != (long)seed) k++;
    if (k == SERIES_MAX) return true;
    if (k == l->n) l->seed[l->n++] = (long)seed;
    values_add(&l->all[k].x, step);
    values_add(&l->all[k].y, loss);
    return true;
}

static bool put_losses(struct buf *b, const struct report *p, const char *path, const char *name, struct err *e)
{
    struct losses l = { 0 };
    char names[SERIES_MAX][40];
    const bool ok = each_doc(p->run, path, take_loss, &l, e);
    for (size_t k = 0; k < l.n; k++) {
        snprintf(names[k], sizeof names[k], "seed %ld", l.seed[k]);
        l.all[k].name = str_of(names[k]);
    }
    if (ok && l.n) {
        buf_put(b, S("<figure class=\"card\"><figcaption><b>"));
        markup_text(b, str_of(name));
        buf_printf(b, "</b> &middot; loss (nats a token) over steps%s</figcaption>", l.n > 1 ? ", a line a seed" : "");
        chart_lines(b, "Loss over steps", l.all, l.n);
        buf_put(b, S("</figure>\n"));
    }
    for (size_t k = 0; k < l.n; k++) {
        values_free(&l.all[k].x);
        values_free(&l.all[k].y);
    }
    return ok;
}

bool draw_losses(const struct report *p, struct err *e)
{
    struct buf b = { 0 };
    struct arena mem = { 0 };
    bool ok = true;
    for (size_t i = 0; ok && i < p->trail.n; i++) {
        const struct trail_step *s = &p->trail.steps[i];
        const char *log = weighs(s) ? stage_option(&s->stages[0], "--trajectory", NULL) : NULL;
        if (str_eq(s->stages[0].name, S("proxy train"))) log = str_c(&mem, str_printf(&mem, "%s/log.jsonl", s->path));
        if (log && file_exists(log)) ok = put_losses(&b, p, log, s->file, e);
    }
    if (b.n) {
        draw_section(p->html, "losses", "Losses", "Of the small models that were trained to weigh the domains.");
        buf_printf(p->html, "<div class=\"grid two\">\n%.*s</div>\n", (int)b.n, b.p);
    }
    buf_free(&b);
    arena_free(&mem);
    return ok;
}
