/* charset_decode.c - the decoders of the WHATWG Encoding standard, sections 8 to 14.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each takes one character, or one mistake, at a time. A trail byte that is ASCII and fits no
 * character is not eaten: it stands for itself after the U+FFFD. */
#include "core/utf8.h"
#include "extract/charset_tables.h"

struct in { const unsigned char *p, *end; };

static void put(struct buf *to, uint32_t c)
{
    to->n += utf8_put(buf_room(to, 4), c);
}

/* What becomes of a trail byte: c, or a mistake. */
static void put_pair(struct buf *to, struct in *in, uint32_t c)
{
    if (c) { in->p++; put(to, c); return; }
    if (in->p < in->end && *in->p >= 0x80) in->p++;
    put(to, UTF8_BAD);
}

static uint32_t at(enum charset_index i, size_t pointer, size_t size)
{
    return pointer < size ? charset_index(i)[pointer] : 0;
}

static bool within(unsigned c, unsigned from, unsigned to)
{
    return c >= from && c <= to;
}

/* ---- GB18030 and GBK ---- */

static uint32_t gb18030_four(uint32_t pointer)
{
    if ((pointer > 39419 && pointer < 189000) || pointer > 1237575) return 0;
    if (pointer == 7457) return 0xE7C7;
    size_t low = 0, high = GB18030_RANGES;
    while (high - low > 1) {
        size_t mid = (low + high) / 2;
        if (gb18030_ranges[mid][0] <= pointer) low = mid; else high = mid;
    }
    return gb18030_ranges[low][1] + pointer - gb18030_ranges[low][0];
}

static void next_gb18030(struct in *in, struct buf *to)
{
    unsigned lead = *in->p++;
    if (lead == 0x80) { put(to, 0x20AC); return; }
    if (lead == 0xFF || in->p == in->end) { put(to, UTF8_BAD); return; }
    unsigned second = *in->p;
    if (!within(second, 0x30, 0x39)) {
        bool fits = within(second, 0x40, 0x7E) || within(second, 0x80, 0xFE);
        put_pair(to, in, fits
                 ? at(INDEX_GB18030, (lead - 0x81) * 190 + second - (second < 0x7F ? 0x40 : 0x41), GB18030_SIZE) : 0);
        return;
    }
    size_t left = (size_t)(in->end - in->p);
    /* the end came too early */
    if (left < 2 || (left < 3 && within(in->p[1], 0x81, 0xFE))) { in->p = in->end; put(to, UTF8_BAD); return; }
    uint32_t c = 0;
    if (within(in->p[1], 0x81, 0xFE) && within(in->p[2], 0x30, 0x39))
        c = gb18030_four(((lead - 0x81) * 10 + second - 0x30) * 1260 + (in->p[1] - 0x81u) * 10 + in->p[2] - 0x30u);
    else { put(to, UTF8_BAD); return; }              /* the second byte is read again */
    in->p += 3;
    put(to, c ? c : UTF8_BAD);
}

/* ---- Big5 ---- */

static void next_big5(struct in *in, struct buf *to)
{
    unsigned lead = *in->p++;
    if (!within(lead, 0x81, 0xFE) || in->p == in->end) { put(to, UTF8_BAD); return; }
    unsigned trail = *in->p;
    size_t pointer = (lead - 0x81) * 157 + trail - (trail < 0x7F ? 0x40 : 0x62);
    bool fits = within(trail, 0x40, 0x7E) || within(trail, 0xA1, 0xFE);
    if (fits && (pointer == 1133 || pointer == 1135 || pointer == 1164 || pointer == 1166)) {
        in->p++;
        put(to, pointer < 1150 ? 0xCA : 0xEA);
        put(to, pointer == 1133 || pointer == 1164 ? 0x304 : 0x30C);
        return;
    }
    put_pair(to, in, fits ? at(INDEX_BIG5, pointer, BIG5_SIZE) : 0);
}

/* ---- EUC-JP, Shift_JIS, EUC-KR ---- */

