/* minima.c - MinHash alone: ready shingles to 128 minima, in memory, one thread.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   minima FILE ROUNDS      a document a line, its shingles parted by tabs; prints processor seconds of a round
 *
 * Strings to hashes and hashes to minima, as a peer does it that is handed a list of strings; and the second part
 * alone. */
#include "core/file.h"
#include "core/mem.h"
#include "dedup/minhash.h"

#include <stdio.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { PERMUTATIONS = 128 };

struct documents { struct str *shingles; uint64_t *hashes; size_t n, n_docs, *ends; };     /* ends: (n_docs) */

static void cut_all(struct documents *d, struct str text)
{
    d->shingles = mem_alloc(text.n + 1, sizeof *d->shingles);
    d->hashes = mem_alloc(text.n + 1, sizeof *d->hashes);
    d->ends = mem_alloc(text.n + 1, sizeof *d->ends);
    for (struct str line, shingle; str_cut(&text, '\n', &line); d->ends[d->n_docs++] = d->n)
        while (line.n && str_cut(&line, '\t', &shingle)) d->shingles[d->n++] = shingle;
}

static void hash_all(struct documents *d)
{
    for (size_t i = 0; i < d->n; i++) d->hashes[i] = XXH3_64bits(d->shingles[i].p, d->shingles[i].n);
}

static uint64_t sign_all(const struct minhash *mh, const struct documents *d)
{
    uint64_t minima[PERMUTATIONS], seen = 0;
    for (size_t i = 0, at = 0; i < d->n_docs; at = d->ends[i++]) {
        minhash_sign(mh, d->hashes + at, d->ends[i] - at, minima);
        seen ^= minima[i % PERMUTATIONS];
    }
    return seen;
}

int main(int argc, char **argv)
{
    struct buf file = { 0 };
    struct err e = { 0 };
    const int rounds = argc == 3 ? atoi(argv[2]) : 0;
    if (rounds < 1 || !file_slurp(argv[1], &file, (size_t)1 << 32, &e)) {
        fprintf(stderr, "minima FILE ROUNDS: %s\n", e.msg);
        return 2;
    }
    struct minhash mh;
    struct documents d = { 0 };
    cut_all(&d, buf_str(&file));
    minhash_init(&mh, MINHASH_OWN, PERMUTATIONS, 1);
    uint64_t seen = 0;
    double hashing = 0, signing = 0;
    for (int i = 0; i < rounds; i++) {
        const double begin = time_cpu();
        hash_all(&d);
        const double hashed = time_cpu();
        seen ^= sign_all(&mh, &d);
        hashing += hashed - begin;
        signing += time_cpu() - hashed;
    }
    printf("tamis\tstrings to minima\t%.4f\ntamis\thashes to minima\t%.4f\n", (hashing + signing) / rounds,
           signing / rounds);
    fprintf(stderr, "%zu documents, %zu shingles (%016llx)\n", d.n_docs, d.n, (unsigned long long)seen);
    minhash_free(&mh);
    free(d.shingles);
    free(d.hashes);
    free(d.ends);
    buf_free(&file);
    return 0;
}
