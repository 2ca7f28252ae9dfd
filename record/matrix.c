/* matrix.c - .npy in and out.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   93 'NUMPY' 01 00 | header length (2) | {'descr': '<f4', 'fortran_order': False, 'shape': (R, C), } spaces \n | rows
 *
 * Ours is padded to 128 bytes, so that the number of rows can be written when it is known. */
#include "record/matrix.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { HEADER = 128 };

static const struct { const char *descr; size_t size; } types[] = {
    [MATRIX_F32] = { "<f4", 4 }, [MATRIX_F16] = { "<f2", 2 }, [MATRIX_I32] = { "<i4", 4 }, [MATRIX_I64] = { "<i8", 8 },
    [MATRIX_U16] = { "<u2", 2 }, [MATRIX_U32] = { "<u4", 4 }, [MATRIX_I8]  = { "|i1", 1 }, [MATRIX_F64] = { "<f8", 8 },
};
enum { N_TYPES = sizeof types / sizeof *types };

size_t matrix_size(enum matrix_type t)
{
    return types[t].size;
}

/* The text behind 'key': in the header's dictionary. */
static const char *value_of(const char *header, const char *key)
{
    const char *at = strstr(header, key);
    if (at) at = strchr(at, ':');
    return at ? at + 1 + strspn(at + 1, " ") : NULL;
}

static bool parse(struct matrix *m, const char *path, const char *header, size_t data_at, struct err *e)
{
    const char *descr = value_of(header, "'descr'"), *order = value_of(header, "'fortran_order'"),
               *shape = value_of(header, "'shape'");
    if (!descr || !order || !shape || *shape != '(') return err_set(e, ERR_DATA, "%s: not a .npy header", path);
    size_t t = 0;
    while (t < N_TYPES && strncmp(descr + 1, types[t].descr, 3) != 0) t++;
    if (t == N_TYPES) return err_set(e, ERR_DATA, "%s: numbers of type %.5s are not read", path, descr);
    if (!strncmp(order, "True", 4)) return err_set(e, ERR_DATA, "%s: Fortran order is not read", path);
    char *end;
    errno = 0;
    m->type = (enum matrix_type)t;
    m->rows = strtoull(shape + 1, &end, 10);
    end += strspn(end, ", ");
    m->cols = *end == ')' ? 1 : strtoull(end, &end, 10);
    end += strspn(end, ", ");
    if (*end != ')' || errno) return err_set(e, ERR_DATA, "%s: only one or two dimensions are read", path);
    size_t all;
    if (__builtin_mul_overflow(m->rows, m->cols, &all) || __builtin_mul_overflow(all, types[t].size, &all)
        || all > m->map.n - data_at)
        return err_set(e, ERR_DATA, "%s: %zu rows of %zu do not fit in the file", path, m->rows, m->cols);
    m->data = m->map.p + data_at;
    return true;
}

bool matrix_open(struct matrix *m, const char *path, struct err *e)
{
    *m = (struct matrix){ 0 };
    if (!map_open(&m->map, path, e)) return false;
    const unsigned char *p = (const unsigned char *)m->map.p;
    size_t n = m->map.n, skip = n > 6 && p[6] > 1 ? 12 : 10, length = 0;
    if (n >= 12)
        length = skip == 10 ? p[8] | (size_t)p[9] << 8
                 : p[8] | (size_t)p[9] << 8 | (size_t)p[10] << 16 | (size_t)p[11] << 24;
    if (n < 12 || memcmp(p, "\x93NUMPY", 6) != 0 || length > n - skip || length > 1 << 20)
        err_set(e, ERR_DATA, "%s is not a .npy file", path);
    else {
        char *header = mem_zero(length + 1, 1);
        memcpy(header, p + skip, length);
        parse(m, path, header, skip + length, e);
        free(header);
    }
    if (e->kind) matrix_close(m);
    return e->kind == ERR_NONE;
}

void matrix_close(struct matrix *m)
{
    map_close(&m->map);
    *m = (struct matrix){ 0 };
}

