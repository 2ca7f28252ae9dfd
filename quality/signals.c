/* signals.c - cut the text once, then each group reads what it needs.
 * SPDX-License-Identifier: Apache-2.0 */
#include "quality/signals.h"
#include "core/utf8.h"
#include "quality/decimal.h"
#include "text/block.h"
#include "text/lines.h"
#include "text/ngrams.h"

#include <math.h>
#include <stdlib.h>

#define X(id, group, integer) { #id, SIGNALS_##group, integer },
const struct signal_info signal_info[N_SIGNALS] = { SIGNALS_TABLE(X) };
#undef X

struct signals_scratch {
    struct words normal, raw;
    struct distinct distinct;
    struct ngrams grams;
    size_t ellipsis_lines;
    struct buf joined;                       /* the text in one line, for the classifiers */
    double *term; size_t term_cap;           /* of the entropy, by count */
    uint16_t *bucket; size_t bucket_cap;
};

struct signals *signals_new(void)
{
    struct signals *s = mem_zero(1, sizeof *s);
    s->scratch = mem_zero(1, sizeof *s->scratch);
    return s;
}

void signals_free(struct signals *s)
{
    struct signals_scratch *k = s->scratch;
    words_free(&k->normal);
    words_free(&k->raw);
    distinct_free(&k->distinct);
    ngrams_free(&k->grams);
    buf_free(&k->joined);
    free(k->term);
    free(k->bucket);
    free(k);
    buf_free(&s->places);
    free(s->lines);
    free(s);
}

static double ratio(double a, double b)
{
    return round8(a / b);
}

#define ELLIPSIS S("\xE2\x80\xA6")

/* "..." without overlaps, and the one character for it. */
static size_t count_ellipses(struct str s)
{
    size_t n = 0;
    for (const char *p = s.p, *end = p + s.n, *dot; (dot = memchr(p, '.', (size_t)(end - p))); ) {
        for (p = dot; p < end && *p == '.'; ) p++;
        n += (size_t)(p - dot) / 3;
    }
    for (const char *p = s.p, *end = p + s.n; (p = memchr(p, ELLIPSIS.p[0], (size_t)(end - p))); p++)
        n += str_starts(str_span(p, end), ELLIPSIS);
    return n;
}

/* ---- lines ---- */

static bool ends_sentence(struct str stripped)
{
    if (!stripped.n) return false;
    char c = stripped.p[stripped.n - 1];
    return c == '.' || c == '!' || c == '?' || str_ends(stripped, S("\xE2\x80\x9D"));
}

static bool ends_in_ellipsis(struct str stripped)
{
    return stripped.n >= 3
        && (!memcmp(stripped.p + stripped.n - 3, "...", 3) || !memcmp(stripped.p + stripped.n - 3, ELLIPSIS.p, 3));
}

static bool is_bullet(uint32_t c)
{
    switch (c) {
    case 0x2022: case 0x2023: case 0x25B6: case 0x25C0: case 0x25E6: case 0x25A0: case 0x25A1: case 0x25AA: case 0x25AB:
    case 0x2013: return true;
    default: return false;
    }
}

static bool starts_with_bullet(struct str line)
{
    const char *p = text_lstrip(line).p, *end = line.p + line.n;
    return p < end && (unsigned char)*p == 0xE2 && is_bullet(utf8_next(&p, end));
}

enum { TERMINAL, JAVASCRIPT, NUM_WORDS, NUMERICAL, BULLET, UPPERCASE };

static void line_values(struct signal_line *l, struct str line, size_t upper, struct str stripped,
                        const struct words *w, size_t first)
{
    size_t n = w->n - first, javascript = 0;
    uint64_t chars = n ? n - 1 : 0, numeric = 0;
    for (size_t i = first; i < w->n; i++) {
        chars += w->all[i].chars;
        numeric += w->all[i].numeric;
        javascript += w->all[i].n == 10 && !memcmp(w->base + w->all[i].at, "javascript", 10);
    }
    l->value[TERMINAL] = ends_sentence(stripped);
    l->value[JAVASCRIPT] = (double)javascript;
    l->value[NUM_WORDS] = (double)n;
    l->value[NUMERICAL] = numeric ? ratio((double)numeric, (double)chars) : 0;
    l->value[BULLET] = starts_with_bullet(line);
    l->value[UPPERCASE] = upper ? ratio((double)upper, (double)(l->end - l->begin)) : 0;
}

