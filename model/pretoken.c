/* pretoken.c - the published split patterns as scanners, any other by PCRE2.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every scanner asks for the class of the character at hand and walks a run. A table of 0x110000
 * classes makes that one load; ASCII needs no decoding.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "model/pretoken.h"

#include "core/utf8.h"

#include <pcre2.h>
#include <pthread.h>
#include <stdlib.h>
#include <utf8proc.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
    LETTER = 1, NUMBER = 2, SPACE = 4, NEWLINE = 8,
    UPPER = 16,                                              /* Lu Lt Lm Lo M: o200k's first half of a word */
    LOWER = 32,                                              /* Ll Lm Lo M: the second */
    PUNCT = 64,
    WORDLIKE = LETTER | NUMBER, NO_SYMBOL = WORDLIKE | SPACE, NO_PREFIX = WORDLIKE | NEWLINE,
    N_CHARS = 0x110000
};

struct pretoken { enum split kind; pcre2_code *regex; char *pattern; const uint8_t *class; };
/* begin, end: of the next match, found looking from at */
struct pretoken_scratch { pcre2_match_data *match; const char *at, *begin, *end; };

static const struct { const char *name, *pattern; } named[SPLIT_NAMED] = {
    [SPLIT_GPT2] = { "gpt2", "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+" },
    [SPLIT_CL100K] = { "cl100k",
                       "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+"
                                 "|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s" },
    [SPLIT_O200K] = { "o200k",
                      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
                               "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
                               "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+" },
    [SPLIT_LLAMA3] = { "llama3",
                       "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                                 "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+" },
    [SPLIT_DIGITS] = { "digits", "\\p{N}" },
    [SPLIT_DIGIT_RUNS] = { "digit_runs", "\\p{N}+" },
    [SPLIT_PUNCTUATION] = { "punctuation", "[\\p{P}$+<=>^`|~]" },
    [SPLIT_BERT] = { "bert", "[\\p{P}$+<=>^`|~]|\\s+" },
    [SPLIT_MARKS] = { "marks", "\\x{2581}+[^\\x{2581}]*" },
    [SPLIT_EACH_MARK] = { "each_mark", "\\x{2581}[^\\x{2581}]*" },
    [SPLIT_NEWLINES] = { "newlines", "[\\r\\n]+" },
};
/* The same patterns as other tools write them in their files. */
static const struct { const char *pattern; enum split as; } spelled[] = {
    { "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+", SPLIT_GPT2 },
    { "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s", SPLIT_GPT2 },
    { "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+", SPLIT_LLAMA3 },
};

/* ---- classes ---- */

static uint8_t class_of(uint32_t c)
{
    if (c == '\r' || c == '\n') return SPACE | NEWLINE;
    if ((c >= 9 && c <= 13) || c == 0x85) return SPACE;
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LT: return LETTER | UPPER;
    case UTF8PROC_CATEGORY_LL: return LETTER | LOWER;
    case UTF8PROC_CATEGORY_LM: case UTF8PROC_CATEGORY_LO: return LETTER | UPPER | LOWER;
    case UTF8PROC_CATEGORY_MN: case UTF8PROC_CATEGORY_MC: case UTF8PROC_CATEGORY_ME: return UPPER | LOWER;
    case UTF8PROC_CATEGORY_ND: case UTF8PROC_CATEGORY_NL: case UTF8PROC_CATEGORY_NO: return NUMBER;
    case UTF8PROC_CATEGORY_ZS: case UTF8PROC_CATEGORY_ZL: case UTF8PROC_CATEGORY_ZP: return SPACE;
    case UTF8PROC_CATEGORY_PC: case UTF8PROC_CATEGORY_PD: case UTF8PROC_CATEGORY_PS: case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI: case UTF8PROC_CATEGORY_PF: case UTF8PROC_CATEGORY_PO: return PUNCT;
    default: return c < 0x80 && c > 0x20 && c != 0x7F ? PUNCT : 0;
    }
}

static uint8_t classes[N_CHARS];

/* Planes 4 to 13 hold no characters, 15 and 16 private ones, which have no class: asking takes 5 ms. */
static void make_classes(void)
{
    enum { PLANE = 1 << 16 };
    for (uint32_t c = 0; c < 4 * PLANE; c++) classes[c] = class_of(c);
    for (uint32_t c = 14 * PLANE; c < 15 * PLANE; c++) classes[c] = class_of(c);
}

/* One table for all splitters, made when the first one is. */
static const uint8_t *all_classes(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_classes);
    return classes;
}

