/* seeds.c - the strings that recur in a set of words.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokenizer/seeds.h"

#include <divsufsort.h>
#include <stdlib.h>

/* FAR: bytes that are more than a seed's */
enum { BYTE_COST = 10, WORD_COST = 16, BLOCK = 64, MOST_BYTES = 0x7FFFFF00, FAR = 4 * SEED_CHARS + 4 };

struct row {                                                 /* all words, a NUL behind each */
    char *text;
    size_t n;
    uint32_t *block;                                         /* (n / BLOCK + 1): the word at the block's first byte */
    size_t *begin;                                           /* (n_words + 1) */
    uint64_t *count;                                         /* (n_words) */
    size_t n_words;
    /* (n): suffixes in order; how long each, by its place, is like the one before it */
    int32_t *sa, *same;
};
struct node { uint32_t depth; uint64_t before; };            /* bytes; the weight of all suffixes before its first */
struct found { size_t most; struct seed *seeds; size_t n, cap; };

static size_t cost_of(size_t bytes) { return WORD_COST + BYTE_COST * (bytes + 1); }

size_t seeds_words(size_t memory, size_t bytes) { return memory / cost_of(bytes); }

/* The words that fit: what they are goes to *seen, their bytes and ends to *n_bytes. */
static struct fit *fit_words(const struct wordlist *w, size_t memory, struct seen *seen, size_t *n_bytes)
{
    struct fit *fit = mem_zero(1, sizeof *fit);
    for (struct word_at at = wordlist_all(w); word_next(&at); )
        fit_add(fit, at.text, at.count, cost_of(at.text.n));
    fit_cut(fit, memory < BYTE_COST * (size_t)MOST_BYTES ? memory : BYTE_COST * (size_t)MOST_BYTES);
    for (struct word_at at = wordlist_all(w); word_next(&at); ) {
        if (!fit_takes(fit, at.text, at.count, seen)) continue;
        *n_bytes += at.text.n + 1;
    }
    return fit;
}

static size_t row_fill(struct row *r, const struct wordlist *w, size_t memory, struct seen *seen)
{
    size_t n = 0, cap_begin = 0, cap_count = 0, i = 0, next_block = 0;
    struct fit *fit = fit_words(w, memory, seen, &n);
    r->n_words = seen->n_seen;
    r->text = mem_alloc(n + 1, 1);
    r->block = mem_alloc(n / BLOCK + 2, sizeof *r->block);
    r->begin = mem_grow(NULL, &cap_begin, r->n_words + 1, sizeof *r->begin);
    r->count = mem_grow(NULL, &cap_count, r->n_words + 1, sizeof *r->count);
    for (struct word_at at = wordlist_all(w); word_next(&at); ) {
        if (!fit_keeps(fit, at.text, at.count)) continue;
        r->begin[i] = r->n;
        r->count[i] = at.count;
        memcpy(r->text + r->n, at.text.p, at.text.n);
        r->n += at.text.n;
        r->text[r->n++] = 0;
        for (; next_block * BLOCK < r->n; next_block++) r->block[next_block] = (uint32_t)i;
        i++;
    }
    r->begin[r->n_words] = r->n;
    free(fit);
    return r->n;
}

static void row_free(struct row *r)
{
    free(r->text);
    free(r->block);
    free(r->begin);
    free(r->count);
    free(r->sa);
    free(r->same);
}

static uint64_t weight_at(const struct row *r, size_t at)
{
    size_t i = r->block[at / BLOCK];
    while (r->begin[i + 1] <= at) i++;
    return r->count[i];
}

/* By phi: in order of the text a suffix shares at least as much with the one before it in the array as its
   neighbour on the left did, less 1. Up to a NUL. */
static void row_sort(struct row *r)
{
    const int32_t n = (int32_t)r->n;
    r->sa = mem_alloc(r->n, sizeof *r->sa);
    r->same = mem_alloc(r->n, sizeof *r->same);
    divsufsort((const sauchar_t *)r->text, r->sa, n);
    r->same[r->sa[0]] = -1;
    for (int32_t i = 1; i < n; i++) r->same[r->sa[i]] = r->sa[i - 1];
    for (int32_t i = 0, same = 0; i < n; i++) {
        const int32_t j = r->same[i];
        while (j >= 0 && r->text[i + same] && r->text[i + same] == r->text[j + same]) same++;
        r->same[i] = same = j < 0 ? 0 : same;
        if (same) same--;
    }
}

