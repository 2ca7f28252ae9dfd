/* rules.c - published filters: drop what they drop, and say which rule and which value.
 * SPDX-License-Identifier: Apache-2.0 */
#include "quality/rules.h"
#include "frame/stage.h"
#include "quality/blocklist.h"
#include "quality/pii.h"
#include "text/lines.h"

#include <math.h>
#include <stdlib.h>

enum { RULES_MAX = 200, SETS_MAX = 16 };

static struct {
    const char *like, *limits, *badwords, *lang;
    long sentences;
    int words;
    bool annotate;
} opt = { .sentences = 5 };
static const struct opt options[] = {
    {  0 , "like",      TEXT(&opt.like),      "SET,...",     "gopher[-repetition], c4[-nopunct|-sentences|-paragraphs|-badwords], fineweb, dolma[-v2|-c4|-pii], code", .required = true },
    {  0 , "limit",     TEXT(&opt.limits),    "RULE=X,...",  "other limits than the papers', by reason" },
    {  0 , "sentences", INT(&opt.sentences),  "N",           "c4: fewer in the lines that are left drop the document", .max = 1000 },
    {  0 , "words",     PICK(&opt.words),     "space|punct", "between white space, or runs of letters and of punctuation" },
    {  0 , "bad-words", TEXT(&opt.badwords),  "DIR",         "c4-badwords: DIR/LANG.txt, LDNOOBW's lists" },
    {  0 , "lang",      TEXT(&opt.lang),      "LANG",        "c4-badwords: of documents without \"lang\" (default: en)" },
    {  0 , "annotate",  FLAG(&opt.annotate),                 "drop nothing, rewrite nothing: add \"rules\", the verdict and the values" },
    { END }
};

struct lists { char lang[16]; struct blocklist *list; };
struct self {
    const struct rule_set *sets[SETS_MAX];
    double limits[SETS_MAX][RULES_MAX];
    size_t n;
    struct measures **measures;                      /* (threads) */
    struct buf *text, *lower;                        /* (threads) */
    struct lists *lists;
    size_t n_lists, lists_cap;
    int threads;
    size_t sentences;
    enum words_by by;
    struct str lang;
    bool annotate;
};

struct verdict { const char *set, *reason; double value, limit; };

/* ---- options ---- */

static bool add_sets(struct self *s, struct err *e)
{
    struct str rest = str_of(opt.like), item;
    while (str_cut(&rest, ',', &item)) {
        const struct rule_set *set = rule_set_find(str_trim(item));
        if (!set) return err_set(e, ERR_USAGE, "--like: no set of rules is named \"%.*s\"", (int)item.n, item.p);
        if (s->n == SETS_MAX) return err_set(e, ERR_USAGE, "--like: more than %d sets", SETS_MAX);
        for (size_t i = 0; i < set->n; i++) s->limits[s->n][i] = set->rules[i].limit;
        s->sets[s->n++] = set;
    }
    return true;
}

static bool set_limit(struct self *s, struct str reason, double limit)
{
    bool any = false;
    for (size_t k = 0; k < s->n; k++) {
        for (size_t i = 0; i < s->sets[k]->n; i++) {
            if (!str_eq(str_of(s->sets[k]->rules[i].reason), reason)) continue;
            s->limits[k][i] = limit;
            any = true;
        }
    }
    return any;
}

static bool add_limits(struct self *s, struct err *e)
{
    struct str rest = str_of(opt.limits), item, reason;
    while (str_cut(&rest, ',', &item)) {
        struct str number = item;
        char digits[64] = "", *end = digits;
        str_cut(&number, '=', &reason);
        if (number.p && number.n < sizeof digits) memcpy(digits, number.p, number.n);
        double limit = strtod(digits, &end);
        if (!*digits || *end) return err_set(e, ERR_USAGE, "--limit: \"%.*s\" is not RULE=NUMBER", (int)item.n, item.p);
        if (!set_limit(s, str_trim(reason), limit))
            return err_set(e, ERR_USAGE, "--limit: no rule in use is named \"%.*s\"", (int)reason.n, reason.p);
    }
    return true;
}

