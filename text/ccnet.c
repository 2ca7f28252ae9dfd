/* ccnet.c - character by character; ASCII, nearly all of it, by a table's worth of comparisons.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/ccnet.h"
#include "core/utf8.h"
#include "text/unicode.h"

#include <utf8proc.h>

/* Python's str.strip(): the characters that str.isspace() accepts. */
static bool is_space(uint32_t c)
{
    return (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680
        || (c >= 0x2000 && c <= 0x200A)
        || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static bool is_deleted(uint32_t c)
{
    switch (c) {
    case 0xFF0C: case 0x3002: case 0x3001: case 0x201E: case 0x201D: case 0x201C: case 0x00AB: case 0x00BB: case 0xFF11:
    case 0x300D:
    case 0x300C: case 0x300A: case 0x300B: case 0x00B4: case 0x2236: case 0xFF1A: case 0xFF1F: case 0xFF01: case 0xFF08:
    case 0xFF09:
    case 0xFF1B: case 0x2013: case 0x2014: case 0xFF0E: case 0xFF5E: case 0x2019: case 0x2026: case 0x2501: case 0x3008:
    case 0x3009:
    case 0x3010: case 0x3011: case 0xFF05: case 0x25BA: return true;
    default: return c < 32 || (c >= 127 && c <= 159);
    }
}

static struct str strip(struct str s)
{
    const char *p = s.p, *end = p + s.n;
    while (p < end) {
        const char *next = p;
        if (!is_space(utf8_next(&next, end))) break;
        p = next;
    }
    while (end > p) {
        const char *last = end - 1, *at;
        while (last > p && (*last & 0xC0) == 0x80) last--;
        at = last;
        if (!is_space(utf8_next(&at, end))) break;
        end = last;
    }
    return str_span(p, end);
}

static bool is_cased(uint32_t c)
{
    utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
    return k == UTF8PROC_CATEGORY_LU || k == UTF8PROC_CATEGORY_LL || k == UTF8PROC_CATEGORY_LT;
}

static bool is_ignorable(uint32_t c)                             /* Case_Ignorable, as far as words have it */
{
    utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
    return k == UTF8PROC_CATEGORY_MN || k == UTF8PROC_CATEGORY_ME || k == UTF8PROC_CATEGORY_CF
        || k == UTF8PROC_CATEGORY_LM
        || k == UTF8PROC_CATEGORY_SK || c == '\'' || c == '.' || c == ':' || c == 0xB7 || c == 0x2019;
}

/* Capital sigma at p ends its word: a cased letter before it, none after it (Unicode 3.13, Final_Sigma). */
static bool is_final_sigma(struct str s, const char *p, bool cased_before)
{
    const char *at = p, *end = s.p + s.n;
    while (cased_before && at < end) {
        uint32_t c = utf8_next(&at, end);
        if (is_ignorable(c)) continue;
        return !is_cased(c);
    }
    return cased_before;
}

void ccnet_line(struct str line, struct buf *out)
{
    struct str s = strip(line);
    const char *p = s.p, *end = p + s.n;
    bool cased = false;                              /* the last character that is not case-ignorable is cased */
    while (p < end) {
        uint32_t c = utf8_next(&p, end);
        if (c < 0x80) {
            bool upper = c >= 'A' && c <= 'Z', letter = upper || (c >= 'a' && c <= 'z');
            if (letter || !is_ignorable(c)) cased = letter;
            if (c < 32 || c == 127) continue;
            buf_putc(out, upper ? (char)(c | 32) : c >= '0' && c <= '9' ? '0' : (char)c);
            continue;
        }
        bool cased_before = cased;
        if (!is_ignorable(c)) cased = is_cased(c);
        if (c == 0x3A3) c = is_final_sigma(s, p, cased_before) ? 0x3C2 : 0x3C3;
        else if (c == 0x130) { buf_put(out, S("i\xCC\x87")); continue; }
        else c = (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
        if (utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_ND) c = '0';
        if (is_deleted(c)) continue;
        out->n += utf8_put(buf_room(out, 4), c);
    }
}

/* ---- for perplexity ---- */

static const char *ascii_of(uint32_t c)              /* the 34 marks' likeness; NULL for any other character */
{
    switch (c) {
    case 0xFF0C: case 0x3001: return ",";
    case 0x3002: return ".";
    case 0x201E: case 0x201D: case 0x201C: case 0xAB: case 0xBB: case 0xFF11: case 0x300D: case 0x300C: case 0x300A:
    case 0x300B: return "\"";
    case 0xB4: case 0x2019: return "'";
    case 0x2236: case 0xFF1A: return ":";
    case 0xFF1F: return "?";
    case 0xFF01: return "!";
    case 0xFF08: return "(";
    case 0xFF09: return ")";
    case 0xFF1B: return ";";
    case 0x2013: case 0x2501: case 0x25BA: return "-";
    case 0x2014: return " - ";
    case 0xFF0E: return ". ";
    case 0xFF5E: return "~";
    case 0x2026: return "...";
    case 0x3008: return "<";
    case 0x3009: return ">";
    case 0x3010: return "[";
    case 0x3011: return "]";
    case 0xFF05: return "%";
    default: return NULL;
    }
}

/* One character that is lower case already. */
static void put_bare(uint32_t c, struct buf *out)
{
    uint32_t parts[UNICODE_NFD_MAX];
    size_t n = unicode_nfd(c, parts);
    for (size_t i = 0; i < n; i++) {
        unsigned class = unicode_class(parts[i]);
        const char *ascii = ascii_of(parts[i]);
        if (class & UC_MARK || parts[i] < 32 || (parts[i] >= 127 && parts[i] <= 159)) continue;
        if (class & UC_DIGIT) buf_putc(out, '0');
        else if (ascii) buf_put(out, str_of(ascii));
        else out->n += utf8_put(buf_room(out, 4), parts[i]);
    }
}

void ccnet_text(struct str text, struct buf *out)
{
    struct str s = strip(text);
    const char *end = s.p + s.n;
    bool cased = false;
    buf_room(out, s.n);
    for (const char *p = s.p; p < end; ) {
        uint32_t c = utf8_next(&p, end), lower[UNICODE_LOWER_MAX];
        bool cased_before = cased;
        if (!(unicode_class(c) & UC_IGNORABLE)) cased = unicode_class(c) & UC_CASED;
        if (c < 0x80) {
            if (c >= 32 && c < 127)
                buf_putc(out, c >= 'A' && c <= 'Z' ? (char)(c | 32) : c >= '0' && c <= '9' ? '0' : (char)c);
            continue;
        }
        size_t n = unicode_lower(c, lower);
        if (c == UNICODE_SIGMA && is_final_sigma(s, p, cased_before)) lower[0] = UNICODE_FINAL_SIGMA;
        for (size_t i = 0; i < n; i++) put_bare(lower[i], out);
    }
}
