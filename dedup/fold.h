/* fold.h - a text as its words, one space between them: what shingles are cut from.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   FOLD_WORDS      lower case; letters, marks and digits are words, all else parts them. Scripts that
 *                   write no spaces (Han, kana, Thai, Lao, Khmer, Burmese) give one word a character,
 *                   so that a Chinese page has as many shingles as an English one
 *   FOLD_SPACES     words are what white space parts, as they are (code, tables)
 *   FOLD_RPV2       RedPajama-v2: ASCII punctuation deleted, lower case, NFD
 *   FOLD_DATATROVE  datatrove's simplify_text: lower case, numbers to 0, punctuation to spaces, NFD without marks
 *
 * Lower case is Python's str.lower: U+0130 becomes two characters, a final sigma is final.
 * Unicode data are utf8proc's. The text must be valid UTF-8.
 */
#ifndef DEDUP_FOLD_H
#define DEDUP_FOLD_H
#include "core/str.h"

enum fold { FOLD_WORDS, FOLD_SPACES, FOLD_RPV2, FOLD_DATATROVE };

void fold_text(enum fold how, struct str text, struct buf *out);         /* appends */

#endif
