/* safetensors.h - named arrays in one mapped file (Hugging Face's format).
 * SPDX-License-Identifier: Apache-2.0
 *
 *     header size (8, little-endian) | header: JSON | data
 *     header: { "__metadata__": {"key": "value"}, "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
 *     ... }
 *
 * Every size, shape and offset is checked against the file before it is used.
 */
#ifndef MODEL_SAFETENSORS_H
#define MODEL_SAFETENSORS_H
#include "core/mem.h"

enum tensor_type { TENSOR_F32, TENSOR_F16, TENSOR_BF16, TENSOR_F64, TENSOR_I8, TENSOR_U8, TENSOR_I32, TENSOR_I64 };
enum { TENSOR_DIMS = 6 };
struct tensor { struct str name; enum tensor_type type; size_t n_dims, shape[TENSOR_DIMS], count; const void *data; };
struct tensors { struct map map; struct arena mem; struct tensor *all; size_t n; struct str notes; };

bool tensors_open(struct tensors *t, const char *path, struct err *e) MUST_CHECK;
void tensors_close(struct tensors *t);

const struct tensor *tensors_get(const struct tensors *t, const char *name);           /* NULL when there is none */
/* The tensor of that name with shape (rows, cols), or (rows) when cols is 0; NULL with e set. rows 0: any. */
const struct tensor *tensors_want(const struct tensors *t, const char *name, size_t rows, size_t cols,
                                  struct err *e) MUST_CHECK;
/* a value of __metadata__; null span if none */
struct str tensors_note(struct tensors *t, const char *key);
/* F32, F16, BF16, F64, I8: count numbers */
bool tensor_floats(const struct tensor *t, float *to, struct err *e) MUST_CHECK;

/* notes: members of a JSON object, {"a":"b"}, or NULL. */
bool tensors_write(const char *path, const struct tensor *all, size_t n, const char *notes, struct err *e) MUST_CHECK;

#endif
