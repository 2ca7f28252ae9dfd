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
        if (read_json(found.gl_pathv[i], &mem, &json, e) && json_get(json, S("pack")).p) put_shard(&all, found.gl_pathv[i], json);
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

/* ---- weights: what mix was given, and what it gave ---- */

bool draw_weights(const struct report *p, struct err *e)
{
    (void)p, (void)e;
    return true;
}

bool draw_losses(const struct report *p, struct err *e)
{
    (void)p, (void)e;
    return true;
}
