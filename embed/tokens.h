/* tokens.h - a Hugging Face folder's tokenizer, a worker for each thread.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef EMBED_TOKENS_H
#define EMBED_TOKENS_H
#include "model/tokenizer.h"

struct tokens { struct tokenizer *model; struct tokenizer_worker **workers; int n; };

/* vocab.txt (WordPiece), else tokenizer.json */
bool tokens_open(struct tokens *t, const char *folder, int threads, struct err *e) MUST_CHECK;
void tokens_close(struct tokens *t);

#endif
