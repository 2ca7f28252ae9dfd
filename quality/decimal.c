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
    do *--end = (char)('0' + x % 10); while (x /= 10);
    return end;
}

void put_uint(struct buf *to, uint64_t x)
{
    char room[20], *end = room + sizeof room;
    buf_put(to, str_span(digits_before(end, x), end));
}

/* A decimal of at most 15 digits is the shortest that reads back as its double. */
void put_round8(struct buf *to, double x)
{
    double y = fabs(x) * PLACES, r = rint(y);
    if (x == 0 || x == 1) { buf_put(to, x == 0 ? S("0.0") : S("1.0")); return; }
    if (!(r < 1e15) || r < 1000) { json_put_float(to, x); return; }
    uint64_t digits = (uint64_t)r, whole = digits / 100000000, part = digits % 100000000;
    char room[30], *dot = room + 20, *end = dot + 9;
    if (part) digits_before(end, part + 100000000);      /* its leading 1 is where the point goes */
    else dot[1] = '0';
    while (part && end[-1] == '0') end--;
    if (!part) end = dot + 2;
    *dot = '.';
    char *p = digits_before(dot, whole);
    if (signbit(x)) *--p = '-';
    buf_put(to, str_span(p, end));
}
