/* fuzz_tokenizer.c - any bytes are a tokenizer that encodes anything, or one line of error.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/tokenizer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = { 0 };
    struct tokenizer *t = tokenizer_parse((struct str){ (const char *)data, size }, "x", &e);
    if (!t) {
        if (e.kind != ERR_DATA && e.kind != ERR_USAGE) abort();
        return 0;
    }
    struct tokenizer_worker *w = tokenizer_worker_new(t);
    struct ids ids = { 0 };
    struct buf back = { 0 };
    tokenizer_encode(w, S("a ab  abc\n\xE7\x8A\xAC 12 \xFF\x80 x"), TOKENIZER_SPECIALS | TOKENIZER_FRAME, &ids);
    tokenizer_encode(w, (struct str){ (const char *)data, size < 1000 ? size : 1000 }, 0, &ids);
    for (size_t i = 0; i < ids.n; i++) if (ids.p[i] >= tokenizer_size(t)) abort();
    tokenizer_decode(t, ids.p, ids.n, &back);
    buf_free(&back);
    free(ids.p);
    tokenizer_worker_free(w);
    tokenizer_close(t);
    return 0;
}
