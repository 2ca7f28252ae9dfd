/* measures.c - words, lines and n-grams are found when a measure first needs them, then kept.
 * SPDX-License-Identifier: Apache-2.0 */
#include "quality/measures.h"
#include "core/hash.h"
#include "core/utf8.h"
#include "quality/pii.h"
#include "text/lines.h"
#include "text/ngrams.h"

#include <math.h>
#include <stdlib.h>

enum { DUP_GRAMS = 6 };

struct measures {
    struct str text;
    enum words_by by;
    double chars;                                                /* of the text */
    struct words words, spaced, lines;
    struct distinct distinct, lines_distinct;
    struct ngrams grams;
    struct buf glued;                                            /* all words without separator */
    uint32_t *slot; size_t slots;
    double value[N_MEASURES];
    bool known[N_MEASURES], have_words, have_spaced;
};

struct measures *measures_new(void)
{
    return mem_zero(1, sizeof(struct measures));
}

void measures_free(struct measures *m)
{
    words_free(&m->words);
    words_free(&m->spaced);
    words_free(&m->lines);
    distinct_free(&m->distinct);
    distinct_free(&m->lines_distinct);
    ngrams_free(&m->grams);
    buf_free(&m->glued);
    free(m->slot);
    free(m);
}

void measures_text(struct measures *m, struct str text, enum words_by by)
{
    m->text = text;
    m->by = by;
    m->chars = (double)utf8_length(text);
    m->have_words = m->have_spaced = false;
    memset(m->known, 0, sizeof m->known);
}

static const struct words *words_of(struct measures *m)
{
    if (!m->have_words) {
        words_reset(&m->words);
        if (m->by == WORDS_SPACE) words_space(&m->words, m->text);
        else words_punct(&m->words, m->text);
        m->have_words = true;
    }
    return &m->words;
}

static const struct words *spaced_of(struct measures *m)         /* dolma's words */
{
    if (m->by == WORDS_SPACE) return words_of(m);
    if (!m->have_spaced) {
        words_reset(&m->spaced);
        words_space(&m->spaced, m->text);
        m->have_spaced = true;
    }
    return &m->spaced;
}

static void set(struct measures *m, enum measure which, double value)
{
    m->value[which] = value;
    m->known[which] = true;
}

static size_t count_str(struct str s, struct str what)           /* occurrences that do not overlap */
{
    size_t n = 0;
    for (const char *p = s.p, *end = p + s.n; (p = memmem(p, (size_t)(end - p), what.p, what.n)); p += what.n) n++;
    return n;
}

#define ELLIPSIS S("\xE2\x80\xA6")

/* ---- Gopher, quality ---- */

static bool in(const char *const *set_of, size_t n, struct str s, size_t *which)
{
    for (*which = 0; *which < n; ++*which) if (str_eq(str_of(set_of[*which]), s)) return true;
    return false;
}

static const char *const common[] = { "the", "be", "to", "of", "and", "that", "have", "with" };
enum { N_COMMON = sizeof common / sizeof *common };

static void gopher_words(struct measures *m)
{
    const struct words *w = words_of(m);
    size_t plain = 0, alpha = 0, which, seen[N_COMMON] = { 0 }, kinds = 0;
    uint64_t chars = 0;
    for (size_t i = 0; i < w->n; i++) {
        uint32_t any = w->all[i].any;
        if (any & UC_PLAIN) { plain++; chars += w->all[i].chars; }
        alpha += (any & UC_ALPHA) != 0;
        if (w->all[i].n <= 4 && in(common, N_COMMON, words_at(w, i), &which)) seen[which] = 1;
    }
    for (size_t k = 0; k < N_COMMON; k++) kinds += seen[k];
    double n = (double)w->n;
    set(m, GOPHER_WORDS, (double)plain);
    set(m, GOPHER_MEAN_WORD, (double)chars / (double)plain);
    set(m, GOPHER_HASHES, (double)count_str(m->text, S("#")) / n);
    set(m, GOPHER_ELLIPSES, (double)(count_str(m->text, S("...")) + count_str(m->text, ELLIPSIS)) / n);
    set(m, GOPHER_ALPHA_WORDS, (double)alpha / n);
    set(m, GOPHER_STOP_WORDS, (double)kinds);
}

