/* wordlist.h - the different words of a corpus, sorted, each with its count.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One row of records (run.h), in memory or, past the limit, in a mapped file, of which a megabyte
 * for each reader is resident; a mark every WORDS_PART words, so that threads may begin in the middle.
 *
 *     for (struct word_at at = wordlist_part(&w, i); word_next(&at); ) ... at.text, at.count ...
 */
#ifndef TOKENIZER_WORDLIST_H
#define TOKENIZER_WORDLIST_H
#include "core/roomy.h"
#include "core/str.h"

enum { WORDS_PART = 1024 };
struct wordlist { struct roomy run; size_t *mark; size_t n, n_marks, cap_marks; };  /* n words, n_marks parts */
struct word_at { const struct roomy *run; const char *p, *cooled; size_t left; struct str text; uint64_t count; };

/* A count_fn: `with` is a struct wordlist. */
bool wordlist_add(void *with, struct str word, uint64_t count, struct err *e) MUST_CHECK;
struct word_at wordlist_part(const struct wordlist *w, size_t part);
struct word_at wordlist_all(const struct wordlist *w);
bool word_next(struct word_at *at);
void wordlist_free(struct wordlist *w);

#endif
