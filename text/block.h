/* block.h - 64 bytes of text at a time, as bits: which of them are letters, digits, white space.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Bit i speaks of byte i. Bytes above 127 are in `high` and in no other set: what they are depends on the characters
 * around them, so a block is only good up to its first one. SSE2, which every x86-64 has; elsewhere BLOCK_HAS is 0 and
 * texts are read character by character.
 *
 *     struct block b = block_at(p);                        // p[0 .. 63] must be readable
 *     uint64_t words = (b.upper | b.lower | b.digit) & block_known(&b);
 */
#ifndef TEXT_BLOCK_H
#define TEXT_BLOCK_H
#include <stdbool.h>
#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>

#define BLOCK_HAS 1
enum { BLOCK = 64 };
struct block {
    uint64_t upper, lower, digit;
    uint64_t space;                                         /* ASCII's UC_SPACE */
    uint64_t mark;                                          /* the 32 ASCII symbols, the underscore among them */
    uint64_t underscore;
    uint64_t high;
};

static inline __m128i block_load(const char *p) { return _mm_loadu_si128((const __m128i *)(const void *)p); }

static inline __m128i block_between(__m128i x, char from, char to)
{
    const __m128i above = _mm_sub_epi8(x, _mm_set1_epi8(from));
    return _mm_cmpeq_epi8(_mm_min_epu8(above, _mm_set1_epi8((char)(to - from))), above);
}

static inline uint64_t block_bits(__m128i x, int part)
{
    return (uint64_t)(unsigned)_mm_movemask_epi8(x) << (16 * part);
}

/* The block at p; with `low`, which has room for it, also its bytes in lower case. */
static inline struct block block_at(const char *p, char *low)
{
    struct block b = { 0 };
    for (int part = 0; part < BLOCK / 16; part++) {
        const __m128i x = block_load(p + 16 * part), upper = block_between(x, 'A', 'Z'),
                      lower = block_between(x, 'a', 'z'), digit = block_between(x, '0', '9');
        const __m128i words = _mm_or_si128(_mm_or_si128(upper, lower), digit);
        b.upper |= block_bits(upper, part);
        b.lower |= block_bits(lower, part);
        b.digit |= block_bits(digit, part);
        b.space |= block_bits(_mm_or_si128(block_between(x, 9, 13), block_between(x, 28, ' ')), part);
        b.mark |= block_bits(_mm_andnot_si128(words, block_between(x, '!', '~')), part);
        b.underscore |= block_bits(_mm_cmpeq_epi8(x, _mm_set1_epi8('_')), part);
        b.high |= block_bits(x, part);
        if (low)
            _mm_storeu_si128((__m128i *)(void *)(low + 16 * part),
                             _mm_or_si128(x, _mm_and_si128(upper, _mm_set1_epi8(0x20))));
    }
    return b;
}

/* bits 0 .. i - 1 */
static inline uint64_t block_below(unsigned i) { return i < BLOCK ? ((uint64_t)1 << i) - 1 : UINT64_MAX; }
static inline uint64_t block_known(const struct block *b) { return b->high ? (b->high & -b->high) - 1 : UINT64_MAX; }
/* bits is not 0 */
static inline unsigned block_first(uint64_t bits) { return (unsigned)__builtin_ctzll(bits); }
/* p[0 .. 15] */
static inline bool block_ascii(const char *p) { return !_mm_movemask_epi8(block_load(p)); }
#else
#define BLOCK_HAS 0
#endif

#endif