/* LDNOOBW names languages in two or three letters. Lists are read at the start: those that are there. */
static bool add_lists(struct self *s, struct err *e)
{
    static const char *const langs[] = { "ar", "cs", "da", "de", "en", "eo", "es", "fa", "fi", "fil", "fr", "hi", "hu",
                                         "it", "ja", "kab", "ko", "nl", "no",
                                         "pl", "pt", "ru", "sv", "th", "tlh", "tr", "zh" };
    /* C4's, of ja and zh */
    static const char *const allowed[] = { "sm", "\xE3\x82\xB0\xE3\x83\xAD", "\xE5\xA5\xB3\xE3\x81\xAE\xE5\xAD\x90",
                                           "\xE6\x80\xA7" };
    bool needed = false;
    for (size_t k = 0; k < s->n; k++) needed |= s->sets[k]->kind == SET_BADWORDS;
    if (!needed) return true;
    if (!opt.badwords) return err_set(e, ERR_USAGE, "--like c4-badwords needs --bad-words DIR");
    for (size_t i = 0; i < sizeof langs / sizeof *langs; i++) {
        char path[1000];
        snprintf(path, sizeof path, "%s/%s.txt", opt.badwords, langs[i]);
        FILE *f = fopen(path, "r");
        if (!f) continue;
        fclose(f);
        if (s->n_lists == s->lists_cap) s->lists = mem_grow(s->lists, &s->lists_cap, s->n_lists + 1, sizeof *s->lists);
        struct lists *l = &s->lists[s->n_lists];
        if (!(l->list = blocklist_open(path, e))) return false;
        snprintf(l->lang, sizeof l->lang, "%s", langs[i]);
        s->n_lists++;
        for (size_t k = 0; k < sizeof allowed / sizeof *allowed; k++) blocklist_allow(l->list, str_of(allowed[k]));
    }
    return s->n_lists || err_set(e, ERR_USAGE, "%s has no list such as en.txt", opt.badwords);
}

static void rules_free(void *self)
{
    struct self *s = self;
    for (int t = 0; t < s->threads; t++) {
        measures_free(s->measures[t]);
        buf_free(&s->text[t]);
        buf_free(&s->lower[t]);
    }
    for (size_t i = 0; i < s->n_lists; i++) blocklist_close(s->lists[i].list);
    free(s->lists);
    free(s->measures);
    free(s->text);
    free(s->lower);
    free(s);
}

static void *rules_open(const struct run *r, struct err *e)
{
    struct self *s = mem_zero(1, sizeof *s);
    s->threads = r->threads;
    s->measures = mem_zero((size_t)r->threads, sizeof *s->measures);
    s->text = mem_zero((size_t)r->threads, sizeof *s->text);
    s->lower = mem_zero((size_t)r->threads, sizeof *s->lower);
    s->sentences = (size_t)opt.sentences;
    s->by = (enum words_by)opt.words;
    s->lang = opt.lang ? str_of(opt.lang) : S("en");
    s->annotate = opt.annotate;
    for (int t = 0; t < r->threads; t++) s->measures[t] = measures_new();
    if (add_sets(s, e) && add_limits(s, e) && add_lists(s, e)) return s;
    rules_free(s);
    return NULL;
}

/* ---- one document ---- */

static const struct blocklist *list_of(const struct self *s, const struct doc *d)
{
    struct str lang = s->lang, own;
    if (doc_string(d, "lang", &own) || doc_string(d, "language", &own)) lang = own;
    for (size_t i = 0; i < s->n_lists; i++) if (str_eq(str_of(s->lists[i].lang), lang)) return s->lists[i].list;
    return NULL;
}

static bool has_bad_word(const struct self *s, const struct doc *d, struct str text)
{
    const struct blocklist *list = list_of(s, d);
    struct buf *lower = &s->lower[d->worker];
    struct str lang = s->lang, found;
    if (!list) return false;
    if (doc_string(d, "lang", &found) || doc_string(d, "language", &found)) lang = found;
    buf_reset(lower);
    text_lower(text, lower);
    return blocklist_search(list, buf_str(lower), str_eq(lang, S("ja")) || str_eq(lang, S("th"))
                            || str_eq(lang, S("zh")), &found);
}

/* Dolma's masks over what passed. */
static void mask(const struct self *s, const struct doc *d, struct str *text)
{
    struct pii p = { 0 };
    struct buf out = { 0 };
    pii_find(&p, *text);
    if (p.n) {
        pii_mask(&p, *text, &out);
        buf_free(&s->text[d->worker]);
        s->text[d->worker] = out;
        *text = buf_str(&s->text[d->worker]);
    }
    pii_free(&p);
}

