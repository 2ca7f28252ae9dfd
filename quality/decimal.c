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

void put_uint(struct buf *to, uint64_t x)
{
    char digits[20], *p = digits + sizeof digits;
    do *--p = (char)('0' + x % 10); while (x /= 10);
    buf_put(to, str_span(p, digits + sizeof digits));
}

/* A decimal of at most 15 digits is the shortest that reads back as its double. */
void put_round8(struct buf *to, double x)
{
    double y = fabs(x) * PLACES, r = rint(y);
    if (!(r < 1e15) || (r < 1000 && r != 0)) { json_put_float(to, x); return; }
    uint64_t digits = (uint64_t)r, part = digits % 100000000;
    if (signbit(x)) buf_putc(to, '-');
    put_uint(to, digits / 100000000);
    char tail[9] = "." "00000000";
    size_t n = 1;
    for (size_t i = 8; part; part /= 10, i--) {
        tail[i] = (char)('0' + part % 10);
        if (n == 1 && tail[i] != '0') n = i;
    }
    buf_put(to, (struct str){ tail, n + 1 });
}
