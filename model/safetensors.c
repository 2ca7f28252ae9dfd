/* safetensors.c - the header, then pointers into the map.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/safetensors.h"

#include "core/file.h"
#include "record/json.h"
#include "record/matrix.h"

enum { HEADER_MAX = 100 << 20 };                     /* the reference implementation's limit */

static const struct { const char *name; size_t size; } types[] = {
    [TENSOR_F32] = { "F32", 4 }, [TENSOR_F16] = { "F16", 2 }, [TENSOR_BF16] = { "BF16", 2 }, [TENSOR_F64] = { "F64", 8 },
    [TENSOR_I8]  = { "I8", 1 },  [TENSOR_U8]  = { "U8", 1 },  [TENSOR_I32]  = { "I32", 4 },  [TENSOR_I64] = { "I64", 8 },
};
enum { N_TYPES = sizeof types / sizeof *types };

static bool read_type(struct tensor *t, struct str value)
{
    for (size_t i = 0; i < N_TYPES; i++)
        if (value.n == strlen(types[i].name) + 2 && !memcmp(value.p + 1, types[i].name, value.n - 2)) {
            t->type = (enum tensor_type)i;
            return true;
        }
    return false;
}

static bool read_shape(struct tensor *t, struct str list)
{
    struct str item;
    int64_t x;
    t->count = 1;
    while (json_next(&list, &item)) {
        if (t->n_dims == TENSOR_DIMS || !json_integer(item, &x) || x < 0) return false;
        t->shape[t->n_dims++] = (size_t)x;
        if (__builtin_mul_overflow(t->count, (size_t)x, &t->count)) return false;
    }
    return true;
}

static bool read_tensor(struct tensor *t, struct json_field f, struct str data, struct arena *mem)
{
    int64_t from, to;
    struct str offsets = json_get(f.value, S("data_offsets"));
    struct str quoted = { f.key.p - 1, f.key.n + 2 };
    if (!json_string(quoted, mem, &t->name)) return false;
    if (!read_type(t, json_get(f.value, S("dtype"))) || !read_shape(t, json_get(f.value, S("shape")))) return false;
    if (!json_integer(json_get(offsets, S("[0]")), &from) || !json_integer(json_get(offsets, S("[1]")), &to))
        return false;
    if (from < 0 || to < from || (uint64_t)to > data.n || t->count != (size_t)(to - from) / types[t->type].size)
        return false;
    t->data = data.p + from;
    return (uintptr_t)t->data % types[t->type].size == 0 && (size_t)(to - from) % types[t->type].size == 0;
}

static bool read_header(struct tensors *t, const char *path, struct err *e)
{
    uint64_t size = 0;
    if (t->map.n >= 8) memcpy(&size, t->map.p, 8);
    if (t->map.n < 8 || size > HEADER_MAX || size > t->map.n - 8)
        return err_set(e, ERR_DATA, "%s is not a safetensors file", path);
    struct str header = { t->map.p + 8, (size_t)size }, data = { t->map.p + 8 + size, t->map.n - 8 - (size_t)size };
    struct json_field *fields;
    size_t n;
    if (!json_object(header, &t->mem, &fields, &n, e)) return err_in(e, "%s: header", path);
    t->all = ZERO(&t->mem, struct tensor, n);
    for (size_t i = 0; i < n; i++) {
        if (str_eq(fields[i].key, S("__metadata__"))) t->notes = fields[i].value;
        else if (!read_tensor(&t->all[t->n++], fields[i], data, &t->mem))
            return err_set(e, ERR_DATA, "%s: tensor \"%.*s\" does not fit the file", path, (int)fields[i].key.n,
                           fields[i].key.p);
    }
    return true;
}

bool tensors_open(struct tensors *t, const char *path, struct err *e)
{
    *t = (struct tensors){ 0 };
    if (!map_open(&t->map, path, e)) return false;
    if (read_header(t, path, e)) return true;
    tensors_close(t);
    return false;
}

