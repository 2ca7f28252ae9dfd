/* markup.c - escapes and numbers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "report/markup.h"

#include <math.h>

static void put_char(struct buf *b, char c)
{
    switch (c) {
    case '&': buf_put(b, S("&amp;")); return;
    case '<': buf_put(b, S("&lt;")); return;
    case '>': buf_put(b, S("&gt;")); return;
    case '"': buf_put(b, S("&quot;")); return;
    case '\'': buf_put(b, S("&#39;")); return;
    default: buf_putc(b, (unsigned char)c < 0x20 || c == 0x7F ? ' ' : c);
    }
}

void markup_text(struct buf *b, struct str text)
{
    for (size_t i = 0; i < text.n; i++) put_char(b, text.p[i]);
}

static bool begins(char c)                                       /* a code point, that is: no continuation byte */
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

void markup_cut(struct buf *b, struct str text, size_t chars)
{
    text = str_trim(text);
    bool space = false;
    for (size_t i = 0, n = 0; i < text.n; i++) {
        const bool white = text.p[i] == ' ' || (text.p[i] >= '\t' && text.p[i] <= '\r');
        if (begins(text.p[i]) && !(white && space) && n++ == chars) { buf_put(b, S("\xE2\x80\xA6")); return; }
        if (!white) put_char(b, text.p[i]);
        else if (!space) buf_putc(b, ' ');
        space = white;
    }
}

size_t markup_chars(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) n += begins(text.p[i]);
    return n;
}

void markup_count(struct buf *b, uint64_t n)
{
    if (n >= 1000) { markup_count(b, n / 1000); buf_printf(b, ",%03u", (unsigned)(n % 1000)); }
    else buf_printf(b, "%u", (unsigned)n);
}

static void scaled(struct buf *b, double n, const char *const *units)
{
    size_t k = 0;
    while (n >= 999.5 && units[k + 1]) { n /= 1000; k++; }
    buf_printf(b, "%.*f%s", k && n < 99.95 ? 1 : 0, n, units[k]);
}

void markup_short(struct buf *b, double n)
{
    static const char *const units[] = { "", "&thinsp;k", "&thinsp;M", "&thinsp;G", "&thinsp;T", NULL };
    scaled(b, n, units);
}

void markup_bytes(struct buf *b, double n)
{
    static const char *const units[] = { "&thinsp;B", "&thinsp;kB", "&thinsp;MB", "&thinsp;GB", "&thinsp;TB", NULL };
    scaled(b, n, units);
}

void markup_seconds(struct buf *b, double s)
{
    if (s < 9.95) buf_printf(b, "%.2f&thinsp;s", s);
    else if (s < 120) buf_printf(b, "%.0f&thinsp;s", s);
    else if (s < 7200) buf_printf(b, "%.0f&thinsp;min %02.0f&thinsp;s", floor(s / 60), fmod(s, 60));
    else buf_printf(b, "%.1f&thinsp;h", s / 3600);
}

void markup_number(struct buf *b, double x)
{
    if (fabs(x) >= 9999.5) { markup_short(b, x); return; }
    buf_printf(b, "%.4g", x);
}
