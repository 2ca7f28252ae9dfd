/* wordpiece.h - BERT's way with a word: the longest token first, then the longest that continues it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A token that continues a word begins with "##" in the vocabulary. A word of which any part is no token, or
 * of more than most_chars characters, is unknown as a whole.
 */
#ifndef MODEL_WORDPIECE_H
#define MODEL_WORDPIECE_H
#include "model/bpe.h"
#include "model/trie.h"

struct wordpiece { struct trie first, rest; uint32_t unk; size_t most_chars; };      /* most_chars: 100 in BERT */

/* prefix: "##" */
void wordpiece_init(struct wordpiece *w, const struct vocab *v, struct str prefix, uint32_t unk, size_t most_chars);
void wordpiece_free(struct wordpiece *w);
void wordpiece_encode(const struct wordpiece *w, struct str word, struct ids *to);

#endif
