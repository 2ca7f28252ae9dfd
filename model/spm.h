/* spm.h - SentencePiece's normaliser: its rules as a double array, its way with spaces.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   charsmap: u32 size, the double array (Darts-clone's units of 4 bytes), then strings that end in NUL.
 *   At each place the longest key of the array is replaced by the string at the key's value; user-defined pieces stay.
 *
 * Spaces become U+2581, runs of them one, those at both ends none; one is put before the text.
 */
#ifndef MODEL_SPM_H
#define MODEL_SPM_H
#include "model/trie.h"

struct spm_rules {
    struct str array, strings;                               /* borrowed; empty: no rules */
    const struct trie *kept;                                 /* borrowed, or NULL: strings that no rule changes */
    bool dummy_prefix, trim, escape, suffix;                 /* suffix: the space stands after the word, not before */
};

bool spm_charsmap(struct spm_rules *r, struct str charsmap, struct err *e) MUST_CHECK;
void spm_charsmap_write(const struct spm_rules *r, struct buf *to);                  /* appends */
/* appends; bytes that are no UTF-8 become U+FFFD, one by one */
void spm_normalise(const struct spm_rules *r, struct str text, struct buf *to);

#endif
