/* bpe.h - byte pair encoding of one piece of text.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A piece begins as one symbol a byte (or a character, where the vocabulary is of characters); then the
 * neighbours whose merge has the lowest rank, the leftmost first, become one symbol, until no neighbours merge.
 * Short pieces look through their ranks, 8 at a time; long ones keep them in a heap: n log n, whatever the text.
 * A rank is below BPE_RANKS: readers take ids below VOCAB_MAX and files of fewer merges.
 *
 * Ranks come from a list of merges (Hugging Face, GPT-2), or from the tokens themselves (tiktoken,
 * SentencePiece): then any two neighbours merge whose bytes together are a token, by that token's rank.
 */
#ifndef MODEL_BPE_H
#define MODEL_BPE_H
#include "model/vocab.h"

struct ids { uint32_t *p; size_t n, cap; };                          /* freed by free(p) */
static inline uint32_t *ids_room(struct ids *to, size_t n)           /* n ids may be written at what is returned */
{
    if (to->cap - to->n < n) to->p = mem_grow(to->p, &to->cap, to->n + n, sizeof *to->p);
    return to->p + to->n;
}
static inline void ids_put(struct ids *to, uint32_t id) { *ids_room(to, 1) = id; to->n++; }

enum { BPE_RANKS = 1 << 26 };
struct bpe_merge { uint64_t pair; uint32_t rank, id; };              /* pair: left << 32 | right */
static const uint32_t BPE_NO_RANK = UINT32_MAX;
struct bpe_into { uint32_t rank, id; };                              /* what a pair merges into */
#define BPE_NONE ((struct bpe_into){ BPE_NO_RANK, VOCAB_NONE })
struct bpe {
    const struct vocab *vocab;                                       /* borrowed */
    struct bpe_merge *merge;                                         /* (slots) */
    size_t slots, n_merges;
    uint64_t *hint;                                                  /* a bit that is 0: no such pair is in merge */
    uint32_t byte[256];                                              /* the token of a single byte, or VOCAB_NONE */
    /* (256, 256): what two bytes merge into: most of all questions */
    struct bpe_into *first;
    bool chars;                                                      /* symbols are characters, not bytes */
    /* a piece that is a token is that token (tiktoken, ignore_merges) ... */
    bool whole_first;
    /* ... which its bytes merge into, whatever token: then it need not be looked for */
    bool merges_make_all;
    /* a character that is no token becomes <0xXX> tokens ... */
    bool fallback;
    uint32_t hex[256];                                               /* ... these */
    uint32_t unk;                                                    /* else this, or nothing when VOCAB_NONE */
    bool fuse_unk;                                                   /* neighbouring unknown characters are one */
};

struct bpe_scratch;                                                  /* one per thread */
struct bpe_scratch *bpe_scratch_new(void);
void bpe_scratch_free(struct bpe_scratch *s);
void bpe_scratch_portable(struct bpe_scratch *s);            /* merges as a machine without AVX2 does: for tests */

void bpe_init(struct bpe *b, const struct vocab *v);                 /* v is complete; no merges yet */
void bpe_free(struct bpe *b);
/* false: the pair was there; its rank is now this one */
bool bpe_add(struct bpe *b, uint32_t left, uint32_t right, uint32_t rank, uint32_t id);
struct bpe_into bpe_look(const struct bpe *b, uint32_t left, uint32_t right);        /* BPE_NONE: they do not merge */
/* Every pair of tokens whose bytes together are a token merges into it; rank(with, id) orders, UINT32_MAX keeps a token
 * out.
   Of a token's pairs only the one stays that it is made of when it stands alone: inside it the same merges happen in
   the same order wherever it stands, so no other pair ever meets. chars must be set before. */
void bpe_add_all(struct bpe *b, uint32_t (*rank)(const void *with, uint32_t id), const void *with);

/* Appends the ids of a piece: the definition, which bpe_cache.h does faster. */
void bpe_encode_plain(const struct bpe *b, struct bpe_scratch *s, struct str piece, struct ids *to);

#endif
