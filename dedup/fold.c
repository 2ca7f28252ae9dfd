/* fold.c - ASCII by table, the rest by utf8proc; the two exact foldings go through code points.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/fold.h"
#include "core/utf8.h"

#include <ctype.h>
#include <stdlib.h>
#include <utf8proc.h>

/* ---- FOLD_WORDS and FOLD_SPACES ---- */

#define SP8  ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' '
static const char ascii_word[128] = {                /* lower case, or a space for what parts words */
    SP8, SP8, SP8, SP8, SP8, SP8,
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ' ', ' ', ' ', ' ', ' ', ' ', ' ',
    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w',
    'x', 'y', 'z', ' ', ' ', ' ', ' ', ' ', ' ',
    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w',
    'x', 'y', 'z', ' ', ' ', ' ', ' ', ' ',
};

static bool no_spaces(uint32_t c)                   /* a letter of a script that writes no spaces */
{
    if (c < 0x0E00) return false;
    if (c < 0x3400) return c < 0x0F00 || (c >= 0x1000 && c < 0x10A0) || (c >= 0x1780 && c < 0x1800) || c >= 0x2E80;
    return c < 0xA000 || (c >= 0xF900 && c < 0xFB00) || (c >= 0xFF66 && c < 0xFF9E) || (c >= 0x20000 && c < 0x40000);
}

static bool is_mark(utf8proc_category_t k) { return k >= UTF8PROC_CATEGORY_MN && k <= UTF8PROC_CATEGORY_ME; }
static bool is_word(utf8proc_category_t k) { return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_NO; }

/* One character past ASCII. `alone` says that the last one was a word of its own: letters begin a new word, marks join
 * it. */
static char *fold_wide(char *to, uint32_t c, bool *alone, const char *first)
{
    utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
    bool parts = !is_word(k), mark = is_mark(k), own = !parts && !mark && no_spaces(c);
    if ((parts || own || (*alone && !mark)) && to > first && to[-1] != ' ') *to++ = ' ';
    *alone = own || (*alone && mark);
    return parts ? to : to + utf8_put(to, (uint32_t)utf8proc_tolower((utf8proc_int32_t)c));
}

/* ASCII without a branch a character: a space is written over by the next one unless a word ended before it. */
static void fold_words(struct str s, struct buf *out)
{
    char *first = buf_room(out, s.n * 2 + 8), *to = first;        /* at most a space more for each character */
    bool alone = false;
    for (const char *p = s.p, *end = s.p + s.n; p < end; ) {
        if (alone && *p >= 0) { *to++ = ' '; alone = false; }
        bool in_word = to > first && to[-1] != ' ';
        for (; p < end && *p >= 0; p++) {
            char c = ascii_word[(unsigned char)*p];
            bool letter = c != ' ';
            *to = c;
            to += letter | in_word;
            in_word = letter;
        }
        if (p < end) to = fold_wide(to, utf8_next(&p, end), &alone, first);
    }
    if (to > first && to[-1] == ' ') to--;
    out->n += (size_t)(to - first);
}

static bool is_space(uint32_t c)                    /* Python's str.isspace */
{
    if (c < 0x80) return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x1F);
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029
        || c == 0x202F || c == 0x205F || c == 0x3000;
}

static void fold_spaces(struct str s, struct buf *out)
{
    char *first = buf_room(out, s.n + 8), *to = first;
    for (const char *p = s.p, *end = s.p + s.n; p < end; ) {
        const char *was = p;
        if (!is_space(utf8_next(&p, end))) { memcpy(to, was, (size_t)(p - was)); to += p - was; }
        else if (to > first && to[-1] != ' ') *to++ = ' ';
    }
    if (to > first && to[-1] == ' ') to--;
    out->n += (size_t)(to - first);
}

/* ---- code points, for the two exact foldings ---- */

struct points { int32_t *c; size_t n; };

static struct points points_of(struct str s)
{
    struct points t = { mem_alloc(s.n * 2 + 1, sizeof *t.c), 0 };     /* room for U+0130 to become two */
    for (const char *p = s.p, *end = s.p + s.n; p < end; ) t.c[t.n++] = (int32_t)utf8_next(&p, end);
    return t;
}

