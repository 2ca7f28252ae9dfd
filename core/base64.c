/* base64.c - bytes as letters (RFC 4648).
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* by letter: its digit + 1, or 0 */
static const uint8_t digit_of[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

bool base64_read(struct str s, struct buf *to)
{
    while (s.n && s.p[s.n - 1] == '=') s.n--;
    char *out = buf_room(to, s.n + 1);
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i < s.n; i++) {
        const uint32_t d = digit_of[(uint8_t)s.p[i]];
        if (!d) return false;
        bits = bits << 6 | (d - 1);
        have += 6;
        if (have >= 8) *out++ = (char)(bits >> (have -= 8));
    }
    to->n = (size_t)(out - to->p);
    return s.n % 4 != 1;
}

void base64_write(struct str s, struct buf *to)
{
    for (size_t i = 0; i < s.n; i += 3) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++) bits = bits << 8 | (i + k < s.n ? (uint8_t)s.p[i + k] : 0u);
        for (int k = 0; k < 4; k++) buf_putc(to, i + (size_t)k <= s.n ? digits[bits >> (18 - 6 * k) & 63] : '=');
    }
}
