/* rng.h - random numbers that depend on a seed and a place, never on order or threads.
 * SPDX-License-Identifier: Apache-2.0
 *
 * rng_at(seed, id, k) is the k-th number of stream id: ask in any order, from any
 * thread. struct rng walks one stream. Both are splitmix64 (Steele et al. 2014).
 */
#ifndef CORE_RNG_H
#define CORE_RNG_H
#include "core/hash.h"

#include <math.h>

struct rng { uint64_t state; };
__extension__ typedef unsigned __int128 rng_u128;

static inline uint64_t rng_at(uint64_t seed, uint64_t id, uint64_t k)
{
    return hash_mix(hash_mix(hash_mix(seed + 0x9E3779B97F4A7C15u) + id) + (k + 1) * 0x9E3779B97F4A7C15u);
}
static inline struct rng rng_init(uint64_t seed, uint64_t id) { return (struct rng){ rng_at(seed, id, 0) }; }
static inline uint64_t rng_next(struct rng *r) { return hash_mix(r->state += 0x9E3779B97F4A7C15u); }
static inline double rng_unit(uint64_t x) { return (double)(x >> 11) * 0x1p-53; }                   /* [0, 1) */
static inline double rng_real(struct rng *r) { return rng_unit(rng_next(r)); }                       /* [0, 1) */
static inline uint64_t rng_below(struct rng *r, uint64_t n)                                          /* [0, n), n > 0 */
{
    return (uint64_t)(((rng_u128)rng_next(r) * n) >> 64);
}
/* mean 0, variance 1 */
static inline double rng_normal(struct rng *r)
{
    double u = 1.0 - rng_real(r), v = rng_real(r);
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

#endif
