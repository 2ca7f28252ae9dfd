/* signals.c - RedPajama-v2's quality signals, and the counts behind its importance weights.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/names.h"
#include "dedup/sha1.h"
#include "frame/stage.h"
#include "quality/signals.h"

#include <math.h>
#include <stdlib.h>

/* ---- signals ---- */

static struct { const char *artifacts, *only, *lang, *source; int format; } opt = { .only = "all" };
enum { FORMAT_DOC, FORMAT_RPV2 };
static const struct opt options[] = {
    { 'a', "artifacts", TEXT(&opt.artifacts), "DIR",       "models and lists, in RedPajama-v2's layout" },
    {  0 , "only",      TEXT(&opt.only),      "GROUP,...", "ccnet, lists, repetition, natural, lines, ml, importance" },
    {  0 , "lang",      TEXT(&opt.lang),      "LANG",      "of all documents, not their \"lang\" or \"language\"" },
    {  0 , "format",    PICK(&opt.format),    "doc|rpv2",  "rpv2: RedPajama-v2's record instead of the document" },
    {  0 , "source",    TEXT(&opt.source),    "PATH",      "rpv2: ids are PATH/row where documents have none" },
    { END }
};

struct self {
    struct artifacts *artifacts;
    struct signals **per_worker;
    struct buf *json;                                /* (threads) */
    int threads;
    unsigned groups;
    struct str lang, source;
    bool record;
};

static void signals_stage_free(void *self)
{
    struct self *s = self;
    for (int t = 0; t < s->threads; t++) {
        signals_free(s->per_worker[t]);
        buf_free(&s->json[t]);
    }
    free(s->per_worker);
    free(s->json);
    artifacts_close(s->artifacts);
    free(s);
}

static void *signals_open(const struct run *r, struct err *e)
{
    unsigned groups = signals_groups(opt.only, e);
    struct artifacts *a = groups && opt.artifacts ? artifacts_open(opt.artifacts, r->threads, e) : NULL;
    if (e->kind) return NULL;
    struct self *s = mem_zero(1, sizeof *s);
    *s = (struct self){ a, mem_zero((size_t)r->threads, sizeof *s->per_worker),
                        mem_zero((size_t)r->threads, sizeof *s->json), r->threads, groups,
                        str_of(opt.lang), str_of(opt.source), opt.format == FORMAT_RPV2 };
    for (int t = 0; t < r->threads; t++) s->per_worker[t] = signals_new();
    return s;
}

/* The first of two fields that is a string; "" when neither is. */
static struct str either(const struct doc *d, const char *a, const char *b)
{
    struct str s;
    return doc_string(d, a, &s) || doc_string(d, b, &s) ? s : S("");
}

/* RedPajama's look-up key is the URL's authority as it stands: port, user and capitals included. */
static struct str domain_of(const struct doc *d)
{
    struct str s = either(d, "source_domain", "url");
    const char *slashes = memmem(s.p, s.n, "://", 3);
    if (doc_get(d, "source_domain").p || !slashes) return s;
    s = str_span(slashes + 3, s.p + s.n);
    return (struct str){ s.p, strcspn(str_c(d->mem, s), "/?#") };
}

static double number(const struct doc *d, const char *a, const char *b)
{
    double x;
    struct str v = doc_get(d, a);
    if (!v.p) v = doc_get(d, b);
    return v.p && json_number(v, &x) ? x : NAN;
}

static double bucket_number(struct str bucket)
{
    return str_eq(bucket, S("head")) ? 0 : str_eq(bucket, S("middle")) ? 1 : str_eq(bucket, S("tail")) ? 2 : NAN;
}

static void put_ccnet(struct signals *s, const struct doc *d)
{
    s->doc[CCNET_LENGTH] = number(d, "length", "length");
    s->doc[CCNET_ORIGINAL_LENGTH] = number(d, "original_length", "original_length");
    s->doc[CCNET_NLINES] = number(d, "nlines", "nlines");
    s->doc[CCNET_ORIGINAL_NLINES] = number(d, "original_nlines", "original_nlines");
    s->doc[CCNET_LANGUAGE_SCORE] = number(d, "language_score", "lang_score");
    s->doc[CCNET_PERPLEXITY] = number(d, "perplexity", "perplexity");
    s->doc[CCNET_BUCKET] = bucket_number(either(d, "bucket", "bucket"));
}

