/* charset_tables.h - the indexes of the WHATWG Encoding standard.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Made at first use by asking iconv for each pointer of an index, and then setting right the few
 * where iconv (glibc's) differs from the standard; a test compares every pointer with the
 * standard's own files. 0: there is no character. Any thread.
 */
#ifndef EXTRACT_CHARSET_TABLES_H
#define EXTRACT_CHARSET_TABLES_H
#include "extract/charset.h"

enum {
    BIG5_SIZE = 19782, EUC_KR_SIZE = 23940, GB18030_SIZE = 23940, JIS0208_SIZE = 11280, JIS0212_SIZE = 8836,
    GB18030_RANGES = 207
};
enum charset_index { INDEX_BIG5, INDEX_EUC_KR, INDEX_GB18030, INDEX_JIS0208, INDEX_JIS0212, INDEXES };

const uint32_t *charset_index(enum charset_index i);               /* by pointer */
const uint32_t *charset_single(enum charset c);                    /* (128): bytes 80 to FF of a single-byte encoding */
/* four-byte pointers and the code points they begin at */
extern const uint32_t gb18030_ranges[GB18030_RANGES][2];

#endif
