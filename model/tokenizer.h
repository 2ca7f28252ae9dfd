/* tokenizer.h - text to token ids and back, by whatever file the model came in.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Reads, by content: Hugging Face tokenizer.json (BPE, Unigram, WordPiece), SentencePiece .model, tiktoken ranks
 * (base64 and rank a line; the split is known by the file's name: cl100k, o200k, r50k), BERT's vocab.txt.
 *
 *     struct tokenizer *t = tokenizer_open("tokenizer.json", e);
 *     struct tokenizer_worker *w = tokenizer_worker_new(t);               one per thread
 *     struct ids ids = { 0 };
 *     tokenizer_encode(w, text, 0, &ids);                                 appends
 *     tokenizer_decode(t, ids.p, ids.n, &buf);                            appends
 *
 * A tokenizer is read only once open. Encoding never fails: any bytes have ids. Where the model normalises or
 * splits by a regular expression, bytes that are no UTF-8 count as U+FFFD; else byte-level models keep them.
 */
#ifndef MODEL_TOKENIZER_H
#define MODEL_TOKENIZER_H
#include "model/bpe.h"

enum tokenizer_flags {
    TOKENIZER_SPECIALS = 1,          /* the text may name special tokens; else "<|endoftext|>" is plain text */
    TOKENIZER_FRAME = 2,             /* add what the model puts around a text: [CLS] ... [SEP], <s> */
};

struct tokenizer;
struct tokenizer_worker;

/* NULL with e set */
struct tokenizer *tokenizer_open(const char *path, struct err *e) MUST_CHECK;
/* name: for tiktoken's split */
struct tokenizer *tokenizer_parse(struct str bytes, const char *name, struct err *e) MUST_CHECK;
void tokenizer_close(struct tokenizer *t);

struct tokenizer_worker *tokenizer_worker_new(const struct tokenizer *t);
void tokenizer_worker_free(struct tokenizer_worker *w);

/* From now on unigram models choose among all segmentations, each with its probability to the power alpha: by seed
   and text, whoever asks and whenever. 0: the best one again. */
void tokenizer_sample(struct tokenizer_worker *w, double alpha, uint64_t seed);

void tokenizer_encode(struct tokenizer_worker *w, struct str text, unsigned flags, struct ids *to);
/* ids beyond the vocabulary give nothing */
void tokenizer_decode(const struct tokenizer *t, const uint32_t *ids, size_t n, struct buf *to);

/* A model and all that its threads need. */
/* (n), each thread's own */
struct tokenizer_crew { struct tokenizer *t; struct tokenizer_worker **workers; struct ids *ids; int n; };
bool tokenizer_crew_open(struct tokenizer_crew *c, const char *path, int threads, struct err *e) MUST_CHECK;
void tokenizer_crew_close(struct tokenizer_crew *c);
/* The ids of text, in worker's own room until it encodes again. */
struct ids *tokenizer_crew_encode(struct tokenizer_crew *c, int worker, struct str text, unsigned flags);

/* The pieces that the model would see, one after the other: what a trainer counts. */
typedef void tokenizer_piece_fn(void *with, struct str piece);
void tokenizer_pieces(struct tokenizer_worker *w, struct str text, tokenizer_piece_fn *each, void *with);

/* "bpe", "unigram", "wordpiece" */
const char *tokenizer_kind(const struct tokenizer *t);
/* ids are below */
size_t tokenizer_size(const struct tokenizer *t);
/* its bytes (byte-level) or as the file has it; null for a hole */
struct str tokenizer_token(const struct tokenizer *t, uint32_t id);
uint32_t tokenizer_id(const struct tokenizer *t, struct str token);                                    /* VOCAB_NONE */
uint32_t tokenizer_unknown(const struct tokenizer *t);                                                 /* VOCAB_NONE */
bool tokenizer_special(const struct tokenizer *t, uint32_t id);
/* What ends a document: <|endoftext|>, </s>, <|end_of_text|>, [SEP], <eos>, the first there is; or VOCAB_NONE. */
uint32_t tokenizer_end(const struct tokenizer *t);

#endif
