/* fasttext_model.c - the parts of a fastText model that its reader and its trainer share.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/fasttext_model.h"

#include <math.h>
#include <stdlib.h>

size_t ft_subwords(struct str word, int minn, int maxn, struct buf *quoted, uint32_t *to)
{
    buf_reset(quoted);
    buf_putc(quoted, '<');
    buf_put(quoted, word);
    buf_putc(quoted, '>');
    const char *begin = quoted->p, *end = begin + quoted->n;
    size_t found = 0;
    for (const char *p = begin; p < end; p++) {
        if ((*p & 0xC0) == 0x80) continue;
        uint32_t h = (uint32_t)FT_HASH_START;
        const char *q = p;
        for (int n = 1; q < end && n <= maxn; n++) {
            do h = ft_hash_byte(h, *q++); while (q < end && (*q & 0xC0) == 0x80);
            if (n >= minn && !(n == 1 && (p == begin || q == end))) to[found++] = h;
        }
    }
    return found;
}

void ft_index_entries(struct fasttext *m)
{
    uint32_t n = m->nwords + m->nlabels, cap = 16;
    while (cap < n * (uint64_t)2) cap *= 2;
    m->slots = mem_zero(cap, sizeof *m->slots);
    m->slot_mask = cap - 1;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = m->entries[i].hash & m->slot_mask;
        while (m->slots[at]) at = (at + 1) & m->slot_mask;
        m->slots[at] = i + 1;
    }
}

int64_t ft_find(const struct fasttext *m, struct str word, uint32_t hash)
{
    for (uint32_t at = hash & m->slot_mask, slot; (slot = m->slots[at]); at = (at + 1) & m->slot_mask) {
        const struct ft_entry *it = &m->entries[slot - 1];
        if (it->hash == hash && it->n == word.n && !memcmp(it->p, word.p, word.n)) return slot - 1;
    }
    return -1;
}

void ft_index_kept(struct fasttext *m)
{
    const size_t words = (size_t)m->args.bucket / 64 + 1;
    struct ft_kept *k = &m->kept;
    *k = (struct ft_kept){ mem_zero(words, 8), mem_alloc(words, 4), mem_zero(m->n_kept + 1, 4) };
    for (uint64_t i = 0; i < m->n_kept; i++) {
        const uint32_t bucket = (uint32_t)m->kept_pairs[i].bucket;
        k->bits[bucket / 64] |= (uint64_t)1 << bucket % 64;
    }
    for (size_t w = 0, sum = 0; w < words; sum += (size_t)__builtin_popcountll(k->bits[w++]))
        k->before[w] = (uint32_t)sum;
    for (uint64_t i = 0; i < m->n_kept; i++)
        k->row[ft_kept_at(k, (uint32_t)m->kept_pairs[i].bucket)] = (uint32_t)m->kept_pairs[i].row;
}

void ft_free_parts(struct fasttext *m)
{
    free(m->entries);
    free(m->counts);
    free(m->slots);
    free(m->kept.bits);
    free(m->kept.before);
    free(m->kept.row);
    free(m->in.own);
    free(m->out.own);
    free(m->tree);
}

static const int64_t UNBUILT = 1000000000000000;

void ft_tree(const int64_t *counts, uint32_t n, struct ft_node *tree, int32_t *up, bool *right)
{
    const uint32_t nodes = 2 * n - 1;
    int64_t *count = mem_alloc(nodes, sizeof *count);
    for (uint32_t i = 0; i < nodes; i++) {
        tree[i] = (struct ft_node){ -1, -1 };
        count[i] = i < n ? counts[i] : UNBUILT;
        if (up) up[i] = -1;
        if (right) right[i] = false;
    }
    int64_t leaf = (int64_t)n - 1;
    uint32_t node = n;
    for (uint32_t i = n; i < nodes; i++) {
        uint32_t pair[2];
        for (int j = 0; j < 2; j++) pair[j] = leaf >= 0 && count[leaf] < count[node] ? (uint32_t)leaf-- : node++;
        tree[i] = (struct ft_node){ (int32_t)pair[0], (int32_t)pair[1] };
        count[i] = count[pair[0]] + count[pair[1]];
        for (int j = 0; j < 2; j++) {
            if (up) up[pair[j]] = (int32_t)i;
            if (right) right[pair[j]] = j == 1;
        }
    }
    free(count);
}

void ft_sigmoid_table(float table[513])
{
    for (int i = 0; i < 513; i++) {
        float x = (float)(i * 16) / 512 - 8;
        table[i] = (float)(1.0 / (1.0 + (double)expf(-x)));
    }
}

float ft_dot(const float *a, const ft_float *b, size_t n)
{
    enum { LANES = 16 };
    float lane[LANES] = { 0 };
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t j = 0; j < LANES; j++) lane[j] += a[i + j] * b[i + j];
    for (size_t j = 0; i < n; i++, j++) lane[j] += a[i] * b[i];
    for (size_t width = LANES / 2; width; width /= 2)
        for (size_t j = 0; j < width; j++) lane[j] += lane[j + width];
    return lane[0];
}
