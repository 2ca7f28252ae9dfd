/* ccnet.h - cc_net's normalisations: of a line before it is hashed, of a text before its perplexity.
 * SPDX-License-Identifier: Apache-2.0
 *
 * strip; lower case; every decimal digit becomes 0; 34 Unicode punctuation marks and the control
 * characters go (ASCII punctuation stays). Wenzek et al. 2020 (CCNet), text_normalizer.py.
 */
#ifndef TEXT_CCNET_H
#define TEXT_CCNET_H
#include "core/str.h"

void ccnet_line(struct str line, struct buf *out);               /* line: valid UTF-8, no newline; appends */

/*
 * The text as the language models were trained on: strip; lower case; NFD without marks (Mn); digits to 0; the 34
 * punctuation marks as their ASCII likeness; control characters go, newlines with them, so that lines are glued
 * together.
 */
void ccnet_text(struct str text, struct buf *out);               /* text: valid UTF-8; appends */

#endif
