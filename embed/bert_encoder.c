/* bert_encoder.c - texts to windows of tokens, windows packed into forwards, hidden states pooled.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A folder: config.json, model.safetensors, tokenizer; sentence_bert_config.json says the window (max_seq_length) and
 * 1_Pooling/config.json whether the first token ([CLS]) or the mean of all is taken. A text longer than a window is
 * cut, or with --windows N becomes up to N windows whose vectors are averaged. */
#include "core/file.h"
#include "embed/bert.h"
#include "embed/encoder.h"
#include "embed/tokens.h"
#include "record/json.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

/* tokens of one forward: 2048, 4096, 8192 gave 0.98, 1.00, 0.99 of the speed */
enum { FORWARD = 4096 };

/* of one thread */
struct hand {
    struct accel *a;
    struct bert_room room;
    struct ids ids;
    int32_t *tokens, *start;
    float *hidden;
    size_t *whose;
};
struct bert_encoder {
    struct bert model;
    struct tokens tokens;
    struct hand *hands;
    int threads;
    size_t window, windows;          /* tokens in a window with its frame; windows of a text at most */
    bool first;                      /* pool the first token */
    bool shared;                     /* one device for all threads */
    uint32_t cls, sep;
    pthread_mutex_t lock;
};

/* ---- forwards ---- */

/* Pools n windows and adds each, scaled to length 1, to its text's vector. */
static void pool(const struct bert_encoder *s, const struct hand *h, size_t n, float *to)
{
    size_t d = s->model.d;
    double *mean = mem_alloc(d, sizeof *mean);
    for (size_t w = 0; w < n; w++) {
        size_t begin = (size_t)h->start[w], end = s->first ? begin + 1 : (size_t)h->start[w + 1];
        double norm = 0;
        memset(mean, 0, d * sizeof *mean);
        for (size_t t = begin; t < end; t++)
            for (size_t i = 0; i < d; i++) mean[i] += (double)h->hidden[t * d + i];
        for (size_t i = 0; i < d; i++) norm += mean[i] * mean[i];
        for (size_t i = 0; norm > 0 && i < d; i++) to[h->whose[w] * d + i] += (float)(mean[i] / sqrt(norm));
    }
    free(mean);
}

static void forward(struct bert_encoder *s, struct hand *h, size_t *n, float *to)
{
    if (!*n) return;
    if (s->shared) pthread_mutex_lock(&s->lock);
    bert_forward(&s->model, h->a, &h->room, h->tokens, h->start, *n, h->hidden);
    if (s->shared) pthread_mutex_unlock(&s->lock);
    pool(s, h, *n, to);
    *n = 0;
}

/* One window: [CLS] ids [SEP]. */
static void put_window(struct bert_encoder *s, struct hand *h, const uint32_t *ids, size_t n_ids, size_t text,
                       size_t *n, float *to)
{
    if (*n && (size_t)h->start[*n] + n_ids + 2 > FORWARD) forward(s, h, n, to);
    int32_t at = h->start[*n];
    h->whose[*n] = text;
    h->tokens[at++] = (int32_t)s->cls;
    for (size_t i = 0; i < n_ids; i++) h->tokens[at++] = (int32_t)ids[i];
    h->tokens[at++] = (int32_t)s->sep;
    h->start[++*n] = at;
}

static void bert_texts(void *self, const struct str *texts, size_t n_texts, float *to, int worker)
{
    struct bert_encoder *s = self;
    struct hand *h = &s->hands[worker];
    size_t n = 0, room = s->window - 2, d = s->model.d;
    memset(to, 0, n_texts * d * sizeof *to);
    for (size_t i = 0; i < n_texts; i++) {
        struct str text = texts[i];
        h->ids.n = 0;
        tokenizer_encode(s->tokens.workers[worker], text, 0, &h->ids);
        for (size_t w = 0, at = 0; w < s->windows && (at < h->ids.n || w == 0); w++, at += room)
            put_window(s, h, h->ids.p + at, h->ids.n - at < room ? h->ids.n - at : room, i, &n, to);
    }
    forward(s, h, &n, to);
    for (size_t i = 0; i < n_texts; i++) {
        double norm = 0;
        for (size_t k = 0; k < d; k++) norm += (double)to[i * d + k] * (double)to[i * d + k];
        for (size_t k = 0; norm > 0 && k < d; k++) to[i * d + k] = (float)((double)to[i * d + k] / sqrt(norm));
    }
}