static bool continues(char c) { return ((unsigned char)c & 0xC0) == 0x80; }

/* Of `depth` bytes at p the whole characters, in bytes and in number. */
static uint32_t whole(const char *p, uint32_t depth, uint32_t *chars)
{
    while (depth && continues(p[depth])) depth--;
    *chars = 0;
    for (uint32_t i = 0; i < depth && *chars <= SEED_CHARS; i++) *chars += !continues(p[i]);
    return depth;
}

static int by_score(const void *a, const void *b)
{
    const struct seed *x = a, *y = b;
    const double s = (double)x->count * x->chars, t = (double)y->count * y->chars;
    return s != t ? (s > t ? -1 : 1) : str_cmp(x->text, y->text);
}

static void keep_best(struct found *f)
{
    if (f->n) qsort(f->seeds, f->n, sizeof *f->seeds, by_score);
    if (f->n > f->most) f->n = f->most;
}

/* The string of `depth` bytes at p, whose parent in the tree has `parent` of them. */
static void node_done(struct found *f, const char *p, uint32_t depth, uint32_t parent, uint64_t count)
{
    uint32_t chars;
    if (count < 2 || continues(*p) || (depth = whole(p, depth, &chars)) <= parent || chars < 2 || chars > SEED_CHARS)
        return;
    if (f->n >= 2 * f->most + 1024) keep_best(f);
    if (f->n == f->cap) f->seeds = mem_grow(f->seeds, &f->cap, f->n + 1, sizeof *f->seeds);
    f->seeds[f->n++] = (struct seed){ { p, depth }, count, chars };
}

/* Nodes of the suffix tree from left to right: a stack of those that are open. A suffix is a leaf: it is a string
   of its own when it goes on behind its parent. */
static void walk(const struct row *r, struct found *f)
{
    struct node *open = NULL;
    size_t n_open = 0, cap_open = 0;
    uint64_t sum = 0;
    for (size_t i = 0; i < r->n; i++) {
        const uint32_t next = i + 1 < r->n ? (uint32_t)r->same[r->sa[i + 1]] : 0;
        const char *p = r->text + r->sa[i];
        uint32_t depth = (uint32_t)strnlen(p, FAR);
        uint64_t before = sum;
        const uint64_t weight = weight_at(r, (size_t)r->sa[i]);
        sum += weight;
        const uint32_t parent = n_open && open[n_open - 1].depth > next ? open[n_open - 1].depth : next;
        if (depth > parent) node_done(f, p, depth, parent, weight);
        while (n_open && open[n_open - 1].depth > next) {
            before = open[n_open - 1].before;
            depth = open[--n_open].depth;
            node_done(f, p, depth, n_open && open[n_open - 1].depth > next ? open[n_open - 1].depth : next,
                      sum - before);
        }
        if (!next || (n_open && open[n_open - 1].depth == next)) continue;
        if (n_open == cap_open) open = mem_grow(open, &cap_open, n_open + 1, sizeof *open);
        open[n_open++] = (struct node){ next, before };
    }
    free(open);
}

size_t seeds_find(const struct wordlist *w, size_t most, size_t memory, struct arena *mem, struct seed **seeds,
                  struct seen *seen)
{
    struct row r = { 0 };
    struct found f = { .most = most };
    if (row_fill(&r, w, memory, seen)) {
        row_sort(&r);
        walk(&r, &f);
        keep_best(&f);
    }
    *seeds = NEW(mem, struct seed, f.n);
    for (size_t i = 0; i < f.n; i++)
        (*seeds)[i] = (struct seed){ str_copy(mem, f.seeds[i].text), f.seeds[i].count, f.seeds[i].chars };
    free(f.seeds);
    row_free(&r);
    return f.n;
}
