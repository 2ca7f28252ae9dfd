/* words_regex.c - WordPunct's words as the Python module regex cuts them, which dolma uses.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Its \w is Unicode's (UTS 18): combining marks and joiners, but no superscripts; its \s has no U+001C to U+001F. Those
 * of re are unicode.h's.
 */
#include "core/utf8.h"
#include "text/words.h"

#include <utf8proc.h>

enum kind { SPACE, WORD, OTHER };

static bool is_word(uint32_t c)
{
    /* the first four: symbols that are alphabetic */
    enum {
        CIRCLED = 0x24B6, CIRCLED_END = 0x24E9, SQUARED = 0x1F130, SQUARED_END = 0x1F189, ZWNJ = 0x200C, ZWJ = 0x200D
    };
    if (c < 128) return unicode_class(c) & UC_WORD;
    if ((c >= CIRCLED && c <= CIRCLED_END) || (c >= SQUARED && c <= SQUARED_END) || c == ZWNJ || c == ZWJ) return true;
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LL: case UTF8PROC_CATEGORY_LT: case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN: case UTF8PROC_CATEGORY_MC: case UTF8PROC_CATEGORY_ME: case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_PC: return true;
    default: return false;
    }
}

static enum kind kind_of(uint32_t c)
{
    const bool separator = c >= 0x1C && c <= 0x1F;
    return unicode_class(c) & UC_SPACE && !separator ? SPACE : is_word(c) ? WORD : OTHER;
}

size_t words_punct_regex(struct str text)
{
    enum kind before = SPACE;
    size_t n = 0;
    for (const char *p = text.p, *end = p + text.n; p < end; ) {
        const enum kind now = kind_of(utf8_next(&p, end));
        n += now != SPACE && now != before;
        before = now;
    }
    return n;
}