/* The class of the character at *p; moves on. */
static inline unsigned take(const uint8_t *class, const char **p, const char *end) { return class[utf8_next(p, end)]; }

static inline unsigned peek(const uint8_t *class, const char *p, const char *end)
{
    return p < end ? take(class, &p, end) : 0;
}

/* Over characters that have a bit of `any`. */
static inline const char *run(const uint8_t *class, const char *p, const char *end, unsigned any)
{
    for (const char *q = p; q < end && (take(class, &q, end) & any); ) p = q;
    return p;
}

/* Over letters: ASCII's 16 at a time. */
static inline const char *letters(const uint8_t *class, const char *p, const char *end)
{
#ifdef __SSE2__
    while (end - p >= 16) {
        const __m128i small = _mm_or_si128(_mm_loadu_si128((const __m128i *)(const void *)p), _mm_set1_epi8(0x20));
        const __m128i in = _mm_and_si128(_mm_cmpgt_epi8(small, _mm_set1_epi8('a' - 1)),
                                         _mm_cmplt_epi8(small, _mm_set1_epi8('z' + 1)));
        const unsigned out = ~(unsigned)_mm_movemask_epi8(in) & 0xFFFF;
        p += out ? __builtin_ctz(out) : 16;
        if (!out) continue;
        if ((unsigned char)*p < 0x80) return p;
        for (const char *q = p; ; p = q) {                   /* other letters, up to the next of ASCII */
            if (q == end) return end;
            if ((unsigned char)*q < 0x80) break;
            if (!(take(class, &q, end) & LETTER)) return p;
        }
    }
#endif
    return run(class, p, end, LETTER);
}

/* Over characters that have no bit of `none`. */
static inline const char *run_not(const uint8_t *class, const char *p, const char *end, unsigned none)
{
    for (const char *q = p; q < end && !(take(class, &q, end) & none); ) p = q;
    return p;
}

static const char *at_most_3(const uint8_t *class, const char *p, const char *end, unsigned any)
{
    const char *q = p;
    for (int i = 0; i < 3 && q < end && (take(class, &q, end) & any); i++) p = q;
    return p;
}

static const char *newlines(const char *p, const char *end, bool slash)
{
    while (p < end && (*p == '\n' || *p == '\r' || (slash && *p == '/'))) p++;
    return p;
}

/* ---- parts that the patterns share ---- */

/* After an apostrophe at p: the end of 's 'd 'm 't 'll 've 're, else p. A long s is an s when case is ignored. */
static const char *contraction(const char *p, const char *end, bool nocase)
{
    if (end - p < 2) return p;
    const char fold = nocase ? 0x20 : 0, a = (char)(p[1] | fold), b = end - p > 2 ? (char)(p[2] | fold) : 0;
    if (a == 's' || a == 'd' || a == 'm' || a == 't') return p + 2;
    if (b && ((a == 'l' && b == 'l') || (a == 'v' && b == 'e') || (a == 'r' && b == 'e'))) return p + 3;
    return nocase && end - p > 2 && p[1] == '\xC5' && p[2] == '\xBF' ? p + 3 : p;
}

/* \s+(?!\S)|\s+ : all the white space but its last character when something follows. */
static const char *blanks(const uint8_t *class, const char *p, const char *end)
{
    const char *last = p, *q = p;
    for (const char *r = p; r < end && (take(class, &r, end) & SPACE); ) { last = q; q = r; }
    return q == end || last == p ? q : last;
}

/* \s*[\r\n]+|\s+(?!\S)|\s+ ; with `whole`, white space up to the end of the text is one piece before all that. */
static const char *blanks_by_line(const uint8_t *class, const char *p, const char *end, bool whole)
{
    const char *last = p, *q = p, *line = NULL;
    for (const char *r = p; r < end && (take(class, &r, end) & SPACE); ) {
        if (*q == '\n' || *q == '\r') line = r;
        last = q;
        q = r;
    }
    if (whole && q == end) return q;
    if (line) return line;
    return q == end || last == p ? q : last;
}

/* ---- the scanners ---- */

static const char *next_gpt2(const uint8_t *class, const char *at, const char *end)
{
    if (*at == '\'') {
        const char *to = contraction(at, end, false);
        if (to > at) return to;
    }
    const char *p = at + (*at == ' ');
    const unsigned c = p < end ? peek(class, p, end) : SPACE;
    if (c & LETTER) return letters(class, p, end);
    if (c & NUMBER) return run(class, p, end, NUMBER);
    if (c & SPACE) return blanks(class, at, end);
    return run_not(class, p, end, NO_SYMBOL);
}

