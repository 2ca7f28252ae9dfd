/* count.h - how often each word occurs, in bounded memory.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A counter per thread. Past its memory a counter writes its words, sorted, to a scratch file and begins
 * anew; at the end what all counters have, in files and in memory, is merged (spill.h). Counts are 64-bit and exact.
 *
 * The order of words is that of their bytes; the last `mark` bytes, which are no text but say whose the word is
 * (balance.h), come after all others: so the same word of all groups is in a row.
 */
#ifndef TOKENIZER_COUNT_H
#define TOKENIZER_COUNT_H
#include "core/str.h"

struct count;
struct count *count_new(size_t memory, size_t mark);                             /* bytes; at least 256 KiB are used */
void count_free(struct count *c);
bool count_add(struct count *c, struct str word, uint64_t n, struct err *e) MUST_CHECK;
enum { COUNT_ROW = 32, COUNT_WORD_MAX = 1 << 16 };
/* Up to COUNT_ROW words of a text, each once, with `mark` behind it. One of more than COUNT_WORD_MAX bytes is as many
   as it takes, cut between characters. */
bool count_row(struct count *c, const struct str *text, size_t n, const char *mark, struct err *e) MUST_CHECK;
uint64_t count_spilled(const struct count *c);                                   /* bytes written to disk so far */

/* Each different word of all n counters once, with its count, in order. The counters are empty afterwards. */
typedef bool count_fn(void *with, struct str word, uint64_t n, struct err *e);
bool count_all(struct count **all, size_t n, count_fn *each, void *with, struct err *e) MUST_CHECK;

#endif
