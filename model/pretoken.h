/* pretoken.h - cut text into the pieces that a tokenizer's model sees one by one.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A splitter walks a text: pretoken_next() says how long the piece at `at` is. Pieces follow each other
 * without gaps. The published patterns have hand-made scanners, equal to the patterns in pretoken_pattern()
 * under PCRE2 (tests/unit/test_pretoken.c); any other pattern is run by PCRE2, and what lies between two
 * matches is a piece too (Hugging Face's "Isolated").
 *
 *     gpt2    GPT-2's, and r50k's       cl100k  GPT-4's, as tiktoken has it: white space at the very end is one piece
 *     llama3  cl100k as Llama 3 has it  o200k   GPT-4o's
 *     digits  each digit (N) alone      digit_runs  runs of digits alone
 *     punctuation  each of ASCII's and P alone      bert  that, and white space in pieces of its own
 *     marks   before each U+2581 that follows something else    each_mark  before each U+2581
 *     newlines  runs of CR and LF alone
 *
 * Bytes that are no UTF-8 count as symbols. Classes are Unicode's as utf8proc has them.
 * A splitter is read only once made: any number of threads may use it, each with its own scratch.
 */
#ifndef MODEL_PRETOKEN_H
#define MODEL_PRETOKEN_H
#include "core/str.h"

enum split { SPLIT_GPT2, SPLIT_CL100K, SPLIT_O200K, SPLIT_LLAMA3, SPLIT_DIGITS, SPLIT_DIGIT_RUNS, SPLIT_PUNCTUATION,
             SPLIT_BERT, SPLIT_MARKS, SPLIT_EACH_MARK,
             SPLIT_NEWLINES, SPLIT_NAMED, SPLIT_REGEX = SPLIT_NAMED };
struct pretoken;
/* PCRE2's: one per thread; NULL for the named ones */
struct pretoken_scratch;

struct pretoken *pretoken_open(const char *name_or_regex, struct err *e) MUST_CHECK;
void pretoken_close(struct pretoken *p);
enum split pretoken_kind(const struct pretoken *p);
const char *pretoken_name(enum split s);                            /* "gpt2" */
/* what the named scanner does, as a regular expression */
const char *pretoken_pattern(enum split s);
const char *pretoken_regex(const struct pretoken *p);               /* likewise, of this one */
struct pretoken_scratch *pretoken_scratch_new(const struct pretoken *p);
void pretoken_scratch_free(struct pretoken_scratch *s);

/* Bytes of the piece at `at` (1 or more; at < end). `text` is where the text begins. */
size_t pretoken_next(const struct pretoken *p, struct pretoken_scratch *s, const char *text, const char *at,
                     const char *end);

/* The next pieces, up to `most` of them, one behind the other from *at; moves *at on. Returns how many: 0 at the
 * end. */
size_t pretoken_row(const struct pretoken *p, struct pretoken_scratch *s, const char *text, const char **at,
                    const char *end, struct str *piece, size_t most);

#endif