static const char *next_cl100k(const uint8_t *class, const char *at, const char *end, bool whole)
{
    if (*at == '\'') {
        const char *to = contraction(at, end, true);
        if (to > at) return to;
    }
    const char *p = at;
    const unsigned c = take(class, &p, end);
    if (c & LETTER) return letters(class, p, end);
    if (!(c & NO_PREFIX) && peek(class, p, end) & LETTER) return letters(class, p, end);
    if (c & NUMBER) return at_most_3(class, at, end, NUMBER);
    if (*at == ' ' && p < end && !(peek(class, p, end) & NO_SYMBOL))
        return newlines(run_not(class, p, end, NO_SYMBOL), end, false);
    if (c & SPACE) return blanks_by_line(class, at, end, whole);
    return newlines(run_not(class, p, end, NO_SYMBOL), end, false);
}

/* [UPPER]*[LOWER]+, greedy: NULL, or its end. The lower part may have to take back the last letter that is both. */
static const char *upper_lower(const uint8_t *class, const char *p, const char *end)
{
    const char *both = NULL, *q = p;
    for (const char *r = p; r < end; q = r) {
        const unsigned c = take(class, &r, end);
        if (!(c & UPPER)) break;
        if (c & LOWER) both = r;
    }
    const char *to = run(class, q, end, LOWER);
    return to > q ? to : both;
}

/* One of o200k's words after its optional prefix: NULL, or its end. */
static const char *word_o200k(const uint8_t *class, const char *p, const char *end, bool upper_only)
{
    if (!upper_only) return upper_lower(class, p, end);
    const char *to = run(class, p, end, UPPER);
    return to > p ? run(class, to, end, LOWER) : NULL;
}

static const char *next_o200k(const uint8_t *class, const char *at, const char *end)
{
    const char *p = at;
    const unsigned c = take(class, &p, end);
    for (int upper_only = 0; upper_only < 2; upper_only++) {
        const char *to = c & NO_PREFIX ? NULL : word_o200k(class, p, end, upper_only);
        if (!to) to = word_o200k(class, at, end, upper_only);
        if (to) return to < end && *to == '\'' ? contraction(to, end, true) : to;
    }
    if (c & NUMBER) return at_most_3(class, at, end, NUMBER);
    if (*at == ' ' && p < end && !(peek(class, p, end) & NO_SYMBOL))
        return newlines(run_not(class, p, end, NO_SYMBOL), end, true);
    if (c & SPACE) return blanks_by_line(class, at, end, false);
    return newlines(run_not(class, p, end, NO_SYMBOL), end, true);
}

static const char *next_alone(const uint8_t *class, const char *at, const char *end, unsigned which)
{
    const char *p = at;
    return take(class, &p, end) & which ? p : run_not(class, p, end, which);
}

static const char *next_run(const uint8_t *class, const char *at, const char *end, unsigned which)
{
    return peek(class, at, end) & which ? run(class, at, end, which) : run_not(class, at, end, which);
}

static const char *next_bert(const uint8_t *class, const char *at, const char *end)
{
    const char *p = at;
    const unsigned c = take(class, &p, end);
    if (c & PUNCT) return p;
    return c & SPACE ? run(class, p, end, SPACE) : run_not(class, p, end, PUNCT | SPACE);
}

static const char *next_mark(const char *at, const char *end, bool each)
{
    for (bool more = true; more && end - at >= 3 && !memcmp(at, "\xE2\x96\x81", 3); more = !each) at += 3;
    if (at == end) return end;
    const char *to = memmem(at, (size_t)(end - at), "\xE2\x96\x81", 3);
    return to ? to : end;
}

/* ---- PCRE2 ---- */

static void search(const struct pretoken *p, struct pretoken_scratch *s, const char *text, const char *at,
                   const char *end)
{
    const size_t n = (size_t)(end - text);
    s->begin = s->end = end;
    for (size_t from = (size_t)(at - text); from < n; ) {
        if (pcre2_match(p->regex, (PCRE2_SPTR)text, n, from, 0, s->match, NULL) < 1) return;
        const size_t *m = pcre2_get_ovector_pointer(s->match);
        if (m[1] > m[0]) { s->begin = text + m[0]; s->end = text + m[1]; return; }
        const char *q = text + from;
        utf8_next(&q, end);
        from = (size_t)(q - text);
    }
}

static const char *next_regex(const struct pretoken *p, struct pretoken_scratch *s, const char *text, const char *at,
                              const char *end)
{
    if (s->at != at) search(p, s, text, at, end);
    const bool gap = s->begin > at;                          /* the gap first; the match is then known */
    s->at = gap ? s->begin : NULL;
    return gap ? s->begin : s->end;
}

