/* pyhash.h - CPython 3.11's hash() of str and of pairs of str, under PYTHONHASHSEED=42.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RedPajama's importance weights put words into buckets by |hash(word)| % 10000, so the published counts can only be
 * read with the same function: SipHash-1-3 (Aumasson & Bernstein 2012, fewer rounds) over CPython's own storage of the
 * string,
 * 1, 2 or 4 bytes a character by its widest one; pairs by the tuple hash, which is one round of XXH64.
 */
#ifndef QUALITY_PYHASH_H
#define QUALITY_PYHASH_H
#include "core/str.h"

int64_t pyhash(struct str s);                            /* s: valid UTF-8 */
int64_t pyhash_pair(int64_t a, int64_t b);               /* of two hashes that pyhash gave */

static inline uint64_t pyhash_abs(int64_t h)             /* Python's abs() */
{
    return h < 0 ? 0 - (uint64_t)h : (uint64_t)h;
}

#endif
