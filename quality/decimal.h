/* decimal.h - round to eight decimals as Python does, and print the result, without the cost of printf.
 * SPDX-License-Identifier: Apache-2.0
 *
 * round8(x) is the double nearest to the decimal that lies nearest to x's exact value, ties to even.
 */
#ifndef QUALITY_DECIMAL_H
#define QUALITY_DECIMAL_H
#include "core/str.h"

double round8(double x);
double round8_slow(double x);                            /* through printf and strtod: the definition */
void put_round8(struct buf *to, double x);               /* x came from round8; "3.0", "0.125", "1e-8"; NaN is null */
void put_uint(struct buf *to, uint64_t x);

#endif
