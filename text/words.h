/* words.h - a text cut into words, in the three ways that published measures cut it.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     words_space     str.split(): between white space                                  datatrove, dolma
 *     words_punct     runs of \w, and runs of what is neither \w nor white space        NLTK's WordPunct, RedPajama's raw words
 *     words_normal    without ASCII punctuation, lowercase, split, NFD                  RedPajama's normalised words
 *
 * Each appends to a struct words, so that a text can be cut line by line; words_reset empties it. The texts are
 * valid UTF-8 and shorter than 4 GiB. A word is a span of base: the text given, or for words_normal the words' own
 * buffer, which moves as it grows. Unicode 14.0 throughout (unicode.h).
 *
 *     struct words w = { 0 };
 *     words_space(&w, S("so it is"));
 *     for (size_t i = 0; i < w.n; i++) ... words_at(&w, i) ...
 *     words_free(&w);
 */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H
#include "core/str.h"
#include "text/unicode.h"

struct word {
    uint32_t at, n;                  /* bytes of base */
    uint32_t chars;                  /* code points */
    uint32_t numeric;                /* code points that are UC_NUMERIC; words_normal only */
    uint32_t any;                    /* classes of its characters, or'ed; words_space and words_punct only */
};
struct words {
    const char *base, *end;          /* bytes up to end are readable */
    struct word *all;
    size_t n, cap;
    uint64_t chars;                  /* of all words together */
    struct buf normal;               /* what words_normal wrote */
};

void words_space(struct words *w, struct str text);
void words_punct(struct words *w, struct str text);      /* text: the whole, once */
void words_normal(struct words *w, struct str text);     /* any cut at white space gives the same words: */
/* of a text that ends at `end`, up to where may be read */
void words_normal_part(struct words *w, struct str part, const char *end);
/* how many words_punct would cut if it were the Python module regex and not re */
size_t words_punct_regex(struct str text);
void words_reset(struct words *w);
void words_free(struct words *w);

static inline struct str words_at(const struct words *w, size_t i)
{
    return (struct str){ w->base + w->all[i].at, w->all[i].n };
}

/* RedPajama's normalised text: the normalised words joined by one space. */
void words_join(const struct words *w, struct buf *out);

/*
 * The distinct words, numbered by first occurrence: id[i] is the number of word i, count[id] how often it occurs.
 * Valid until the next call with the same struct.
 */
struct distinct {
    uint32_t *id, *count, *first;
    size_t n;
    size_t id_cap, count_cap, first_cap;
    uint32_t *slot;
    size_t slot_cap;
    uint64_t *hash;
    size_t hash_cap;
};
void distinct_find(struct distinct *v, const struct words *w);
void distinct_free(struct distinct *v);

#endif
