/* encoder.c - which model is it?
 * SPDX-License-Identifier: Apache-2.0 */
#include "embed/encoder.h"

#include "embed/lsa.h"

#include <stdlib.h>
#include <sys/stat.h>

struct lsa_encoder { struct lsa model; struct features *scratch; int threads; };

static void lsa_texts(void *self, const struct str *texts, size_t n, float *to, int worker)
{
    struct lsa_encoder *s = self;
    for (size_t i = 0; i < n; i++) lsa_embed(&s->model, texts[i], &s->scratch[worker], to + i * s->model.dim);
}

static void lsa_encoder_close(void *self)
{
    struct lsa_encoder *s = self;
    lsa_close(&s->model);
    for (int i = 0; i < s->threads; i++) features_free(&s->scratch[i]);
    free(s->scratch), free(s);
}

bool encoder_lsa(struct encoder *m, const char *path, const struct encoder_opt *o, struct err *e)
{
    struct lsa_encoder *s = mem_zero(1, sizeof *s);
    if (!lsa_open(&s->model, path, e)) { free(s); return false; }
    s->threads = o->threads;
    s->scratch = mem_zero((size_t)o->threads, sizeof *s->scratch);
    *m = (struct encoder){ "lsa", s->model.dim, s, lsa_texts, lsa_encoder_close };
    return true;
}

static bool open_folder(struct encoder *m, const char *folder, const struct encoder_opt *o, struct err *e)
{
    struct tensors file;
    struct arena mem = { 0 };
    bool ok = tensors_open(&file, str_c(&mem, str_printf(&mem, "%s/model.safetensors", folder)), e);
    arena_free(&mem);
    if (!ok) return false;
    ok = (tensors_get(&file, "embeddings") ? encoder_static : tensors_get(&file, "model.embed_tokens.weight")
          ? encoder_gpt : encoder_bert)(m, &file, folder, o, e) || err_in(e, "%s", folder);
    tensors_close(&file);
    return ok;
}

bool encoder_open(struct encoder *m, const char *path, const struct encoder_opt *o, struct err *e)
{
    struct stat st;
    if (stat(path, &st)) return err_sys(e, "could not find the model %s", path);
    return (S_ISDIR(st.st_mode) ? open_folder : encoder_lsa)(m, path, o, e);
}

void encoder_close(struct encoder *m)
{
    if (m->close) m->close(m->self);
    *m = (struct encoder){ 0 };
}