static bool is_cased(int32_t c)
{
    utf8proc_category_t k = utf8proc_category(c);
    return k == UTF8PROC_CATEGORY_LU || k == UTF8PROC_CATEGORY_LL || k == UTF8PROC_CATEGORY_LT
        || (c != utf8proc_tolower(c)) || (c != utf8proc_toupper(c)) || c == 0xAA || c == 0xBA;
}

static bool is_case_ignorable(int32_t c)
{
    utf8proc_category_t k = utf8proc_category(c);
    if (k == UTF8PROC_CATEGORY_MN || k == UTF8PROC_CATEGORY_ME || k == UTF8PROC_CATEGORY_CF
        || k == UTF8PROC_CATEGORY_LM || k == UTF8PROC_CATEGORY_SK) return true;
    static const int32_t more[] = { '\'', '.', ':', 0xB7, 0x387, 0x55F, 0x5F4, 0x2018, 0x2019, 0x2024, 0x2027,
                                    0xFE13, 0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A };
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) if (c == more[i]) return true;
    return false;
}

static bool is_final_sigma(const struct points *t, size_t i)
{
    size_t before = i, after = i + 1;
    while (before > 0 && is_case_ignorable(t->c[before - 1])) before--;
    while (after < t->n && is_case_ignorable(t->c[after])) after++;
    return before > 0 && is_cased(t->c[before - 1]) && !(after < t->n && is_cased(t->c[after]));
}

static void points_lower(struct points *t)
{
    int32_t *to = mem_alloc(t->n * 2 + 1, sizeof *to);
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        int32_t c = t->c[i];
        if (c < 0x80) to[n++] = tolower((unsigned char)c);
        else if (c == 0x130) { to[n++] = 'i'; to[n++] = 0x307; }
        else if (c == 0x3A3) to[n++] = is_final_sigma(t, i) ? 0x3C2 : 0x3C3;
        else to[n++] = utf8proc_tolower(c);
    }
    free(t->c);
    *t = (struct points){ to, n };
}

/* Canonical decomposition in canonical order. */
static void points_nfd(struct points *t)
{
    /* Unicode's longest canonical decomposition is 4; 18 is compatibility's */
    size_t cap = t->n * 18 + 4, n = 0;
    int32_t *to = mem_alloc(cap, sizeof *to);
    for (size_t i = 0; i < t->n; i++) {
        if (t->c[i] < 0xC0) { to[n++] = t->c[i]; continue; }
        int boundary = 0;
        utf8proc_ssize_t k = utf8proc_decompose_char(t->c[i], to + n, (utf8proc_ssize_t)(cap - n), UTF8PROC_DECOMPOSE,
                                                     &boundary);
        if (k > 0) n += (size_t)k; else to[n++] = t->c[i];
    }
    for (size_t i = 1; i < n; i++)                   /* marks into the order of their classes: runs are short */
        for (size_t j = i; j > 0; j--) {
            int class = utf8proc_get_property(to[j])->combining_class;
            if (!class || utf8proc_get_property(to[j - 1])->combining_class <= class) break;
            int32_t c = to[j]; to[j] = to[j - 1]; to[j - 1] = c;
        }
    free(t->c);
    *t = (struct points){ to, n };
}

static void points_squeeze(struct points *t)         /* runs of white space to one space, none at the ends */
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (!is_space((uint32_t)t->c[i])) t->c[n++] = t->c[i];
        else if (n && t->c[n - 1] != ' ') t->c[n++] = ' ';
    }
    if (n && t->c[n - 1] == ' ') n--;
    t->n = n;
}

static void points_put(struct points *t, struct buf *out)
{
    char *first = buf_room(out, t->n * 4 + 1), *to = first;
    for (size_t i = 0; i < t->n; i++) to += utf8_put(to, (uint32_t)t->c[i]);
    out->n += (size_t)(to - first);
    free(t->c);
}

