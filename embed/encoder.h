/* encoder.h - one face for every embedding model.
 * SPDX-License-Identifier: Apache-2.0
 *
 * encoder_open looks at what is there: a file with note kind "lsa", or a Hugging Face folder with
 * model.safetensors: a static table ("embeddings"), a transformer of proxy train, or a BERT encoder.
 */
#ifndef EMBED_ENCODER_H
#define EMBED_ENCODER_H
#include "model/safetensors.h"

/* windows of a text at most; tokens in one, 0: as the folder says */
struct encoder_opt { int threads; long windows, tokens; const char *device; };
struct encoder {
    const char *name;
    size_t dim;
    void *self;
    /* Vectors of length 1 for n texts, to (n, dim); any thread, worker is 0 .. threads-1. */
    void (*embed)(void *self, const struct str *texts, size_t n, float *to, int worker);
    void (*close)(void *self);
};

bool encoder_open(struct encoder *m, const char *path, const struct encoder_opt *o, struct err *e) MUST_CHECK;
void encoder_close(struct encoder *m);

/* One function a kind; false with e set. */
bool encoder_lsa(struct encoder *m, const char *path, const struct encoder_opt *o, struct err *e) MUST_CHECK;
bool encoder_static(struct encoder *m, struct tensors *file, const char *folder, const struct encoder_opt *o,
                    struct err *e) MUST_CHECK;
bool encoder_gpt(struct encoder *m, struct tensors *file, const char *folder, const struct encoder_opt *o,
                 struct err *e) MUST_CHECK;
bool encoder_bert(struct encoder *m, struct tensors *file, const char *folder, const struct encoder_opt *o,
                  struct err *e) MUST_CHECK;

#endif
