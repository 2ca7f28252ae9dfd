/* gpt_file.c - tensors by name from and to the flat vectors.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/gpt_file.h"

#include "core/file.h"
#include "record/json.h"

#include <stdio.h>
#include <stdlib.h>

static const struct { enum gpt_vector vector; const char *prefix; } parts[] = {
    { GPT_WEIGHTS, "" }, { GPT_MOMENT1, "moment1." }, { GPT_MOMENT2, "moment2." },
};
enum { N_PARTS = sizeof parts / sizeof *parts, CONFIG_MAX = 1 << 20 };

/* ---- writing ---- */

static struct tensor entry(struct arena *mem, const struct gpt_tensor *t, const char *prefix, const float *vector)
{
    struct tensor x = { .name = str_printf(mem, "%s%s", prefix, t->name), .type = TENSOR_F32,
                        .n_dims = t->rows == 1 ? 1 : 2,
                        .shape = { t->rows, t->cols }, .count = t->rows * t->cols, .data = vector + t->at };
    if (t->rows == 1) x.shape[0] = t->cols;
    return x;
}

static struct str metadata(struct buf *b, const struct gpt_spec *s, const char *notes)
{
    const struct gpt_shape *h = &s->shape;
    buf_printf(b, "{\"format\":\"pt\",\"layers\":\"%zu\",\"heads\":\"%zu\",\"dim\":\"%zu\",\"inner\":\"%zu\",\"vocab\":\"%zu\",\"length\":\"%zu\",\"base\":\"%g\",\"eps\":\"%g\"",
               h->layers, h->heads, h->dim, h->inner, s->vocab, s->length, (double)s->base, (double)s->eps);
    if (notes) buf_printf(b, ",%s", notes);
    buf_put(b, S("}\0"));
    return buf_str(b);
}

bool gpt_write(const struct gpt *g, const char *path, bool state, const char *notes, struct err *e)
{
    const struct gpt_spec *s = gpt_spec_of(g);
    const size_t n = gpt_n_parameters(s), n_tensors = gpt_n_tensors(s), n_parts = state ? N_PARTS : 1;
    struct arena mem = { 0 };
    struct buf b = { 0 };
    float *host = mem_alloc(n_parts * n, sizeof *host);
    struct tensor *all = NEW(&mem, struct tensor, n_parts * n_tensors);
    for (size_t p = 0; p < n_parts; p++) {
        gpt_get(g, parts[p].vector, host + p * n);
        for (size_t i = 0; i < n_tensors; i++) {
            const struct gpt_tensor t = gpt_tensor(s, i);
            all[p * n_tensors + i] = entry(&mem, &t, parts[p].prefix, host + p * n);
        }
    }
    const bool ok = tensors_write(path, all, n_parts * n_tensors, metadata(&b, s, notes).p, e);
    buf_free(&b);
    arena_free(&mem);
    free(host);
    return ok;
}

/* ---- reading ---- */

static bool read_size(struct tensors *t, const char *key, size_t *to)
{
    int64_t x = 0;
    const bool ok = json_integer(tensors_note(t, key), &x) && x > 0;
    *to = ok ? (size_t)x : 0;
    return ok;
}

static bool read_real(struct tensors *t, const char *key, float *to)
{
    double x = 0;
    const bool ok = json_number(tensors_note(t, key), &x) && x > 0;
    *to = (float)x;
    return ok;
}

static bool read_spec(struct tensors *t, struct gpt_spec *s)
{
    *s = (struct gpt_spec){ .shape.name = "file", .rows = 1 };
    return read_size(t, "layers", &s->shape.layers) && read_size(t, "heads", &s->shape.heads)
        && read_size(t, "dim", &s->shape.dim)
        && read_size(t, "inner", &s->shape.inner) && read_size(t, "vocab", &s->vocab)
            && read_size(t, "length", &s->length)
        && read_real(t, "base", &s->base) && read_real(t, "eps", &s->eps);
}

static bool read_vector(struct gpt *g, const struct tensors *t, size_t part, struct err *e)
{
    const struct gpt_spec *s = gpt_spec_of(g);
    float *host = mem_alloc(gpt_n_parameters(s), sizeof *host);
    bool ok = true;
    for (size_t i = 0; ok && i < gpt_n_tensors(s); i++) {
        const struct gpt_tensor x = gpt_tensor(s, i);
        char name[100];
        snprintf(name, sizeof name, "%s%s", parts[part].prefix, x.name);
        const struct tensor *from = tensors_want(t, name, x.rows == 1 ? x.cols : x.rows, x.rows == 1 ? 0 : x.cols, e);
        ok = from && tensor_floats(from, host + x.at, e);
    }
    if (ok) gpt_put(g, parts[part].vector, host);
    free(host);
    return ok;
}

bool gpt_read_state(struct gpt *g, struct tensors *t, struct err *e)
{
    bool ok = true;
    for (size_t p = 0; ok && p < N_PARTS; p++) ok = read_vector(g, t, p, e);
    return ok;
}

struct gpt *gpt_read(const char *path, size_t rows, size_t length, enum gpt_use use, struct accel *a, struct err *e)
{
    struct tensors t;
    struct gpt_spec s;
    struct gpt *g = NULL;
    if (!tensors_open(&t, path, e)) return NULL;
    if (!read_spec(&t, &s)) err_set(e, ERR_DATA, "%s is no transformer of tamis proxy train", path);
    else {
        s.rows = rows;
        if (length) s.length = length;
        if (!gpt_spec_check(&s, e) || t.map.n / sizeof(float) < gpt_n_parameters(&s))
            err_set(e, ERR_DATA, "%s is smaller than the model that it speaks of", path);
        else g = gpt_open(&s, use, a, e);
    }
    if (g && !read_vector(g, &t, 0, e)) {
        err_in(e, "%s", path);
        gpt_close(g);
        g = NULL;
    }
    tensors_close(&t);
    return g;
}

bool gpt_folder_tokenizer(const char *folder, struct arena *mem, const char **path, struct err *e)
{
    const char *config = str_printf(mem, "%s/config.json%c", folder, 0).p;
    struct buf b = { 0 };
    struct str name;
    *path = NULL;
    const bool ok = file_slurp(config, &b, CONFIG_MAX, e) && (json_valid(buf_str(&b), e) || err_in(e, "%s", config));
    if (ok && json_string(json_get(str_trim(buf_str(&b)), S("tamis.tokenizer")), mem, &name))
        *path = str_printf(mem, "%s/%.*s%c", folder, (int)name.n, name.p, 0).p;
    buf_free(&b);
    return ok;
}
