/* sha1.c - one block function twice: plain, and with the SHA extension of x86.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/sha1.h"
#include "core/sort.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef void block_fn(uint32_t h[5], const uint8_t *p, size_t blocks);

static uint32_t rotate(uint32_t x, int n) { return x << n | x >> (32 - n); }

static void block_portable(uint32_t h[5], const uint8_t *p, size_t blocks)
{
    for (; blocks--; p += 64) {
        uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
        for (int i = 0; i < 16; i++) w[i] = be32_get(p + 4 * i);
        for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        for (int i = 0; i < 80; i++) {
            uint32_t f = i < 20 ? ((b & c) | (~b & d)) + 0x5A827999u : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1u
                       : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDCu : (b ^ c ^ d) + 0xCA62C1D6u;
            uint32_t t = rotate(a, 5) + f + e + w[i];
            e = d; d = c; c = rotate(b, 30); b = a; a = t;
        }
        h[0] += a; h[1] += b; h[2] += c; h[3] += d; h[4] += e;
    }
}

#if defined(__x86_64__)
/* Four rounds a step: m[i % 4] holds words 4i .. 4i+3, the next ones are made three steps ahead. */
#define STEP(i, k) do { \
        __m128i in = (i) ? _mm_sha1nexte_epu32(e, m[(i) % 4]) : _mm_add_epi32(e, m[0]); \
        e = abcd; \
        abcd = _mm_sha1rnds4_epu32(abcd, in, k); \
        if ((i) >= 3 && (i) < 19) m[((i) + 1) % 4] = _mm_sha1msg2_epu32(m[((i) + 1) % 4], m[(i) % 4]); \
        if ((i) >= 1 && (i) < 17) m[((i) + 3) % 4] = _mm_sha1msg1_epu32(m[((i) + 3) % 4], m[(i) % 4]); \
        if ((i) >= 2 && (i) < 18) m[((i) + 2) % 4] = _mm_xor_si128(m[((i) + 2) % 4], m[(i) % 4]); \
    } while (0)
#define FIVE(i, k) STEP(i, k); STEP(i + 1, k); STEP(i + 2, k); STEP(i + 3, k); STEP(i + 4, k)

__attribute__((target("sha,sse4.1"))) static void block_sha(uint32_t h[5], const uint8_t *p, size_t blocks)
{
    const __m128i swap = _mm_set_epi64x(0x0001020304050607, 0x08090A0B0C0D0E0F);
    __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)h), 0x1B);
    __m128i e = _mm_set_epi32((int)h[4], 0, 0, 0);
    for (; blocks--; p += 64) {
        __m128i abcd0 = abcd, e0 = e, m[4];
        for (int i = 0; i < 4; i++)
            m[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i)), swap);
        FIVE(0, 0);
        FIVE(5, 1);
        FIVE(10, 2);
        FIVE(15, 3);
        e = _mm_sha1nexte_epu32(e, e0);
        abcd = _mm_add_epi32(abcd, abcd0);
    }
    _mm_storeu_si128((__m128i *)(void *)h, _mm_shuffle_epi32(abcd, 0x1B));
    h[4] = (uint32_t)_mm_extract_epi32(e, 3);
}
#endif

static void digest_with(block_fn *block, struct str s, uint8_t digest[20])
{
    uint32_t h[5] = { 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0 };
    size_t whole = s.n / 64, rest = s.n % 64, tail = rest < 56 ? 64 : 128;
    uint8_t end[128] = { 0 };
    block(h, (const uint8_t *)s.p, whole);
    if (rest) memcpy(end, s.p + whole * 64, rest);
    end[rest] = 0x80;
    be64_put(end + tail - 8, (uint64_t)s.n * 8);
    block(h, end, tail / 64);
    for (int i = 0; i < 5; i++) be32_put(digest + 4 * i, h[i]);
}

void sha1_portable(struct str s, uint8_t digest[20])
{
    digest_with(block_portable, s, digest);
}

void sha1(struct str s, uint8_t digest[20])
{
#if defined(__x86_64__)
    /* gcc 12 and clang 14 have no __builtin_cpu_supports("sha"): leaf 7, EBX bit 29; SSE4.1 comes with every such
     * processor */
    static int has = -1;
    int known = __atomic_load_n(&has, __ATOMIC_RELAXED);
    if (known < 0) {
        unsigned a = 7, b = 0, c = 0, d = 0;
        __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
        __atomic_store_n(&has, known = (int)(b >> 29 & 1), __ATOMIC_RELAXED);
    }
    if (known) { digest_with(block_sha, s, digest); return; }
#endif
    sha1_portable(s, digest);
}
