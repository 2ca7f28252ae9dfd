/* alphabet.h - the characters of a set of words that a vocabulary will hold.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The commonest characters that together are `coverage` of all occurrences, and every exemplar whether it occurs
 * or not. NUL is never in: it ends words (seeds.h).
 */
#ifndef TOKENIZER_ALPHABET_H
#define TOKENIZER_ALPHABET_H
#include "tokenizer/count.h"

struct alphabet_char { uint32_t c; uint64_t count; };
struct alphabet {
    uint64_t *count;                                         /* (0x110000): occurrences, while words are seen */
    struct alphabet_char *all;                               /* (n), by code point */
    size_t n;
    uint32_t *at;                                            /* (0x110000): place in all + 1; 0: not in */
    uint64_t total, covered;                                 /* occurrences */
};

/* It begins as { 0 }. Words are valid UTF-8. */
void alphabet_see(struct alphabet *a, struct str word, uint64_t count);
/* Of all that was seen. exemplars: text; each of its characters that is no white space. */
void alphabet_make(struct alphabet *a, double coverage, struct str exemplars);
/* A word, cut at characters that are not in. */
bool alphabet_cut(const struct alphabet *a, struct str word, uint64_t count, count_fn *each, void *with,
                  struct err *e) MUST_CHECK;
void alphabet_free(struct alphabet *a);

#endif
