/* rows.h - pieces into rows: best fit, the longest first.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SHARD_ROWS_H
#define SHARD_ROWS_H
#include <stddef.h>
#include <stdint.h>

struct rows_piece { uint32_t size, row; };                   /* size: 1 .. length; row: the answer */

/* How many rows; rows are numbered by the first piece that lies in them. n < 2^32. */
size_t rows_fit(struct rows_piece *pieces, size_t n, size_t length);

#endif
