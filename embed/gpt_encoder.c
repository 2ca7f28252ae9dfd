/* gpt_encoder.c - the mean last hidden state of a transformer of tamis proxy train.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A window is the end-of-text token and then length - 1 tokens of the text, as texts began in training; its vector is
 * the mean
 * over the text's tokens of what the head would see. Windows go through the model ROWS at a time, padded behind to the
 * longest: attention looks back only, so a vector does not depend on what lies beside it.
 */
#include "embed/encoder.h"
#include "model/gpt_file.h"
#include "model/tokenizer.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 8, BYTES_END = 256 };

/* used: tokens of the text */
struct hand {
    struct accel *a;
    struct gpt *model;
    struct tokenizer_worker *words;
    struct ids ids;
    int32_t *tokens;
    float *hidden;
    size_t whose[ROWS], used[ROWS], n;
};
struct gpt_encoder {
    struct tokenizer *tokenizer;         /* NULL: bytes */
    struct hand *hands;                  /* (threads) */
    int threads;
    size_t dim, length, windows;
    int32_t end;
    bool shared;                         /* one device and model for all threads */
    pthread_mutex_t lock;
};

/* ---- windows ---- */

static void add_mean(const struct gpt_encoder *s, const float *hidden, size_t n, float *to)
{
    double *mean = mem_zero(s->dim, sizeof *mean), norm = 0;
    for (size_t t = 1; t <= n; t++)
        for (size_t i = 0; i < s->dim; i++) mean[i] += (double)hidden[t * s->dim + i];
    for (size_t i = 0; i < s->dim; i++) norm += mean[i] * mean[i];
    for (size_t i = 0; norm > 0 && i < s->dim; i++) to[i] += (float)(mean[i] / sqrt(norm));
    free(mean);
}

static void forward(struct gpt_encoder *s, struct hand *h, float *to)
{
    size_t longest = 0;
    for (size_t r = 0; r < h->n; r++) if (h->used[r] > longest) longest = h->used[r];
    const size_t length = longest + 1;
    if (!h->n) return;
    for (size_t r = 0; r < h->n; r++)                /* from rows of the model's length to rows of this one */
        memmove(h->tokens + r * (length + 1), h->tokens + r * (s->length + 1), (length + 1) * sizeof *h->tokens);
    if (s->shared) pthread_mutex_lock(&s->lock);
    gpt_hidden(s->hands[s->shared ? 0 : h - s->hands].model, (struct gpt_rows){ h->tokens, h->n, length }, h->hidden);
    if (s->shared) pthread_mutex_unlock(&s->lock);
    for (size_t r = 0; r < h->n; r++)
        add_mean(s, h->hidden + r * length * s->dim, h->used[r], to + h->whose[r] * s->dim);
    h->n = 0;
}

static void put_window(const struct gpt_encoder *s, struct hand *h, const uint32_t *ids, size_t n, size_t whose)
{
    int32_t *row = h->tokens + h->n * (s->length + 1);
    row[0] = s->end;
    for (size_t i = 0; i < s->length; i++) row[i + 1] = i < n ? (int32_t)ids[i] : -1;
    h->whose[h->n] = whose, h->used[h->n++] = n;
}

static void encode(const struct gpt_encoder *s, struct hand *h, struct str text)
{
    const size_t most = s->windows * (s->length - 1);
    h->ids.n = 0;
    if (s->tokenizer) tokenizer_encode(h->words, text, 0, &h->ids);
    else for (size_t i = 0; i < text.n && i < most; i++) ids_put(&h->ids, (uint8_t)text.p[i]);
    if (h->ids.n > most) h->ids.n = most;
}

static void unit_length(float *x, size_t n)
{
    double norm = 0;
    for (size_t i = 0; i < n; i++) norm += (double)x[i] * (double)x[i];
    for (size_t i = 0; norm > 0 && i < n; i++) x[i] = (float)((double)x[i] / sqrt(norm));
}

