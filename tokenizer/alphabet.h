/* alphabet.h - the characters of a set of words that a vocabulary will hold.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The commonest characters that together are `coverage` of all occurrences, and every exemplar whether it occurs
 * or not. NUL is never in: it ends words (seeds.h).
 */
#ifndef TOKENIZER_ALPHABET_H
#define TOKENIZER_ALPHABET_H
#include "tokenizer/wordlist.h"

struct alphabet_char { uint32_t c; uint64_t count; };
struct alphabet {
    struct alphabet_char *all;                               /* (n), by code point */
    size_t n;
    uint32_t *at;                                            /* (0x110000): place in all + 1; 0: not in */
    uint64_t total, covered;                                 /* occurrences */
};

/* exemplars: text; each of its characters that is no white space. Words are valid UTF-8. */
void alphabet_make(struct alphabet *a, const struct wordlist *w, double coverage, struct str exemplars);
/* The words, cut at characters that are not in. */
bool alphabet_cut(const struct alphabet *a, const struct wordlist *w, struct wordlist *to, struct err *e) MUST_CHECK;
void alphabet_free(struct alphabet *a);

#endif
