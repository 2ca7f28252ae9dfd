/* gpt_file.h - a transformer as safetensors, its tensors by Hugging Face's names for Llama.
 * SPDX-License-Identifier: Apache-2.0
 *
 * __metadata__ holds the shape ("layers", "heads", "dim", "inner", "vocab", "length", "base", "eps") and what the
 * caller adds, so the file alone is a model. With state, AdamW's moments follow as "moment1.NAME" and "moment2.NAME": a
 * run goes on from it with the same bits. A file appears whole or not at all.
 */
#ifndef MODEL_GPT_FILE_H
#define MODEL_GPT_FILE_H
#include "model/gpt.h"
#include "model/safetensors.h"

/* notes: members of a JSON object, "\"step\":\"12\"", or NULL. */
bool gpt_write(const struct gpt *g, const char *path, bool state, const char *notes, struct err *e) MUST_CHECK;
/* A model of the file's shape, for up to `rows` rows of `length` tokens at once (0: as it was trained). NULL with e
 * set. */
struct gpt *gpt_read(const char *path, size_t rows, size_t length, enum gpt_use use, struct accel *a,
                     struct err *e) MUST_CHECK;
/* The weights and moments of a file with state into a model of the same shape and vocabulary. */
bool gpt_read_state(struct gpt *g, struct tensors *t, struct err *e) MUST_CHECK;

/* A folder of proxy train (proxy/checkpoint.h) names its tokenizer in config.json: its path; NULL: bytes are tokens,
 * 256 ends a text. */
bool gpt_folder_tokenizer(const char *folder, struct arena *mem, const char **path, struct err *e) MUST_CHECK;

#endif
