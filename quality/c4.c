/* c4.c - C4 line by line.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/utf8.h"
#include "quality/rules.h"
#include "text/lines.h"

enum { WORD_MAX = 1000, WORDS_LEAST = 3 };

static bool has(struct str s, struct str what)
{
    return memmem(s.p, s.n, what.p, what.n) != NULL;
}

/* A citation at p: "[", any decimal digits and "*" after them, "]"; "[edit]"; "[citation needed]". Its length, or 0. */
static size_t citation(const char *p, const char *end)
{
    struct str s = str_span(p, end);
    if (str_starts(s, S("[edit]"))) return 6;
    if (str_starts(s, S("[citation needed]"))) return 17;
    const char *q = p + 1, *next = q;
    while (q < end && (next = q, unicode_class(utf8_next(&next, end)) & UC_DIGIT)) q = next;
    while (q < end && *q == '*') q++;
    return q < end && *q == ']' ? (size_t)(q - p) + 1 : 0;
}

static void without_citations(struct str line, struct buf *to)
{
    for (const char *p = line.p, *end = p + line.n; p < end; ) {
        size_t n = *p == '[' ? citation(p, end) : 0;
        if (n) p += n;
        else buf_putc(to, *p++);
    }
}

static bool ends_well(struct str s)
{
    return s.n && strchr(".?!\"'", s.p[s.n - 1]) && s.p[s.n - 1] && !str_ends(s, S("..."));
}

static bool is_policy(struct str lower)
{
    return has(lower, S("terms of use")) || has(lower, S("privacy policy")) || has(lower, S("cookie policy"))
        || has(lower, S("uses cookies"))
        || has(lower, S("use of cookies")) || has(lower, S("use cookies"));
}

static bool long_word(const struct words *w)
{
    for (size_t i = 0; i < w->n; i++) if (w->all[i].chars > WORD_MAX) return true;
    return false;
}

/* ---- sentences ---- */

/* Does this run of punctuation end a sentence? Its last mark, quotes and brackets aside, is terminal and no row of
 * dots. */
static bool closes(struct str run)
{
    const char *p = run.p, *end = p + run.n;
    uint32_t last = 0, before = 0;
    while (p < end) {
        uint32_t c = utf8_next(&p, end);
        if (c == '"' || c == '\'' || c == ')' || c == ']' || c == 0x201D || c == 0x2019 || c == 0xBB) continue;
        before = last;
        last = c;
    }
    return (unicode_class(last) & UC_TERMINAL) && !(last == '.' && before == '.');
}

/* Words after a closing run begin a sentence. A run inside a word ("3.14", "e.g", "a.b") closes none, unless it stands
 * between
   a small letter and a capital. to, if not NULL, gets the sentences: all of text but what is before its first word. */
static size_t cut_sentences(struct str text, struct words *to)
{
    struct words w = { 0 };
    words_punct(&w, text);
    size_t n = w.n != 0;
    const char *begin = w.n ? text.p + w.all[0].at : NULL;
    bool closed = false;
    for (size_t i = 0; i < w.n; i++) {
        const struct word *a = &w.all[i];
        if (a->any & UC_WORD) {
            if (closed && to) {
                lines_add(to, begin, text.p + a->at);
                begin = text.p + a->at;
            }
            n += closed;
            closed = false;
            continue;
        }
        bool inside = i + 1 < w.n && w.all[i + 1].at == a->at + a->n && i && w.all[i - 1].at + w.all[i - 1].n == a->at;
        bool glued = inside && (w.all[i - 1].any & UC_LOWER) && text.p[a->at] == '.' && a->n == 1
                     && (unicode_class((unsigned char)text.p[a->at + 1]) & UC_UPPER);
        if (!inside || glued || (unsigned char)text.p[a->at] >= 0x80) closed |= closes(words_at(&w, i));
    }
    if (begin && to) lines_add(to, begin, text.p + text.n);
    words_free(&w);
    return n;
}

size_t c4_sentences(struct str line) { return cut_sentences(line, NULL); }

/* ---- documents ---- */

enum verdict { KEEP, DROP, LOREM, CURLY };
struct scratch { struct words words; struct buf line, lower; };

static enum verdict judge(struct str line, bool punct, struct scratch *k)
{
    words_reset(&k->words);
    words_space(&k->words, line);
    if (long_word(&k->words)) return DROP;
    without_citations(line, &k->line);
    struct str s = buf_str(&k->line);
    if ((punct && !ends_well(s)) || k->words.n < WORDS_LEAST) return DROP;
    text_lower(s, &k->lower);
    struct str lower = buf_str(&k->lower);
    if (has(lower, S("lorem ipsum"))) return LOREM;
    if (has(lower, S("javascript"))) return DROP;
    if (memchr(s.p, '{', s.n)) return CURLY;
    return is_policy(lower) ? DROP : KEEP;
}

const char *c4_clean(struct str text, enum c4_by by, size_t least_sentences, struct buf *out, size_t *sentences)
{
    struct words lines = { .base = text.p };
    struct scratch k = { 0 };
    enum verdict v = KEEP;
    *sentences = 0;
    if (by == C4_SENTENCES) cut_sentences(text, &lines);
    else lines_cut(&lines, text, LINES_BREAKS);
    for (size_t i = 0; i < lines.n && v < LOREM; i++) {
        buf_reset(&k.line);
        buf_reset(&k.lower);
        v = judge(text_strip(words_at(&lines, i)), by != C4_NOPUNCT, &k);
        if (v != KEEP) continue;
        if (out->n) buf_putc(out, by == C4_SENTENCES ? ' ' : '\n');
        buf_put(out, buf_str(&k.line));
        *sentences += by == C4_SENTENCES ? 1 : c4_sentences(buf_str(&k.line));
    }
    words_free(&lines);
    words_free(&k.words);
    buf_free(&k.line);
    buf_free(&k.lower);
    return v == LOREM ? "lorem_ipsum" : v == CURLY ? "curly_bracket"
        : *sentences < least_sentences ? "too_few_sentences" : NULL;
}
