/* charset.h - which encoding a page is in, and its text as UTF-8.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The WHATWG Encoding standard's names, labels and decoders, the HTML standard's way of finding
 * the label: byte order mark, HTTP header, <meta> or XML declaration near the start.
 * A page that says nothing is UTF-8 if it is valid UTF-8, else what uchardet thinks, else
 * windows-1252.
 */
#ifndef EXTRACT_CHARSET_H
#define EXTRACT_CHARSET_H
#include "core/str.h"

enum charset {
    CHARSET_NONE = -1,
    CS_UTF_8, CS_IBM866, CS_ISO_8859_2, CS_ISO_8859_3, CS_ISO_8859_4, CS_ISO_8859_5, CS_ISO_8859_6, CS_ISO_8859_7,
    CS_ISO_8859_8, CS_ISO_8859_8_I, CS_ISO_8859_10, CS_ISO_8859_13, CS_ISO_8859_14, CS_ISO_8859_15, CS_ISO_8859_16,
    CS_KOI8_R, CS_KOI8_U, CS_MACINTOSH, CS_WINDOWS_874, CS_WINDOWS_1250, CS_WINDOWS_1251, CS_WINDOWS_1252,
    CS_WINDOWS_1253,
    CS_WINDOWS_1254, CS_WINDOWS_1255, CS_WINDOWS_1256, CS_WINDOWS_1257, CS_WINDOWS_1258, CS_X_MAC_CYRILLIC,
    CS_GBK, CS_GB18030, CS_BIG5, CS_EUC_JP, CS_ISO_2022_JP, CS_SHIFT_JIS, CS_EUC_KR, CS_REPLACEMENT, CS_UTF_16BE,
    CS_UTF_16LE,
    CS_X_USER_DEFINED, CHARSETS
};

const char *charset_name(enum charset c);                          /* "windows-1252" */
enum charset charset_label(struct str label);                      /* any of the standard's 228 labels; CHARSET_NONE */
enum charset charset_bom(struct str bytes, size_t *size);          /* size: of the mark, 0 when there is none */
/* what the first <meta> or <?xml that names one says */
enum charset charset_meta(struct str bytes);
enum charset charset_detect(struct str bytes);                     /* by the bytes alone */

/* http_label: the charset of Content-Type, null when absent; html: whether to look for <meta>. */
enum charset charset_pick(struct str bytes, struct str http_label, bool html);

/* Appends bytes, decoded; what is no character is U+FFFD. A byte order mark of the same encoding goes. Any thread. */
void charset_decode(enum charset c, struct str bytes, struct buf *to);
/* The same, into room when it must be; bytes themselves when they are it already. */
struct str charset_text(enum charset c, struct str bytes, struct buf *room);

#endif
