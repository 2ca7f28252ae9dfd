/* prune.h - take tokens out of a vocabulary; the others keep their ids.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What stays besides the tokens that are used: special tokens, single bytes and characters, and every token that a
 * merge needs on the way to one that stays. So a text that uses only what stays has the same ids as before.
 */
#ifndef TOKENIZER_PRUNE_H
#define TOKENIZER_PRUNE_H
#include "model/tokenizer_model.h"

/* keep (vocab.n): the tokens that are used; what has to stay is added. Returns how many tokens went. */
size_t prune(struct tokenizer *t, bool *keep);

#endif
