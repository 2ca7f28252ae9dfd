/* lines.c - lines, strip, lower.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/lines.h"
#include "core/utf8.h"
#include "text/block.h"

void lines_add(struct words *w, const char *begin, const char *end)
{
    if (w->n == w->cap) w->all = mem_grow(w->all, &w->cap, w->n + 1, sizeof *w->all);
    struct str s = str_span(begin, end);
    uint32_t chars = (uint32_t)utf8_length(s);
    w->all[w->n++] = (struct word){ .at = (uint32_t)(begin - w->base), .n = (uint32_t)s.n, .chars = chars };
    w->chars += chars;
}

static void cut_breaks(struct words *w, struct str text)
{
    const char *begin = text.p, *p = text.p, *end = p + text.n;
    while (p < end) {
        const char *at = p;
        uint32_t c = utf8_next(&p, end);
        if (!(unicode_class(c) & UC_BREAK)) continue;
        if (c == '\r' && p < end && *p == '\n') p++;
        lines_add(w, begin, at);
        begin = p;
    }
    if (begin < end) lines_add(w, begin, end);
}

static void cut_newlines(struct words *w, struct str text, size_t least, bool runs)
{
    const char *begin = text.p, *end = begin + text.n;
    for (const char *p = begin; (p = memchr(p, '\n', (size_t)(end - p))); ) {
        const char *at = p;
        do p++; while (runs && p < end && *p == '\n');
        if ((size_t)(p - at) < least) continue;
        lines_add(w, begin, at);
        begin = p;
    }
    lines_add(w, begin, end);
}

void lines_cut(struct words *w, struct str text, enum lines_by by)
{
    words_reset(w);
    w->base = text.p;
    w->end = text.p + text.n;
    if (by == LINES_BREAKS) cut_breaks(w, text);
    else cut_newlines(w, text, by == LINES_PARAGRAPHS ? 2 : 1, by != LINES_NEWLINE);
}

struct str text_lstrip(struct str s)
{
    const char *p = s.p, *end = p + s.n;
    while (p < end) {
        const char *at = p;
        if (!(unicode_class(utf8_next(&p, end)) & UC_SPACE)) return str_span(at, end);
    }
    return str_span(end, end);
}

struct str text_rstrip(struct str s)
{
    const char *end = s.p + s.n;
    while (end > s.p) {
        const char *last = end - 1;
        while (last > s.p && (*last & 0xC0) == 0x80) last--;
        const char *at = last;
        if (!(unicode_class(utf8_next(&at, end)) & UC_SPACE)) break;
        end = last;
    }
    return str_span(s.p, end);
}

struct str text_strip(struct str s)
{
    return text_rstrip(text_lstrip(s));
}

/* Unicode 3.13, Final_Sigma: after a cased letter, case-ignorable characters aside, and not before one. */
static bool cased_after(const char *p, const char *end)
{
    while (p < end) {
        uint32_t k = unicode_class(utf8_next(&p, end));
        if (!(k & UC_IGNORABLE)) return k & UC_CASED;
    }
    return false;
}

void text_lower(struct str s, struct buf *out)
{
    bool cased = false;
    for (const char *p = s.p, *end = p + s.n; p < end; ) {
        uint32_t c = utf8_next(&p, end), k = unicode_class(c), low[UNICODE_LOWER_MAX];
        size_t n = unicode_lower(c, low);
        if (c == UNICODE_SIGMA && cased && !cased_after(p, end)) low[0] = UNICODE_FINAL_SIGMA;
        for (size_t i = 0; i < n; i++) out->n += utf8_put(buf_room(out, 4), low[i]);
        if (!(k & UC_IGNORABLE)) cased = k & UC_CASED;
    }
}

/* ---- counting ---- */

size_t text_count(struct str s, char c)
{
    enum { PART = 128 };                                /* what one byte counts: compilers then add sixteen at a time */
    size_t n = 0;
    for (size_t i = 0; i < s.n; ) {
        const size_t end = s.n - i < PART ? s.n : i + PART;
        uint8_t part = 0;
        for (; i < end; i++) part = (uint8_t)(part + (s.p[i] == c));
        n += part;
    }
    return n;
}

struct line_count line_count_portable(struct str s)
{
    struct line_count n = { 0, 0 };
    for (const char *p = s.p, *end = p + s.n; p < end; n.chars++)
        n.upper += (unicode_class(utf8_next(&p, end)) & UC_UPPER) != 0;
    return n;
}

#if BLOCK_HAS
/* Sixteen bytes at a time, the last sixteen once more where they overlap, for lines of ASCII; other lines are
 * decoded. */
struct line_count line_count(struct str s)
{
    enum { STEP = 16 };
    struct line_count n = { s.n, 0 };
    if (s.n < STEP) return line_count_portable(s);
    for (size_t i = 0; i < s.n; i += STEP) {
        const size_t again = i + STEP > s.n ? i + STEP - s.n : 0;                /* bytes that the step before had */
        const char *p = s.p + i - again;
        if (!block_ascii(p)) return line_count_portable(s);
        const unsigned upper = (unsigned)_mm_movemask_epi8(block_between(block_load(p), 'A', 'Z'));
        for (unsigned left = upper >> again; left; left &= left - 1) n.upper++;
    }
    return n;
}
#else
struct line_count line_count(struct str s) { return line_count_portable(s); }
#endif
