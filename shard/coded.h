/* coded.h - documents to tokens on every thread, and the tokens of one slice as a file.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   head     64 bytes: "TAMTOK1\n" | u64 documents | u64 tokens | u64 size of the file | u64 stamp | u32 width | u32 end | zero
 *   record   u64 hash of the id | u32 copies | u32 bytes of the id | u32 tokens | id, raw JSON | tokens of `width` bytes
 *
 * Little-endian. Slices are packed together only when width, end and stamp (tokenizer and options) agree.
 */
#ifndef SHARD_CODED_H
#define SHARD_CODED_H
#include "model/tokenizer.h"
#include "record/doc.h"
#include "shard/deal.h"

struct coder_options { const char *model, *end; bool specials; };
#define CODER_ROWS(o) \
    { 'm', "model",        TEXT(&(o).model),        "FILE",                 "tokenizer.json, .model, tiktoken ranks, vocab.txt", .required = true }, \
    {  0 , "end",          TEXT(&(o).end),          "TOKEN",                "ends each document; else what the model names so" }, \
    {  0 , "specials",     FLAG(&(o).specials),                             "special tokens named in the text are meant" }

struct coder {
    struct tokenizer *t;
    struct tokenizer_worker **workers;       /* (threads) */
    struct ids *ids;                         /* (threads) */
    int threads;
    unsigned flags;
    uint32_t end;
    size_t width;                            /* of a token on disk */
};
bool coder_init(struct coder *s, const struct coder_options *o, int threads, struct err *e) MUST_CHECK;
void coder_free(struct coder *s);
/* d->note becomes a struct dealt; a document without text is rejected */
bool coder_each(struct coder *s, struct doc *d);

/* ---- a slice's file ---- */
struct coded_out;
struct coded_out *coded_create(const char *path, const struct coder *s, const struct coder_options *o,
                               struct err *e) MUST_CHECK;
bool coded_put(struct coded_out *o, const struct dealt *d, struct err *e) MUST_CHECK;
bool coded_done(struct coded_out *o, struct err *e) MUST_CHECK;            /* frees o either way */
void coded_drop(struct coded_out *o);

struct coded_in;
struct coded_in *coded_open(const char *path, struct err *e) MUST_CHECK;
bool coded_like(const struct coded_in *a, const struct coded_in *b);      /* of one tokenizer and options */
size_t coded_width(const struct coded_in *in);
uint32_t coded_end(const struct coded_in *in);
/* false at the end or with e set; spans until the next call */
bool coded_next(struct coded_in *in, struct dealt *to, struct err *e) MUST_CHECK;
void coded_close(struct coded_in *in);

#endif
