/* rules.h - published filters as tables: what is measured, on which side of which limit a document falls, by which
 * paper.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Rules are tried in the order of the reference program and the first that a document breaks is its verdict.
 */
#ifndef QUALITY_RULES_H
#define QUALITY_RULES_H
#include "quality/measures.h"

enum side { BELOW, ABOVE };                  /* a document whose measure is below, above the limit breaks the rule */
struct rule { const char *reason; enum measure measure; enum side side; double limit; };

/* What C4 judges one by one: lines, which must end in punctuation, as FineWeb lines that need not, or sentences of the
 * whole text. */
enum c4_by { C4_LINES, C4_NOPUNCT, C4_SENTENCES };
enum rule_set_kind { SET_LIMITS, SET_C4, SET_BADWORDS, SET_PII };      /* C4 and PII rewrite the text of what passes */
struct rule_set {
    const char *name, *source;
    enum rule_set_kind kind;
    enum c4_by c4;
    const struct rule *rules;
    size_t n;
};

extern const struct rule_set rule_sets[];
extern const size_t n_rule_sets;
const struct rule_set *rule_set_find(struct str name);           /* NULL: no such set */

/* The first rule that is broken, or NULL; *value is what was measured. limits: (n) instead of the table's. */
const struct rule *rules_broken(const struct rule *rules, const double *limits, size_t n, struct measures *m,
                                double *value);

/*
 * C4 (Raffel et al. 2020, as datatrove has it): drops lines, and documents for what is in a line that was kept so far.
 * Returns the reason, or NULL with the text that is left in out. Sentences are counted by a rule of ours, not by spaCy:
 * see doc/rules.md.
 */
const char *c4_clean(struct str text, enum c4_by by, size_t least_sentences, struct buf *out, size_t *sentences);
size_t c4_sentences(struct str line);                            /* of a stripped line; 0 when it is empty */

#endif