static void next_euc_jp(struct in *in, struct buf *to)
{
    unsigned lead = *in->p++;
    if ((lead != 0x8E && lead != 0x8F && !within(lead, 0xA1, 0xFE)) || in->p == in->end) { put(to, UTF8_BAD); return; }
    if (lead == 0x8E && within(*in->p, 0xA1, 0xDF)) { put(to, 0xFF61u - 0xA1u + *in->p++); return; }
    bool jis0212 = lead == 0x8F && within(*in->p, 0xA1, 0xFE);
    if (jis0212) lead = *in->p++;
    if (in->p == in->end) { put(to, UTF8_BAD); return; }
    unsigned trail = *in->p;
    size_t pointer = (lead - 0xA1) * 94 + trail - 0xA1;
    bool fits = within(lead, 0xA1, 0xFE) && within(trail, 0xA1, 0xFE);
    put_pair(to, in,
             !fits ? 0 : jis0212 ? at(INDEX_JIS0212, pointer, JIS0212_SIZE) : at(INDEX_JIS0208, pointer, JIS0208_SIZE));
}

static void next_shift_jis(struct in *in, struct buf *to)
{
    unsigned lead = *in->p++;
    if (lead == 0x80) { put(to, 0x80); return; }
    if (within(lead, 0xA1, 0xDF)) { put(to, 0xFF61 - 0xA1 + lead); return; }
    if (lead == 0xA0 || lead > 0xFC || in->p == in->end) { put(to, UTF8_BAD); return; }
    unsigned trail = *in->p;
    if (!within(trail, 0x40, 0x7E) && !within(trail, 0x80, 0xFC)) { put_pair(to, in, 0); return; }
    size_t pointer = (lead - (lead < 0xA0 ? 0x81 : 0xC1)) * 188 + trail - (trail < 0x7F ? 0x40 : 0x41);
    if (pointer >= 8836 && pointer <= 10715) put_pair(to, in, (uint32_t)(0xE000 - 8836 + pointer));
    else put_pair(to, in, at(INDEX_JIS0208, pointer, JIS0208_SIZE));
}

static void next_euc_kr(struct in *in, struct buf *to)
{
    unsigned lead = *in->p++;
    if (!within(lead, 0x81, 0xFE) || in->p == in->end) { put(to, UTF8_BAD); return; }
    put_pair(to, in,
             within(*in->p, 0x41, 0xFE) ? at(INDEX_EUC_KR, (lead - 0x81) * 190 + *in->p - 0x41, EUC_KR_SIZE) : 0);
}

/* ---- single bytes ---- */

static void decode_single(enum charset c, struct in in, struct buf *to)
{
    const uint32_t *table = charset_single(c);
    while (in.p < in.end) {
        unsigned b = *in.p++;
        if (b < 0x80) buf_putc(to, (char)b);
        else put(to, table[b - 0x80] ? table[b - 0x80] : UTF8_BAD);
    }
}

static void decode_user_defined(struct in in, struct buf *to)
{
    for (; in.p < in.end; in.p++) put(to, *in.p < 0x80 ? *in.p : 0xF780u + *in.p - 0x80u);
}

/* ---- ISO-2022-JP ---- */

enum jp { JP_ASCII, JP_ROMAN, JP_KATAKANA, JP_DOUBLE };

/* ESC and two bytes: the set they choose; false when they choose none. */
static bool escape(const struct in *in, enum jp *set)
{
    if (in->end - in->p < 3) return false;
    unsigned a = in->p[1], b = in->p[2];
    if (a == 0x28 && b == 0x42) *set = JP_ASCII;
    else if (a == 0x28 && b == 0x4A) *set = JP_ROMAN;
    else if (a == 0x28 && b == 0x49) *set = JP_KATAKANA;
    else if (a == 0x24 && (b == 0x40 || b == 0x42)) *set = JP_DOUBLE;
    else return false;
    return true;
}

static uint32_t jp_single(enum jp set, unsigned b)
{
    if (set == JP_KATAKANA) return within(b, 0x21, 0x5F) ? 0xFF61 - 0x21 + b : UTF8_BAD;
    if (b == 0xE || b == 0xF || b >= 0x80) return UTF8_BAD;
    if (set == JP_ROMAN && b == 0x5C) return 0xA5;
    return set == JP_ROMAN && b == 0x7E ? 0x203E : b;
}

