/* bpe_cache.h - byte pair encoding of a text's pieces, by what the same pieces were before.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Words repeat: of a text's pieces 19 in 20 have been seen. A cache changes the time, never the ids.
 *
 *   entry   32 bytes: a piece of up to 15 bytes, its length, up to 4 ids and how many. Two places for a piece,
 *           one line of the machine's cache; the older of two makes room. 16 MB in all.
 *   wide    64 bytes: a piece of up to 31 bytes and 7 ids, for what an entry does not hold. One place. 4 MB.
 */
#ifndef MODEL_BPE_CACHE_H
#define MODEL_BPE_CACHE_H
#include "model/bpe.h"

struct bpe_cache;                                                    /* one per thread */
struct bpe_cache *bpe_cache_new(void);
void bpe_cache_free(struct bpe_cache *c);

enum { BPE_ROW = 32 };
/* Appends the ids of up to BPE_ROW pieces of one text, which ends at `end`. */
void bpe_encode_row(const struct bpe *b, struct bpe_cache *c, const struct str *piece, size_t n, const char *end,
                    struct ids *to);
void bpe_encode(const struct bpe *b, struct bpe_cache *c, struct str piece, struct ids *to);

#endif
