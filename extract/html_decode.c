/* html_decode.c - character references, newlines and NULs in text as it was written.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A named reference is the longest name in the table that the text continues with ("&notit;" is
 * "&not" and "it;"), so the search narrows a range of the sorted table byte by byte. */
#include "core/utf8.h"
#include "extract/html_token.h"

static bool is_alnum(unsigned char c)
{
    return (unsigned)(c - '0') < 10 || (unsigned)((c | 32) - 'a') < 26;
}

/* The longest reference that [p, end) begins with, or NULL. */
static const struct html_reference *longest(const char *p, const char *end)
{
    unsigned char c = p < end ? (unsigned char)*p : 0;
    if (!is_alnum(c)) return NULL;
    size_t lo = html_reference_first[c], hi = html_reference_first[c + 1];
    const struct html_reference *best = NULL;
    for (size_t i = 1; lo < hi; i++) {
        if (html_reference[lo].n == i) best = &html_reference[lo++];
        if (p + i == end) break;
        unsigned char d = (unsigned char)p[i];
        size_t a = lo, b = hi;                                   /* narrow to names whose byte i is d */
        while (a < b) {
            size_t m = (a + b) / 2;
            if ((unsigned char)html_reference[m].name[i] < d) a = m + 1; else b = m;
        }
        lo = a;
        for (b = hi; a < b; ) {
            size_t m = (a + b) / 2;
            if ((unsigned char)html_reference[m].name[i] <= d) a = m + 1; else b = m;
        }
        hi = a;
    }
    return best;
}

static uint32_t numeric(uint32_t c)                              /* "numeric character reference end state" */
{
    static const uint16_t windows1252[32] = {
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
        0x017D, 0x8F,
        0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,
        0x017E, 0x0178 };
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return UTF8_BAD;
    return c >= 0x80 && c < 0xA0 ? windows1252[c - 0x80] : c;
}

/* p stands behind "&#". Returns where the reference ends, or NULL when there is none. */
static const char *number(const char *p, const char *end, uint32_t *point)
{
    bool hex = p < end && (*p | 32) == 'x';
    p += hex;
    const char *digits = p;
    uint32_t c = 0;
    for (; p < end; p++) {
        unsigned char d = (unsigned char)*p;
        unsigned v = (unsigned)(d - '0') < 10 ? d - (unsigned)'0' : hex
                     && (unsigned)((d | 32) - 'a') < 6 ? (d | 32) - 'a' + 10u : 99;
        if (v == 99) break;
        if (c <= 0x10FFFF) c = c * (hex ? 16 : 10) + v;
    }
    if (p == digits) return NULL;
    *point = numeric(c);
    return p < end && *p == ';' ? p + 1 : p;
}

/* p stands behind "&". Returns where to go on (p: it was only an ampersand). */
static const char *reference(const char *p, const char *end, unsigned raw, char **to)
{
    if (p < end && *p == '#') {
        uint32_t c = 0;
        const char *q = number(p + 1, end, &c);
        if (q) *to += utf8_put(*to, c);
        else *(*to)++ = '&';
        return q ? q : p;
    }
    const struct html_reference *r = longest(p, end);
    const char *q = r ? p + r->n : p;
    bool text = !r || ((raw & RAW_ATTR) && q[-1] != ';' && q < end && (*q == '=' || is_alnum((unsigned char)*q)));
    if (text) { *(*to)++ = '&'; return p; }
    *to += utf8_put(*to, r->point[0]);
    if (r->point[1]) *to += utf8_put(*to, r->point[1]);
    return q;
}

size_t html_decode_room(size_t n, unsigned raw)
{
    return (raw & RAW_NUL ? 3 * n : n + n / 4) + 16;             /* "&nGt;" is 6 bytes; NUL becomes 3 */
}

static bool is_plain(char c)
{
    return c != '&' && c != '\r' && c != 0;
}

size_t html_decode(struct str s, unsigned raw, char *to)
{
    const char *p = s.p, *end = p + s.n;
    char *start = to;
    if (!(raw & (RAW_REFS | RAW_CR | RAW_NUL))) { if (s.n) memcpy(to, s.p, s.n); return s.n; }
    while (p < end) {
        const char *q = p;
        while (p < end && is_plain(*p)) p++;
        memcpy(to, q, (size_t)(p - q));
        to += p - q;
        if (p == end) break;
        char c = *p++;
        if (c == '&' && raw & RAW_REFS) p = reference(p, end, raw, &to);
        else if (c == '\r') { *to++ = '\n'; p += p < end && *p == '\n'; }
        else if (c || raw & RAW_KEEP_NUL) *to++ = c;
        else if (!(raw & RAW_DROP_NUL)) to += utf8_put(to, UTF8_BAD);
    }
    return (size_t)(to - start);
}

struct str html_decoded(struct str s, unsigned raw, struct arena *mem)
{
    if (!(raw & (RAW_REFS | RAW_CR | RAW_NUL)) || !s.n) return s;
    char *to = arena_alloc(mem, html_decode_room(s.n, raw));
    return (struct str){ to, html_decode(s, raw, to) };
}