static void gopher_lines(struct measures *m)
{
    size_t bullets = 0, ellipses = 0;
    lines_cut(&m->lines, m->text, LINES_BREAKS);
    for (size_t i = 0; i < m->lines.n; i++) {
        struct str line = words_at(&m->lines, i), left = text_lstrip(line), right = text_rstrip(line);
        bullets += str_starts(left, S("-")) || str_starts(left, S("\xE2\x80\xA2"));
        ellipses += str_ends(right, S("...")) || str_ends(right, ELLIPSIS);
    }
    set(m, GOPHER_BULLET_LINES, (double)bullets / (double)m->lines.n);
    set(m, GOPHER_ELLIPSIS_LINES, (double)ellipses / (double)m->lines.n);
}

/* ---- repetition ---- */

/* What occurs again, every time after the first: how many of the lines, and their characters. */
static void repeated(struct measures *m, double *share, double *chars)
{
    struct distinct *d = &m->lines_distinct;
    distinct_find(d, &m->lines);
    uint64_t once = 0;
    for (size_t i = 0; i < d->n; i++) once += m->lines.all[d->first[i]].chars;
    *share = (double)(m->lines.n - d->n) / (double)m->lines.n;
    *chars = (double)(m->lines.chars - once);
}

static void repeated_lines(struct measures *m)
{
    double share, chars;
    lines_cut(&m->lines, text_strip(m->text), LINES_PARAGRAPHS);
    repeated(m, &share, &chars);
    set(m, REPEATED_PARAGRAPHS, share);
    set(m, REPEATED_PARAGRAPH_CHARS, chars / m->chars);
    lines_cut(&m->lines, m->text, LINES_RUNS);
    repeated(m, &share, &chars);
    set(m, REPEATED_LINES, share);
    set(m, REPEATED_LINE_CHARS, chars / m->chars);
}

static uint64_t chars_of(const struct words *w, size_t begin, size_t n)
{
    uint64_t chars = 0;
    for (size_t i = begin; i < begin + n; i++) chars += w->all[i].chars;
    return chars;
}

/* Count times length of the most frequent k-gram, the earliest among equals, which may occur once; `space` for each
 * gap. NaN: no k-gram. */
static double top_gram(const struct ngrams *g, const struct words *w, size_t space)
{
    if (w->n < g->k) return NAN;
    size_t best = 0, i = 0;
    for (size_t k = 1; k < g->n_groups; k++) if (g->count[k] > g->count[best]) best = k;
    while (g->n_groups && g->group[i] != best) i++;
    uint64_t chars = chars_of(w, g->n_groups ? g->at[i] : 0, g->k) + space * (g->k - 1);
    return (double)(chars * (g->n_groups ? g->count[best] : 1));
}

static void top_grams(struct measures *m)
{
    const struct words *w = words_of(m);
    distinct_find(&m->distinct, w);
    ngrams_start(&m->grams, m->distinct.id, m->distinct.count, w->n);
    for (enum measure k = TOP_2GRAM; k <= TOP_4GRAM; k++) {
        ngrams_next(&m->grams);
        set(m, k, top_gram(&m->grams, w, 1) / m->chars);
    }
}

/* Where each word begins in the glued text, and where the last one ends. */
static uint32_t *glue(struct measures *m, const struct words *w)
{
    uint32_t *begins = mem_alloc(w->n + 1, sizeof *begins);
    buf_reset(&m->glued);
    for (size_t i = 0; i < w->n; i++) {
        begins[i] = (uint32_t)m->glued.n;
        buf_put(&m->glued, words_at(w, i));
    }
    begins[w->n] = (uint32_t)m->glued.n;
    return begins;
}

/* Has the glued gram at i been seen? If not, it has now. */
static bool gram_seen(struct measures *m, const uint32_t *begins, size_t i, size_t k)
{
    struct str s = { m->glued.p + begins[i], begins[i + k] - begins[i] };
    for (size_t at = hash64(s, 0) & (m->slots - 1); ; at = (at + 1) & (m->slots - 1)) {
        uint32_t j = m->slot[at];
        if (!j) { m->slot[at] = (uint32_t)i + 1; return false; }
        if (str_eq(s, (struct str){ m->glued.p + begins[j - 1], begins[j - 1 + k] - begins[j - 1] })) return true;
    }
}

