/* plane.h - rows of a matrix laid out in the plane: their two main directions.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Principal components by power iteration from a fixed start, in double: the same places on every machine and for any
 * threads. */
#ifndef REPORT_PLANE_H
#define REPORT_PLANE_H
#include <stddef.h>

/* rows: (n, d). xy: (n, 2). Returns the share of the variance that the two directions hold. */
double plane_place(const float *rows, size_t n, size_t d, double *xy);

#endif