static void jp_double(struct in *in, struct buf *to)
{
    unsigned lead = *in->p++;
    if (!within(lead, 0x21, 0x7E) || in->p == in->end) { put(to, UTF8_BAD); return; }
    unsigned trail = *in->p;
    if (trail == 0x1B) { put(to, UTF8_BAD); return; }
    in->p++;
    uint32_t c = within(trail, 0x21, 0x7E) ? at(INDEX_JIS0208, (lead - 0x21) * 94 + trail - 0x21, JIS0208_SIZE) : 0;
    put(to, c ? c : UTF8_BAD);
}

static void decode_iso_2022_jp(struct in in, struct buf *to)
{
    enum jp set = JP_ASCII;
    bool just_escaped = false;                       /* two escapes with nothing between: a mistake */
    while (in.p < in.end) {
        if (*in.p == 0x1B && escape(&in, &set)) {
            if (just_escaped) put(to, UTF8_BAD);
            just_escaped = true;
            in.p += 3;
            continue;
        }
        just_escaped = false;
        if (*in.p == 0x1B) { in.p++; put(to, UTF8_BAD); }
        else if (set == JP_DOUBLE) jp_double(&in, to);
        else put(to, jp_single(set, *in.p++));
    }
}

/* ---- UTF-16 ---- */

static uint32_t unit(const unsigned char *p, bool big)
{
    return big ? (uint32_t)(p[0] << 8 | p[1]) : (uint32_t)(p[1] << 8 | p[0]);
}

static void decode_utf_16(struct in in, bool big, struct buf *to)
{
    while (in.end - in.p >= 2) {
        uint32_t c = unit(in.p, big);
        in.p += 2;
        if (c < 0xD800 || c > 0xDFFF) { put(to, c); continue; }
        uint32_t low = c < 0xDC00 && in.end - in.p >= 2 ? unit(in.p, big) : 0;
        if (low < 0xDC00 || low > 0xDFFF) { put(to, UTF8_BAD); continue; }
        in.p += 2;
        put(to, 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00));
    }
    if (in.p < in.end) put(to, UTF8_BAD);
}

/* ---- all of them ---- */

static void decode_multi(void (*next)(struct in *, struct buf *), struct in in, struct buf *to)
{
    while (in.p < in.end) {
        const unsigned char *p = in.p;
        while (p < in.end && *p < 0x80) p++;
        buf_put(to, str_span((const char *)in.p, (const char *)p));
        in.p = p;
        if (p < in.end) next(&in, to);
    }
}

static void decode_utf_8(struct str s, struct buf *to)
{
    if (utf8_valid(s)) buf_put(to, s);
    else utf8_repair(s, to);
}

static struct str without_bom(enum charset c, struct str s)
{
    size_t bom;
    return charset_bom(s, &bom) == c ? (struct str){ s.p + bom, s.n - bom } : s;
}

struct str charset_text(enum charset c, struct str s, struct buf *room)
{
    if (c == CS_UTF_8 && utf8_valid(s)) return without_bom(c, s);
    buf_reset(room);
    charset_decode(c, s, room);
    return buf_str(room);
}

void charset_decode(enum charset c, struct str s, struct buf *to)
{
    s = without_bom(c, s);
    struct in in = { (const unsigned char *)s.p, (const unsigned char *)s.p + s.n };
    switch (c) {
    case CS_UTF_8:          decode_utf_8(s, to); break;
    case CS_GBK:
    case CS_GB18030:        decode_multi(next_gb18030, in, to); break;
    case CS_BIG5:           decode_multi(next_big5, in, to); break;
    case CS_EUC_JP:         decode_multi(next_euc_jp, in, to); break;
    case CS_SHIFT_JIS:      decode_multi(next_shift_jis, in, to); break;
    case CS_EUC_KR:         decode_multi(next_euc_kr, in, to); break;
    case CS_ISO_2022_JP:    decode_iso_2022_jp(in, to); break;
    case CS_UTF_16BE:       decode_utf_16(in, true, to); break;
    case CS_UTF_16LE:       decode_utf_16(in, false, to); break;
    case CS_X_USER_DEFINED: decode_user_defined(in, to); break;
    case CS_REPLACEMENT:    if (s.n) put(to, UTF8_BAD); break;
    default:                decode_single(c, in, to);
    }
}
