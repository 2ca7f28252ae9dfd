/* fuzz_http.c - any block is a response with a body within its limit.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/payload.h"
#include "core/utf8.h"

#include <stdlib.h>

enum { LIMIT = 1 << 18 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct payload_scratch scratch;
    static struct buf tidy;
    struct payload p;
    struct warc_record r = { .type = WARC_RESPONSE, .block = { (const char *)data, size }, .length = size };
    if (payload_open(&r, LIMIT, &scratch, &p)) {
        if (!utf8_valid(p.text) || p.text.n > 3 * (LIMIT + 1)) abort();
        buf_reset(&tidy);
        payload_tidy(p.text, &tidy);
        if (!utf8_valid(buf_str(&tidy)) || tidy.n > p.text.n + 1) abort();
    } else if (!p.why) abort();
    return 0;
}
