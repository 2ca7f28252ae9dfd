/* json_number.c - numbers of JSON, read and written.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Nearly all numbers of a document are short decimals: at most 15 digits, which a double holds exactly, and a
 * power of ten, which it holds exactly too. One division then rounds correctly both ways (Clinger 1990), and
 * strtod and snprintf are left for the rest. */
#include "record/json.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double power10[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
/* powers that a double holds exactly; digits that it always tells apart */
enum { POWER10_MAX = 22, EXACT_DIGITS = 15 };

/* ---- reading ---- */

/* At most 15 digits and a point: both parts are exact. */
static bool simple_number(struct str s, double *out)
{
    bool minus = *s.p == '-', point = false;
    uint64_t digits = 0;
    int n = 0, places = 0;
    for (size_t i = minus; i < s.n; i++) {
        if (s.p[i] == '.' && !point) { point = true; continue; }
        if (s.p[i] < '0' || s.p[i] > '9' || ++n > EXACT_DIGITS) return false;
        digits = digits * 10 + (uint64_t)(s.p[i] - '0');
        places += point;
    }
    *out = (minus ? -(double)digits : (double)digits) / power10[places];
    return n > 0;
}

bool json_number(struct str value, double *out)
{
    char small[64], *copy = small, *end;
    if (!value.n || !(*value.p == '-' || isdigit((unsigned char)*value.p))) return false;
    if (simple_number(value, out)) return true;
    if (value.n >= sizeof small) copy = mem_alloc(value.n + 1, 1);
    memcpy(copy, value.p, value.n);
    copy[value.n] = 0;
    *out = strtod(copy, &end);
    bool whole_value = end == copy + value.n;
    if (copy != small) free(copy);
    return whole_value;
}

bool json_integer(struct str value, int64_t *out)
{
    bool minus = value.n && *value.p == '-';
    uint64_t x = 0, limit = (uint64_t)INT64_MAX + minus;
    if (value.n == (size_t)minus) return false;
    for (size_t i = minus; i < value.n; i++) {
        if (value.p[i] < '0' || value.p[i] > '9') return false;
        uint64_t digit = (uint64_t)(value.p[i] - '0');
        if (x > (limit - digit) / 10) return false;
        x = x * 10 + digit;
    }
    *out = minus ? (int64_t)(0 - x) : (int64_t)x;
    return true;
}

/* ---- writing ---- */

/* A number as its significant digits, without zeros at the end, and the decimal exponent of the first. */
struct decimal { char digits[24]; int n, exponent; };

static void trim_zeros(struct decimal *d)
{
    while (d->n > 1 && d->digits[d->n - 1] == '0') d->n--;
}

/* x >= 0 with at most 15 digits: the least number of places at which an integer, divided by its power of ten
 * (correctly rounded, both being exact), is x. Counts, and scores rounded to 8 places, go this way. */
static bool short_decimal(double x, struct decimal *d)
{
    for (int places = 0; places <= POWER10_MAX && x * power10[places] < 1e15; places++) {
        long long m = llrint(x * power10[places]);
        if ((double)m / power10[places] != x) continue;
        d->n = snprintf(d->digits, sizeof d->digits, "%lld", m);
        d->exponent = d->n - 1 - places;
        trim_zeros(d);
        return true;
    }
    return false;
}

/* The fewest significant digits that read back as x: 15 are always true to a decimal, 17 always to the double;
 * below DBL_MIN a double holds less and fewer may do. */
static void shortest(double x, struct decimal *d)
{
    char s[40];
    if (short_decimal(x, d)) return;
    for (int digits = x < DBL_MIN ? 1 : EXACT_DIGITS; digits <= EXACT_DIGITS + 2; digits++) {
        snprintf(s, sizeof s, "%.*e", digits - 1, x);
        if (strtod(s, NULL) == x) break;
    }
    d->n = 0;
    for (const char *p = s; *p != 'e'; p++) if (*p != '.') d->digits[d->n++] = *p;
    d->exponent = atoi(strchr(s, 'e') + 1);
    trim_zeros(d);
}

/* Digits and exponent as RedPajama prints them: positional when the decimal exponent is in -5..15. */
static void put_real(struct buf *to, double x, bool point)
{
    struct decimal d;
    shortest(fabs(x), &d);
    const char *digits = d.digits;
    int n = d.n, exponent = d.exponent;
    if (signbit(x)) buf_putc(to, '-');
    if (exponent < -5 || exponent > 15) {
        buf_putc(to, digits[0]);
        if (n > 1) buf_putc(to, '.');
        buf_put(to, (struct str){ digits + 1, (size_t)n - 1 });
        buf_printf(to, "e%d", exponent);
        return;
    }
    if (exponent < 0) {
        buf_put(to, S("0."));
        for (int i = -1; i > exponent; i--) buf_putc(to, '0');
        buf_put(to, (struct str){ digits, (size_t)n });
        return;
    }
    for (int i = 0; i < n || i <= exponent; i++) {
        if (i == exponent + 1) buf_putc(to, '.');
        buf_putc(to, i < n ? digits[i] : '0');
    }
    if (point && n <= exponent + 1) buf_put(to, S(".0"));
}

void json_put_number(struct buf *to, double x)
{
    if (!isfinite(x)) buf_put(to, S("null"));
    else if (fabs(x) < 1e15 && x == (double)(int64_t)x) buf_printf(to, "%lld", (long long)x);
    else put_real(to, x, false);
}

void json_put_float(struct buf *to, double x)
{
    if (!isfinite(x)) buf_put(to, S("null"));
    else put_real(to, x, true);
}
