/* gather.h - the words that come out of counting, and what is asked of all of them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Pair merges are learned from the commonest words that memory holds (fit.h). A word that is rarer than those which fill
 * the budget already is seen, its characters are counted, and it is not kept: so the list is a few times what fits,
 * however many words there are. The words that stay in the end are those that would if all had been kept.
 *
 *     for (struct word_at at = wordlist_all(&g.list); gather_next(&g, &at); ) ... at.text, at.count ...
 */
#ifndef TOKENIZER_GATHER_H
#define TOKENIZER_GATHER_H
#include "tokenizer/alphabet.h"
#include "tokenizer/fit.h"
#include "tokenizer/wordlist.h"

struct gather {
    struct wordlist list;
    struct alphabet alphabet;                                /* of characters: of all words */
    bool chars;                                              /* ... when they are symbols; else bytes are */
    bool byte[256];                                          /* that occur in any word */
    struct fit *fit;                                         /* NULL: all words stay */
    size_t budget;                                           /* bytes that words may cost, by bpe_words.h */
    uint64_t fresh;                                          /* cost of those kept since the cut was looked for */
    struct seen seen;                                        /* all, and those that stay */
};

/* memory: of the list before it goes to a file; budget 0: all words stay */
void gather_init(struct gather *g, bool chars, size_t memory, size_t budget);
bool gather_word(void *gather, struct str word, uint64_t count, struct err *e) MUST_CHECK;       /* a count_fn */
/* When all are there: which stay. */
void gather_end(struct gather *g);
bool gather_next(const struct gather *g, struct word_at *at);
void gather_free(struct gather *g);

#endif