/* ---- open ---- */

static void bert_close(void *self)
{
    struct bert_encoder *s = self;
    struct accel *owner = s->model.a;
    for (int i = 0; s->hands && i < s->threads; i++) {
        struct hand *h = &s->hands[i];
        if (h->a) bert_room_free(&h->room, h->a);
        if (h->a && h->a != owner) h->a->close(h->a);
        free(h->ids.p), free(h->tokens), free(h->start), free(h->hidden), free(h->whose);
    }
    bert_free(&s->model);
    if (owner) owner->close(owner);
    tokens_close(&s->tokens);
    pthread_mutex_destroy(&s->lock);
    free(s->hands), free(s);
}

/* A small JSON file of the folder; an empty object when there is none. */
static struct str read_json(const char *folder, const char *name, struct arena *mem)
{
    struct buf b = { 0 };
    struct err e = { 0 };
    const char *path = str_c(mem, str_printf(mem, "%s/%s", folder, name));
    struct str s = S("{}");
    if (file_exists(path) && file_slurp(path, &b, 1 << 20, &e) && json_valid(buf_str(&b), &e))
        s = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s;
}

static bool read_folder(struct bert_encoder *s, const char *folder, const struct encoder_opt *o, struct err *e)
{
    struct arena mem = { 0 };
    int64_t window = 0;
    json_integer(json_get(read_json(folder, "sentence_bert_config.json", &mem), S("max_seq_length")), &window);
    struct str cls = json_get(read_json(folder, "1_Pooling/config.json", &mem), S("pooling_mode_cls_token"));
    s->first = cls.p && str_eq(cls, S("true"));
    s->window = o->tokens ? (size_t)o->tokens : window > 0 ? (size_t)window : s->model.positions;
    s->windows = (size_t)o->windows;
    s->cls = tokenizer_id(s->tokens.model, S("[CLS]")), s->sep = tokenizer_id(s->tokens.model, S("[SEP]"));
    arena_free(&mem);
    if (s->window > s->model.positions || s->window > FORWARD || s->window < 3)
        return err_set(e, ERR_DATA, "a window of %zu tokens: the model has %zu places", s->window, s->model.positions);
    if (s->cls >= s->model.vocab || s->sep >= s->model.vocab)
        return err_set(e, ERR_DATA, "the tokenizer has no [CLS] and [SEP]");
    if (tokenizer_size(s->tokens.model) > s->model.vocab)
        return err_set(e, ERR_DATA, "the tokenizer has %zu tokens, the model %zu", tokenizer_size(s->tokens.model),
                       s->model.vocab);
    return true;
}

static void open_hands(struct bert_encoder *s)
{
    s->hands = mem_zero((size_t)s->threads, sizeof *s->hands);
    for (int i = 0; i < s->threads; i++) {
        struct hand *h = &s->hands[i];
        h->a = s->shared || i == 0 ? s->model.a : accel_cpu(1);
        bert_room_init(&h->room, &s->model, h->a, FORWARD, FORWARD / 2);
        h->tokens = mem_alloc(FORWARD, sizeof *h->tokens);
        h->start = mem_zero(FORWARD / 2 + 1, sizeof *h->start);
        h->hidden = mem_alloc(FORWARD * s->model.d, sizeof *h->hidden);
        h->whose = mem_alloc(FORWARD / 2, sizeof *h->whose);
    }
}

bool encoder_bert(struct encoder *m, struct tensors *file, const char *folder, const struct encoder_opt *o,
                  struct err *e)
{
    struct bert_encoder *s = mem_zero(1, sizeof *s);
    struct arena mem = { 0 };
    s->threads = o->threads;
    pthread_mutex_init(&s->lock, NULL);
    struct accel *a = accel_open(o->device, 1, e);
    s->shared = a && strcmp(a->name, "cpu") != 0;
    bool ok = a && tokens_open(&s->tokens, folder, o->threads, e)
              && bert_load(&s->model, a, file, read_json(folder, "config.json", &mem), e)
              && read_folder(s, folder, o, e);
    if (a && !s->model.a) s->model.a = a;
    arena_free(&mem);
    if (!ok) { bert_close(s); return false; }
    open_hands(s);
    *m = (struct encoder){ "bert", s->model.d, s, bert_texts, bert_close };
    return true;
}
