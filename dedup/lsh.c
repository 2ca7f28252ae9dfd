/* lsh.c - the detection curve, its best cut, and the keys.
 * SPDX-License-Identifier: Apache-2.0 */
#include "dedup/lsh.h"
#include "core/hash.h"

#include <math.h>

double lsh_curve(struct lsh l, double similarity)
{
    return 1 - pow(1 - pow(similarity, (double)l.rows), (double)l.bands);
}

struct lsh lsh_choose(size_t permutations, double threshold, double recall)
{
    for (size_t rows = permutations; rows > 1; rows--) {
        struct lsh l = { permutations / rows, rows };
        if (lsh_curve(l, threshold) >= recall) return l;
    }
    return (struct lsh){ permutations, 1 };
}

/* Simpson's rule on 400 strips: the curve is a polynomial, smooth enough for 1e-9. */
static double area(struct lsh l, double from, double to)
{
    enum { STRIPS = 400 };
    double step = (to - from) / STRIPS, sum = 0;
    for (int i = 0; i <= STRIPS; i++)
        sum += lsh_curve(l, from + i * step) * (i == 0 || i == STRIPS ? 1 : i % 2 ? 4 : 2);
    return sum * step / 3;
}

struct lsh lsh_balance(size_t permutations, double threshold)
{
    struct lsh best = { 1, 1 };
    double least = INFINITY;
    for (size_t b = 1; b <= permutations; b++)
        for (size_t r = 1; r <= permutations / b; r++) {
            struct lsh l = { b, r };
            double error = 0.5 * area(l, 0, threshold) + 0.5 * (1 - threshold - area(l, threshold, 1));
            if (error < least) { least = error; best = l; }
        }
    return best;
}

void lsh_keys(struct lsh l, const uint64_t *minima, uint64_t *keys)
{
    for (size_t b = 0; b < l.bands; b++)
        keys[b] = hash64((struct str){ (const char *)(minima + b * l.rows), l.rows * sizeof *minima }, b + 1);
}
