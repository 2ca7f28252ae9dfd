/* make_vectors.c - a float16 matrix with clusters and near-copies in it, and its documents, for benchmarks: the same
 * seed gives the same bytes.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   make_vectors N DIM MATRIX.npy >DOCS.jsonl
 *
 * A row is its centre (of sqrt N) plus noise of the centre's own length, scaled to length 1; one in ten is an earlier
 * row plus noise of a tenth. */
#include "core/rng.h"
#include "record/matrix.h"

#include <stdio.h>
#include <stdlib.h>

enum { COPIES = 10 };                                /* one in so many */

static size_t source_of(size_t i)
{
    struct rng r = rng_init(3, i);
    return i && rng_below(&r, COPIES) == 0 ? rng_below(&r, i) : i;
}

static void row_of(size_t i, size_t n, size_t d, double *to)
{
    size_t from = source_of(i);
    if (from != i) row_of(from, n, d, to);
    struct rng pick = rng_init(1, i), r = rng_init(2, i);
    struct rng centre = rng_init(4, rng_below(&pick, (uint64_t)sqrt((double)n)));
    double sum = 0, norm = 0;
    for (size_t t = 0; t < d; t++)
        to[t] = from != i ? to[t] + 0.1 / sqrt((double)d) * rng_normal(&r) : rng_normal(&centre) + rng_normal(&r);
    for (size_t t = 0; t < d; t++) sum += to[t] * to[t];
    norm = sqrt(sum);
    for (size_t t = 0; t < d; t++) to[t] /= norm;
}

int main(int argc, char **argv)
{
    struct err e = { 0 };
    if (argc != 4) return fprintf(stderr, "make_vectors: N DIM MATRIX.npy\n"), 2;
    size_t n = strtoull(argv[1], NULL, 10), d = strtoull(argv[2], NULL, 10);
    double *row = mem_alloc(d, sizeof *row);
    float *some = mem_alloc(d, sizeof *some);
    struct matrix_out *m = matrix_create(argv[3], MATRIX_F16, d, &e);
    bool ok = m;
    for (size_t i = 0; ok && i < n; i++) {
        row_of(i, n, d, row);
        for (size_t t = 0; t < d; t++) some[t] = (float)row[t];
        ok = matrix_append_float(m, some, 1, &e);
        printf("{\"id\":\"v%zu\",\"row\":%zu,\"text\":\"document %zu\"}\n", i, i, i);
    }
    ok = ok && matrix_done(m, &e);
    if (!ok) fprintf(stderr, "make_vectors: %s\n", e.msg);
    return !ok;
}
