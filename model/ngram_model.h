/* ngram_model.h - the inside of an n-gram model: one structure for our binary and for KenLM's.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Our binary, little-endian. Every line is one line of the cache, 64 bytes, at a multiple of 64:
 *
 *     u8  magic[8] "tamis-lm"   u32 version 2   u32 order
 *     u64 counts[order]         n-grams of each order; counts[0] words, <unk> being word 0
 *     u64 lines[order]          of the vocabulary, then of n-grams of order 2 ..
 *     counts[0]    x { f32 log10 p   f32 log10 back-off }
 *     lines[0]     x { u64 hash[5]   u32 word[5]   u32 more }                     XXH3 of the word; 0: free
 *     lines[n - 1] x { u32 tag[5]    f32 log10 p[5]   f32 log10 back-off[5]   u32 more }       n = 2 .. order - 1; tag 0: free
 *     lines[order - 1] x { u32 tag[7]   f32 log10 p[7]   u32 more   u32 0 }
 *
 * The key of w1 .. wn begins as wn and takes w(n-1) to w1: ngram_key(). x = ngram_spread(key): its line is the high
 * half of x * lines, its tag the low half of x, 0 becoming 1. A full line that turned an entry away has more = 1: it is
 * in the next line that has room.
 */
#ifndef MODEL_NGRAM_MODEL_H
#define MODEL_NGRAM_MODEL_H
#include "core/hash.h"
#include "core/mem.h"
#include "model/ngram.h"

#define NGRAM_MAGIC "tamis-lm"
enum { NGRAM_VERSION = 2, NGRAM_WIDE = 5, NGRAM_WIDEST = 7 };

enum ngram_kind { NGRAM_OWN, NGRAM_PROBING, NGRAM_TRIE };

typedef uint32_t ngram_u32 __attribute__((aligned(1)));                      /* bytes to be parsed may lie anywhere */
typedef uint64_t ngram_u64 __attribute__((aligned(1)));
typedef float ngram_f32 __attribute__((aligned(1)));

struct ngram_weights { float p, backoff; };
struct ngram_words { ngram_u64 hash[NGRAM_WIDE]; ngram_u32 word[NGRAM_WIDE], more; };
struct ngram_line { ngram_u32 tag[NGRAM_WIDE]; ngram_f32 p[NGRAM_WIDE], backoff[NGRAM_WIDE]; ngram_u32 more; };
struct ngram_last { ngram_u32 tag[NGRAM_WIDEST]; ngram_f32 p[NGRAM_WIDEST]; ngram_u32 more, zero; };
_Static_assert(sizeof(struct ngram_words) == 64 && sizeof(struct ngram_line) == 64 && sizeof(struct ngram_last) == 64,
               "a line of the cache");

struct ngram_table { const char *at; uint64_t slots; uint32_t size; };       /* slots of size bytes: of ours, lines */

/* one order of a KenLM trie: bits in a row */
struct ngram_trie {
    const char *at;
    uint64_t entries;
    /* of an entry; the longest has no back-off and no next */
    int word_bits, p_bits, backoff_bits, next_bits;
    /* f32 by number, or NULL: the bits are the float's, without sign */
    const char *p_table, *backoff_table;
    /* (n_offsets) u64: the first entry whose child's high bits are i; or NULL: child has all its bits */
    const char *offsets;
    uint64_t n_offsets;
    bool longest;
};

struct ngram {
    struct map map;
    /* the image when read from ARPA, or NULL */
    void *own;
    size_t own_size;
    enum ngram_kind kind;
    int order;
    uint64_t counts[NGRAM_MAX_ORDER];
    struct ngram_table words, tables[NGRAM_MAX_ORDER];                       /* tables[n - 1] for n >= 2 */
    /* (counts[0]) weights, each unigram_size bytes after the last */
    const char *unigrams;
    uint32_t unigram_size;
    struct ngram_trie tries[NGRAM_MAX_ORDER];
    /* trie: (n_sorted) hashes of words 1 .., rising */
    const char *sorted;
    uint64_t n_sorted;
    uint32_t begin, end;                                                     /* <s> and </s> */
};

static inline uint64_t ngram_key(uint64_t key, uint32_t before)
{
    return (key * 8978948897894561157u) ^ ((1 + (uint64_t)before) * 17894857484156487943u);
}
static inline uint64_t ngram_spread(uint64_t key) { return (key ^ key >> 32) * 0x9E3779B97F4A7C15u; }
__extension__ typedef unsigned __int128 ngram_wide;
static inline uint64_t ngram_word_hash(struct str word) { const uint64_t h = hash64(word, 0); return h ? h : 1; }
static inline uint32_t ngram_tag(uint64_t spread) { return (uint32_t)spread ? (uint32_t)spread : 1; }
/* the high half of a * b */
static inline uint64_t ngram_high(uint64_t a, uint64_t b) { return (uint64_t)((ngram_wide)a * b >> 64); }

/* ---- an image of our binary, filled n-gram by n-gram ---- */
struct ngram *ngram_new(int order, const uint64_t *counts, struct err *e) MUST_CHECK;
/* false: it is there already */
bool ngram_put_word(struct ngram *m, struct str word, uint32_t id, struct ngram_weights w);
void ngram_put(struct ngram *m, const uint32_t *words, int n, struct ngram_weights w);               /* n >= 2 */
/* after the words */
void ngram_find_marks(struct ngram *m);

bool ngram_read_arpa(struct ngram **m, const char *path, struct err *e) MUST_CHECK;
bool ngram_is_kenlm(struct str file);
bool ngram_parse_kenlm(struct ngram *m, struct str file, struct err *e) MUST_CHECK;
/* MurmurHash64A, seed 0: KenLM's word hash */
uint64_t ngram_murmur(struct str s);

#endif
