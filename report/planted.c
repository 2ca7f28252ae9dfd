/* planted.c - words from syllables, texts from words, and what is done to texts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "report/planted.h"
#include "core/file.h"
#include "core/rng.h"
#include "record/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* TRAIN: numbers of training documents begin here */
enum { COMMON = 200, OF_TOPIC = 150, WORDS_MIN = 100, WORDS_MAX = 200, SENTENCE = 12, TRAIN = 10000 };
static const char *const kinds[PLANTED_KINDS] = { "original", "copy", "near", "far", "shuffled", "junk" };

/* a word: below COMMON of the language, else of the topic */
struct text { uint32_t words[WORDS_MAX]; size_t n; uint64_t number; };

uint64_t planted_lang(uint64_t number) { return number / PLANTED_TOPICS % PLANTED_LANGS; }
uint64_t planted_topic(uint64_t number) { return number % PLANTED_TOPICS; }

bool planted_what(struct str id, enum planted *kind, uint64_t *number)
{
    struct str word, digits, rest = id;
    int64_t x;
    if (!str_cut(&rest, '-', &word) || !str_cut(&rest, '.', &digits) || !json_integer(digits, &x) || x < 0)
        return false;
    for (int k = 0; k < PLANTED_KINDS; k++) {
        if (!str_eq(word, str_of(kinds[k]))) continue;
        *kind = (enum planted)k;
        *number = (uint64_t)x;
        return true;
    }
    return false;
}

/* ---- words ---- */

static void put_word(struct buf *b, uint64_t number, uint32_t word, bool first)
{
    static const char *const consonants[PLANTED_LANGS] = { "bdglmnr", "fhkprstw", "cjlmqsvz", "bknpstxy" },
                      *const vowels[PLANTED_LANGS] = { "aeo", "eiu", "aiou", "oey" };
    const uint64_t lang = planted_lang(number), topic = word < COMMON ? 99 : planted_topic(number);
    struct rng r = rng_init(lang * 100 + topic, word);
    const size_t n = strlen(consonants[lang]), m = strlen(vowels[lang]), syllables = 2 + rng_below(&r, 3);
    for (size_t i = 0; i < syllables; i++) {
        const char c = consonants[lang][rng_below(&r, n)];
        buf_putc(b, first && !i ? (char)(c - 32) : c);
        buf_putc(b, vowels[lang][rng_below(&r, m)]);
    }
}

/* Rank ^ -1 by the inverse of its integral: few words are many. */
static uint32_t draw(struct rng *r)
{
    const bool common = rng_below(r, 2);
    const double n = common ? COMMON : OF_TOPIC;
    return (uint32_t)(exp(rng_real(r) * log(n + 1)) - 1) % (uint32_t)n + (common ? 0 : COMMON);
}

static struct text text_of(uint64_t seed, uint64_t number)
{
    struct rng r = rng_init(seed, number);
    struct text t = { .n = WORDS_MIN + rng_below(&r, WORDS_MAX - WORDS_MIN), .number = number };
    for (size_t i = 0; i < t.n; i++) t.words[i] = draw(&r);
    return t;
}

/* ---- what is done to a text ---- */

static void change(struct text *t, struct rng *r, size_t every)
{
    for (size_t i = every / 2; i < t->n; i += every) {
        const uint32_t was = t->words[i];
        while (t->words[i] == was) t->words[i] = draw(r);
    }
}

static void shuffle(struct text *t, struct rng *r)
{
    for (size_t i = t->n; i > 1; i--) {
        const size_t k = rng_below(r, i);
        const uint32_t w = t->words[i - 1];
        t->words[i - 1] = t->words[k];
        t->words[k] = w;
    }
}

static void repeat(struct text *t, struct rng *r)
{
    const size_t phrase = 3 + rng_below(r, 5);
    for (size_t i = phrase; i < t->n; i++) t->words[i] = t->words[i % phrase];
}

