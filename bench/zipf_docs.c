/* zipf_docs.c - documents of made-up words whose ranks follow Zipf's law: zipf_docs BYTES [SEED].
 * SPDX-License-Identifier: Apache-2.0
 *
 * Rank e^(u ln N) for u in [0, 1) has probability about 1 / (rank ln N), N = 2^30. The word is the rank's hash in
 * letters, longer for rarer ranks: new ones keep coming as they do in text. */
#include "core/rng.h"

#include <stdio.h>
#include <stdlib.h>

enum { DOC_WORDS = 200 };

static size_t put_word(uint64_t rank)
{
    uint64_t letters = hash_mix(rank);
    const size_t n = 2 + (size_t)(log2((double)rank + 1) / 3);
    for (size_t i = 0; i < n; i++, letters /= 26) putchar_unlocked((int)('a' + letters % 26));
    return n;
}

int main(int argc, char **argv)
{
    const double size = argc > 1 ? atof(argv[1]) : 1e6;
    const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    uint64_t doc = 0;
    for (double done = 0; done < size; doc++) {
        struct rng r = rng_init(seed, doc);
        done += (double)printf("{\"id\":%llu,\"text\":\"", (unsigned long long)doc);
        for (int i = 0; i < DOC_WORDS; i++) {
            if (i) putchar_unlocked(' ');
            done += 1 + (double)put_word((uint64_t)exp(rng_real(&r) * 30 * log(2)));
        }
        done += (double)printf("\"}\n");
    }
    return 0;
}