static void embed_texts(void *self, const struct str *texts, size_t n, float *to, int worker)
{
    struct gpt_encoder *s = self;
    struct hand *h = &s->hands[worker];
    memset(to, 0, n * s->dim * sizeof *to);
    for (size_t i = 0; i < n; i++) {
        encode(s, h, texts[i]);
        for (size_t at = 0; at < h->ids.n; at += s->length - 1) {
            put_window(s, h, h->ids.p + at, h->ids.n - at < s->length - 1 ? h->ids.n - at : s->length - 1, i);
            if (h->n == ROWS) forward(s, h, to);
        }
    }
    forward(s, h, to);
    for (size_t i = 0; i < n; i++) unit_length(to + i * s->dim, s->dim);
}

/* ---- open and close ---- */

static void encoder_gpt_close(void *self)
{
    struct gpt_encoder *s = self;
    for (int i = 0; i < s->threads; i++) {
        struct hand *h = &s->hands[i];
        gpt_close(h->model);
        if (h->a) h->a->close(h->a);
        if (h->words) tokenizer_worker_free(h->words);
        free(h->ids.p), free(h->tokens), free(h->hidden);
    }
    if (s->tokenizer) tokenizer_close(s->tokenizer);
    pthread_mutex_destroy(&s->lock);
    free(s->hands), free(s);
}

static bool open_hand(struct gpt_encoder *s, struct hand *h, const char *path, const struct encoder_opt *o,
                      struct err *e)
{
    const bool first = h == s->hands;
    if (first || !s->shared) {
        h->a = accel_open(first ? o->device : "cpu", 1, e);
        h->model = h->a ? gpt_read(path, ROWS, o->tokens > 1 ? (size_t)o->tokens : 0, GPT_INFER, h->a, e) : NULL;
        if (!h->model) return false;
    }
    if (first) {
        s->dim = gpt_spec_of(h->model)->shape.dim, s->length = gpt_spec_of(h->model)->length;
        s->shared = strcmp(h->a->name, "cpu") != 0;
    }
    if (s->tokenizer) h->words = tokenizer_worker_new(s->tokenizer);
    h->tokens = mem_alloc(ROWS * (s->length + 1), sizeof *h->tokens);
    h->hidden = mem_alloc(ROWS * s->length * s->dim, sizeof *h->hidden);
    return true;
}

static bool open_tokenizer(struct gpt_encoder *s, const char *folder, struct err *e)
{
    struct arena mem = { 0 };
    const char *path;
    bool ok = gpt_folder_tokenizer(folder, &mem, &path, e) && (!path || (s->tokenizer = tokenizer_open(path, e)));
    s->end = s->tokenizer ? (int32_t)tokenizer_end(s->tokenizer) : BYTES_END;
    arena_free(&mem);
    return ok;
}

bool encoder_gpt(struct encoder *m, struct tensors *file, const char *folder, const struct encoder_opt *o,
                 struct err *e)
{
    (void)file;
    char path[4096];
    struct gpt_encoder *s = mem_zero(1, sizeof *s);
    *s = (struct gpt_encoder){ .hands = mem_zero((size_t)o->threads, sizeof *s->hands), .threads = o->threads,
                               .windows = (size_t)o->windows };
    pthread_mutex_init(&s->lock, NULL);
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
    bool ok = open_tokenizer(s, folder, e);
    for (int i = 0; ok && i < s->threads; i++) ok = open_hand(s, &s->hands[i], path, o, e);
    const size_t vocab = s->tokenizer ? tokenizer_size(s->tokenizer) : BYTES_END + 1;
    if (ok && vocab != gpt_spec_of(s->hands[0].model)->vocab)
        ok = err_set(e, ERR_DATA, "the tokenizer has %zu tokens, the model %zu", vocab,
                     gpt_spec_of(s->hands[0].model)->vocab);
    if (ok) *m = (struct encoder){ "gpt", s->dim, s, embed_texts, encoder_gpt_close };
    else encoder_gpt_close(s);
    return ok;
}