/* datatrove's walk: a gram seen before adds its length and is jumped over, another is noted. Grams are compared without
 * the gaps. */
static double duplicate_chars(struct measures *m, const uint32_t *begins, size_t k)
{
    const struct words *w = &m->words;
    uint64_t chars = 0;
    memset(m->slot, 0, m->slots * sizeof *m->slot);
    for (size_t i = 0; i + k <= w->n; ) {
        if (!gram_seen(m, begins, i, k)) { i++; continue; }
        chars += chars_of(w, i, k);
        i += k;
    }
    return (double)chars;
}

static void duplicate_grams(struct measures *m)
{
    const struct words *w = words_of(m);
    uint32_t *begins = glue(m, w);
    for (m->slots = 64; m->slots < w->n * 2; ) m->slots *= 2;
    free(m->slot);
    m->slot = mem_alloc(m->slots, sizeof *m->slot);
    for (size_t k = 0; k < DUP_GRAMS; k++)
        set(m, (enum measure)(DUPLICATE_5GRAMS + k), duplicate_chars(m, begins, k + 5) / m->chars);
    free(begins);
}

/* ---- FineWeb, mC4 ---- */

static bool ends_terminal(struct str s)
{
    if (!s.n) return false;
    const char *end = s.p + s.n, *last = end - 1;
    while (last > s.p && (*last & 0xC0) == 0x80) last--;
    return unicode_class(utf8_next(&last, end)) & UC_TERMINAL;
}

static void fineweb(struct measures *m)
{
    enum { SHORT = 30 };
    size_t kept = 0, punct = 0, brief = 0, newlines = count_str(m->text, S("\n"));
    double share, chars;
    lines_cut(&m->lines, m->text, LINES_NEWLINE);
    m->lines.chars = 0;
    for (size_t i = 0; i < m->lines.n; i++) {
        struct str line = words_at(&m->lines, i);
        if (!text_strip(line).n) continue;
        m->lines.all[kept++] = m->lines.all[i];
        m->lines.chars += m->lines.all[i].chars;
        punct += ends_terminal(line);
        brief += m->lines.all[i].chars <= SHORT;
    }
    m->lines.n = kept;
    set(m, FINEWEB_LINES, (double)kept);
    set(m, FINEWEB_PUNCT_LINES, (double)punct / (double)kept);
    set(m, FINEWEB_SHORT_LINES, (double)brief / (double)kept);
    repeated(m, &share, &chars);
    set(m, FINEWEB_REPEATED_CHARS, chars / (m->chars - (double)newlines));
    set(m, FINEWEB_NEWLINES, (double)newlines / (double)words_of(m)->n);
}

static void c4_lines(struct measures *m)
{
    enum { LONG = 200 };
    size_t n = 0;
    lines_cut(&m->lines, m->text, LINES_NEWLINE);
    for (size_t i = 0; i < m->lines.n; i++) n += m->lines.all[i].chars >= LONG;
    set(m, C4_LONG_LINES, (double)n);
}

/* ---- dolma ---- */

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double median_word(const struct words *w)
{
    uint32_t *chars = mem_alloc(w->n + 1, sizeof *chars);
    for (size_t i = 0; i < w->n; i++) chars[i] = w->all[i].chars;
    qsort(chars, w->n, sizeof *chars, by_number);
    double median = w->n ? ((double)chars[(w->n - 1) / 2] + (double)chars[w->n / 2]) / 2 : 0;
    free(chars);
    return median;
}

static void dolma_words(struct measures *m)
{
    const struct words *w = spaced_of(m);
    size_t symbols = 0, alpha = 0, required = 0, which;
    for (size_t i = 0; i < w->n; i++) {
        struct str s = words_at(w, i);
        symbols += memchr(s.p, '#', s.n) || memmem(s.p, s.n, "\xE2\x80\xA6", 3);
        alpha += (w->all[i].any & UC_ALPHA) != 0;
        required += s.n <= 4 && in(common, N_COMMON, s, &which);
    }
    set(m, DOLMA_WORDS, (double)w->n);
    set(m, DOLMA_MEDIAN_WORD, median_word(w));
    set(m, DOLMA_SYMBOLS, w->n ? (double)symbols / (double)w->n : 0);
    set(m, DOLMA_ALPHA_WORDS, w->n ? (double)alpha / (double)w->n : 0);
    set(m, DOLMA_REQUIRED_WORDS, (double)required);
}

