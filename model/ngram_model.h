/* ngram_model.h - the inside of an n-gram model: one structure for our binary and for KenLM's.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Our binary, little-endian, every part a multiple of 8 bytes:
 *
 *     u8  magic[8] "tamis-lm"   u32 version 1   u32 order
 *     u64 counts[order]         n-grams of each order; counts[0] words, <unk> being word 0
 *     u64 slots[order]          hash slots: slots[0] of the vocabulary, slots[n - 1] of n-grams
 *     slots[0]     x { u64 XXH3 of the word   u32 word   u32 0 }                     hash 0: free
 *     counts[0]    x { f32 log10 p   f32 log10 back-off }
 *     slots[n - 1] x { u64 key   f32 log10 p   f32 log10 back-off }  n = 2 .. order  key 0: free
 *
 * The key of w1 .. wn begins as wn and takes w(n-1) to w1: ngram_key(). A key's slot is the high half of ngram_spread(key) * slots;
 * from there the next slot that is free or has the key.
 */
#ifndef MODEL_NGRAM_MODEL_H
#define MODEL_NGRAM_MODEL_H
#include "core/mem.h"
#include "model/ngram.h"

#define NGRAM_MAGIC "tamis-lm"
enum { NGRAM_VERSION = 1 };

enum ngram_kind { NGRAM_OWN, NGRAM_PROBING, NGRAM_TRIE };

struct ngram_weights { float p, backoff; };
struct ngram_word { uint64_t hash; uint32_t word, zero; };
struct ngram_slot { uint64_t key; struct ngram_weights w; };

struct ngram_table { const char *at; uint64_t slots; uint32_t size; };       /* slots of size bytes, at any alignment */

struct ngram_trie {                                                          /* one order of a KenLM trie: bits in a row */
    const char *at;
    uint64_t entries;
    int word_bits, weight_bits, next_bits;                                   /* of an entry, in this order; next_bits 0: the longest */
};

struct ngram {
    struct map map;
    void *own;                                                               /* the image when read from ARPA, or NULL */
    size_t own_size;
    enum ngram_kind kind;
    int order;
    uint64_t counts[NGRAM_MAX_ORDER];
    struct ngram_table words, tables[NGRAM_MAX_ORDER];                       /* tables[n - 1] for n >= 2 */
    const char *unigrams;                                                    /* (counts[0]) weights, each unigram_size bytes after the last */
    uint32_t unigram_size;
    struct ngram_trie tries[NGRAM_MAX_ORDER];
    const char *sorted;                                                      /* trie: (n_sorted) hashes of words 1 .., rising */
    uint64_t n_sorted;
    uint32_t begin, end;                                                     /* <s> and </s> */
};

static inline uint64_t ngram_key(uint64_t key, uint32_t before)
{
    return (key * 8978948897894561157u) ^ ((1 + (uint64_t)before) * 17894857484156487943u);
}
static inline uint64_t ngram_nonzero(uint64_t key) { return key ? key : 1; }
static inline uint64_t ngram_spread(uint64_t key) { return (key ^ key >> 32) * 0x9E3779B97F4A7C15u; }
__extension__ typedef unsigned __int128 ngram_wide;
static inline uint64_t ngram_high(uint64_t a, uint64_t b) { return (uint64_t)((ngram_wide)a * b >> 64); }    /* the high half of a * b */

/* ---- an image of our binary, filled n-gram by n-gram ---- */
struct ngram *ngram_new(int order, const uint64_t *counts, struct err *e) MUST_CHECK;
bool ngram_put_word(struct ngram *m, struct str word, uint32_t id, struct ngram_weights w);          /* false: it is there already */
void ngram_put(struct ngram *m, const uint32_t *words, int n, struct ngram_weights w);               /* n >= 2 */
void ngram_find_marks(struct ngram *m);                                                              /* after the words */

bool ngram_read_arpa(struct ngram **m, const char *path, struct err *e) MUST_CHECK;
bool ngram_is_kenlm(struct str file);
bool ngram_parse_kenlm(struct ngram *m, struct str file, struct err *e) MUST_CHECK;
uint64_t ngram_murmur(struct str s);                                          /* MurmurHash64A, seed 0: KenLM's word hash */

#endif
