/* columns.c - see columns.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "quality/columns.h"

bool columns_open(struct matrix *m, const char *path, struct err *e)
{
    if (!matrix_open(m, path, e)) return false;
    if (m->type == MATRIX_F32 || m->type == MATRIX_F16) return true;
    matrix_close(m);
    return err_set(e, ERR_DATA, "%s: numbers of type float32 or float16 are needed", path);
}

float *columns_of(const struct matrix *m, const struct doc *d)
{
    int64_t row;
    const struct str named = doc_get(d, "row");
    if (!named.p || !json_integer(named, &row) || row < 0 || (uint64_t)row >= m->rows) return NULL;
    float *to = mem_alloc(m->cols, sizeof *to);
    matrix_rows(m, (size_t)row, (size_t)row + 1, to);
    return to;
}
