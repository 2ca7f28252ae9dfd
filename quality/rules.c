/* rules.c - the tables.
 * SPDX-License-Identifier: Apache-2.0 */
#include "quality/rules.h"
#include "quality/pii.h"

#include <math.h>

static const struct rule gopher[] = {
    { "gopher_short_doc",                GOPHER_WORDS,             BELOW, 50 },
    { "gopher_long_doc",                 GOPHER_WORDS,             ABOVE, 100000 },
    { "gopher_below_avg_threshold",      GOPHER_MEAN_WORD,         BELOW, 3 },
    { "gopher_above_avg_threshold",      GOPHER_MEAN_WORD,         ABOVE, 10 },
    { "gopher_too_many_hashes",          GOPHER_HASHES,            ABOVE, 0.1 },
    { "gopher_too_many_ellipsis",        GOPHER_ELLIPSES,          ABOVE, 0.1 },
    { "gopher_too_many_bullets",         GOPHER_BULLET_LINES,      ABOVE, 0.9 },
    { "gopher_too_many_end_ellipsis",    GOPHER_ELLIPSIS_LINES,    ABOVE, 0.3 },
    { "gopher_below_alpha_threshold",    GOPHER_ALPHA_WORDS,       BELOW, 0.8 },
    { "gopher_enough_stop_words",        GOPHER_STOP_WORDS,        BELOW, 2 },
};
static const struct rule repetition[] = {
    { "dup_para_frac",                   REPEATED_PARAGRAPHS,      ABOVE, 0.3 },
    { "dup_para_char_frac",              REPEATED_PARAGRAPH_CHARS, ABOVE, 0.2 },
    { "dup_line_frac",                   REPEATED_LINES,           ABOVE, 0.3 },
    { "dup_line_char_frac",              REPEATED_LINE_CHARS,      ABOVE, 0.2 },
    { "top_2_gram",                      TOP_2GRAM,                ABOVE, 0.20 },
    { "top_3_gram",                      TOP_3GRAM,                ABOVE, 0.18 },
    { "top_4_gram",                      TOP_4GRAM,                ABOVE, 0.16 },
    { "duplicated_5_n_grams",            DUPLICATE_5GRAMS,         ABOVE, 0.15 },
    { "duplicated_6_n_grams",            DUPLICATE_6GRAMS,         ABOVE, 0.14 },
    { "duplicated_7_n_grams",            DUPLICATE_7GRAMS,         ABOVE, 0.13 },
    { "duplicated_8_n_grams",            DUPLICATE_8GRAMS,         ABOVE, 0.12 },
    { "duplicated_9_n_grams",            DUPLICATE_9GRAMS,         ABOVE, 0.11 },
    { "duplicated_10_n_grams",           DUPLICATE_10GRAMS,        ABOVE, 0.10 },
};
static const struct rule fineweb[] = {
    { "empty",                           FINEWEB_LINES,            BELOW, 1 },
    { "line_punct_ratio",                FINEWEB_PUNCT_LINES,      BELOW, 0.12 },
    { "short_line_ratio",                FINEWEB_SHORT_LINES,      ABOVE, 0.67 },
    { "char_dup_ratio",                  FINEWEB_REPEATED_CHARS,   ABOVE, 0.01 },
    { "list_ratio",                      FINEWEB_NEWLINES,         ABOVE, 0.3 },
};
static const struct rule c4_paragraphs[] = {
    { "too_few_paragraphs",              C4_LONG_LINES,            BELOW, 3 },
};
/* The rows that dolma's two taggers share; they differ in what a line is. */
#define DOLMA_WORDS_ROWS \
    { "few_words",                       DOLMA_WORDS,              BELOW, 50 }, \
    { "many_words",                      DOLMA_WORDS,              ABOVE, 100000 }, \
    { "short_median_word",               DOLMA_MEDIAN_WORD,        BELOW, 3 }, \
    { "long_median_word",                DOLMA_MEDIAN_WORD,        ABOVE, 10 }, \
    { "symbols",                         DOLMA_SYMBOLS,            ABOVE, 0.1 }, \
    { "alpha_words",                     DOLMA_ALPHA_WORDS,        BELOW, 0.8 }, \
    { "required_words",                  DOLMA_REQUIRED_WORDS,     BELOW, 2 },
#define DOLMA_GRAMS_ROWS \
    { "top_2gram",                       DOLMA_TOP_2GRAM,          ABOVE, 0.20 }, \
    { "top_3gram",                       DOLMA_TOP_3GRAM,          ABOVE, 0.18 }, \
    { "top_4gram",                       DOLMA_TOP_4GRAM,          ABOVE, 0.16 }, \
    { "duplicate_5grams",                DOLMA_DUPLICATE_5GRAMS,   ABOVE, 0.15 }, \
    { "duplicate_6grams",                DOLMA_DUPLICATE_6GRAMS,   ABOVE, 0.14 }, \
    { "duplicate_7grams",                DOLMA_DUPLICATE_7GRAMS,   ABOVE, 0.13 }, \
    { "duplicate_8grams",                DOLMA_DUPLICATE_8GRAMS,   ABOVE, 0.12 }, \
    { "duplicate_9grams",                DOLMA_DUPLICATE_9GRAMS,   ABOVE, 0.11 }, \
    { "duplicate_10grams",               DOLMA_DUPLICATE_10GRAMS,  ABOVE, 0.10 },
