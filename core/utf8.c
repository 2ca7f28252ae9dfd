/* utf8.c - the decoder is a walk over RFC 3629's table; valid text is mostly passed over by eight bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/utf8.h"

/* Length of the well-formed sequence at p, or minus the length of the maximal bad part (WHATWG, Unicode 3.9). */
static int sequence(const unsigned char *p, size_t n)
{
    unsigned char c = p[0], lo = 0x80, hi = 0xBF;
    if (c < 0x80) return 1;
    int more = c < 0xC2 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : c < 0xF5 ? 3 : 0;
    if (!more) return -1;
    if (c == 0xE0) lo = 0xA0;
    if (c == 0xED) hi = 0x9F;
    if (c == 0xF0) lo = 0x90;
    if (c == 0xF4) hi = 0x8F;
    for (int i = 1; i <= more; i++) {
        if ((size_t)i >= n || p[i] < lo || p[i] > hi) return -i;
        lo = 0x80;
        hi = 0xBF;
    }
    return more + 1;
}

uint32_t utf8_next_slow(const char **p, const char *end)
{
    const unsigned char *s = (const unsigned char *)*p;
    int n = sequence(s, (size_t)(end - *p));
    *p += n < 0 ? -n : n;
    switch (n) {
    case 1: return s[0];
    case 2: return (uint32_t)(s[0] & 31) << 6 | (s[1] & 63);
    case 3: return (uint32_t)(s[0] & 15) << 12 | (uint32_t)(s[1] & 63) << 6 | (s[2] & 63);
    case 4: return (uint32_t)(s[0] & 7) << 18 | (uint32_t)(s[1] & 63) << 12 | (uint32_t)(s[2] & 63) << 6 | (s[3] & 63);
    default: return UTF8_BAD;
    }
}

bool utf8_valid(struct str s)
{
    const char *p = s.p, *end = p + s.n;
    while (p < end) {
        uint64_t eight;
        if (end - p >= 8 && (memcpy(&eight, p, 8), !(eight & 0x8080808080808080u))) { p += 8; continue; }
        int n = sequence((const unsigned char *)p, (size_t)(end - p));
        if (n < 0) return false;
        p += n;
    }
    return true;
}

size_t utf8_length(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) n += (s.p[i] & 0xC0) != 0x80;
    return n;
}

size_t utf8_put(char *to, uint32_t c)
{
    if (c < 0x80) { to[0] = (char)c; return 1; }
    if (c < 0x800) { to[0] = (char)(0xC0 | c >> 6); to[1] = (char)(0x80 | (c & 63)); return 2; }
    if (c < 0x10000) {
        to[0] = (char)(0xE0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 63));
        to[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    to[0] = (char)(0xF0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 63));
    to[2] = (char)(0x80 | (c >> 6 & 63));
    to[3] = (char)(0x80 | (c & 63));
    return 4;
}

void utf8_repair(struct str s, struct buf *out)
{
    const char *p = s.p, *end = p + s.n, *good = p;
    while (p < end) {
        int n = sequence((const unsigned char *)p, (size_t)(end - p));
        if (n > 0) { p += n; continue; }
        buf_put(out, str_span(good, p));
        buf_put(out, S("\xEF\xBF\xBD"));
        good = p += -n;
    }
    buf_put(out, str_span(good, end));
}
