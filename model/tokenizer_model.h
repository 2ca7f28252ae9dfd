/* tokenizer_model.h - what a tokenizer is made of: for its readers, its writers and the trainers.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   text -> special tokens cut out -> normal -> splits, one within another -> the model, piece by piece -> ids
 */
#ifndef MODEL_TOKENIZER_MODEL_H
#define MODEL_TOKENIZER_MODEL_H
#include "model/normal.h"
#include "model/pretoken.h"
#include "model/tokenizer.h"
#include "model/unigram.h"
#include "model/wordpiece.h"

enum tokenizer_model { MODEL_BPE, MODEL_UNIGRAM, MODEL_WORDPIECE };
enum tokenizer_decode { DECODE_BYTES, DECODE_SPM, DECODE_WORDPIECE };
enum { SPLITS_MAX = 8, FRAME_MAX = 8 };

struct added { uint32_t id; struct str text; bool special; };

struct tokenizer {
    enum tokenizer_model model;
    struct arena mem;
    struct vocab vocab;                                     /* byte-level: bytes; else as in the file */
    struct bpe bpe;
    struct unigram unigram;
    struct wordpiece wordpiece;
    enum tokenizer_decode decode;
    struct normal normal;
    struct trie kept;                                       /* SentencePiece's user-defined pieces: not normalised */
    struct pretoken *split[SPLITS_MAX];
    size_t n_splits;
    bool byte_level;
    bool drop_blanks;                                       /* pieces of white space are nothing */
    /* a space is put before a text that does not begin with one */
    bool prefix_space;
    /* longest first; special ones are found in text when asked for */
    struct added *added;
    size_t n_added, cap_added, n_plain;                     /* n_plain: those not special, found always */
    uint32_t before[FRAME_MAX], after[FRAME_MAX];           /* TOKENIZER_FRAME */
    size_t n_before, n_after;
};

struct tokenizer *tokenizer_new(void);
void tokenizer_add(struct tokenizer *t, uint32_t id, struct str text, bool special);
bool tokenizer_split(struct tokenizer *t, const char *name_or_regex, struct err *e) MUST_CHECK;
/* When no token goes on behind a space mark, words may be cut apart before they are merged: cuts them. */
bool tokenizer_split_marks(struct tokenizer *t, struct err *e) MUST_CHECK;

/* finds <0x00> ... <0xFF>: without them there is no fallback */
void tokenizer_unigram_bytes(struct tokenizer *t, bool fallback);

bool tokenizer_read_json(struct tokenizer *t, struct str bytes, struct err *e) MUST_CHECK;
bool tokenizer_read_spm(struct tokenizer *t, struct str bytes, struct err *e) MUST_CHECK;
/* vocab.txt */
bool tokenizer_read_words(struct tokenizer *t, struct str bytes, struct err *e) MUST_CHECK;
bool tokenizer_read_tiktoken(struct tokenizer *t, struct str bytes, const char *name, struct err *e) MUST_CHECK;

enum tokenizer_format { TOKENIZER_JSON, TOKENIZER_SENTENCEPIECE, TOKENIZER_TIKTOKEN, TOKENIZER_VOCAB };
#define TOKENIZER_FORMATS "json|sentencepiece|tiktoken|vocab"
/* What the format cannot say of t goes to lost, a line each (NULL: not asked); what it cannot hold at all is an
 * error. */
bool tokenizer_write(const struct tokenizer *t, enum tokenizer_format f, struct buf *to, struct buf *lost,
                     struct err *e) MUST_CHECK;
bool tokenizer_write_json(const struct tokenizer *t, struct buf *to, struct buf *lost, struct err *e) MUST_CHECK;
bool tokenizer_write_spm(const struct tokenizer *t, struct buf *to, struct buf *lost, struct err *e) MUST_CHECK;

/* The merges by rank, n_merges of them, in mem. */
const struct bpe_merge *tokenizer_merges(const struct tokenizer *t, struct arena *mem);

#endif
