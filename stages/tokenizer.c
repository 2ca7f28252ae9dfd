/* tokenizer.c - documents to token ids, and back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/utf8.h"
#include "frame/stage.h"
#include "model/tokenizer.h"
#include "record/matrix.h"

#include <stdlib.h>

struct encode {
    struct tokenizer_crew crew;
    unsigned flags;
    const char *field;
    uint32_t end;                                            /* appended to every document, or VOCAB_NONE */
    struct matrix_out *matrix;
};

static void encode_free(void *self)
{
    struct encode *s = self;
    if (s->matrix) matrix_drop(s->matrix);
    tokenizer_crew_close(&s->crew);
    free(s);
}

static struct encode *encode_new(const struct run *r, const char *model, struct err *e)
{
    struct tokenizer_crew crew;
    if (!tokenizer_crew_open(&crew, model, r->threads, e)) return NULL;
    struct encode *s = mem_zero(1, sizeof *s);
    *s = (struct encode){ .crew = crew, .end = VOCAB_NONE };
    return s;
}

/* ---- encode ---- */

static struct {
    const char *model, *field, *matrix;
    bool specials, frame, end;
    double alpha;
} opt_encode = { .field = "tokens" };
static const struct opt encode_options[] = {
    { 'm', "model",        TEXT(&opt_encode.model),    "FILE", "tokenizer.json, .model, tiktoken ranks, vocab.txt", .required = true },
    {  0 , "field",        TEXT(&opt_encode.field),    "NAME", "where the ids go" },
    {  0 , "matrix",       TEXT(&opt_encode.matrix),   "FILE", "all ids in a row, .npy of uint32, and no field" },
    {  0 , "specials",     FLAG(&opt_encode.specials),         "special tokens named in the text are meant" },
    {  0 , "frame",        FLAG(&opt_encode.frame),            "add what the model puts around a text" },
    {  0 , "end",          FLAG(&opt_encode.end),              "add the end-of-text token" },
    {  0 , "sample-alpha", REAL(&opt_encode.alpha),    "A",    "unigram: any cut, as its probability^A; 0: the best", .max = 10 },
    { END }
};

static void *encode_open(const struct run *r, struct err *e)
{
    struct encode *s = encode_new(r, opt_encode.model, e);
    if (!s) return NULL;
    s->flags = (opt_encode.specials ? TOKENIZER_SPECIALS : 0) | (opt_encode.frame ? TOKENIZER_FRAME : 0);
    s->field = opt_encode.field;
    bool ok = true;
    if (opt_encode.alpha > 0 && strcmp(tokenizer_kind(s->crew.t), "unigram"))
        ok = err_set(e, ERR_USAGE, "--sample-alpha: %s is no unigram model", opt_encode.model);
    for (int i = 0; i < r->threads; i++) tokenizer_sample(s->crew.workers[i], opt_encode.alpha, r->seed);
    if (ok && opt_encode.end && (s->end = tokenizer_end(s->crew.t)) == VOCAB_NONE)
        ok = err_set(e, ERR_USAGE, "%s has no end-of-text token", opt_encode.model);
    if (ok && opt_encode.matrix) ok = (s->matrix = matrix_create(opt_encode.matrix, MATRIX_U32, 1, e)) != NULL;
    if (ok) return s;
    encode_free(s);
    return NULL;
}

static struct str ids_json(struct arena *mem, const uint32_t *ids, size_t n)
{
    char *to = NEW(mem, char, 11 * n + 2), *p = to;
    *p++ = '[';
    for (size_t i = 0; i < n; i++) {
        char digits[10];
        size_t k = 0;
        for (uint32_t x = ids[i]; x || !k; x /= 10) digits[k++] = (char)('0' + x % 10);
        if (i) *p++ = ',';
        while (k) *p++ = digits[--k];
    }
    *p++ = ']';
    return str_span(to, p);
}

struct kept { uint32_t *ids; size_t n; };

