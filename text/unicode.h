/* unicode.h - what CPython 3.11 knows about a character: Unicode 14.0, whatever the machine has.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RedPajama, cc_net, datatrove and dolma are Python, and their numbers rest on CPython's answers to isspace(),
 * isalnum(),
 * \w, lower() and unicodedata.normalize(). These tables are those answers, made by tools/unicode.py. They stay at 14.0:
 * a later version would change the numbers of texts with newer characters.
 *
 *     if (unicode_class(c) & UC_WORD) ...
 */
#ifndef TEXT_UNICODE_H
#define TEXT_UNICODE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum unicode_bit {
    UC_SPACE     = 1 << 0,       /* str.isspace(), regex \s, split(), strip() */
    UC_WORD      = 1 << 1,       /* regex \w: alphabetic, numeric, underscore; no combining marks */
    UC_UPPER     = 1 << 2,       /* derived property Uppercase */
    UC_LOWER     = 1 << 3,
    UC_TITLE     = 1 << 4,       /* category Lt */
    UC_NUMERIC   = 1 << 5,       /* a Numeric_Type, Unihan's included */
    UC_ALPHA     = 1 << 6,       /* str.isalpha(): category L* */
    UC_DIGIT     = 1 << 7,       /* category Nd */
    UC_MARK      = 1 << 8,       /* category Mn */
    UC_PLAIN     = 1 << 9,       /* not in datatrove's punctuation set */
    UC_TERMINAL  = 1 << 10,      /* in datatrove's terminal punctuation */
    UC_CASED     = 1 << 11,      /* Cased and not Case_Ignorable */
    UC_IGNORABLE = 1 << 12,      /* Case_Ignorable */
    UC_BREAK     = 1 << 13,      /* ends a line for str.splitlines() */
    UC_LETTER    = 1 << 14,      /* A-Z a-z */
    UC_CHANGES   = 1 << 15,      /* lower() or NFD may change it, or it has a combining class */
};

extern const uint16_t unicode_block[];
extern const uint16_t unicode_classes[];
extern const struct unicode_pair { uint32_t from, to; } unicode_lowers[];
extern const struct unicode_decomposition { uint32_t c; uint16_t at, n; } unicode_decompositions[];
extern const struct unicode_combining { uint32_t first, last; uint8_t k; } unicode_combinings[];
extern const uint32_t unicode_pool[];
extern const size_t unicode_n_lowers, unicode_n_decompositions, unicode_n_combinings;

/* bits of enum unicode_bit; 0 above U+10FFFF */
static inline unsigned unicode_class(uint32_t c)
{
    return c < 0x110000 ? unicode_classes[unicode_block[c >> 7] * 128u + (c & 127)] : 0;
}

enum { UNICODE_LOWER_MAX = 2, UNICODE_NFD_MAX = 4, UNICODE_SIGMA = 0x3A3, UNICODE_FINAL_SIGMA = 0x3C2 };
/* full lowercase; capital sigma as in the middle of a word */
size_t unicode_lower(uint32_t c, uint32_t to[UNICODE_LOWER_MAX]);
size_t unicode_nfd(uint32_t c, uint32_t to[UNICODE_NFD_MAX]);            /* canonical decomposition of one character */
unsigned unicode_combining(uint32_t c);                                  /* canonical combining class */

static inline bool unicode_is_punct(unsigned char c)                     /* the 32 ASCII symbols */
{
    return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126);
}

#endif
