/* lang.c - label every document with its language.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "core/utf8.h"
#include "frame/stage.h"
#include "model/fasttext.h"

#include <math.h>
#include <stdlib.h>

enum by { BY_DOC, BY_LINE };
enum like { LIKE_FASTTEXT, LIKE_CCNET };
static struct { const char *model, *only; double least; long top; int by, like; } opt = { .top = 1 };
static const struct opt options[] = {
    { 'm', "model", TEXT(&opt.model), "FILE",           "fastText model, .bin or .ftz", .required = true },
    {  0 , "by",    PICK(&opt.by),    "doc|line",       "label the text, or each line of it" },
    {  0 , "top",   INT(&opt.top),    "K",              "also the K likeliest, as \"lang_top\"", .min = 1, .max = 1000 },
    {  0 , "least", REAL(&opt.least), "P",              "less likely than P is \"und\"", .max = 1 },
    {  0 , "only",  TEXT(&opt.only),  "LANG,...",       "drop documents in other languages" },
    {  0 , "like",  PICK(&opt.like),  "fasttext|ccnet", "ccnet: newlines deleted, 2 decimals, below 0.5 dropped" },
    { END }
};

struct lang {
    struct fasttext *model;
    struct fasttext_scratch **scratch;                /* (threads) */
    int threads;
    struct str only;
    double least;
    size_t top;
    bool by_line, ccnet;
};

static const double CCNET_LEAST = 0.5;

static void *lang_open(const struct run *r, struct err *e)
{
    if (!file_exists(opt.model)) {
        err_set(e, ERR_SYSTEM,
                "the model %s is not there\nhint: fastText's lid.176.ftz is one, and what tamis classify train writes",
                opt.model);
        return NULL;
    }
    struct fasttext *model = fasttext_open(opt.model, e);
    if (!model) return NULL;
    struct lang *s = mem_zero(1, sizeof *s);
    *s = (struct lang){ model, mem_zero((size_t)r->threads, sizeof *s->scratch), r->threads, str_of(opt.only),
                        opt.least,
                        (size_t)opt.top, opt.by == BY_LINE, opt.like == LIKE_CCNET };
    for (int t = 0; t < r->threads; t++) s->scratch[t] = fasttext_scratch_new(model);
    return s;
}

static void lang_free(void *self)
{
    struct lang *s = self;
    for (int t = 0; t < s->threads; t++) fasttext_scratch_free(s->scratch[t]);
    free(s->scratch);
    fasttext_close(s->model);
    free(s);
}

/* fastText prints six digits; cc_net rounds to two decimals. */
static double score_of(const struct lang *s, double p)
{
    if (s->ccnet) return rint(p * 100) / 100;
    char digits[40];
    snprintf(digits, sizeof digits, "%.6g", p);
    return strtod(digits, NULL);
}

static struct str without_newlines(struct arena *mem, struct str s)
{
    char *to = NEW(mem, char, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) if (s.p[i] != '\n') to[n++] = s.p[i];
    return (struct str){ to, n };
}

static bool in_list(struct str list, struct str name)
{
    for (struct str item; str_cut(&list, ',', &item); ) if (str_eq(str_trim(item), name)) return true;
    return false;
}

static struct str name_of(const struct lang *s, const struct fasttext_hit *hit)
{
    return (double)hit->p < s->least ? S("und") : fasttext_label_short(s->model, hit->label);
}

static void put_top(const struct lang *s, struct doc *d, const struct fasttext_hit *hits, size_t n)
{
    struct buf b = { 0 };
    for (size_t i = 0; i < n; i++) {
        buf_put(&b, i ? S(",[") : S("[["));
        json_put_string(&b, fasttext_label_short(s->model, hits[i].label));
        buf_putc(&b, ',');
        json_put_number(&b, score_of(s, (double)hits[i].p));
        buf_putc(&b, ']');
    }
    buf_put(&b, n ? S("]") : S("[]"));
    doc_put_raw(d, "lang_top", str_copy(d->mem, buf_str(&b)));
    buf_free(&b);
}