static bool encode_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    struct encode *s = self;
    const struct str text = doc_text(d);
    if (!text.p) return run_no_text(d);
    struct ids *ids = tokenizer_crew_encode(&s->crew, d->worker, text, s->flags);
    if (s->end != VOCAB_NONE) ids_put(ids, s->end);
    if (!s->matrix) { doc_put_raw(d, s->field, ids_json(d->mem, ids->p, ids->n)); return true; }
    struct kept *kept = NEW(d->mem, struct kept, 1);
    *kept = (struct kept){ NEW(d->mem, uint32_t, ids->n), ids->n };
    if (ids->n) memcpy(kept->ids, ids->p, ids->n * sizeof *ids->p);
    d->note = kept;
    return true;
}

static bool encode_turn(void *self, struct doc *d, struct err *e)
{
    struct encode *s = self;
    const struct kept *kept = d->note;
    return !s->matrix || !kept || matrix_append(s->matrix, kept->ids, kept->n, e);
}

static bool encode_close(void *self, struct err *e)
{
    struct encode *s = self;
    struct matrix_out *m = s->matrix;
    s->matrix = NULL;
    return !m || matrix_done(m, e);
}

const struct stage stage_tokenizer_encode = {
    .place = 401, .name = "tokenizer encode", .brief = "documents to token ids",
    .text = "Adds \"tokens\", the ids of the text.",
    .memory = "the tokenizer, and a cache of words for each thread",
    .example = "  tamis tokenizer encode -m tokenizer.json docs.jsonl.zst -o ids.jsonl.zst",
    .options = encode_options, .open = encode_open, .each = encode_each, .turn = encode_turn, .close = encode_close,
    .free = encode_free,
};

/* ---- decode ---- */

static struct { const char *model, *field; } opt_decode = { .field = "tokens" };
static const struct opt decode_options[] = {
    { 'm', "model", TEXT(&opt_decode.model), "FILE", "tokenizer.json, .model, tiktoken ranks, vocab.txt", .required = true },
    {  0 , "field", TEXT(&opt_decode.field), "NAME", "where the ids are" },
    { END }
};

static void *decode_open(const struct run *r, struct err *e)
{
    struct encode *s = encode_new(r, opt_decode.model, e);
    if (s) s->field = opt_decode.field;
    return s;
}

static bool decode_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    struct encode *s = self;
    struct str rest = doc_get(d, s->field);
    struct ids *ids = &s->crew.ids[d->worker];
    ids->n = 0;
    if (!rest.p || rest.p[0] != '[') return run_reject(d, "no-tokens", "\"field\":\"%s\"", s->field);
    for (struct str item; json_next(&rest, &item); ) {
        int64_t id;
        if (!json_integer(item, &id) || id < 0 || (uint64_t)id >= tokenizer_size(s->crew.t))
            return run_reject(d, "bad-token", "\"field\":\"%s\",\"item\":%.*s", s->field,
                              (int)(item.n < 40 ? item.n : 4), item.n < 40 ? item.p : "null");
        ids_put(ids, (uint32_t)id);
    }
    struct buf bytes = { 0 }, text = { 0 };
    tokenizer_decode(s->crew.t, ids->p, ids->n, &bytes);
    utf8_repair(buf_str(&bytes), &text);
    doc_put_text(d, str_copy(d->mem, buf_str(&text)));
    buf_free(&bytes);
    buf_free(&text);
    return true;
}

const struct stage stage_tokenizer_decode = {
    .place = 402, .name = "tokenizer decode", .brief = "token ids to text",
    .text = "Rewrites the text from \"tokens\". Bytes that are no UTF-8 become U+FFFD, as JSON asks.",
    .memory = "the tokenizer",
    .example = "  tamis tokenizer decode -m tokenizer.json ids.jsonl.zst -o docs.jsonl.zst",
    .options = decode_options, .open = decode_open, .each = decode_each, .free = encode_free,
};
