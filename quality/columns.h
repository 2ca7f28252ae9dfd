/* columns.h - numbers that come with a document: the row of a matrix that its "row" names.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef QUALITY_COLUMNS_H
#define QUALITY_COLUMNS_H
#include "record/doc.h"
#include "record/matrix.h"

bool columns_open(struct matrix *m, const char *path, struct err *e) MUST_CHECK;     /* float32 or float16 */
/* (m->cols), mem_alloc'ed; NULL when the document names no row */
float *columns_of(const struct matrix *m, const struct doc *d);

#endif