size_t pretoken_next(const struct pretoken *p, struct pretoken_scratch *s, const char *text, const char *at,
                     const char *end)
{
    const char *to = at;
    switch (p->kind) {
    case SPLIT_GPT2:        to = next_gpt2(p->class, at, end); break;
    case SPLIT_CL100K:      to = next_cl100k(p->class, at, end, true); break;
    case SPLIT_LLAMA3:      to = next_cl100k(p->class, at, end, false); break;
    case SPLIT_O200K:       to = next_o200k(p->class, at, end); break;
    case SPLIT_DIGITS:      to = next_alone(p->class, at, end, NUMBER); break;
    case SPLIT_DIGIT_RUNS:  to = next_run(p->class, at, end, NUMBER); break;
    case SPLIT_NEWLINES:    to = next_run(p->class, at, end, NEWLINE); break;
    case SPLIT_PUNCTUATION: to = next_alone(p->class, at, end, PUNCT); break;
    case SPLIT_BERT:        to = next_bert(p->class, at, end); break;
    case SPLIT_MARKS:       to = next_mark(at, end, false); break;
    case SPLIT_EACH_MARK:   to = next_mark(at, end, true); break;
    case SPLIT_REGEX:       to = next_regex(p, s, text, at, end); break;
    }
    return (size_t)(to - at);
}

size_t pretoken_row(const struct pretoken *p, struct pretoken_scratch *s, const char *text, const char **at,
                    const char *end, struct str *piece, size_t most)
{
    const char *from = *at;
    size_t n = 0;
    for (; from < end && n < most; n++) {
        const char *to = p->kind == SPLIT_CL100K ? next_cl100k(p->class, from, end, true)
                         : p->kind == SPLIT_GPT2 ? next_gpt2(p->class, from, end)
                       : from + pretoken_next(p, s, text, from, end);
        piece[n] = str_span(from, to);
        from = to;
    }
    *at = from;
    return n;
}

/* ---- making one ---- */

static enum split split_of(const char *s)
{
    for (size_t i = 0; i < SPLIT_NAMED; i++)
        if (!strcmp(s, named[i].name) || !strcmp(s, named[i].pattern)) return (enum split)i;
    for (size_t i = 0; i < sizeof spelled / sizeof *spelled; i++)
        if (!strcmp(s, spelled[i].pattern)) return spelled[i].as;
    return SPLIT_REGEX;
}

static pcre2_code *compile(const char *pattern, struct err *e)
{
    int code;
    size_t at;
    pcre2_code *regex = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                                      PCRE2_MATCH_INVALID_UTF | PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY
                                      | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
    if (!regex) {
        char why[200];
        pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof why);
        err_set(e, ERR_USAGE, "split pattern at character %zu: %s", at, why);
        return NULL;
    }
    pcre2_jit_compile(regex, PCRE2_JIT_COMPLETE);
    return regex;
}

struct pretoken *pretoken_open(const char *name_or_regex, struct err *e)
{
    const enum split kind = split_of(name_or_regex);
    pcre2_code *regex = NULL;
    if (kind == SPLIT_REGEX && !(regex = compile(name_or_regex, e))) return NULL;
    struct pretoken *p = mem_zero(1, sizeof *p);
    p->kind = kind;
    p->regex = regex;
    const struct str pattern = str_of(kind == SPLIT_REGEX ? name_or_regex : named[kind].pattern);
    p->pattern = memcpy(mem_zero(pattern.n + 1, 1), pattern.p, pattern.n);
    p->class = all_classes();
    return p;
}

void pretoken_close(struct pretoken *p)
{
    if (!p) return;
    pcre2_code_free(p->regex);
    free(p->pattern);
    free(p);
}

enum split pretoken_kind(const struct pretoken *p) { return p->kind; }
const char *pretoken_name(enum split s) { return s < SPLIT_NAMED ? named[s].name : "regex"; }
const char *pretoken_pattern(enum split s) { return s < SPLIT_NAMED ? named[s].pattern : NULL; }
const char *pretoken_regex(const struct pretoken *p) { return p->pattern; }

struct pretoken_scratch *pretoken_scratch_new(const struct pretoken *p)
{
    if (p->kind != SPLIT_REGEX) return NULL;
    struct pretoken_scratch *s = mem_zero(1, sizeof *s);
    s->match = pcre2_match_data_create(1, NULL);
    return s;
}

void pretoken_scratch_free(struct pretoken_scratch *s)
{
    if (!s) return;
    pcre2_match_data_free(s->match);
    free(s);
}