/* first: DOLMA_BULLET_LINES or DOLMA2_BULLET_LINES, whose three followers are in the same order. */
static void find_dolma_lines(struct measures *m, enum lines_by by, enum measure first)
{
    const struct words *w = spaced_of(m);
    size_t bullets = 0, ellipses = 0, again = 0;
    uint64_t chars = 0;
    lines_cut(&m->lines, m->text, by);
    distinct_find(&m->lines_distinct, &m->lines);
    for (size_t i = 0; i < m->lines.n; i++) {
        struct str line = words_at(&m->lines, i);
        bullets += str_starts(line, S("*")) || str_starts(line, S("-"));
        ellipses += str_ends(line, ELLIPSIS);
        if (m->lines_distinct.count[m->lines_distinct.id[i]] < 2) continue;
        again++;
        chars += m->lines.all[i].chars;
    }
    double n = w->n ? (double)m->lines.n : INFINITY;             /* dolma gives up on a text without words: all zero */
    set(m, first, (double)bullets / n);
    set(m, first + 1, (double)ellipses / n);
    set(m, first + 2, (double)again / n);
    set(m, first + 3, w->n ? (double)chars / (double)w->chars : 0);
}

static void dolma_lines(struct measures *m) { find_dolma_lines(m, LINES_NEWLINE, DOLMA_BULLET_LINES); }
static void dolma2_lines(struct measures *m) { find_dolma_lines(m, LINES_RUNS, DOLMA2_BULLET_LINES); }

/* dolma's c4_v2: lines are lower-cased and stripped first. */
static void dolma_c4(struct measures *m)
{
    size_t unended = 0, brief = 0;
    bool brace = false, javascript = false, lorem = false;
    struct buf lower = { 0 };
    struct words words = { 0 };
    lines_cut(&m->lines, m->text, LINES_NEWLINE);
    for (size_t i = 0; i < m->lines.n; i++) {
        buf_reset(&lower);
        text_lower(words_at(&m->lines, i), &lower);
        const struct str line = text_strip(buf_str(&lower));
        const char last = line.n ? line.p[line.n - 1] : '\0';
        unended += last != '.' && last != '?' && last != '!' && last != '"';
        words_reset(&words);
        words_space(&words, line);
        brief += words.n < 3;
        brace |= memchr(line.p, '{', line.n) != NULL;
        javascript |= memmem(line.p, line.n, "javascript", 10) != NULL;
        lorem |= memmem(line.p, line.n, "lorem ipsum", 11) != NULL;
    }
    const double n = (double)m->lines.n;
    set(m, DOLMA_C4_LINES, n);
    set(m, DOLMA_C4_UNENDED_LINES, (double)unended / n);
    set(m, DOLMA_C4_SHORT_LINES, (double)brief / n);
    set(m, DOLMA_C4_BRACE, brace);
    set(m, DOLMA_C4_JAVASCRIPT, javascript);
    set(m, DOLMA_C4_LOREM, lorem);
    words_free(&words);
    buf_free(&lower);
}

static void dolma_pii(struct measures *m)
{
    struct pii p = { 0 };
    size_t of_kind[PII_KINDS] = { 0 }, chars = 0;
    pii_find(&p, m->text);
    for (size_t i = 0; i < p.n; i++) {
        of_kind[p.all[i].kind]++;
        chars += utf8_length(str_span(p.all[i].begin, p.all[i].end));
    }
    set(m, DOLMA_PII, (double)p.n);
    for (size_t k = 0; k < PII_KINDS; k++) set(m, (enum measure)(DOLMA_PII_EMAILS + k), (double)of_kind[k]);
    set(m, DOLMA_PII_CHARS, (double)chars);
    pii_free(&p);
}

/* RedPajama-v1's measures of code, by dolma. Tokens are the pieces between WordPunct's words, so one more than there
 * are words. */
