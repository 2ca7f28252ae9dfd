/* bloom.c - probes by double hashing (Kirsch & Mitzenmacher 2006).
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/bloom.h"

#include <math.h>
#include <stdlib.h>

void bloom_init(struct bloom *b, size_t memory, double fpr)
{
    double each = fpr / 2, per_key = -log(each) / (M_LN2 * M_LN2);
    b->n_bits = memory / 2 * 8;
    b->n_bits -= b->n_bits % 64;
    if (b->n_bits < 64) b->n_bits = 64;
    b->probes = (int)ceil(-log2(each));
    b->capacity = (uint64_t)((double)b->n_bits / per_key);
    if (!b->capacity) b->capacity = 1;
    b->n = 0;
    for (int i = 0; i < 2; i++) b->bits[i] = mem_zero(b->n_bits / 64, 8);
}

static bool has(const struct bloom *b, int which, struct hash128 k)
{
    for (int i = 0; i < b->probes; i++) {
        uint64_t at = (k.lo + (uint64_t)i * (k.hi | 1)) % b->n_bits;
        if (!(b->bits[which][at / 64] >> at % 64 & 1)) return false;
    }
    return true;
}

bool bloom_add(struct bloom *b, struct hash128 k)
{
    if (has(b, 0, k)) return true;
    bool old = has(b, 1, k);                         /* remembered by the older one: it is young again */
    if (b->n == b->capacity) {
        uint64_t *t = b->bits[1];
        b->bits[1] = b->bits[0];
        b->bits[0] = memset(t, 0, b->n_bits / 8);
        b->n = 0;
    }
    for (int i = 0; i < b->probes; i++) {
        uint64_t at = (k.lo + (uint64_t)i * (k.hi | 1)) % b->n_bits;
        b->bits[0][at / 64] |= (uint64_t)1 << at % 64;
    }
    b->n++;
    return old;
}

void bloom_free(struct bloom *b)
{
    free(b->bits[0]);
    free(b->bits[1]);
}
