/* decimal.c - x * 10^8 with its exact error tells to which integer it rounds, unless it is close to a tie.
 * SPDX-License-Identifier: Apache-2.0 */
#include "quality/decimal.h"
#include "record/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double PLACES = 1e8, EXACT = 9e6;           /* |x| < 9e6: x * 10^8 stays below 2^53 */

double round8_slow(double x)
{
    char digits[400];
    snprintf(digits, sizeof digits, "%.8f", x);
    return strtod(digits, NULL);
}

/* r / 10^8 of two exact integers is the double nearest to that decimal: what strtod would give. */
double round8(double x)
{
    if (!(fabs(x) < EXACT)) return isfinite(x) ? round8_slow(x) : x;
    double y = x * PLACES, r = rint(y), off = fabs((y - r) + fma(x, PLACES, -y));
    return off < 0.499999 ? r / PLACES : round8_slow(x);
}

/* The digits of x, at the end of room. */
static char *digits_before(char *end, uint64_t x)
{
    static const char pairs[] =
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869"
        "707172737475767778798081828384858687888990919293949596979899";
    char *p = end;
    for (; x >= 10; x /= 100) memcpy(p -= 2, pairs + x % 100 * 2, 2);
    if (x || p == end) *--p = (char)('0' + x);
    return p;
}

void put_uint(struct buf *to, uint64_t x)
{
    enum { MOST = 20 };
    size_t n = 1;
    for (uint64_t ten = 10; n < MOST && x >= ten; ten *= 10) n++;      /* 10^20 would wrap, but n is 20 by then */
    digits_before(buf_room(to, MOST) + n, x);
    to->n += n;
}

/* p up to end, of which WIDE bytes may be read: a copy of known size, because a call for ten bytes costs more than they
 * do. */
enum { WIDE = 32 };
static inline void put_wide(struct buf *to, const char *p, const char *end)
{
    memcpy(buf_room(to, WIDE), p, WIDE);
    to->n += (size_t)(end - p);
}

/* A decimal of at most 15 digits is the shortest that reads back as its double. */
void put_round8(struct buf *to, double x)
{
    double y = fabs(x) * PLACES, r = rint(y);
    if (x == 0 || x == 1) { buf_put(to, x == 0 ? S("0.0") : S("1.0")); return; }
    if (!(r < 1e15) || r < 1000) { json_put_float(to, x); return; }
    uint64_t digits = (uint64_t)r, whole = digits / 100000000, part = digits % 100000000;
    char room[20 + WIDE] = { 0 }, *dot = room + 20, *end = dot + 9;
    if (part) digits_before(end, part + 100000000);      /* its leading 1 is where the point goes */
    else dot[1] = '0';
    while (part && end[-1] == '0') end--;
    if (!part) end = dot + 2;
    *dot = '.';
    char *p = digits_before(dot, whole);
    if (signbit(x)) *--p = '-';
    put_wide(to, p, end);
}