static const struct rule dolma[] = {
    DOLMA_WORDS_ROWS
    { "bullet_lines",                    DOLMA_BULLET_LINES,       ABOVE, 0.9 },
    { "ellipsis_lines",                  DOLMA_ELLIPSIS_LINES,     ABOVE, 0.3 },
    { "repeated_lines",                  DOLMA_REPEATED_LINES,     ABOVE, 0.3 },
    { "repeated_line_chars",             DOLMA_REPEATED_LINE_CHARS, ABOVE, 0.3 },
    DOLMA_GRAMS_ROWS
};
static const struct rule dolma_v2[] = {
    DOLMA_WORDS_ROWS
    { "bullet_lines",                    DOLMA2_BULLET_LINES,       ABOVE, 0.9 },
    { "ellipsis_lines",                  DOLMA2_ELLIPSIS_LINES,     ABOVE, 0.3 },
    { "repeated_lines",                  DOLMA2_REPEATED_LINES,     ABOVE, 0.3 },
    { "repeated_line_chars",             DOLMA2_REPEATED_LINE_CHARS, ABOVE, 0.3 },
    DOLMA_GRAMS_ROWS
};
static const struct rule dolma_c4[] = {
    { "curly_brace",                     DOLMA_C4_BRACE,           ABOVE, 0 },
    { "javascript",                      DOLMA_C4_JAVASCRIPT,      ABOVE, 0 },
    { "lorem_ipsum",                     DOLMA_C4_LOREM,           ABOVE, 0 },
    { "unended_lines",                   DOLMA_C4_UNENDED_LINES,   ABOVE, 1 },
    { "short_lines",                     DOLMA_C4_SHORT_LINES,     ABOVE, 1 },
};
static const struct rule dolma_pii[] = {
    { "pii",                             DOLMA_PII,                ABOVE, PII_MANY },
    { "pii_emails",                      DOLMA_PII_EMAILS,         ABOVE, INFINITY },
    { "pii_phones",                      DOLMA_PII_PHONES,         ABOVE, INFINITY },
    { "pii_ips",                         DOLMA_PII_IPS,            ABOVE, INFINITY },
    { "pii_chars",                       DOLMA_PII_CHARS,          ABOVE, INFINITY },
};
static const struct rule code[] = {
    { "long_line",                       CODE_LONGEST_LINE,        ABOVE, 1000 },
    { "mean_line",                       CODE_MEAN_LINE,           ABOVE, 100 },
    { "alphanumeric",                    CODE_ALPHANUMERIC,        BELOW, 0.25 },
    { "letters_per_token",               CODE_LETTERS_PER_TOKEN,   BELOW, 1.5 },
};

#define LIMITS(rules) SET_LIMITS, C4_LINES, rules, sizeof rules / sizeof *rules
const struct rule_set rule_sets[] = {
    { "gopher",            "Rae et al. 2021, A1.1, quality",       LIMITS(gopher) },
    { "gopher-repetition", "Rae et al. 2021, A1.1, repetition",    LIMITS(repetition) },
    { "c4",                "Raffel et al. 2020, 2.2",              SET_C4, C4_LINES, NULL, 0 },
    { "c4-nopunct",        "the same, as FineWeb runs it",         SET_C4, C4_NOPUNCT, NULL, 0 },
    { "c4-sentences",      "the same, by sentences",               SET_C4, C4_SENTENCES, NULL, 0 },
    { "c4-paragraphs",     "Xue et al. 2021 (mC4)",                LIMITS(c4_paragraphs) },
    { "c4-badwords",       "Raffel et al. 2020, 2.2",              SET_BADWORDS, C4_LINES, NULL, 0 },
    { "fineweb",           "Penedo et al. 2024, 3.6",              LIMITS(fineweb) },
    { "dolma",             "Soldaini et al. 2024, gopher_v1",      LIMITS(dolma) },
    { "dolma-v2",          "the same, gopher_v2",                  LIMITS(dolma_v2) },
    { "dolma-c4",          "the same, c4_v2",                      LIMITS(dolma_c4) },
    { "dolma-pii",         "the same, pii_regex_with_counts_fast_v2", SET_PII, C4_LINES, dolma_pii, sizeof dolma_pii / sizeof *dolma_pii },
    { "code",              "RedPajama-v1 (Together 2023), code",   LIMITS(code) },
};
const size_t n_rule_sets = sizeof rule_sets / sizeof *rule_sets;

const struct rule_set *rule_set_find(struct str name)
{
    for (size_t i = 0; i < n_rule_sets; i++) if (str_eq(str_of(rule_sets[i].name), name)) return &rule_sets[i];
    return NULL;
}

const struct rule *rules_broken(const struct rule *rules, const double *limits, size_t n, struct measures *m,
                                double *value)
{
    for (size_t i = 0; i < n; i++) {
        *value = measure(m, rules[i].measure);
        if (rules[i].side == BELOW ? *value < limits[i] : *value > limits[i]) return &rules[i];
    }
    return NULL;
}
