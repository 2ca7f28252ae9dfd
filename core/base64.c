/* base64.c - bytes as letters (RFC 4648).
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/base64.h"

static int digit64(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_read(struct str s, struct buf *to)
{
    while (s.n && s.p[s.n - 1] == '=') s.n--;
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i < s.n; i++) {
        const int d = digit64(s.p[i]);
        if (d < 0) return false;
        bits = bits << 6 | (uint32_t)d;
        have += 6;
        if (have >= 8) buf_putc(to, (char)(bits >> (have -= 8)));
    }
    return s.n % 4 != 1;
}

void base64_write(struct str s, struct buf *to)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < s.n; i += 3) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++) bits = bits << 8 | (i + k < s.n ? (uint8_t)s.p[i + k] : 0u);
        for (int k = 0; k < 4; k++) buf_putc(to, i + (size_t)k <= s.n ? digits[bits >> (18 - 6 * k) & 63] : '=');
    }
}
