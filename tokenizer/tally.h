/* tally.h - the words of one slice and their counts as a file, for a tokenizer that is trained on all slices.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   head     48 bytes: "TAMWRD1\n" | u64 stamp | u64 groups | u64 words | u64 size of the file | u64 zero
 *   groups   u64 bytes of text | u32 size | name      by name
 *   words    u32 size | u64 count | bytes         sorted (count.h); a word of a balanced count ends in its group's number, 2 bytes
 *
 * Little-endian. The stamp is a hash of what cut the text; counts are added only when it agrees.
 */
#ifndef TOKENIZER_TALLY_H
#define TOKENIZER_TALLY_H
#include "tokenizer/balance.h"

/* b: NULL when groups are not balanced. The counters are empty afterwards. */
bool tally_save(const char *path, uint64_t stamp, const struct balance *b, struct count **all, size_t n,
                struct err *e) MUST_CHECK;
/* adds */
bool tally_load(const char *path, uint64_t stamp, struct balance *b, struct count *to, struct err *e) MUST_CHECK;

#endif