static void settle(const struct lang *s, struct doc *d, struct str name, double score)
{
    doc_put_str(d, "lang", name);
    doc_put_real(d, "lang_score", score);
    if (s->ccnet && score < CCNET_LEAST)
        doc_drop(d, "lang_score", "\"lang_score\":%.6g,\"least\":%g", score, CCNET_LEAST);
    if (s->only.p && !in_list(s->only, name))
        doc_drop(d, "lang", "\"lang\":\"%.*s\",\"lang_score\":%.6g", (int)name.n, name.p, score);
}

static void label_doc(const struct lang *s, struct doc *d, struct str text)
{
    struct fasttext_hit *hits = NEW(d->mem, struct fasttext_hit, s->top);
    if (s->ccnet) text = without_newlines(d->mem, text);
    size_t n = fasttext_predict(s->model, s->scratch[d->worker], text, s->top, 0, hits);
    if (s->top > 1) put_top(s, d, hits, n);
    settle(s, d, n ? name_of(s, hits) : S("und"), n ? score_of(s, (double)hits[0].p) : 0);
}

/* ---- by line: how many characters each language has ---- */

struct share { struct str lang; double chars, score; };              /* score: sum over its lines of p * chars */
struct mix { struct share *shares; size_t n, cap; double chars; };

static void mix_add(struct mix *m, struct str lang, double chars, double p)
{
    size_t i = 0;
    while (i < m->n && !str_eq(m->shares[i].lang, lang)) i++;
    if (i == m->n) {
        if (m->n == m->cap) m->shares = mem_grow(m->shares, &m->cap, m->n + 1, sizeof *m->shares);
        m->shares[m->n++] = (struct share){ .lang = lang };
    }
    m->shares[i].chars += chars;
    m->shares[i].score += p * chars;
    m->chars += chars;
}

static int by_share(const void *a, const void *b)
{
    const struct share *x = a, *y = b;
    return x->chars != y->chars ? (x->chars < y->chars ? 1 : -1) : str_cmp(x->lang, y->lang);
}

static void put_mix(const struct lang *s, struct doc *d, struct mix *m)
{
    struct buf b = { 0 };
    if (m->n) qsort(m->shares, m->n, sizeof *m->shares, by_share);
    buf_putc(&b, '{');
    for (size_t i = 0; i < m->n; i++) {
        if (i) buf_putc(&b, ',');
        json_put_string(&b, m->shares[i].lang);
        buf_putc(&b, ':');
        json_put_number(&b, rint(m->shares[i].chars / m->chars * 1e4) / 1e4);
    }
    buf_putc(&b, '}');
    doc_put_raw(d, "lang_mix", str_copy(d->mem, buf_str(&b)));
    buf_free(&b);
    if (m->n) settle(s, d, m->shares[0].lang, score_of(s, m->shares[0].score / m->shares[0].chars));
    else settle(s, d, S("und"), 0);
}

static void label_lines(const struct lang *s, struct doc *d, struct str text)
{
    struct mix m = { 0 };
    for (struct str line; str_cut(&text, '\n', &line); ) {
        struct fasttext_hit hit;
        if (!str_trim(line).n || !fasttext_predict(s->model, s->scratch[d->worker], line, 1, 0, &hit)) continue;
        mix_add(&m, name_of(s, &hit), (double)utf8_length(line), (double)hit.p);
    }
    put_mix(s, d, &m);
    free(m.shares);
}

static bool lang_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct lang *s = self;
    struct str text = doc_text(d);
    if (!text.p) return run_no_text(d);
    if (s->by_line) label_lines(s, d, text);
    else label_doc(s, d, text);
    return true;
}

const struct stage stage_lang = {
    .place = 200, .name = "lang", .brief = "label every document with its language",
    .text = "Adds \"lang\", the model's likeliest label for the text (newlines read as spaces), and \"lang_score\", its\n"
            "probability. --by line adds \"lang_mix\", the share of characters per language; \"lang\" is then the largest\n"
            "and \"lang_score\" the mean of its lines.",
    .memory = "the model",
    .example = "  tamis lang -m lid.176.ftz --only en,de docs.jsonl.zst -o out.jsonl.zst",
    .options = options, .open = lang_open, .each = lang_each, .free = lang_free,
};
