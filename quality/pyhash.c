/* pyhash.c - SipHash-1-3 with the key that PYTHONHASHSEED=42 gives.
 * SPDX-License-Identifier: Apache-2.0 */
#include "quality/pyhash.h"
#include "core/utf8.h"

#include <stdlib.h>

/* the first 16 bytes of CPython's LCG from 42 */
static const uint64_t K0 = 0xdc504fd368cd90af, K1 = 0xb920bb9ffe99e9c1;
static const uint64_t P1 = 11400714785074694791u, P2 = 14029467366897019727u, P5 = 2870177450012600261u;

static inline uint64_t rotl(uint64_t x, int k) { return x << k | x >> (64 - k); }

static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1]; v[2] += v[3];
    v[1] = rotl(v[1], 13) ^ v[0]; v[3] = rotl(v[3], 16) ^ v[2];
    v[0] = rotl(v[0], 32);
    v[2] += v[1]; v[0] += v[3];
    v[1] = rotl(v[1], 17) ^ v[2]; v[3] = rotl(v[3], 21) ^ v[0];
    v[2] = rotl(v[2], 32);
}

static int64_t siphash13(const char *p, size_t n)
{
    uint64_t v[4] = { K0 ^ 0x736f6d6570736575, K1 ^ 0x646f72616e646f6d, K0 ^ 0x6c7967656e657261,
                      K1 ^ 0x7465646279746573 };
    uint64_t last = (uint64_t)n << 56, m;
    for (; n >= 8; p += 8, n -= 8) {
        memcpy(&m, p, 8);
        v[3] ^= m;
        sip_round(v);
        v[0] ^= m;
    }
    for (size_t i = 0; i < n; i++) last |= (uint64_t)(unsigned char)p[i] << (8 * i);
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++) sip_round(v);
    int64_t h = (int64_t)(v[0] ^ v[1] ^ v[2] ^ v[3]);
    return h == -1 ? -2 : h;
}

static uint32_t widest(struct str s)
{
    uint32_t most = 0;
    for (const char *p = s.p, *end = p + s.n; p < end; ) {
        uint32_t c = utf8_next(&p, end);
        if (c > most) most = c;
    }
    return most;
}

static int64_t hash_wide(struct str s, uint32_t most)
{
    char small[256], *to = s.n * 4 <= sizeof small ? small : mem_alloc(s.n, 4);
    size_t width = most < 256 ? 1 : most < 65536 ? 2 : 4, n = 0;
    for (const char *p = s.p, *end = p + s.n; p < end; n += width) {
        uint32_t c = utf8_next(&p, end);
        for (size_t i = 0; i < width; i++) to[n + i] = (char)(c >> (8 * i));
    }
    int64_t h = siphash13(to, n);
    if (to != small) free(to);
    return h;
}

int64_t pyhash(struct str s)
{
    if (!s.n) return 0;
    uint32_t most = widest(s);
    return most < 128 ? siphash13(s.p, s.n) : hash_wide(s, most);
}

int64_t pyhash_pair(int64_t a, int64_t b)
{
    uint64_t acc = rotl(P5 + (uint64_t)a * P2, 31) * P1;
    acc = rotl(acc + (uint64_t)b * P2, 31) * P1;
    acc += 2 ^ P5 ^ 3527539u;
    return acc == UINT64_MAX ? 1546275796 : (int64_t)acc;
}
