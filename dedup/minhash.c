/* minhash.c - the minima of a block of permutations stay in registers while all hashes pass.
 * SPDX-License-Identifier: Apache-2.0
 *
 * In AVX2, 32 permutations are 4 vectors of minima, 4 of multipliers, 4 of masks: 12 of 16 registers. */
#include "dedup/minhash.h"
#include "core/arena.h"
#include "core/rng.h"

#include <stdlib.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

static const uint64_t M61 = ((uint64_t)1 << 61) - 1;

/* ---- parameters ---- */

struct twister { uint32_t s[624]; int at; };              /* MT19937, Matsumoto & Nishimura 1998 */

static void twister_init(struct twister *t, uint32_t seed)
{
    t->s[0] = seed;
    for (uint32_t i = 1; i < 624; i++) t->s[i] = 1812433253u * (t->s[i - 1] ^ t->s[i - 1] >> 30) + i;
    t->at = 624;
}

static uint32_t twister_next(struct twister *t)
{
    if (t->at == 624) {
        for (int i = 0; i < 624; i++) {
            uint32_t y = (t->s[i] & 0x80000000u) | (t->s[(i + 1) % 624] & 0x7FFFFFFFu);
            t->s[i] = t->s[(i + 397) % 624] ^ y >> 1 ^ (y & 1 ? 0x9908B0DFu : 0);
        }
        t->at = 0;
    }
    uint32_t y = t->s[t->at++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9D2C5680u;
    y ^= y << 15 & 0xEFC60000u;
    return y ^ y >> 18;
}

static uint64_t twister_draw(struct twister *t, uint64_t low)     /* NumPy's randint(low, 2^61-1, dtype=uint64) */
{
    for (;;) {
        uint64_t high = twister_next(t), v = (high << 32 | twister_next(t)) & M61;
        if (v <= M61 - 1 - low) return low + v;
    }
}

void minhash_init(struct minhash *mh, enum minhash_family family, size_t k, uint64_t seed)
{
    *mh = (struct minhash){ .family = family, .k = k };
    if (family == MINHASH_OWN) {
        mh->m = mem_alloc(k, sizeof *mh->m);
        mh->x = mem_alloc(k, sizeof *mh->x);
        for (size_t i = 0; i < k; i++) {
            mh->m[i] = (uint32_t)rng_at(seed, i, 0) | 1;
            mh->x[i] = (uint32_t)rng_at(seed, i, 1);
        }
        return;
    }
    struct twister t;
    twister_init(&t, family == MINHASH_RPV2 ? 42 : 1);
    mh->a = mem_alloc(k, sizeof *mh->a);
    mh->b = mem_alloc(k, sizeof *mh->b);
    for (size_t i = 0; i < k; i++) {
        mh->a[i] = twister_draw(&t, 1);
        if (family == MINHASH_RPV2) mh->b[i] = twister_draw(&t, 0);
    }
    for (size_t i = 0; i < k && family == MINHASH_DATATROVE; i++) mh->b[i] = twister_draw(&t, 0);
}

void minhash_free(struct minhash *mh)
{
    free(mh->a);
    free(mh->b);
    free(mh->m);
    free(mh->x);
}

/* ---- the definition ---- */

static uint64_t permute(const struct minhash *mh, size_t i, uint64_t h)
{
    if (mh->family == MINHASH_OWN) return ((uint32_t)h ^ mh->x[i]) * mh->m[i];
    uint64_t v = (h * mh->a[i] + mh->b[i]) % M61;
    return mh->family == MINHASH_RPV2 ? v & 0xFFFFFFFFu : v;
}

static void sign_from(const struct minhash *mh, size_t first, const uint64_t *h, size_t n, uint64_t *minima)
{
    for (size_t i = first; i < mh->k; i++) {
        uint64_t least = UINT64_MAX;
        for (size_t j = 0; j < n; j++) {
            uint64_t v = permute(mh, i, h[j]);
            if (v < least) least = v;
        }
        minima[i] = least;
    }
}

void minhash_sign_plain(const struct minhash *mh, const uint64_t *h, size_t n, uint64_t *minima)
{
    sign_from(mh, 0, h, n, minima);
}

/* ---- AVX2 ---- */

#if defined(__x86_64__)
#define LOAD(p) _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define AVX2 __attribute__((target("avx2")))

AVX2 static size_t own_avx2(const struct minhash *mh, const uint64_t *h, size_t n, uint64_t *minima)
{
    size_t i = 0;
    for (; i + 32 <= mh->k; i += 32) {
        __m256i m0 = LOAD(mh->m + i), m1 = LOAD(mh->m + i + 8), m2 = LOAD(mh->m + i + 16), m3 = LOAD(mh->m + i + 24);
        __m256i x0 = LOAD(mh->x + i), x1 = LOAD(mh->x + i + 8), x2 = LOAD(mh->x + i + 16), x3 = LOAD(mh->x + i + 24);
        __m256i v0 = _mm256_set1_epi32(-1), v1 = v0, v2 = v0, v3 = v0;
        for (size_t j = 0; j < n; j++) {
            __m256i w = _mm256_set1_epi32((int)(uint32_t)h[j]);
            v0 = _mm256_min_epu32(v0, _mm256_mullo_epi32(_mm256_xor_si256(w, x0), m0));
            v1 = _mm256_min_epu32(v1, _mm256_mullo_epi32(_mm256_xor_si256(w, x1), m1));
            v2 = _mm256_min_epu32(v2, _mm256_mullo_epi32(_mm256_xor_si256(w, x2), m2));
            v3 = _mm256_min_epu32(v3, _mm256_mullo_epi32(_mm256_xor_si256(w, x3), m3));
        }
        __m256i v[4] = { v0, v1, v2, v3 };
        uint32_t out[32];
        memcpy(out, v, sizeof out);
        for (size_t j = 0; j < 32; j++) minima[i + j] = out[j];
    }
    return i;
}

/* (h*a + b mod 2^64) mod 2^61-1 of four lanes: 64-bit products from 32-bit ones, one fold and one subtraction. */
AVX2 static inline __m256i linear_m61(__m256i h, __m256i h_high, __m256i a, __m256i a_high, __m256i b)
{
    const __m256i m61 = _mm256_set1_epi64x((long long)M61);
    __m256i cross = _mm256_add_epi64(_mm256_mul_epu32(h, a_high), _mm256_mul_epu32(h_high, a));
    __m256i v = _mm256_add_epi64(_mm256_add_epi64(_mm256_mul_epu32(h, a), _mm256_slli_epi64(cross, 32)), b);
    v = _mm256_add_epi64(_mm256_and_si256(v, m61), _mm256_srli_epi64(v, 61));
    __m256i big = _mm256_cmpgt_epi64(v, _mm256_sub_epi64(m61, _mm256_set1_epi64x(1)));
    return _mm256_sub_epi64(v, _mm256_and_si256(big, m61));
}

AVX2 static size_t linear_avx2(const struct minhash *mh, const uint64_t *h, size_t n, uint64_t *minima)
{
    const __m256i mask = _mm256_set1_epi64x(mh->family == MINHASH_RPV2 ? 0xFFFFFFFFLL : -1LL);
    size_t i = 0;
    for (; i + 8 <= mh->k; i += 8) {
        __m256i a0 = LOAD(mh->a + i), a1 = LOAD(mh->a + i + 4), b0 = LOAD(mh->b + i), b1 = LOAD(mh->b + i + 4);
        __m256i c0 = _mm256_srli_epi64(a0, 32), c1 = _mm256_srli_epi64(a1, 32);
        __m256i v0 = _mm256_set1_epi64x(INT64_MAX), v1 = v0;
        for (size_t j = 0; j < n; j++) {
            __m256i w = _mm256_set1_epi64x((long long)h[j]), w_high = _mm256_srli_epi64(w, 32);
            __m256i p0 = _mm256_and_si256(linear_m61(w, w_high, a0, c0, b0), mask);
            __m256i p1 = _mm256_and_si256(linear_m61(w, w_high, a1, c1, b1), mask);
            v0 = _mm256_blendv_epi8(v0, p0, _mm256_cmpgt_epi64(v0, p0));
            v1 = _mm256_blendv_epi8(v1, p1, _mm256_cmpgt_epi64(v1, p1));
        }
        __m256i v[2] = { v0, v1 };
        memcpy(minima + i, v, sizeof v);
    }
    return i;
}
#endif

void minhash_sign(const struct minhash *mh, const uint64_t *h, size_t n, uint64_t *minima)
{
    size_t done = 0;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        done = mh->family == MINHASH_OWN ? own_avx2(mh, h, n, minima) : linear_avx2(mh, h, n, minima);
#endif
    sign_from(mh, done, h, n, minima);
}
