/* planted.h - a corpus of which everything is known: for selftest.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Four invented languages of their own letters, five topics of their own words in each. A document's id says what it
 * is: "original-17", "copy-17" (its text), "near-17" (one word in a hundred changed), "far-17" (half of them),
 * "shuffled-17" (its sentences in another order, the words inside too), "junk-17" (a phrase over and over). 17 says its
 * language and topic. All is a function of the seed. */
#ifndef REPORT_PLANTED_H
#define REPORT_PLANTED_H
#include "core/str.h"

enum planted { ORIGINAL, COPY, NEAR, FAR, SHUFFLED, JUNK, PLANTED_KINDS };
enum { PLANTED_LANGS = 4, PLANTED_TOPICS = 5, PLANTED_PLAIN = 2000, PLANTED_OTHER = 100, PLANTED_PAGES = 200 };

/* docs.jsonl (with "label", the language), train.jsonl (other documents of the same languages), pages/N.html in dir. */
bool planted_write(const char *dir, uint64_t seed, struct err *e) MUST_CHECK;

bool planted_what(struct str id, enum planted *kind, uint64_t *number);           /* false: no id of ours */
uint64_t planted_lang(uint64_t number);
uint64_t planted_topic(uint64_t number);

#endif
