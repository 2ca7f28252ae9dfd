/* fuzz_fasttext.c - any bytes are a model that works or one line of error.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/fasttext.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = { 0 };
    struct fasttext_hit top[5];
    struct fasttext *m = fasttext_parse((struct str){ (const char *)data, size }, &e);
    if (!m) {
        if (e.kind != ERR_DATA) abort();
        return 0;
    }
    struct fasttext_scratch *s = fasttext_scratch_new(m);
    size_t n = fasttext_predict(m, s, S("a bc <\xC3\xA9t\xC3\xA9> __label__x \xE7\x8A\xAC\xFF a"), 5, 0.01f, top);
    for (size_t i = 0; i < n; i++) if (!fasttext_label(m, top[i].label).p) abort();
    fasttext_scratch_free(s);
    fasttext_close(m);
    return 0;
}
