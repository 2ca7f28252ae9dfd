/* hash.h - every hash in tamis is XXH3 (libxxhash), unless a format asks for another.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Among n keys two different ones share a 64-bit hash with probability about
 * n*n / 2^65: 2.7e-5 at 10^6, 2.7 % at 10^9. With 128 bits it is below 1e-20 at 10^9.
 * The values are the same on every machine: they may be written to files.
 */
#ifndef CORE_HASH_H
#define CORE_HASH_H
#include "core/str.h"

#include <stdint.h>

struct hash128 { uint64_t lo, hi; };

uint64_t hash64(struct str s, uint64_t seed);
struct hash128 hash128(struct str s, uint64_t seed);
/* hash64 of its bytes, seed 0; read, not mapped */
bool hash_file(const char *path, uint64_t *hash, struct err *e) MUST_CHECK;

/* a bijection with good bits (splitmix64's finaliser) */
static inline uint64_t hash_mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

#endif