/* Judges *text by set k, and rewrites it where the set does (C4, PII). */
static bool passes(const struct self *s, size_t k, const struct doc *d, struct str *text, struct verdict *v)
{
    const struct rule_set *set = s->sets[k];
    struct measures *m = s->measures[d->worker];
    *v = (struct verdict){ set->name, NULL, NAN, NAN };
    if (set->kind == SET_BADWORDS) v->reason = has_bad_word(s, d, *text) ? "bad_words" : NULL;
    else if (set->kind == SET_C4) {
        size_t sentences;
        struct buf *out = &s->text[d->worker], left = { 0 };
        v->reason = c4_clean(*text, set->c4, s->sentences, &left, &sentences);
        v->value = (double)sentences;
        v->limit = (double)s->sentences;
        buf_free(out);
        *out = left;
        if (!v->reason) *text = text_strip(buf_str(out));
    } else {
        measures_text(m, *text, s->by);
        const struct rule *broken = rules_broken(set->rules, s->limits[k], set->n, m, &v->value);
        if (broken) {
            v->reason = broken->reason;
            v->limit = s->limits[k][broken - set->rules];
        } else if (set->kind == SET_PII) mask(s, d, text);
    }
    return !v->reason;
}

static void put_measures(struct buf *b, const struct rule_set *set, struct measures *m)
{
    for (size_t i = 0; i < set->n; i++) {
        if (i && set->rules[i].measure == set->rules[i - 1].measure) continue;
        buf_printf(b, ",\"%s\":", measure_name(set->rules[i].measure));
        json_put_number(b, measure(m, set->rules[i].measure));
    }
}

static void put_verdict(struct buf *b, const struct self *s, size_t k, const struct verdict *v, struct measures *m)
{
    buf_printf(b, "%s\"%s\":{\"keep\":%s,\"reason\":", k ? "," : "{", v->set, v->reason ? "false" : "true");
    if (v->reason) buf_printf(b, "\"%s\"", v->reason);
    else buf_put(b, S("null"));
    if (s->sets[k]->n) put_measures(b, s->sets[k], m);
    if (s->sets[k]->kind == SET_C4) buf_printf(b, ",\"sentences\":%.0f", v->value);
    buf_putc(b, '}');
}

/* Each set judges the text as it came. */
static void annotate(const struct self *s, struct doc *d, struct str text)
{
    struct buf b = { 0 };
    for (size_t k = 0; k < s->n; k++) {
        struct verdict v;
        struct str as_it_came = text;
        passes(s, k, d, &as_it_came, &v);
        put_verdict(&b, s, k, &v, s->measures[d->worker]);
    }
    buf_putc(&b, '}');
    doc_put_raw(d, "rules", str_copy(d->mem, buf_str(&b)));
    buf_free(&b);
}

static bool rules_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct self *s = self;
    struct str came = doc_text(d), text = came;
    if (!text.p) return run_no_text(d);
    if (text.n >= UINT32_MAX) return run_reject(d, "too-long", "\"bytes\":%zu", text.n);
    if (s->annotate) { annotate(s, d, text); return true; }
    for (size_t k = 0; k < s->n; k++) {
        struct verdict v;
        if (passes(s, k, d, &text, &v)) {
            if (text.p != came.p) text = str_copy(d->mem, text);
            continue;
        }
        if (isnan(v.limit)) doc_drop(d, v.reason, "\"set\":\"%s\"", v.set);
        else doc_drop(d, v.reason, "\"set\":\"%s\",\"value\":%.17g,\"limit\":%.17g", v.set, v.value, v.limit);
        return true;
    }
    if (!str_eq(text, came)) doc_put_text(d, text);
    return true;
}

const struct stage stage_rules = {
    .place = 225, .name = "rules", .brief = "drop documents as published filters do",
    .text = "Sets are tried in the order given, and a document goes at the first rule that it breaks: --drops says which, with the\n"
            "value and the limit. c4, c4-nopunct and c4-sentences rewrite the text: lines (sentences) that break their rules are taken\n"
            "out; dolma-pii masks what it finds.",
    .example = "  tamis rules --like gopher-repetition,gopher,c4-nopunct,fineweb --drops why.jsonl docs.jsonl.zst -o out.jsonl.zst", .see = "signals, score",
    .options = options, .open = rules_open, .each = rules_each, .free = rules_free,
};
