/* measures.h - the numbers that published filters test: Gopher's, FineWeb's, dolma's, as their programs compute them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * datatrove computes Gopher's and FineWeb's with its own word splitter (spaCy); ours are words between white space or
 * WordPunct's runs. Lengths are code points. A measure that the reference skips (no n-gram that long) is NaN, which
 * breaks no rule.
 *
 *     struct measures *m = measures_new();                     // one per thread
 *     measures_text(m, text, WORDS_SPACE);
 *     double mean = measure(m, GOPHER_MEAN_WORD);              // each is computed when it is first asked for
 */
#ifndef QUALITY_MEASURES_H
#define QUALITY_MEASURES_H
#include "text/words.h"

enum measure {
    /* Rae et al. 2021 (Gopher), A1.1, as datatrove has it. words: those with a character that is no punctuation */
    GOPHER_WORDS, GOPHER_MEAN_WORD, GOPHER_HASHES, GOPHER_ELLIPSES, GOPHER_BULLET_LINES, GOPHER_ELLIPSIS_LINES, GOPHER_ALPHA_WORDS, GOPHER_STOP_WORDS,
    /* repetition, by all characters of the text */
    REPEATED_PARAGRAPHS, REPEATED_PARAGRAPH_CHARS, REPEATED_LINES, REPEATED_LINE_CHARS, TOP_2GRAM, TOP_3GRAM, TOP_4GRAM,
    DUPLICATE_5GRAMS, DUPLICATE_6GRAMS, DUPLICATE_7GRAMS, DUPLICATE_8GRAMS, DUPLICATE_9GRAMS, DUPLICATE_10GRAMS,
    /* Penedo et al. 2024 (FineWeb) */
    FINEWEB_LINES, FINEWEB_PUNCT_LINES, FINEWEB_SHORT_LINES, FINEWEB_REPEATED_CHARS, FINEWEB_NEWLINES,
    /* Xue et al. 2021 (mC4): lines of at least 200 characters */
    C4_LONG_LINES,
    /* Soldaini et al. 2024 (dolma), tagger gopher_v1 */
    DOLMA_WORDS, DOLMA_MEDIAN_WORD, DOLMA_SYMBOLS, DOLMA_ALPHA_WORDS, DOLMA_REQUIRED_WORDS, DOLMA_BULLET_LINES, DOLMA_ELLIPSIS_LINES,
    DOLMA_REPEATED_LINES, DOLMA_REPEATED_LINE_CHARS, DOLMA_TOP_2GRAM, DOLMA_TOP_3GRAM, DOLMA_TOP_4GRAM,
    DOLMA_DUPLICATE_5GRAMS, DOLMA_DUPLICATE_6GRAMS, DOLMA_DUPLICATE_7GRAMS, DOLMA_DUPLICATE_8GRAMS,
    DOLMA_DUPLICATE_9GRAMS, DOLMA_DUPLICATE_10GRAMS,
    /* the same, gopher_v2: empty lines are no lines; c4_v2, as shares of lines and 0 or 1; code_redpajama_taggers_v1 */
    DOLMA2_BULLET_LINES, DOLMA2_ELLIPSIS_LINES, DOLMA2_REPEATED_LINES, DOLMA2_REPEATED_LINE_CHARS,
    DOLMA_C4_LINES, DOLMA_C4_UNENDED_LINES, DOLMA_C4_SHORT_LINES, DOLMA_C4_BRACE, DOLMA_C4_JAVASCRIPT, DOLMA_C4_LOREM,
    /* what pii.h finds: how many, e-mail addresses alone, telephone numbers, IPv4 addresses, and characters in all of
     * them */
    DOLMA_PII, DOLMA_PII_EMAILS, DOLMA_PII_PHONES, DOLMA_PII_IPS, DOLMA_PII_CHARS,
    CODE_LONGEST_LINE, CODE_MEAN_LINE, CODE_ALPHANUMERIC, CODE_LETTERS_PER_TOKEN,
    N_MEASURES
};
enum words_by { WORDS_SPACE, WORDS_PUNCT };

struct measures;
struct measures *measures_new(void);
void measures_free(struct measures *m);
/* valid UTF-8 below 4 GiB; borrowed until the next */
void measures_text(struct measures *m, struct str text, enum words_by by);
double measure(struct measures *m, enum measure which);
const char *measure_name(enum measure which);                                    /* "gopher_words" */

#endif
