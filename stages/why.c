/* why.c - what every stage of a run decided about a document.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The steps are walked in order. Of each: is the document among the drops, and is it in the output? What a stage said
 * is the evidence in its drop, or the fields that it added; the values that rules looked at are measured again. */
#include "frame/stage.h"
#include "report/drops.h"
#include "report/limits.h"

#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const struct opt options[] = { { END } };

/* What a stage's word stands on: fields that it adds, options that were its threshold. */
static const struct { const char *stage, *fields, *options; } said_by[] = {
    { "extract",      "title,source,date",                    "" },
    { "lang",         "lang,lang_score",                      "--least,--only" },
    { "dedup",        "duplicate_of,duplicate_lines",         "--by" },
    { "fuzzy",        "group",                                "--similarity,-s,--ngram" },
    { "perplexity",   "perplexity,bucket",                    "--keep" },
    { "score",        "scores",                               "--least" },
    { "rules",        "rules",                                "--like,--limit" },
    { "embed",        "row",                                  "--model,-m" },
    { "kmeans apply", "cluster,distance",                     "" },
    { "semdedup",     "group",                                "--keep,--epsilon" },
    { "prototype",    "",                                     "--keep" },
    { "d4",           "cluster,distance",                     "--keep-dedup,--keep-proto" },
    { "mix",          "copies",                               "" },
};

struct why {
    struct arena mem;
    struct str id, url;                      /* url: null when it has none */
    struct str stage, reason, evidence;      /* of the drop that it met; stage: null while it was kept */
    /* its line in the output of the step that is looked at, or null; its text */
    struct str doc, text;
    struct { struct str stage; uint64_t n; } twins[16];      /* documents that went because this one stayed */
    size_t n_twins;
};

/* ---- looking ---- */

/* Until it was met, w->id is what was asked for: an id or a URL. */
static bool meet(void *why, struct doc *d, struct err *e)
{
    (void)e;
    struct why *w = why;
    struct str url = { 0 };
    const struct str id = doc_id(d);
    const bool has_url = doc_string(d, "url", &url);
    if (!str_eq(id, w->id) && !(has_url && str_eq(url, w->id))) return true;
    w->id = str_copy(&w->mem, id);
    w->url = has_url ? str_copy(&w->mem, url) : S("");
    return false;
}

static bool meet_somewhere(struct why *w, const struct run *r, const struct trail *t, struct err *e)
{
    for (size_t i = 0; i < t->n && !w->url.p; i++) {
        const struct trail_step *s = &t->steps[i];
        if (step_makes_docs(s) && !each_made(r, s, meet, w, e)) return false;
        if (!w->url.p && s->drops && !each_drop(r, s, meet, w, e)) return false;
    }
    return w->url.p
        || err_set(e, ERR_DATA, "no document of %s has the id or the url %.*s", t->folder, (int)w->id.n, w->id.p);
}

static void count_twin(struct why *w, const struct doc *d)
{
    struct str stage;
    size_t i = 0;
    if (!doc_string(d, "stage", &stage)) return;
    while (i < w->n_twins && !str_eq(w->twins[i].stage, stage)) i++;
    if (i == sizeof w->twins / sizeof *w->twins) return;
    if (i == w->n_twins) w->twins[w->n_twins++].stage = str_copy(&w->mem, stage);
    w->twins[i].n++;
}

static bool said_elsewhere(struct str key)
{
    static const char *const names[] = { "id", "url", "stage", "reason" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) if (str_eq(key, str_of(names[i]))) return true;
    return false;
}

static bool at_drop(void *why, struct doc *d, struct err *e)
{
    (void)e;
    struct why *w = why;
    struct str twin;
    if (doc_string(d, "twin", &twin) && str_eq(twin, w->id)) count_twin(w, d);
    if (w->stage.p || !str_eq(doc_id(d), w->id) || !doc_string(d, "stage", &w->stage)
        || !doc_string(d, "reason", &w->reason))
        return true;
    struct buf b = { 0 };
    for (size_t i = 0; i < d->n; i++) {
        const struct doc_field *f = &d->fields[i];
        double x;
        if (said_elsewhere(f->key)) continue;
        buf_printf(&b, "%s%.*s ", b.n ? ", " : "", (int)f->key.n, f->key.p);
        if (json_number(f->value, &x)) json_put_number(&b, x);
        else buf_put(&b, f->value);
    }
    w->stage = str_copy(&w->mem, w->stage);
    w->reason = str_copy(&w->mem, w->reason);
    w->evidence = str_copy(&w->mem, buf_str(&b));
    buf_free(&b);
    return true;
}

static bool at_doc(void *why, struct doc *d, struct err *e)
{
    (void)e;
    struct why *w = why;
    if (!str_eq(doc_id(d), w->id)) return true;
    w->doc = str_copy(&w->mem, d->line);
    w->text = str_copy(&w->mem, doc_text(d));
    return false;
}

/* ---- saying ---- */

static void put_fields(struct buf *b, const struct why *w, const char *names)
{
    struct str rest = str_of(names), name;
    while (w->doc.p && rest.n && str_cut(&rest, ',', &name)) {
        const struct str value = json_get(str_trim(w->doc), name);
        if (value.p) buf_printf(b, " %.*s %.*s", (int)name.n, name.p, (int)(value.n > 200 ? 200 : value.n), value.p);
    }
}

static void put_options(struct buf *b, const struct trail_stage *s, const char *names)
{
    struct arena mem = { 0 };
    struct str rest = str_of(names), name;
    while (rest.n && str_cut(&rest, ',', &name)) {
        const char *option = str_c(&mem, name), *value = stage_option(s, option, NULL);
        if (value) buf_printf(b, " (%s %s)", option, value);
    }
    arena_free(&mem);
}

