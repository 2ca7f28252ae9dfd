/* npy.c - rows of tokens as one NumPy array: PREFIX.npy (shard/format.h).
 * SPDX-License-Identifier: Apache-2.0 */
#include "shard/format.h"
#include "shard/file.h"

#include "record/matrix.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

extern const struct shard_format shard_npy;

/* narrow (length) */
struct npy { struct matrix_out *out; const struct shard_spec *s; size_t length, width; uint16_t *narrow; };

static void path_of(const struct shard_spec *s, char path[4096]) { snprintf(path, 4096, "%s.npy", s->prefix); }

static void npy_drop(void *self)
{
    struct npy *m = self;
    if (m->out) matrix_drop(m->out);
    free(m->narrow);
    free(m);
}

static void *npy_open(const struct shard_spec *s, struct err *e)
{
    char path[4096];
    if (!s->length) {
        err_set(e, ERR_USAGE, "an array has rows of one length: npy needs --pack concat or best-fit");
        return NULL;
    }
    path_of(s, path);
    struct npy *m = mem_zero(1, sizeof *m);
    *m = (struct npy){ .s = s, .length = s->length, .width = s->width,
                       .narrow = mem_alloc(s->length, sizeof *m->narrow) };
    if ((m->out = matrix_create(path, s->width == 2 ? MATRIX_U16 : MATRIX_U32, s->length, e))) return m;
    npy_drop(m);
    return NULL;
}

static bool npy_put(void *self, const uint32_t *tokens, size_t n, struct err *e)
{
    struct npy *m = self;
    assert(n == m->length);
    (void)n;
    if (m->width == 4) return matrix_append(m->out, tokens, 1, e);
    for (size_t i = 0; i < n; i++) m->narrow[i] = (uint16_t)tokens[i];
    return matrix_append(m->out, m->narrow, 1, e);
}

static bool npy_close(void *self, struct err *e)
{
    struct npy *m = self;
    char path[4096];
    path_of(m->s, path);
    const bool ok = matrix_done(m->out, e) && shard_files_add(m->s->files, path, e);
    m->out = NULL;
    npy_drop(m);
    return ok;
}

static bool npy_read(const struct shard_spec *s, bool (*each)(void *with, const uint32_t *tokens, size_t n), void *with,
                     struct err *e)
{
    char path[4096];
    struct matrix m;
    path_of(s, path);
    if (!matrix_open(&m, path, e)) return false;
    const size_t width = m.type == MATRIX_U16 ? 2 : m.type == MATRIX_U32 ? 4 : 0;
    const bool ok = (width == s->width && m.cols == s->length) || err_set(e, ERR_DATA, "%s: rows are %zu numbers, not %zu tokens of %zu bytes", path, m.cols, s->length, s->width);
    if (ok) shard_widen((struct str){ m.data, m.rows * m.cols * width }, width, each, with);
    matrix_close(&m);
    return ok;
}

const struct shard_format shard_npy = { "npy", false, true, npy_open, npy_put, npy_close, npy_drop, npy_read };
