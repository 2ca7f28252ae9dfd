/* vocab.h - tokens by number and numbers by token.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A token is bytes; ids are 0 .. n-1, with holes where a file has some (a null span). Two ids may share
 * bytes (a special token that looks like a plain one): the first that was set is found.
 */
#ifndef MODEL_VOCAB_H
#define MODEL_VOCAB_H
#include "core/str.h"

enum { VOCAB_MAX = 1 << 24 };                                /* ids in a file beyond this are not believed */
static const uint32_t VOCAB_NONE = UINT32_MAX;

struct vocab {
    struct arena mem;
    struct str *token;                                       /* (n) */
    size_t n, cap;
    /* (slots), id + 1, above it 7 bits of the hash; a power of two, at most half full */
    uint32_t *slot;
    size_t slots, used;
    bool shared;                                             /* two ids have the same bytes */
    size_t longest;                                          /* bytes */
};

void vocab_reserve(struct vocab *v, size_t n);                     /* n tokens are to come: the table grows once */
void vocab_set(struct vocab *v, uint32_t id, struct str token);    /* copies; id < VOCAB_MAX */
uint32_t vocab_find(const struct vocab *v, struct str token);      /* VOCAB_NONE when it is not there */
void vocab_free(struct vocab *v);

#endif
