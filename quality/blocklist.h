/* blocklist.h - lists of words, phrases and domains, in the files in which they are published.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Stop words and LDNOOBW's bad words: one entry a line, white space around it stripped, nothing else changed. UT1: a
 * folder per category, each with a file "domains". Read once, then shared by all threads.
 */
#ifndef QUALITY_BLOCKLIST_H
#define QUALITY_BLOCKLIST_H
#include "text/words.h"

struct blocklist;
struct blocklist *blocklist_open(const char *path, struct err *e) MUST_CHECK;      /* NULL with e set */
void blocklist_close(struct blocklist *b);
bool blocklist_has(const struct blocklist *b, struct str s);

/*
 * How often an entry occurs among the words: for each length g that entries have (spaces + 1), every run of g words
 * that, joined by one space, is an entry. Overlaps and nested entries all count. RedPajama's rps_doc_ldnoobw_words on
 * normalised words.
 */
size_t blocklist_count(const struct blocklist *b, const struct words *w, const struct distinct *v);

/*
 * Does lower, a text in lowercase, hold an entry? anywhere: as a substring; else with an edge of the text or a
 * character that is no \w on both sides. *found is the first place where one begins. C4's bad words.
 */
bool blocklist_search(const struct blocklist *b, struct str lower, bool anywhere, struct str *found);
void blocklist_allow(struct blocklist *b, struct str entry);                       /* takes an entry off the list */

/* UT1. The number of a domain is the rank of its set of categories among all sets of the 13 sorted names, by size, then
 * by position. */
struct ut1;
struct ut1 *ut1_open(const char *folder, struct err *e) MUST_CHECK;                /* FOLDER/CATEGORY/domains */
void ut1_close(struct ut1 *u);
int ut1_find(const struct ut1 *u, struct str domain);                              /* -1: not listed */

#endif