/* Cuts the text into lines and normalised words. Lines keep their newline. */
static void cut_lines(struct signals *s, struct str text, bool values)
{
    struct words *w = &s->scratch->normal;
    words_reset(w);
    s->n_lines = s->scratch->ellipsis_lines = 0;
    s->chars = 0;
    for (const char *p = text.p, *end = p + text.n, *next; p < end; p = next) {
        next = memchr(p, '\n', (size_t)(end - p));
        next = next ? next + 1 : end;
        struct str line = str_span(p, next);
        size_t first = w->n;
        words_normal_part(w, line, end);
        if (s->n_lines == s->lines_cap) s->lines = mem_grow(s->lines, &s->lines_cap, s->n_lines + 1, sizeof *s->lines);
        struct signal_line *l = &s->lines[s->n_lines++];
        l->begin = s->chars;
        const struct line_count count = line_count(line);
        l->end = s->chars += count.chars;
        const struct str stripped = text_rstrip(line);
        s->scratch->ellipsis_lines += ends_in_ellipsis(stripped);
        if (values) line_values(l, line, count.upper, stripped, w, first);
    }
}

/* ---- content ---- */

/* "lorem ipsum" anywhere in the normalised text: a word that ends so before one that begins so. */
static size_t count_lorem(const struct words *w, const struct distinct *v)
{
    bool any = false;
    for (size_t i = 0; i < v->n && !any; i++) any = str_ends(words_at(w, v->first[i]), S("lorem"));
    size_t n = 0;
    for (size_t i = 0; any && i + 1 < w->n; i++)
        n += str_ends(words_at(w, i), S("lorem")) && str_starts(words_at(w, i + 1), S("ipsum"));
    return n;
}

static double stop_word_fraction(const struct words *raw, const struct blocklist *stop)
{
    size_t n = 0;
    for (size_t i = 0; i < raw->n; i++) n += blocklist_has(stop, words_at(raw, i));
    return ratio((double)n, (double)raw->n);
}

static void content(struct signals *s, const struct artifacts_lang *lang, struct str text)
{
    const struct words *w = &s->scratch->normal, *raw = &s->scratch->raw;
    const struct distinct *v = &s->scratch->distinct;
    double *to = s->doc, n = (double)s->chars, joined = (double)(w->chars + (w->n ? w->n - 1 : 0));
    to[RPS_DOC_CURLY_BRACKET] = text.n ? ratio((double)(text_count(text, '{') + text_count(text, '}')), n) : 0;
    to[RPS_DOC_LOREM_IPSUM] = w->n ? ratio((double)count_lorem(w, v), joined) : 0;
    if (!lang) return;
    to[RPS_DOC_LDNOOBW_WORDS] = lang->bad_words ? (double)blocklist_count(lang->bad_words, w, v) : 0;
    if (lang->stop_words) to[RPS_DOC_STOP_WORD_FRACTION] = w->n ? stop_word_fraction(raw, lang->stop_words) : 0;
}

/* ---- repetition ---- */

static uint64_t chars_of(const struct words *w, size_t begin, size_t end)
{
    uint64_t n = 0;
    for (size_t i = begin; i < end; i++) n += w->all[i].chars;
    return n;
}

/* The most frequent gram, the earliest among equals: its count times its characters, by all characters of words. */
static double top_gram(const struct ngrams *g, const struct words *w)
{
    size_t best = 0, i = 0;
    for (size_t k = 1; k < g->n_groups; k++) if (g->count[k] > g->count[best]) best = k;
    if (!g->n_groups) return 0;
    while (g->group[i] != best) i++;
    return ratio((double)(g->count[best] * chars_of(w, g->at[i], g->at[i] + g->k)), (double)w->chars);
}

static double repeated_share(const struct ngrams *g, const struct words *w)
{
    uint64_t chars = 0;
    size_t end = 0;
    for (size_t i = 0; i < g->n; i++) {
        size_t at = g->at[i];
        chars += chars_of(w, at > end ? at : end, at + g->k);
        end = at + g->k;
    }
    return chars ? ratio((double)chars, (double)w->chars) : 0;
}

