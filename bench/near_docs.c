/* near_docs.c - synthetic documents of about 1 KB, a fifth of them edited copies of earlier ones.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   near_docs N [chain]     JSON lines; the same N gives the same bytes, and a larger N begins with them
 *
 * Words are w0 .. w49999, small numbers more often. A copy has each word changed with a probability that
 * is drawn from 0 to 20 % for that copy. With `chain` every document is unlike every other but shares
 * boilerplate with its neighbours: 80 words with the one before, 80 others with the one after, 40 its own. */
#include "core/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned word_at(uint64_t doc, uint64_t i)
{
    double x = rng_unit(rng_at(1, doc, i));
    return (unsigned)(x * x * x * 50000);
}

static void copy_of(uint64_t doc, uint64_t of)
{
    double rate = 0.2 * rng_unit(rng_at(2, doc, 1));
    for (uint64_t i = 0; i < 170; i++) {
        uint64_t from = doc != of && rng_unit(rng_at(3, doc, i)) < rate ? doc : of;
        printf("w%u ", word_at(from, i));
    }
}

static void chained(uint64_t doc)
{
    for (uint64_t i = 0; i < 80; i++) printf("w%u ", word_at(2 * doc, i));
    for (uint64_t i = 0; i < 40; i++) printf("w%u ", word_at(2 * doc + 1, i));
    for (uint64_t i = 0; i < 80; i++) printf("w%u ", word_at(2 * doc + 2, i));
}

int main(int argc, char **argv)
{
    uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000;
    for (uint64_t doc = 0; doc < n; doc++) {
        bool copy = doc > 100 && rng_at(2, doc, 0) % 5 == 0;
        printf("{\"id\":%llu,\"text\":\"", (unsigned long long)doc);
        if (argc > 2) chained(doc); else copy_of(doc, copy ? rng_at(2, doc, 2) % doc : doc);
        puts("\"}");
    }
    return ferror(stdout) != 0;
}
