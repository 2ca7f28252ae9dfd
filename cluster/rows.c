/* rows.c - mapped or widened rows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/rows.h"

#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

bool rows_open_slice(struct matrix *m, const char *path, struct err *e)
{
    if (!matrix_open(m, path, e)) return false;
    if (m->type != MATRIX_F32 && m->type != MATRIX_F16)
        err_set(e, ERR_DATA, "%s: rows must be float32 or float16", path);
    else if (!m->cols) err_set(e, ERR_DATA, "%s holds no columns", path);
    else if (m->rows > INT32_MAX) err_set(e, ERR_DATA, "%s: %zu rows are more than 2147483647", path, m->rows);
    else if ((uintptr_t)m->data % matrix_size(m->type)) err_set(e, ERR_DATA, "%s: the numbers are not aligned", path);
    if (e->kind) matrix_close(m);
    return e->kind == ERR_NONE;
}

bool rows_open(struct matrix *m, const char *path, struct err *e)
{
    if (!rows_open_slice(m, path, e)) return false;
    if (m->rows) return true;
    matrix_close(m);
    return err_set(e, ERR_DATA, "%s holds no rows", path);
}

#ifdef __x86_64__
#include <immintrin.h>
static __attribute__((target("avx,f16c"))) void widen_f16c(const uint16_t *from, size_t n, float *to)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)(from + i))));
    for (; i < n; i++) to[i] = half_to_float(from[i]);
}
/* every AVX2 machine has F16C */
static bool has_f16c(void) { return __builtin_cpu_supports("avx") && __builtin_cpu_supports("avx2"); }
static bool has_fma(void) { return __builtin_cpu_supports("fma"); }
#define FMA __attribute__((target("fma")))
#else
static void widen_f16c(const uint16_t *from, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++) to[i] = half_to_float(from[i]);
}
static bool has_f16c(void) { return false; }
static bool has_fma(void) { return false; }
#define FMA
#endif

const float *rows_at(const struct matrix *m, size_t begin, size_t end, float *scratch)
{
    if (m->type == MATRIX_F32) return (const float *)m->data + begin * m->cols;
    if (has_f16c()) widen_f16c((const uint16_t *)m->data + begin * m->cols, (end - begin) * m->cols, scratch);
    else matrix_rows(m, begin, end, scratch);
    return scratch;
}

void rows_done(const struct matrix *m, size_t begin, size_t end, size_t memory)
{
    size_t row = m->cols * matrix_size(m->type), page = (size_t)sysconf(_SC_PAGESIZE);
    if (m->map.n <= memory) return;                  /* also when there is no file */
    uintptr_t from = (uintptr_t)m->data + begin * row, to = (uintptr_t)m->data + end * row;
    from = from / page * page;                       /* a page shared with another run is read again if need be */
    madvise((void *)from, to - from, MADV_DONTNEED);
}

/* n rows like m's in a scratch file; *p is where to write them. */
static bool scratch_rows(const struct matrix *m, size_t n, struct matrix *to, char **p, struct err *e)
{
    size_t size = mem_size(n, m->cols * matrix_size(m->type));
    int fd = file_scratch(e);
    if (fd < 0) return false;
    *p = !size || ftruncate(fd, (off_t)size) ? MAP_FAILED : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (*p == MAP_FAILED) return err_sys(e, "could not make a scratch file of %zu bytes", size);
    *to = (struct matrix){ .map = { *p, size }, .type = m->type, .rows = n, .cols = m->cols, .data = *p };
    return true;
}

bool rows_gather(const struct matrix *m, const uint32_t *rows, size_t n, struct matrix *to, struct err *e)
{
    size_t row = m->cols * matrix_size(m->type);
    char *p;
    if (!scratch_rows(m, n, to, &p, e)) return false;
    for (size_t i = 0; i < n; i++) memcpy(p + i * row, (const char *)m->data + rows[i] * row, row);
    return true;
}

/* Opens paths[i] and checks that it is like first, unless that is NULL. */
static bool open_like(struct matrix *m, const char *path, const struct matrix *first, struct err *e)
{
    if (!rows_open_slice(m, path, e)) return false;
    if (!first || (m->cols == first->cols && m->type == first->type)) return true;
    matrix_close(m);
    return err_set(e, ERR_DATA, "%s has other columns or another type than the first matrix", path);
}

bool rows_join(struct matrix *m, char *const *paths, size_t n, struct err *e)
{
    struct matrix one, first = { .rows = 0 };
    size_t rows = 0, copied = 0;
    char *p;
    if (n == 1) return rows_open(m, paths[0], e);
    for (size_t i = 0; i < n; i++, matrix_close(&one)) {
        if (!open_like(&one, paths[i], i ? &first : NULL, e)) return false;
        if (!i) first = one;
        rows += one.rows;
    }
    if (!rows || rows > INT32_MAX)
        return err_set(e, ERR_DATA, "%zu matrices hold %zu rows: from 1 to 2147483647 can be worked on", n, rows);
    if (!scratch_rows(&first, rows, m, &p, e)) return false;
    for (size_t i = 0; i < n; i++, matrix_close(&one)) {
        if (!open_like(&one, paths[i], &first, e)) { matrix_close(m); return false; }
        size_t size = one.rows * one.cols * matrix_size(one.type);
        if (one.rows > rows - copied) {
            matrix_close(&one);
            matrix_close(m);
            return err_set(e, ERR_DATA, "%s grew while it was read", paths[i]);
        }
        memcpy(p, one.data, size);
        p += size;
        copied += one.rows;
    }
    return true;
}

bool rows_field(const struct doc *d, const char *name, size_t n, size_t *to)
{
    int64_t x;
    if (!json_integer(doc_get(d, name), &x) || x < 0 || (uint64_t)x >= n) return false;
    *to = (size_t)x;
    return true;
}

bool rows_of(const struct doc *d, const struct matrix *m, size_t first, size_t *to)
{
    if (!rows_field(d, "row", SIZE_MAX, to) || *to < first || *to - first >= m->rows) return false;
    *to -= first;
    return true;
}

double rows_round(float distance)
{
    return round((double)distance * 1e6) / 1e6;
}

/* Eight sums at a time: each is a chain of dependent steps. */
static inline __attribute__((always_inline)) void dots(const float *const *a, const float *const *b, size_t n, size_t d,
                                                       float *out)
{
    for (; n >= 8; n -= 8, a += 8, b += 8, out += 8) {
        float s[8] = { 0 };
        for (size_t t = 0; t < d; t++)
#pragma GCC unroll 8
            for (int i = 0; i < 8; i++) s[i] = __builtin_fmaf(a[i][t], b[i][t], s[i]);
        for (int i = 0; i < 8; i++) out[i] = s[i];
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = 0;
        for (size_t t = 0; t < d; t++) out[i] = __builtin_fmaf(a[i][t], b[i][t], out[i]);
    }
}
static FMA void dots_fma(const float *const *a, const float *const *b, size_t n, size_t d, float *out)
{
    dots(a, b, n, d, out);
}
static void dots_plain(const float *const *a, const float *const *b, size_t n, size_t d, float *out)
{
    dots(a, b, n, d, out);
}

void rows_dot(const float *const *a, const float *const *b, size_t n, size_t d, float *out)
{
    (has_fma() ? dots_fma : dots_plain)(a, b, n, d, out);
}