static void code(struct measures *m)
{
    uint64_t longest = 0, alphanumeric = 0, letters = 0;
    lines_cut(&m->lines, m->text, LINES_BREAKS);
    for (size_t i = 0; i < m->lines.n; i++) longest = m->lines.all[i].chars > longest ? m->lines.all[i].chars : longest;
    for (const char *p = m->text.p, *end = p + m->text.n; p < end; ) {
        const uint32_t c = utf8_next(&p, end), k = unicode_class(c);
        alphanumeric += k & UC_WORD && c != '_';
        letters += (k & UC_ALPHA) != 0;
    }
    set(m, CODE_LONGEST_LINE, (double)longest);
    set(m, CODE_MEAN_LINE, m->lines.n ? (double)m->lines.chars / (double)m->lines.n : 0);
    set(m, CODE_ALPHANUMERIC, m->chars > 0 ? (double)alphanumeric / m->chars : 0);
    set(m, CODE_LETTERS_PER_TOKEN, (double)letters / (double)(words_punct_regex(m->text) + 1));
}

/* Characters of all k-grams that occur at least twice, by the characters of all k-grams: places, not positions, so
 * words count k times. */
static double repeated_grams(const struct ngrams *g, const struct words *w)
{
    if (w->n < g->k) return NAN;
    uint64_t all = 0, again = 0;
    for (size_t i = 0; i + g->k <= w->n; i++) all += chars_of(w, i, g->k);
    for (size_t i = 0; i < g->n; i++) again += chars_of(w, g->at[i], g->k);
    return (double)again / (double)all;
}

static void dolma_grams(struct measures *m)
{
    const struct words *w = spaced_of(m);
    distinct_find(&m->distinct, w);
    ngrams_start(&m->grams, m->distinct.id, m->distinct.count, w->n);
    for (size_t k = 2; k <= 10; k++) {
        ngrams_next(&m->grams);
        if (k <= 4) set(m, (enum measure)(DOLMA_TOP_2GRAM + k - 2), top_gram(&m->grams, w, 0) / (double)w->chars);
        else set(m, (enum measure)(DOLMA_DUPLICATE_5GRAMS + k - 5), repeated_grams(&m->grams, w));
    }
}

/* ---- which function finds which ---- */

