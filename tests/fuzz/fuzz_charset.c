/* fuzz_charset.c - any bytes in any encoding are valid UTF-8 afterwards, and not much of it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/charset.h"
#include "core/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buf to;
    if (!size) return 0;
    struct str s = { (const char *)data + 1, size - 1 };
    enum charset c = data[0] < CHARSETS ? (enum charset)data[0] : charset_pick(s, (struct str){ 0 }, data[0] & 1);
    if (c < 0 || c >= CHARSETS) abort();
    buf_reset(&to);
    charset_decode(c, s, &to);
    if (!utf8_valid(buf_str(&to)) || to.n > 3 * s.n + 3) abort();
    return 0;
}