static void repetition(struct signals *s)
{
    static const enum signal top[] = { [2] = RPS_DOC_FRAC_CHARS_TOP_2GRAM, RPS_DOC_FRAC_CHARS_TOP_3GRAM,
                                       RPS_DOC_FRAC_CHARS_TOP_4GRAM };
    static const enum signal dupe[] = {
        [5] = RPS_DOC_FRAC_CHARS_DUPE_5GRAMS, RPS_DOC_FRAC_CHARS_DUPE_6GRAMS, RPS_DOC_FRAC_CHARS_DUPE_7GRAMS,
        RPS_DOC_FRAC_CHARS_DUPE_8GRAMS, RPS_DOC_FRAC_CHARS_DUPE_9GRAMS, RPS_DOC_FRAC_CHARS_DUPE_10GRAMS,
    };
    const struct words *w = &s->scratch->normal;
    struct ngrams *g = &s->scratch->grams;
    ngrams_start(g, s->scratch->distinct.id, s->scratch->distinct.count, w->n);
    while (g->k < 10) {
        ngrams_next(g);
        if (g->k < 5) s->doc[top[g->k]] = top_gram(g, w);
        else s->doc[dupe[g->k]] = repeated_share(g, w);
    }
}

/* ---- natural language ---- */

/* The first of .!? from p on. */
static const char *sentence_end(const char *p, const char *end)
{
#if BLOCK_HAS
    for (; end - p >= 16; p += 16) {
        const __m128i x = block_load(p), dot = _mm_cmpeq_epi8(x, _mm_set1_epi8('.')),
                      bang = _mm_cmpeq_epi8(x, _mm_set1_epi8('!'));
        const int any = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(dot, bang), _mm_cmpeq_epi8(x, _mm_set1_epi8('?'))));
        if (any) return p + block_first((uint64_t)any);
    }
#endif
    while (p < end && *p != '.' && *p != '!' && *p != '?') p++;
    return p;
}

/* A sentence begins at a word character, runs to the first of .!? and over all that follow. */
static size_t count_sentences(struct str text)
{
    const char *p = text.p, *end = p + text.n;
    size_t n = 0;
    while (p < end) {
        unsigned char c = (unsigned char)*p;
        uint32_t k = c < 128 ? (p++, unicode_classes[c]) : unicode_class(utf8_next(&p, end));
        if (!(k & UC_WORD)) continue;
        n++;
        p = sentence_end(p, end);
    }
    return n;
}

/* Plain sums in the order of first occurrence, as the reference adds them. */
static double entropy(struct signals_scratch *k)
{
    const struct distinct *v = &k->distinct;
    double sum = 0, words = (double)k->normal.n;
    if (k->term_cap < k->normal.n + 1) k->term = mem_grow(k->term, &k->term_cap, k->normal.n + 1, sizeof *k->term);
    for (size_t i = 0; i < v->n; i++) k->term[v->count[i]] = 0;
    for (size_t i = 0; i < v->n; i++) {
        double *term = &k->term[v->count[i]], p = (double)v->count[i] / words;
        if (*term == 0 && p < 1) *term = -p * log(p);
        sum += *term;
    }
    return round8(sum);
}

static void natural_raw(struct signals *s, struct str text)
{
    const struct words *raw = &s->scratch->raw;
    size_t caps = 0, letters = 0, symbols = text_count(text, '#') + count_ellipses(text);
    if (!raw->n) return;
    for (size_t i = 0; i < raw->n; i++) {
        uint32_t any = raw->all[i].any;
        caps += (any & (UC_UPPER | UC_LOWER | UC_TITLE)) == UC_UPPER;
        letters += (any & UC_LETTER) != 0;
    }
    double n = (double)raw->n;
    s->doc[RPS_DOC_FRAC_ALL_CAPS_WORDS] = ratio((double)caps, n);
    s->doc[RPS_DOC_FRAC_NO_ALPH_WORDS] = round8(1.0 - (double)letters / n);
    s->doc[RPS_DOC_SYMBOL_TO_WORD_RATIO] = ratio((double)symbols, n);
}

static void natural(struct signals *s, struct str text)
{
    const struct words *w = &s->scratch->normal;
    double n = (double)w->n;
    natural_raw(s, text);
    if (s->n_lines)
        s->doc[RPS_DOC_FRAC_LINES_END_WITH_ELLIPSIS] = ratio((double)s->scratch->ellipsis_lines, (double)s->n_lines);
    s->doc[RPS_DOC_NUM_SENTENCES] = (double)count_sentences(text);
    s->doc[RPS_DOC_WORD_COUNT] = n;
    if (!w->n) return;
    s->doc[RPS_DOC_FRAC_UNIQUE_WORDS] = ratio((double)s->scratch->distinct.n, n);
    s->doc[RPS_DOC_MEAN_WORD_LENGTH] = ratio((double)w->chars, n);
    s->doc[RPS_DOC_UNIGRAM_ENTROPY] = entropy(s->scratch);
}

