/* make_docs.c - documents of a given size for benchmarks: the same seed gives the same bytes.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   make_docs BYTES [SEED]      JSON lines with id, url, lang, text; stops after BYTES
 *
 * The text's words are drawn by rank^-1 from 50,000 made-up ones, a tenth of them with letters that are not ASCII; a
 * line break about every 12 words; 40 to 1500 words, median 300. 7 documents in 10 are "en". One in five repeats the
 * text of an earlier one. */
#include "core/rng.h"
#include "core/utf8.h"
#include "record/json.h"

#include <stdio.h>
#include <stdlib.h>

enum { WORDS = 50000, WORD_MAX = 40 };
static struct { char p[WORD_MAX]; size_t n; } words[WORDS];

static void make_words(uint64_t seed)
{
    for (uint64_t w = 0; w < WORDS; w++) {
        struct rng r = rng_init(seed, w);
        bool foreign = rng_below(&r, 10) == 0;
        size_t length = 2 + rng_below(&r, 4) + rng_below(&r, 5);
        for (size_t i = 0; i < length; i++) {
            uint32_t letter = (uint32_t)('a' + rng_below(&r, 26));
            words[w].n += utf8_put(words[w].p + words[w].n, foreign
                                   && rng_below(&r, 3) == 0 ? 0x430 + (letter - 'a') : letter);
        }
    }
}

static void put_text(struct buf *to, uint64_t seed, uint64_t id)
{
    struct rng r = rng_init(seed + 1, id);
    size_t n = (size_t)(300 * exp(rng_normal(&r) * 0.8));
    n = n < 40 ? 40 : n > 1500 ? 1500 : n;
    for (size_t i = 0; i < n; i++) {
        size_t w = (size_t)pow(WORDS, rng_real(&r)) - 1;
        buf_put(to, (struct str){ words[w].p, words[w].n });
        buf_put(to, rng_below(&r, 12) ? S(" ") : S(".\n"));
    }
}

int main(int argc, char **argv)
{
    static const char *const langs[] = { "en", "en", "en", "en", "en", "en", "en", "de", "fr", "ru" };
    if (argc < 2) { fprintf(stderr, "usage: make_docs BYTES [SEED]\n"); return 2; }
    double size = atof(argv[1]), done = 0;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    struct buf text = { 0 }, line = { 0 };
    make_words(seed);
    for (uint64_t id = 0; done < size; id++) {
        struct rng r = rng_init(seed + 2, id);
        uint64_t of = id && rng_below(&r, 5) == 0 ? rng_below(&r, id) : id;
        buf_reset(&text);
        buf_reset(&line);
        put_text(&text, seed, of);
        buf_printf(&line, "{\"id\":\"%llu\",\"url\":\"http://site%u.example/%llu\",\"lang\":\"%s\",\"text\":",
                   (unsigned long long)id, (unsigned)rng_below(&r, 1000), (unsigned long long)id,
                   langs[rng_below(&r, 10)]);
        json_put_string(&line, buf_str(&text));
        buf_put(&line, S("}\n"));
        done += (double)fwrite(line.p, 1, line.n, stdout);
    }
    buf_free(&text);
    buf_free(&line);
    return fflush(stdout) != 0;
}