static struct text planted_text(uint64_t seed, enum planted kind, uint64_t number)
{
    struct text t = text_of(seed, number);
    struct rng r = rng_init(seed + 1, number * PLANTED_KINDS + kind);
    switch (kind) {
    case NEAR: change(&t, &r, 100); break;
    case FAR: change(&t, &r, 2); break;
    case SHUFFLED: shuffle(&t, &r); break;
    case JUNK: repeat(&t, &r); break;
    case ORIGINAL: case COPY: case PLANTED_KINDS: break;
    }
    return t;
}

/* ---- files ---- */

static void put_text(struct buf *b, const struct text *t, const char *paragraph)
{
    for (size_t i = 0; i < t->n; i++) {
        if (i) buf_put(b, i % (SENTENCE * 4) == 0 ? str_of(paragraph) : S(" "));
        put_word(b, t->number, t->words[i], i % SENTENCE == 0);
        if (i % SENTENCE == SENTENCE - 1 || i + 1 == t->n) buf_putc(b, '.');
    }
}

static void put_doc(struct buf *b, uint64_t seed, enum planted kind, uint64_t number)
{
    const struct text t = planted_text(seed, kind, number);
    buf_printf(b, "{\"id\":\"%s-%llu\",\"label\":\"l%llu\",\"text\":\"", kinds[kind], (unsigned long long)number,
               (unsigned long long)planted_lang(number));
    put_text(b, &t, "\\n");
    buf_put(b, S("\"}\n"));
}

/* Menus and a footer whose words begin with "menu", around the text. */
static void put_page(struct buf *b, uint64_t seed, uint64_t number)
{
    const struct text t = text_of(seed, number);
    buf_put(b, S("<!DOCTYPE html><html><head><title>Page</title></head><body><nav><ul>"));
    for (int i = 0; i < 12; i++) buf_printf(b, "<li><a href=\"/%d\">menu%d</a></li>", i, i);
    buf_put(b, S("</ul></nav><main><article><p>"));
    put_text(b, &t, "</p>\n<p>");
    buf_put(b, S("</p></article></main><footer><a href=\"/imprint\">menuimprint</a> <a href=\"/terms\">menuterms</a></footer></body></html>\n"));
}

static bool write_file(const char *dir, const char *name, const struct buf *b, struct err *e)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    struct output *o = output_open(path, e);
    const bool ok = o && output_write(o, buf_str(b), e);
    if (ok) return output_done(o, e);
    output_drop(o);
    return false;
}

static bool write_pages(const char *dir, uint64_t seed, struct buf *b, struct err *e)
{
    char folder[4200], name[64];
    snprintf(folder, sizeof folder, "%s/pages", dir);
    if (mkdir(folder, 0777)) return err_sys(e, "could not make the folder %s", folder);
    for (uint64_t i = 0; i < PLANTED_PAGES; i++) {
        buf_reset(b);
        put_page(b, seed, i);
        snprintf(name, sizeof name, "pages/%llu.html", (unsigned long long)i);
        if (!write_file(dir, name, b, e)) return false;
    }
    return true;
}

bool planted_write(const char *dir, uint64_t seed, struct err *e)
{
    struct buf b = { 0 };
    for (uint64_t i = 0; i < PLANTED_PLAIN; i++) put_doc(&b, seed, ORIGINAL, i);
    for (uint64_t i = 0; i < PLANTED_OTHER; i++)
        for (int k = COPY; k < PLANTED_KINDS; k++)
            put_doc(&b, seed, (enum planted)k, i + (uint64_t)(k - COPY) * PLANTED_OTHER);
    bool ok = write_file(dir, "docs.jsonl", &b, e);
    buf_reset(&b);
    for (uint64_t i = 0; i < 400; i++) put_doc(&b, seed, ORIGINAL, TRAIN + i);
    ok = ok && write_file(dir, "train.jsonl", &b, e) && write_pages(dir, seed, &b, e);
    buf_free(&b);
    return ok;
}
