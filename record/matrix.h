/* matrix.h - rows of numbers in a .npy file: mapped for reading, written row by row.
 * SPDX-License-Identifier: Apache-2.0
 *
 * NumPy's format 1.0, little-endian, C order, one or two dimensions, 64-byte aligned data.
 * float16 is read to float by matrix_row and written from float, rounded to nearest even.
 */
#ifndef RECORD_MATRIX_H
#define RECORD_MATRIX_H
#include "core/file.h"
#include "core/mem.h"

enum matrix_type { MATRIX_F32, MATRIX_F16, MATRIX_I32, MATRIX_I64, MATRIX_U16, MATRIX_U32, MATRIX_I8, MATRIX_F64 };
struct matrix { struct map map; enum matrix_type type; size_t rows, cols; const void *data; };

size_t matrix_size(enum matrix_type t);                                    /* bytes of one number */
bool matrix_open(struct matrix *m, const char *path, struct err *e) MUST_CHECK;
void matrix_close(struct matrix *m);
/* F32 or F16 rows as float: to is (end-begin, cols) */
void matrix_rows(const struct matrix *m, size_t begin, size_t end, float *to);

float half_to_float(uint16_t h);
uint16_t half_from_float(float f);

/* the number of rows need not be known before */
struct matrix_out;
struct matrix_out *matrix_create(const char *path, enum matrix_type t, size_t cols, struct err *e) MUST_CHECK;
/* in the file's type */
bool matrix_append(struct matrix_out *m, const void *rows, size_t n, struct err *e) MUST_CHECK;
/* F32 or F16 file */
bool matrix_append_float(struct matrix_out *m, const float *rows, size_t n, struct err *e) MUST_CHECK;
/* writes the header, renames; frees m either way */
bool matrix_done(struct matrix_out *m, struct err *e) MUST_CHECK;
void matrix_drop(struct matrix_out *m);

#endif
