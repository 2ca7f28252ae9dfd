/* rows.h - runs of a matrix's rows as floats, and rows' dot products.
 * SPDX-License-Identifier: Apache-2.0
 *
 * float32 rows are used where they lie in the mapped file; float16 rows are widened into scratch.
 * rows_done() gives a run's pages back when the matrix is larger than what may stay in memory.
 */
#ifndef CLUSTER_ROWS_H
#define CLUSTER_ROWS_H
#include "record/doc.h"
#include "record/matrix.h"

/* float32 or float16, at least one row and column */
bool rows_open(struct matrix *m, const char *path, struct err *e) MUST_CHECK;
/* the same, or without rows: of an empty slice */
bool rows_open_slice(struct matrix *m, const char *path, struct err *e) MUST_CHECK;
/* Several files as one matrix, their rows in order, copied to an unlinked scratch file and mapped; one file is opened
 * as it is. */
bool rows_join(struct matrix *m, char *const *paths, size_t n, struct err *e) MUST_CHECK;
/* (end-begin, cols); scratch of that size */
const float *rows_at(const struct matrix *m, size_t begin, size_t end, float *scratch);
/* memory: bytes of the matrix that may stay */
void rows_done(const struct matrix *m, size_t begin, size_t end, size_t memory);

/* Some rows of m, one after another in an unlinked scratch file, mapped; closed by matrix_close. */
bool rows_gather(const struct matrix *m, const uint32_t *rows, size_t n, struct matrix *to, struct err *e) MUST_CHECK;

/* The document's field as a number below n: "row" of the matrix, "cluster" of the centroids. False when there is
 * none. */
bool rows_field(const struct doc *d, const char *name, size_t n, size_t *to);

/* The document's "row" of m, when m's first row is called `first`. */
bool rows_of(const struct doc *d, const struct matrix *m, size_t first, size_t *to);

double rows_round(float distance);                   /* to 6 decimals: as "distance" is written and compared */

/* out[i] = sum over t of a[i][t] * b[i][t], in the order and with the bits of accel/panel.h. */
void rows_dot(const float *const *a, const float *const *b, size_t n, size_t d, float *out);

#endif