static bool signals_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    struct self *s = self;
    struct signals *to = s->per_worker[d->worker];
    struct buf *json = &s->json[d->worker];
    struct str text = doc_text(d);
    if (!text.p) return run_no_text(d);
    if (text.n >= UINT32_MAX) return run_reject(d, "too-long", "\"bytes\":%zu", text.n);
    struct str lang = s->lang.p ? s->lang : either(d, "lang", "language");
    signals_compute(to, s->artifacts ? artifacts_lang(s->artifacts, lang) : NULL, d->worker, s->groups, text);
    put_ccnet(to, d);
    int ut1 = s->artifacts && s->artifacts->ut1 ? ut1_find(s->artifacts->ut1, domain_of(d)) : -1;
    to->doc[RPS_DOC_UT1_BLACKLIST] = ut1 < 0 ? (double)NAN : (double)ut1;
    buf_reset(json);
    signals_write(to, s->groups, json);
    doc_put_raw(d, "signals", str_copy(d->mem, buf_str(json)));
    return true;
}

/* ---- RedPajama's record ---- */

static struct str quoted(struct doc *d, struct str s)
{
    struct buf b = { 0 };
    json_put_string(&b, s);
    struct str q = str_copy(d->mem, buf_str(&b));
    buf_free(&b);
    return q;
}

static struct str record_id(const struct self *s, const struct doc *d)
{
    struct str id;
    if (doc_string(d, "id", &id)) return id;
    return str_printf(d->mem, "%.*s/%llu", (int)s->source.n, s->source.n ? s->source.p : "",
                      (unsigned long long)d->row);
}

static struct str before_last_slash(struct str id)
{
    const char *slash = memrchr(id.p, '/', id.n);
    return slash ? str_span(id.p, slash) : (struct str){ id.p, 0 };
}

static struct str metadata(struct doc *d, struct str source)
{
    static const char *const names[] = { "cc_segment", "cc_net_source", "url", "source_domain", "language",
                                         "snapshot_id" };
    const struct str values[] = { either(d, "cc_segment", "cc_segment"), source, either(d, "url", "url"), domain_of(d),
                                  either(d, "language", "lang"),
                                  { source.p, strcspn(str_c(d->mem, source), "/") } };
    struct str all = S("{");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str q = quoted(d, values[i]);
        all = str_printf(d->mem, "%.*s%s\"%s\":%.*s", (int)all.n, all.p, i ? "," : "", names[i], (int)q.n, q.p);
    }
    return str_printf(d->mem, "%.*s}", (int)all.n, all.p);
}

/* In order, because an id may hold the row. The document's own fields go. */
static bool signals_turn(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct self *s = self;
    if (!s->record) return true;
    struct str id = record_id(s, d), signals = doc_get(d, "signals"), about = metadata(d, before_last_slash(id));
    uint8_t digest[20];
    uint64_t id_int;
    sha1(id, digest);
    memcpy(&id_int, digest, sizeof id_int);
    d->line = S("");
    d->n = 0;
    doc_put_str(d, "id", id);
    doc_put_raw(d, "id_int", str_printf(d->mem, "%llu", (unsigned long long)id_int));
    doc_put_raw(d, "metadata", about);
    doc_put_raw(d, "quality_signals", signals);
    return true;
}

const struct stage stage_signals = {
    .place = 210, .name = "signals", .brief = "add RedPajama-v2's quality signals",
    .text = "Adds \"signals\": 45 lists of [begin, end, value] in code points, with RedPajama-v2's names and values. What needs a\n"
            "model or list that --artifacts does not have is null. Groups that --only leaves out are not written.\n"
            "--format rpv2 writes id, id_int, metadata and quality_signals, and nothing else of the document.",
    .memory = "the models",
    .example = "  tamis signals --only natural,repetition,lines docs.jsonl.zst -o out.jsonl.zst",
    .see = "rules, score, dsir train",
    .options = options, .open = signals_open, .each = signals_each, .turn = signals_turn, .free = signals_stage_free,
    .by_row = true,
};