/* ---- models ---- */

/* Up to the first byte that a character may begin with that ends a line: control characters, U+0085, U+2028, U+2029. */
static const char *may_break(const char *p, const char *end)
{
    enum { CONTROL = 0x20, LATIN = 0xC2, GENERAL = 0xE2 };
    while (p < end && (unsigned char)*p >= CONTROL && (unsigned char)*p != LATIN && (unsigned char)*p != GENERAL) p++;
    return p;
}

/* Python's " ".join(text.splitlines()).strip() */
static struct str one_line(struct buf *to, struct str text)
{
    buf_reset(to);
    buf_room(to, text.n);
    for (const char *p = text.p, *end = p + text.n; p < end; ) {
        const char *at = may_break(p, end);
        buf_put(to, str_span(p, at));
        if (at == end) break;
        p = at;
        uint32_t c = utf8_next(&p, end);
        if (c == '\r' && p < end && *p == '\n') p++;
        if (unicode_class(c) & UC_BREAK) buf_putc(to, ' ');
        else buf_put(to, str_span(at, p));
    }
    return text_strip(buf_str(to));
}

static double classifier_score(struct artifacts_lang *lang, size_t k, int worker, struct str line)
{
    struct fasttext_hit hit;
    if (!fasttext_predict(lang->classifier[k], lang->scratch[k][worker], line, 1, -1, &hit)) return NAN;
    bool crawl = str_eq(fasttext_label_short(lang->classifier[k], hit.label), S("cc"));
    return round8(crawl ? 1 - (double)hit.p : (double)hit.p);
}

static void classifiers(struct signals *s, struct artifacts_lang *lang, int worker, struct str text)
{
    bool any = false;
    for (size_t k = 0; k < CLASSIFIERS; k++) any |= lang->classifier[k] != NULL;
    if (!any || !text.n) return;
    struct str line = one_line(&s->scratch->joined, text);
    for (size_t k = 0; k < CLASSIFIERS; k++)
        if (lang->classifier[k]) s->doc[RPS_DOC_ML_PALM_SCORE + k] = classifier_score(lang, k, worker, line);
}

static void importance(struct signals *s, const struct artifacts_lang *lang)
{
    struct signals_scratch *k = s->scratch;
    bool any = false;
    for (size_t i = 0; i < DOMAINS; i++) any |= lang->domain[i] != NULL;
    if (!any || !s->chars) return;
    if (k->bucket_cap < k->raw.n * 2 + 1)
        k->bucket = mem_grow(k->bucket, &k->bucket_cap, k->raw.n * 2 + 1, sizeof *k->bucket);
    size_t n = dsir_features(&k->raw, k->bucket);
    for (size_t i = 0; i < DOMAINS; i++) {
        if (!lang->domain[i]) continue;
        double score = dsir_score(lang->domain[i], k->bucket, n), *to = &s->doc[RPS_DOC_BOOKS_IMPORTANCE + 2 * i];
        to[0] = round8(score);
        to[1] = round8(score + dsir_length_term(lang->domain[i], (double)s->chars));
    }
}

void signals_compute(struct signals *s, struct artifacts_lang *lang, int worker, unsigned groups, struct str text)
{
    struct signals_scratch *k = s->scratch;
    for (size_t i = 0; i < N_SIGNALS; i++) s->doc[i] = NAN;
    cut_lines(s, text, groups & SIGNALS_LINES);
    if (groups & (SIGNALS_LISTS | SIGNALS_NATURAL | SIGNALS_IMPORTANCE)) {
        words_reset(&k->raw);
        words_punct(&k->raw, text);
    }
    if (groups & (SIGNALS_LISTS | SIGNALS_NATURAL | SIGNALS_REPETITION)) distinct_find(&k->distinct, &k->normal);
    if (groups & SIGNALS_LISTS) content(s, lang, text);
    if (groups & SIGNALS_REPETITION) repetition(s);
    if (groups & SIGNALS_NATURAL) natural(s, text);
    if (lang && groups & SIGNALS_ML) classifiers(s, lang, worker, text);
    if (lang && groups & SIGNALS_IMPORTANCE) importance(s, lang);
}
