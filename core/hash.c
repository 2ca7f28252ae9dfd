/* hash.c - the one place that includes xxhash.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.h"

#include <xxhash.h>

uint64_t hash64(struct str s, uint64_t seed)
{
    return XXH3_64bits_withSeed(s.p, s.n, seed);
}

struct hash128 hash128(struct str s, uint64_t seed)
{
    XXH128_hash_t h = XXH3_128bits_withSeed(s.p, s.n, seed);
    return (struct hash128){ h.low64, h.high64 };
}
