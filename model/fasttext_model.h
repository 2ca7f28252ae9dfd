/* fasttext_model.h - what a fastText model is made of: shared by its reader, its classifier, its trainer and its
 * quantiser.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The file, little-endian, version 12 (11 differs: supervised models have no character n-grams):
 *
 *     i32 magic 793712314   i32 version
 *     i32 dim ws epoch minCount neg wordNgrams loss model bucket minn maxn lrUpdateRate   f64 t
 *     i32 size nwords nlabels   i64 ntokens   i64 prune (-1: not pruned)
 *     size x { word bytes, 0   i64 count   u8 type: 0 word, 1 label }        words first, each by falling count
 *     prune x { i32 bucket   i32 row after the words }
 *     u8 quantised   matrix (input)      rows: words, then buckets
 *     u8 quantised   matrix (output)     rows: labels, or inner nodes of the Huffman tree
 *
 *     matrix      i64 rows cols   f32 values[rows][cols]
 *     quantised   u8 norms   i64 rows cols   i32 size   u8 codes[rows][parts]   pq   if norms: u8 norm[rows]   pq of one part
 *     pq          i32 dim parts dsub lastdsub   f32 centroids[parts][256][dsub]
 */
#ifndef MODEL_FASTTEXT_MODEL_H
#define MODEL_FASTTEXT_MODEL_H
#include "core/mem.h"
#include "model/fasttext.h"

enum { FT_MAGIC = 793712314, FT_VERSION = 12, FT_CENTROIDS = 256 };
enum ft_loss { FT_HS = 1, FT_NS, FT_SOFTMAX, FT_OVA };
enum ft_kind { FT_CBOW = 1, FT_SKIPGRAM, FT_SUPERVISED };

#define FT_EOS S("</s>")
#define FT_LABEL S("__label__")

struct ft_args {
    int32_t dim, ws, epoch, min_count, neg, word_ngrams, loss, model, bucket, minn, maxn, lr_update;
    double t;
};

typedef float ft_float __attribute__((aligned(1)));            /* in a mapped file nothing is aligned */

struct ft_pq { int32_t dim, parts, dsub, lastdsub; const ft_float *centroids; };
struct ft_matrix {
    size_t rows, cols;
    const ft_float *dense;                                     /* (rows, cols), or NULL when quantised */
    const uint8_t *codes, *norm_codes;                         /* (rows, pq.parts); (rows) or NULL */
    struct ft_pq pq, norm;
    float *own;                                                /* dense decoded here, or NULL */
};

struct ft_entry { const char *p; uint32_t n, hash; };          /* a word or label, and its ft_hash */

struct ft_pair { int32_t bucket, row; } __attribute__((packed));

/* Which buckets a pruned model kept: a bit each, and how many bits are set before each word of 64. */
struct ft_kept { uint64_t *bits; uint32_t *before, *row; };
/* index in row of a bucket that was kept */
static inline uint32_t ft_kept_at(const struct ft_kept *k, uint32_t bucket)
{
    uint64_t below = k->bits[bucket / 64] & (((uint64_t)1 << bucket % 64) - 1);
    return k->before[bucket / 64] + (uint32_t)__builtin_popcountll(below);
}

struct ft_node { int32_t left, right; };                       /* children in the Huffman tree; -1: none */

struct fasttext {
    struct map map;
    struct ft_args args;
    uint32_t nwords, nlabels;
    struct ft_entry *entries;                                  /* (nwords + nlabels) */
    /* (nwords + nlabels): how often each was seen; and all tokens */
    int64_t *counts, tokens;
    uint32_t *slots, slot_mask;                                /* hash table of entries: 1 + index, 0 when free */
    bool pruned;
    struct ft_kept kept;
    const struct ft_pair *kept_pairs;                          /* (n_kept), in the file or the quantiser's; unaligned */
    uint64_t n_kept;
    struct ft_matrix in, out;
    /* (2 * nlabels - 1), root last; hierarchical softmax only */
    struct ft_node *tree;
    uint64_t bucket_inverse;                                   /* for ft_bucket() */
    float sigmoid[513];
};

/* FNV-1a as fastText has it: every byte sign-extended before the xor. */
enum { FT_HASH_START = (int)2166136261u };
static inline uint32_t ft_hash_byte(uint32_t h, char c)
{
    uint32_t extended = ((uint8_t)c ^ 0x80u) - 0x80u;
    return (h ^ extended) * 16777619u;
}
static inline uint32_t ft_hash(struct str s)
{
    uint32_t h = (uint32_t)FT_HASH_START;
    for (size_t i = 0; i < s.n; i++) h = ft_hash_byte(h, s.p[i]);
    return h;
}

/* hash % n by multiplications, inverse = UINT64_MAX / n + 1 (Lemire, Kaser & Kurz 2019). */
static inline uint32_t ft_bucket(uint64_t inverse, uint64_t n, uint32_t hash)
{
    const uint64_t low = inverse * hash;
    return (uint32_t)(((low >> 32) * n + ((low & UINT32_MAX) * n >> 32)) >> 32);
}

/* fastText's word separators: no others, whatever Unicode says. */
static inline bool ft_space(char c)
{
    enum { FROM = 9, TO = 13 };
    return c == ' ' || c == '\0' || (c >= FROM && c <= TO);
}

/* Of m->entries; of m->kept_pairs and args.bucket; what the model owns beside its map. */
void ft_index_entries(struct fasttext *m);
int64_t ft_find(const struct fasttext *m, struct str word, uint32_t hash);          /* index in entries, or -1 */
void ft_index_kept(struct fasttext *m);
void ft_free_parts(struct fasttext *m);

/*
 * The n-grams of minn to maxn characters of "<word>", as hashes, in fastText's order. A boundary mark alone is none.
 * to has room for ft_subwords_most(n, maxn) of them.
 */
size_t ft_subwords(struct str word, int minn, int maxn, struct buf *quoted, uint32_t *to);
static inline size_t ft_subwords_most(size_t word, int maxn) { return (word + 2) * (size_t)(maxn > 0 ? maxn : 0); }

/* The Huffman tree of labels with these counts (falling): (2n - 1) nodes, leaves first, root last. up[i] is i's parent,
 * right[i] says whether it hangs on the right; either may be NULL. */
void ft_tree(const int64_t *counts, uint32_t n, struct ft_node *tree, int32_t *up, bool *right);

void ft_sigmoid_table(float table[513]);
static inline float ft_sigmoid(const float *table, float x)    /* fastText's: 512 steps over [-8, 8] */
{
    return x > 8 ? 1.0f : x >= -8 ? table[(int)((x + 8) * 32)] : 0.0f;          /* 0 for NaN too */
}

/* sum over i of a[i] * b[i] in sixteen lanes, added pairwise: the same on every machine. */
float ft_dot(const float *a, const ft_float *b, size_t n);

#endif
