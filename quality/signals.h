/* signals.h - RedPajama-v2's quality signals of a text, in its names, order, shapes and values.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Together et al. 2024 (RedPajama: an open dataset ...), the programs of the RedPajama-Data repository, branch main.
 * The words of a text are found once: raw words, normalised words, the lines; every signal reads from these. Lengths
 * and places are code points. A signal that cannot be computed (no model, empty text) is NaN here and null in JSON.
 * doc/signals.md has the formulas.
 *
 *     struct signals *s = signals_new();                                      // one per thread
 *     signals_compute(s, artifacts_lang(a, S("en")), SIGNALS_ALL, text);
 *     ... s->doc[RPS_DOC_WORD_COUNT] ... s->lines[i].value[RPS_LINES_NUM_WORDS - SIGNALS_FIRST_LINE] ...
 *     signals_write(s, SIGNALS_ALL, &json);
 */
#ifndef QUALITY_SIGNALS_H
#define QUALITY_SIGNALS_H
#include "quality/artifacts.h"

enum signal_group {
    SIGNALS_CCNET = 1, SIGNALS_LISTS = 2, SIGNALS_REPETITION = 4, SIGNALS_NATURAL = 8, SIGNALS_LINES = 16,
    SIGNALS_ML = 32, SIGNALS_IMPORTANCE = 64,
    SIGNALS_ALL = 127
};

/* X(name, group, is an integer), in the order of RedPajama's records. */
#define SIGNALS_TABLE(X) \
    X(CCNET_LENGTH,                                     CCNET,      0) \
    X(CCNET_ORIGINAL_LENGTH,                            CCNET,      0) \
    X(CCNET_NLINES,                                     CCNET,      0) \
    X(CCNET_ORIGINAL_NLINES,                            CCNET,      0) \
    X(CCNET_LANGUAGE_SCORE,                             CCNET,      0) \
    X(CCNET_PERPLEXITY,                                 CCNET,      0) \
    X(CCNET_BUCKET,                                     CCNET,      0) \
    X(RPS_DOC_CURLY_BRACKET,                            LISTS,      0) \
    X(RPS_DOC_LDNOOBW_WORDS,                            LISTS,      0) \
    X(RPS_DOC_LOREM_IPSUM,                              LISTS,      0) \
    X(RPS_DOC_STOP_WORD_FRACTION,                       LISTS,      0) \
    X(RPS_DOC_UT1_BLACKLIST,                            LISTS,      1) \
    X(RPS_DOC_FRAC_CHARS_DUPE_10GRAMS,                  REPETITION, 0) \
    X(RPS_DOC_FRAC_CHARS_DUPE_5GRAMS,                   REPETITION, 0) \
    X(RPS_DOC_FRAC_CHARS_DUPE_6GRAMS,                   REPETITION, 0) \
    X(RPS_DOC_FRAC_CHARS_DUPE_7GRAMS,                   REPETITION, 0) \
    X(RPS_DOC_FRAC_CHARS_DUPE_8GRAMS,                   REPETITION, 0) \
    X(RPS_DOC_FRAC_CHARS_DUPE_9GRAMS,                   REPETITION, 0) \
    X(RPS_DOC_FRAC_CHARS_TOP_2GRAM,                     REPETITION, 0) \
    X(RPS_DOC_FRAC_CHARS_TOP_3GRAM,                     REPETITION, 0) \
    X(RPS_DOC_FRAC_CHARS_TOP_4GRAM,                     REPETITION, 0) \
    X(RPS_DOC_FRAC_ALL_CAPS_WORDS,                      NATURAL,    0) \
    X(RPS_DOC_FRAC_LINES_END_WITH_ELLIPSIS,             NATURAL,    0) \
    X(RPS_DOC_FRAC_NO_ALPH_WORDS,                       NATURAL,    0) \
    X(RPS_DOC_FRAC_UNIQUE_WORDS,                        NATURAL,    0) \
    X(RPS_DOC_MEAN_WORD_LENGTH,                         NATURAL,    0) \
    X(RPS_DOC_NUM_SENTENCES,                            NATURAL,    0) \
    X(RPS_DOC_SYMBOL_TO_WORD_RATIO,                     NATURAL,    0) \
    X(RPS_DOC_UNIGRAM_ENTROPY,                          NATURAL,    0) \
    X(RPS_DOC_WORD_COUNT,                               NATURAL,    1) \
    X(RPS_LINES_ENDING_WITH_TERMINAL_PUNCTUTION_MARK,   LINES,      0) \
    X(RPS_LINES_JAVASCRIPT_COUNTS,                      LINES,      0) \
    X(RPS_LINES_NUM_WORDS,                              LINES,      1) \
    X(RPS_LINES_NUMERICAL_CHARS_FRACTION,               LINES,      0) \
    X(RPS_LINES_START_WITH_BULLETPOINT,                 LINES,      0) \
    X(RPS_LINES_UPPERCASE_LETTER_FRACTION,              LINES,      0) \
    X(RPS_DOC_ML_PALM_SCORE,                            ML,         0) \
    X(RPS_DOC_ML_WIKIPEDIA_SCORE,                       ML,         0) \
    X(RPS_DOC_ML_WIKIREF_SCORE,                         ML,         0) \
    X(RPS_DOC_BOOKS_IMPORTANCE,                         IMPORTANCE, 0) \
    X(RPS_DOC_BOOKS_IMPORTANCE_LENGTH_CORRECTION,       IMPORTANCE, 0) \
    X(RPS_DOC_OPENWEBTEXT_IMPORTANCE,                   IMPORTANCE, 0) \
    X(RPS_DOC_OPENWEBTEXT_IMPORTANCE_LENGTH_CORRECTION, IMPORTANCE, 0) \
    X(RPS_DOC_WIKIPEDIA_IMPORTANCE,                     IMPORTANCE, 0) \
    X(RPS_DOC_WIKIPEDIA_IMPORTANCE_LENGTH_CORRECTION,   IMPORTANCE, 0)

#define X(id, group, integer) id,
enum signal { SIGNALS_TABLE(X) N_SIGNALS, SIGNALS_FIRST_LINE = RPS_LINES_ENDING_WITH_TERMINAL_PUNCTUTION_MARK,
              SIGNALS_LINE_KINDS = 6 };
#undef X

struct signal_info { const char *name; unsigned group; bool integer; };
extern const struct signal_info signal_info[N_SIGNALS];

struct signal_line { uint64_t begin, end; double value[SIGNALS_LINE_KINDS]; size_t place; };
struct signals {
    uint64_t chars;                          /* code points of the text */
    double doc[N_SIGNALS];                   /* those of lines unused */
    struct signal_line *lines;
    size_t n_lines, lines_cap;
    struct buf places;                       /* of lines, as printed: signals_write's own */
    struct signals_scratch *scratch;
};

struct signals *signals_new(void);
void signals_free(struct signals *s);

/*
 * All signals of `groups` of a valid UTF-8 text below 4 GiB. lang may be NULL: no models, no lists. The ccnet signals
 * are the caller's to fill in, and rps_doc_ut1_blacklist, which is about the URL; both are set to NaN here.
 */
void signals_compute(struct signals *s, struct artifacts_lang *lang, int worker, unsigned groups, struct str text);
void signals_write(struct signals *s, unsigned groups, struct buf *json);       /* {"ccnet_length":[[0,12,12.0]],...} */
/* "lines,natural": bits, or 0 with e set */
unsigned signals_groups(const char *list, struct err *e);

#endif
