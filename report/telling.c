/* telling.c - (cluster, word) pairs, sorted once, counted where they are asked for.
 * SPDX-License-Identifier: Apache-2.0 */
#include "report/telling.h"
#include "model/vocab.h"
#include "text/words.h"

#include <math.h>
#include <stdlib.h>

enum { HEAD = 4096, VOCABULARY = 1 << 20, PAIRS = 1 << 25 };    /* bytes of a text; words; pairs of 8 bytes */

struct telling {
    struct vocab words;
    struct words cut;
    struct distinct distinct;
    /* cluster << 32 | word, one for each document that has it */
    uint64_t *pairs;
    size_t n, cap;
    uint32_t *docs;                                             /* (words): n(w) */
    size_t docs_cap;
    uint64_t *texts, n_texts;                                   /* (clusters): documents of each, and all */
    size_t texts_cap;
    bool sorted;
};

struct telling *telling_new(void)
{
    return mem_zero(1, sizeof(struct telling));
}

static bool says_something(struct str w)
{
    size_t chars = 0;
    for (size_t i = 0; i < w.n; i++) {
        chars += ((unsigned char)w.p[i] & 0xC0) != 0x80;
        if (w.p[i] >= '0' && w.p[i] <= '9') return false;
    }
    return w.n > 1 && w.n < 40 && chars >= ((unsigned char)w.p[0] < 0x80 ? 3 : 2) && chars <= 24;
}

static struct str head_of(struct str text)
{
    if (text.n <= HEAD) return text;
    size_t n = HEAD;
    while (n && ((unsigned char)text.p[n] & 0xC0) == 0x80) n--;
    return (struct str){ text.p, n };
}

void telling_add(struct telling *t, uint32_t cluster, struct str text)
{
    words_reset(&t->cut);
    words_normal(&t->cut, head_of(text));
    distinct_find(&t->distinct, &t->cut);
    const size_t was = t->texts_cap;
    t->texts = mem_grow(t->texts, &t->texts_cap, cluster + 1, sizeof *t->texts);
    memset(t->texts + was, 0, (t->texts_cap - was) * sizeof *t->texts);
    t->texts[cluster]++;
    t->n_texts++;
    for (size_t i = 0; i < t->distinct.n && t->n < PAIRS; i++) {
        const struct str w = words_at(&t->cut, t->distinct.first[i]);
        if (!says_something(w)) continue;
        uint32_t k = vocab_find(&t->words, w);
        if (k == VOCAB_NONE) {
            if (t->words.n == VOCABULARY) continue;
            vocab_set(&t->words, k = (uint32_t)t->words.n, w);
            t->docs = mem_grow(t->docs, &t->docs_cap, t->words.n, sizeof *t->docs);
            t->docs[k] = 0;
        }
        t->docs[k]++;
        t->pairs = mem_grow(t->pairs, &t->cap, t->n + 1, sizeof *t->pairs);
        t->pairs[t->n++] = (uint64_t)cluster << 32 | k;
    }
}

static int by_pair(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static size_t first_of(const struct telling *t, uint32_t cluster)
{
    size_t lo = 0, hi = t->n;
    while (lo < hi) {
        const size_t mid = (lo + hi) / 2;
        if (t->pairs[mid] >> 32 < cluster) lo = mid + 1;
        else hi = mid;
    }
    return lo;
}

size_t telling_words(struct telling *t, struct arena *mem, uint32_t cluster, struct str *words, size_t n)
{
    if (!t->sorted && t->n) qsort(t->pairs, t->n, sizeof *t->pairs, by_pair);
    t->sorted = true;
    const size_t begin = first_of(t, cluster), end = first_of(t, cluster + 1);
    double *best = ZERO(mem, double, n + 1);
    size_t found = 0;
    for (size_t i = begin, next; i < end; i = next) {
        for (next = i; next < end && t->pairs[next] == t->pairs[i]; next++) continue;
        const uint32_t w = (uint32_t)t->pairs[i];
        const double p = (double)(next - i) / (double)t->texts[cluster], q = (double)t->docs[w] / (double)t->n_texts,
                     score = p * log(p / q);
        /* said once in a large cluster tells nothing */
        if (next - i < 2 && end - begin > 200) continue;
        size_t at = found < n ? found++ : n;
        if (at == n && score <= best[n - 1]) continue;
        if (at == n) at = n - 1;
        for (; at && best[at - 1] < score; at--) { best[at] = best[at - 1]; words[at] = words[at - 1]; }
        best[at] = score;
        words[at] = t->words.token[w];
    }
    for (size_t i = 0; i < found; i++) words[i] = str_copy(mem, words[i]);
    return found;
}

void telling_free(struct telling *t)
{
    vocab_free(&t->words);
    words_free(&t->cut);
    distinct_free(&t->distinct);
    free(t->pairs);
    free(t->docs);
    free(t->texts);
    free(t);
}
