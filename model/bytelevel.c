/* bytelevel.c - bytes written as printable characters.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/bytelevel.h"

#include "core/utf8.h"

uint32_t bytelevel_char(uint8_t b)
{
    if (b < 0x21) return 0x100u + b;                         /* 0x00-0x20 */
    if (b < 0x7F) return b;
    if (b < 0xA1) return 0x100u + 33 + (b - 0x7Fu);          /* 0x7F-0xA0 */
    return b == 0xAD ? 0x143 : b;
}

int bytelevel_byte(uint32_t c)
{
    if (c < 0x100) return (c > 0x20 && c < 0x7F) || (c > 0xA0 && c != 0xAD) ? (int)c : -1;
    if (c < 0x121) return (int)(c - 0x100);
    if (c < 0x143) return (int)(c - 0x121 + 0x7F);
    return c == 0x143 ? 0xAD : -1;
}

void bytelevel_write(struct str bytes, struct buf *to)
{
    for (size_t i = 0; i < bytes.n; i++) to->n += utf8_put(buf_room(to, 4), bytelevel_char((uint8_t)bytes.p[i]));
}

bool bytelevel_read(struct str chars, struct buf *to)
{
    const size_t was = to->n;
    for (const char *p = chars.p, *end = p + chars.n; p < end; ) {
        const int b = bytelevel_byte(utf8_next(&p, end));
        if (b < 0) { to->n = was; return false; }
        buf_putc(to, (char)b);
    }
    return true;
}