void tensors_close(struct tensors *t)
{
    map_close(&t->map);
    arena_free(&t->mem);
    *t = (struct tensors){ 0 };
}

const struct tensor *tensors_get(const struct tensors *t, const char *name)
{
    for (size_t i = 0; i < t->n; i++) if (str_eq(t->all[i].name, str_of(name))) return &t->all[i];
    return NULL;
}

const struct tensor *tensors_want(const struct tensors *t, const char *name, size_t rows, size_t cols, struct err *e)
{
    const struct tensor *x = tensors_get(t, name);
    if (!x) err_set(e, ERR_DATA, "there is no tensor \"%s\"", name);
    else if (x->n_dims != (cols ? 2u : 1u) || (rows && x->shape[0] != rows) || (cols && x->shape[1] != cols))
        err_set(e, ERR_DATA, "tensor \"%s\" is not (%zu, %zu)", name, rows, cols);
    else return x;
    return NULL;
}

struct str tensors_note(struct tensors *t, const char *key)
{
    struct str rest = t->notes, value = { 0 };
    struct json_field f;
    while (rest.p && json_next_field(&rest, &f))
        if (str_eq(f.key, str_of(key))) json_string(f.value, &t->mem, &value);
    return value;
}

static float from_bf16(uint16_t x)
{
    uint32_t u = (uint32_t)x << 16;
    float f;
    memcpy(&f, &u, 4);
    return f;
}

bool tensor_floats(const struct tensor *t, float *to, struct err *e)
{
    for (size_t i = 0; i < t->count; i++) {
        switch (t->type) {
        case TENSOR_F32:  to[i] = ((const float *)t->data)[i]; break;
        case TENSOR_F16:  to[i] = half_to_float(((const uint16_t *)t->data)[i]); break;
        case TENSOR_BF16: to[i] = from_bf16(((const uint16_t *)t->data)[i]); break;
        case TENSOR_F64:  to[i] = (float)((const double *)t->data)[i]; break;
        case TENSOR_I8:   to[i] = ((const int8_t *)t->data)[i]; break;
        case TENSOR_U8: case TENSOR_I32: case TENSOR_I64:
            return err_set(e, ERR_DATA, "tensor \"%.*s\" holds integers", (int)t->name.n, t->name.p);
        }
    }
    return true;
}

static void put_entry(struct buf *b, const struct tensor *t, uint64_t *at)
{
    uint64_t end = *at + t->count * types[t->type].size;
    buf_putc(b, ',');
    json_put_string(b, t->name);
    buf_printf(b, ":{\"dtype\":\"%s\",\"shape\":[", types[t->type].name);
    for (size_t i = 0; i < t->n_dims; i++) buf_printf(b, "%s%zu", i ? "," : "", t->shape[i]);
    buf_printf(b, "],\"data_offsets\":[%llu,%llu]}", (unsigned long long)*at, (unsigned long long)end);
    *at = end;
}

bool tensors_write(const char *path, const struct tensor *all, size_t n, const char *notes, struct err *e)
{
    struct buf b = { 0 };
    uint64_t at = 0, size = 0;
    buf_put(&b, (struct str){ (const char *)&size, 8 });
    buf_printf(&b, "{\"__metadata__\":%s", notes ? notes : "{}");
    for (size_t i = 0; i < n; i++) put_entry(&b, &all[i], &at);
    buf_putc(&b, '}');
    while (b.n % 64) buf_putc(&b, ' ');
    size = b.n - 8;
    memcpy(b.p, &size, 8);
    struct output *o = output_open(path, e);
    bool ok = o && output_write(o, buf_str(&b), e);
    for (size_t i = 0; ok && i < n; i++)
        ok = output_write(o, (struct str){ all[i].data, all[i].count * types[all[i].type].size }, e);
    buf_free(&b);
    if (o && !ok) output_drop(o);
    return ok && output_done(o, e);
}