static const struct { const char *name; void (*find)(struct measures *); } all[N_MEASURES] = {
    [GOPHER_WORDS] = { "gopher_words", gopher_words }, [GOPHER_MEAN_WORD] = { "gopher_mean_word", gopher_words },
    [GOPHER_HASHES] = { "gopher_hashes", gopher_words }, [GOPHER_ELLIPSES] = { "gopher_ellipses", gopher_words },
    [GOPHER_BULLET_LINES] = { "gopher_bullet_lines", gopher_lines },
    [GOPHER_ELLIPSIS_LINES] = { "gopher_ellipsis_lines", gopher_lines },
    [GOPHER_ALPHA_WORDS] = { "gopher_alpha_words", gopher_words },
    [GOPHER_STOP_WORDS] = { "gopher_stop_words", gopher_words },
    [REPEATED_PARAGRAPHS] = { "repeated_paragraphs", repeated_lines },
    [REPEATED_PARAGRAPH_CHARS] = { "repeated_paragraph_chars", repeated_lines },
    [REPEATED_LINES] = { "repeated_lines", repeated_lines },
    [REPEATED_LINE_CHARS] = { "repeated_line_chars", repeated_lines },
    [TOP_2GRAM] = { "top_2gram", top_grams }, [TOP_3GRAM] = { "top_3gram", top_grams },
    [TOP_4GRAM] = { "top_4gram", top_grams },
    [DUPLICATE_5GRAMS] = { "duplicate_5grams", duplicate_grams },
    [DUPLICATE_6GRAMS] = { "duplicate_6grams", duplicate_grams },
    [DUPLICATE_7GRAMS] = { "duplicate_7grams", duplicate_grams },
    [DUPLICATE_8GRAMS] = { "duplicate_8grams", duplicate_grams },
    [DUPLICATE_9GRAMS] = { "duplicate_9grams", duplicate_grams },
    [DUPLICATE_10GRAMS] = { "duplicate_10grams", duplicate_grams },
    [FINEWEB_LINES] = { "fineweb_lines", fineweb }, [FINEWEB_PUNCT_LINES] = { "fineweb_punct_lines", fineweb },
    [FINEWEB_SHORT_LINES] = { "fineweb_short_lines", fineweb },
    [FINEWEB_REPEATED_CHARS] = { "fineweb_repeated_chars", fineweb },
    [FINEWEB_NEWLINES] = { "fineweb_newlines", fineweb }, [C4_LONG_LINES] = { "c4_long_lines", c4_lines },
    [DOLMA_WORDS] = { "dolma_words", dolma_words }, [DOLMA_MEDIAN_WORD] = { "dolma_median_word", dolma_words },
    [DOLMA_SYMBOLS] = { "dolma_symbols", dolma_words }, [DOLMA_ALPHA_WORDS] = { "dolma_alpha_words", dolma_words },
    [DOLMA_REQUIRED_WORDS] = { "dolma_required_words", dolma_words },
    [DOLMA_BULLET_LINES] = { "dolma_bullet_lines", dolma_lines },
    [DOLMA_ELLIPSIS_LINES] = { "dolma_ellipsis_lines", dolma_lines },
    [DOLMA_REPEATED_LINES] = { "dolma_repeated_lines", dolma_lines },
    [DOLMA_REPEATED_LINE_CHARS] = { "dolma_repeated_line_chars", dolma_lines },
    [DOLMA_TOP_2GRAM] = { "dolma_top_2gram", dolma_grams }, [DOLMA_TOP_3GRAM] = { "dolma_top_3gram", dolma_grams },
    [DOLMA_TOP_4GRAM] = { "dolma_top_4gram", dolma_grams },
    [DOLMA_DUPLICATE_5GRAMS] = { "dolma_duplicate_5grams", dolma_grams },
    [DOLMA_DUPLICATE_6GRAMS] = { "dolma_duplicate_6grams", dolma_grams },
    [DOLMA_DUPLICATE_7GRAMS] = { "dolma_duplicate_7grams", dolma_grams },
    [DOLMA_DUPLICATE_8GRAMS] = { "dolma_duplicate_8grams", dolma_grams },
    [DOLMA_DUPLICATE_9GRAMS] = { "dolma_duplicate_9grams", dolma_grams },
    [DOLMA_DUPLICATE_10GRAMS] = { "dolma_duplicate_10grams", dolma_grams },
    [DOLMA2_BULLET_LINES] = { "dolma2_bullet_lines", dolma2_lines },
    [DOLMA2_ELLIPSIS_LINES] = { "dolma2_ellipsis_lines", dolma2_lines },
    [DOLMA2_REPEATED_LINES] = { "dolma2_repeated_lines", dolma2_lines },
    [DOLMA2_REPEATED_LINE_CHARS] = { "dolma2_repeated_line_chars", dolma2_lines },
    [DOLMA_C4_LINES] = { "dolma_c4_lines", dolma_c4 },
    [DOLMA_C4_UNENDED_LINES] = { "dolma_c4_unended_lines", dolma_c4 },
    [DOLMA_C4_SHORT_LINES] = { "dolma_c4_short_lines", dolma_c4 }, [DOLMA_C4_BRACE] = { "dolma_c4_brace", dolma_c4 },
    [DOLMA_C4_JAVASCRIPT] = { "dolma_c4_javascript", dolma_c4 }, [DOLMA_C4_LOREM] = { "dolma_c4_lorem", dolma_c4 },
    [DOLMA_PII] = { "dolma_pii", dolma_pii }, [DOLMA_PII_EMAILS] = { "dolma_pii_emails", dolma_pii },
    [DOLMA_PII_PHONES] = { "dolma_pii_phones", dolma_pii },
    [DOLMA_PII_IPS] = { "dolma_pii_ips", dolma_pii }, [DOLMA_PII_CHARS] = { "dolma_pii_chars", dolma_pii },
    [CODE_LONGEST_LINE] = { "code_longest_line", code }, [CODE_MEAN_LINE] = { "code_mean_line", code },
    [CODE_ALPHANUMERIC] = { "code_alphanumeric", code }, [CODE_LETTERS_PER_TOKEN] = { "code_letters_per_token", code },
};

const char *measure_name(enum measure which)
{
    return all[which].name;
}

double measure(struct measures *m, enum measure which)
{
    if (!m->known[which]) all[which].find(m);
    return m->value[which];
}