/* The values that a kept document was judged by. */
static void put_rules(struct buf *b, const struct why *w, const struct trail_stage *s)
{
    struct limits l;
    limits_init(&l, s);
    limits_text(&l, w->text);            /* as the step wrote it */
    for (size_t i = 0; i < l.n; i++) {
        const double value = limits_value(&l, i);
        if (isnan(value)) continue;
        buf_printf(b, "\n               %-26s %-10.4g %s %g", l.all[i].rule->reason, value,
                   l.all[i].rule->side == ABOVE ? "<=" : ">=", l.all[i].limit);
    }
    limits_free(&l);
}

static void put_kept(struct buf *b, const struct why *w, const struct trail_stage *s)
{
    buf_put(b, S("kept    "));
    for (size_t i = 0; i < sizeof said_by / sizeof *said_by; i++) {
        if (!stage_is(s, str_of(said_by[i].stage))) continue;
        put_fields(b, w, said_by[i].fields);
        put_options(b, s, said_by[i].options);
    }
    for (size_t i = 0; i < w->n_twins; i++)
        if (str_eq(w->twins[i].stage, stage_work(s)))
            buf_printf(b, " (%llu like it went)", (unsigned long long)w->twins[i].n);
    if (str_eq(s->name, S("rules")) && w->text.p) put_rules(b, w, s);
}

static void say(const struct why *w, const struct trail_stage *s, bool dropped)
{
    struct buf b = { 0 };
    if (dropped)
        buf_printf(&b, "dropped  %.*s%s%.*s", (int)w->reason.n, w->reason.p, w->evidence.n ? ": " : "",
                   (int)w->evidence.n, w->evidence.p);
    else put_kept(&b, w, s);
    const struct str line = str_trim(buf_str(&b));
    printf("%-14.*s %.*s\n", (int)s->name.n, s->name.p, (int)line.n, line.p);
    buf_free(&b);
}

/* Where its tokens are: PREFIX.docs.jsonl.zst beside the shards. */
static bool at_shard(void *why, struct doc *d, struct err *e)
{
    (void)e;
    struct why *w = why;
    if (!str_eq(doc_id(d), w->id)) return true;
    w->doc = str_copy(&w->mem, d->line);
    return true;
}

static bool say_shards(struct why *w, const struct run *r, const struct trail_step *s, struct err *e)
{
    glob_t found = { 0 };
    const char *slash = strrchr(s->path, '/');
    const char *pattern = str_c(&w->mem, str_printf(&w->mem, "%.*s/*.docs.jsonl.zst", (int)(slash - s->path), s->path));
    if (glob(pattern, 0, NULL, &found)) found.gl_pathc = 0;
    for (size_t i = 0; i < found.gl_pathc && !e->kind; i++) {
        w->doc = (struct str){ 0 };
        if (!each_doc(r, found.gl_pathv[i], at_shard, w, e) || !w->doc.p) continue;
        struct buf b = { 0 };
        put_fields(&b, w, "at,tokens");
        printf("%-14s packed   %s%.*s\n", "pack", strrchr(found.gl_pathv[i], '/') + 1, (int)b.n, b.p);
        buf_free(&b);
    }
    globfree(&found);
    return !e->kind;
}

static bool say_step(struct why *w, const struct run *r, const struct trail_step *s, struct err *e)
{
    w->doc = (struct str){ 0 };
    if (stage_is(&s->stages[0], S("pack"))) return say_shards(w, r, s, e);
    if (s->drops && !each_drop(r, s, at_drop, w, e)) return false;
    if (!step_makes_docs(s)) return true;                    /* a model, centroids: no decision about a document */
    if (!w->stage.p && !each_made(r, s, at_doc, w, e)) return false;
    for (size_t k = 0; k < s->n; k++) {
        const bool dropped = w->stage.p && str_eq(stage_work(&s->stages[k]), w->stage);
        if (dropped || w->doc.p || w->stage.p) say(w, &s->stages[k], dropped);
        if (dropped) break;
    }
    return true;
}

static bool why_command(const struct run *r, struct err *e)
{
    struct trail t;
    struct why w = { .id = str_of(r->args[0]) };
    if (r->n_files != 1 || !strcmp(r->files[0], "-"))
        return err_set(e, ERR_USAGE, "give a document and the folder of a run");
    if (!trail_open(&t, r->files[0], e)) return false;
    bool ok = meet_somewhere(&w, r, &t, e);
    if (ok) printf("%.*s\n%.*s%s", (int)w.id.n, w.id.p, (int)w.url.n, w.url.p, w.url.n ? "\n" : "");
    bool gone = false;
    for (size_t i = 0; ok && !gone && i < t.n; i++) {
        ok = say_step(&w, r, &t.steps[i], e);
        gone = w.stage.p != NULL;
    }
    trail_close(&t);
    arena_free(&w.mem);
    return ok;
}

const struct stage stage_why = {
    .place = 910, .name = "why", .brief = "what every stage of a run decided about a document", .usage = "ID|URL RUN",
    .n_args = 1,
    .text = "RUN is the folder that a pipeline wrote: its manifests, drops and documents are read. A stage that kept the document\n"
            "shows the fields that it added and its threshold; one that dropped it shows the evidence, such as the twin that stayed.",
    .example = "  tamis why https://example.org/page build/demo/run", .see = "undo, report",
    .options = options, .command = why_command,
};