/* ---- dsir train ---- */

static struct { const char *domain, *lang, *counts; } dopt = { .lang = "en" };
static const struct opt dsir_options[] = {
    { 'd', "domain", TEXT(&dopt.domain), "NAME", "ccnet (the source), books, openwebtext or wikipedia", .required = true },
    {  0 , "lang",   TEXT(&dopt.lang),   "LANG", "part of the files' names" },
    {  0 , "counts", TEXT(&dopt.counts), "FILE,...", "of dsir count, in place of documents; @LIST names files" },
    { END }
};

struct train { struct dsir_counts counts; struct words words; const char *domain, *lang, *folder; };

static bool load_counts(struct dsir_counts *c, const struct run *r, struct err *e)
{
    struct names files = { 0 };
    bool ok = names_split(&files, dopt.counts, e);
    for (size_t i = 0; ok && i < files.n; i++) ok = dsir_load(c, files.all[i], e);
    names_free(&files);
    *r->no_input = !strcmp(r->files[0], "-");
    return ok;
}

static void *dsir_stage_open(const struct run *r, struct err *e)
{
    struct train *s = mem_zero(1, sizeof *s);
    s->domain = dopt.domain;
    s->lang = dopt.lang;
    s->folder = r->output;
    if (!dopt.counts || load_counts(&s->counts, r, e)) return s;
    free(s);
    return NULL;
}

static bool dsir_turn(void *self, struct doc *d, struct err *e)
{
    (void)e;
    struct train *s = self;
    struct str text = doc_text(d);
    if (!text.p) return run_no_text(d);
    if (text.n >= UINT32_MAX) return run_reject(d, "too-long", "\"bytes\":%zu", text.n);
    words_reset(&s->words);
    words_punct(&s->words, text);
    dsir_add(&s->counts, &s->words);
    return true;
}

static bool dsir_stage_close(void *self, struct err *e)
{
    const struct train *s = self;
    if (!s->counts.texts) return err_set(e, ERR_DATA, "no documents to count");
    return dsir_write(&s->counts, s->folder, s->domain, s->lang, e);
}

static void dsir_stage_free(void *self)
{
    struct train *s = self;
    words_free(&s->words);
    free(s);
}

const struct stage stage_dsir_train = {
    .place = 212, .name = "dsir train", .brief = "count a domain's words for importance weights",
    .text = "Writes DOMAIN.LANG.10000.counts.npy and DOMAIN.LANG.lambda.npy into the folder that -o names, as RedPajama-v2 reads them.",
    .example = "  tamis dsir train -d wikipedia --lang en wiki.jsonl.zst -o artifacts/dsir/en", .see = "signals",
    .options = dsir_options, .open = dsir_stage_open, .turn = dsir_turn, .close = dsir_stage_close,
    .free = dsir_stage_free, .sink = true, .writes = "DIR/dsir/LANG",
};

/* ---- dsir count ---- */

static const struct opt count_options[] = { { END } };

static bool count_close(void *self, struct err *e)
{
    const struct train *s = self;
    return dsir_save(&s->counts, s->folder, e);
}

const struct stage stage_dsir_count = {
    .place = 213, .name = "dsir count", .brief = "dsir train on many machines: the counts of one slice",
    .text = "Writes the counts to the file that -o names; dsir train --counts adds them up.",
    .example = "  tamis dsir count 3.jsonl.zst -o 3.dsir\n  tamis dsir train -d ccnet --counts 0.dsir,1.dsir -o artifacts/dsir/en", .see = "dsir train",
    .options = count_options, .open = dsir_stage_open, .turn = dsir_turn, .close = count_close, .free = dsir_stage_free,
    .sink = true, .writes = "COUNTS",
};