static bool is_ascii(struct str s)
{
    for (size_t i = 0; i < s.n; i++) if ((unsigned char)s.p[i] >= 0x80) return false;
    return true;
}

/* ---- FOLD_RPV2 ---- */

static void rpv2_ascii(struct str s, struct buf *out)
{
    char *first = buf_room(out, s.n + 1), *to = first;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (ispunct(c)) continue;
        if (!is_space(c)) *to++ = (char)tolower(c);
        else if (to > first && to[-1] != ' ') *to++ = ' ';
    }
    if (to > first && to[-1] == ' ') to--;
    out->n += (size_t)(to - first);
}

static void fold_rpv2(struct str s, struct buf *out)
{
    if (is_ascii(s)) { rpv2_ascii(s, out); return; }
    struct points t = points_of(s);
    size_t n = 0;
    for (size_t i = 0; i < t.n; i++) if (t.c[i] >= 0x80 || !ispunct((unsigned char)t.c[i])) t.c[n++] = t.c[i];
    t.n = n;
    points_lower(&t);
    points_squeeze(&t);
    points_nfd(&t);
    points_put(&t, out);
}

/* ---- FOLD_DATATROVE ---- */

static bool datatrove_punctuation(int32_t c)
{
    if (c < 0x80) return c < 32 ? c != 9 && c != 10 : c == 127 || ispunct((unsigned char)c);
    static const int32_t others[] = {
        0xAB, 0xB4, 0xBB, 0x2013, 0x2014, 0x2019, 0x201C, 0x201D, 0x201E, 0x2026, 0x2236, 0x2501, 0x25BA, 0x3001,
        0x3002,
        0x3008, 0x3009, 0x300A, 0x300B, 0x300C, 0x300D, 0x3010, 0x3011, 0xFF01, 0xFF05, 0xFF08, 0xFF09, 0xFF0C, 0xFF0E,
        0xFF11, 0xFF1A, 0xFF1B, 0xFF1F, 0xFF5E };
    if (c < 0xA0) return true;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) if (c == others[i]) return true;
    return false;
}

static bool is_digit(int32_t c)
{
    return c < 0x80 ? c >= '0' && c <= '9' : utf8proc_category(c) == UTF8PROC_CATEGORY_ND;
}

static bool is_decimal_mark(int32_t c)
{
    return c == '.' || c == ',' || c == 0x60C || c == 0x66B || (c >= 0x2396 && c <= 0x2398);
}

static void points_numbers(struct points *t)         /* digits, a mark and digits if any follow: one 0 */
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; ) {
        if (!is_digit(t->c[i])) { t->c[n++] = t->c[i++]; continue; }
        while (i < t->n && is_digit(t->c[i])) i++;
        if (i + 1 < t->n && is_decimal_mark(t->c[i]) && is_digit(t->c[i + 1]))
            for (i++; i < t->n && is_digit(t->c[i]); ) i++;
        t->c[n++] = '0';
    }
    t->n = n;
}

static void fold_datatrove(struct str s, struct buf *out)
{
    struct points t = points_of(s);
    points_lower(&t);
    points_numbers(&t);
    for (size_t i = 0; i < t.n; i++) if (datatrove_punctuation(t.c[i])) t.c[i] = ' ';
    points_squeeze(&t);
    points_nfd(&t);
    size_t n = 0;
    for (size_t i = 0; i < t.n; i++)
        if (t.c[i] < 0x300 || utf8proc_category(t.c[i]) != UTF8PROC_CATEGORY_MN) t.c[n++] = t.c[i];
    t.n = n;
    points_squeeze(&t);                              /* words that were only marks are gone */
    points_put(&t, out);
}

void fold_text(enum fold how, struct str text, struct buf *out)
{
    switch (how) {
    case FOLD_WORDS:     fold_words(text, out); break;
    case FOLD_SPACES:    fold_spaces(text, out); break;
    case FOLD_RPV2:      fold_rpv2(text, out); break;
    case FOLD_DATATROVE: fold_datatrove(text, out); break;
    }
}