void matrix_rows(const struct matrix *m, size_t begin, size_t end, float *to)
{
    size_t at = begin * m->cols, n = (end - begin) * m->cols;
    if (m->type == MATRIX_F32) memcpy(to, (const float *)m->data + at, n * sizeof *to);
    else for (size_t i = 0; i < n; i++) to[i] = half_to_float(((const uint16_t *)m->data)[at + i]);
}

float half_to_float(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exp = h >> 10 & 31, frac = h & 1023, u;
    if (exp == 31) u = sign | 0x7F800000u | frac << 13;
    else if (exp) u = sign | (exp + 112) << 23 | frac << 13;
    else {
        float f = (float)frac * 0x1p-24f;
        memcpy(&u, &f, 4);
        u |= sign;
    }
    float f;
    memcpy(&f, &u, 4);
    return f;
}

uint16_t half_from_float(float f)
{
    uint32_t u;
    memcpy(&u, &f, 4);
    uint16_t sign = (uint16_t)(u >> 16 & 0x8000);
    u &= 0x7FFFFFFF;
    if (u > 0x7F800000) return sign | 0x7E00;                        /* NaN */
    if (u >= 0x477FF000) return sign | 0x7C00;                       /* 65520 and more round to infinity */
    if (u >= 0x38800000) return (uint16_t)(sign | ((u - 0x38000000 + 0xFFF + (u >> 13 & 1)) >> 13));
    float g;
    memcpy(&g, &u, 4);
    return (uint16_t)(sign | (uint16_t)(int)nearbyintf(g * 0x1p24f));       /* subnormal: round to nearest even */
}

/* ---- writing ---- */

struct matrix_out { struct output *o; enum matrix_type type; size_t cols, rows; uint16_t *half; size_t cap; };

bool matrix_append(struct matrix_out *m, const void *rows, size_t n, struct err *e)
{
    m->rows += n;
    return output_write(m->o, (struct str){ rows, n * m->cols * types[m->type].size }, e);
}

bool matrix_append_float(struct matrix_out *m, const float *rows, size_t n, struct err *e)
{
    if (m->type == MATRIX_F32) return matrix_append(m, rows, n, e);
    m->half = mem_grow(m->half, &m->cap, n * m->cols, sizeof *m->half);
    for (size_t i = 0; i < n * m->cols; i++) m->half[i] = half_from_float(rows[i]);
    return matrix_append(m, m->half, n, e);
}

static bool header_write(struct matrix_out *m, bool again, struct err *e)
{
    char h[HEADER + 1];
    int n = snprintf(h, sizeof h, "\x93NUMPY%c%c%c%c{'descr': '%s', 'fortran_order': False, 'shape': (%zu, %zu), }",
                     1, 0, HEADER - 10, 0, types[m->type].descr, m->rows, m->cols);
    memset(h + n, ' ', (size_t)(HEADER - 1 - n));
    h[HEADER - 1] = '\n';
    struct str s = { h, HEADER };
    return again ? output_patch(m->o, 0, s, e) : output_write(m->o, s, e);
}

struct matrix_out *matrix_create(const char *path, enum matrix_type t, size_t cols, struct err *e)
{
    if (compression_of(path) != PLAIN) {
        err_set(e, ERR_USAGE, "%s: a matrix is mapped, so it is not compressed", path);
        return NULL;
    }
    struct output *o = output_open(path, e);
    if (!o) return NULL;
    struct matrix_out *m = mem_zero(1, sizeof *m);
    *m = (struct matrix_out){ .o = o, .type = t, .cols = cols };
    if (header_write(m, false, e)) return m;
    matrix_drop(m);
    return NULL;
}

bool matrix_done(struct matrix_out *m, struct err *e)
{
    bool ok = header_write(m, true, e);
    struct output *o = m->o;
    m->o = NULL;
    if (ok) ok = output_done(o, e);
    else output_drop(o);
    matrix_drop(m);
    return ok;
}

void matrix_drop(struct matrix_out *m)
{
    if (!m) return;
    output_drop(m->o);
    free(m->half);
    free(m);
}
