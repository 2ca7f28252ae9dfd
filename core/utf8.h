/* utf8.h - decode, encode and validate UTF-8.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Valid is what RFC 3629 says: no surrogates, nothing above U+10FFFF, no overlong form.
 * utf8_valid has an AVX2 path (Lemire & Keiser 2020), chosen at run time, and a portable
 * one beside it; tests hold them equal.
 */
#ifndef CORE_UTF8_H
#define CORE_UTF8_H
#include "core/str.h"

enum { UTF8_BAD = 0xFFFD };

bool utf8_valid(struct str s);
bool utf8_valid_portable(struct str s);              /* the two that utf8_valid chooses from */
bool utf8_valid_avx2(struct str s);                  /* x86-64 with AVX2 only */
size_t utf8_length(struct str s);                    /* code points of a valid string */
size_t utf8_put(char *to, uint32_t c);               /* 1..4 bytes written */
void utf8_repair(struct str s, struct buf *out);     /* appends s, each maximal bad part as U+FFFD (WHATWG) */

/* The code point at *p (p < end), and moves on. A bad byte is U+FFFD and moves by the maximal bad part. */
uint32_t utf8_next_slow(const char **p, const char *end);
static inline uint32_t utf8_next(const char **p, const char *end)
{
    unsigned char c = (unsigned char)**p;
    if (c < 0x80) { ++*p; return c; }
    return utf8_next_slow(p, end);
}

#endif
