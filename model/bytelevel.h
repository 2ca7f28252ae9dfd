/* bytelevel.h - bytes written as printable characters, as GPT-2's vocabulary files do.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The 188 bytes that are printable in Latin-1 (! to ~, U+00A1 to U+00AC, U+00AE to U+00FF) stand for
 * themselves; the other 68, in order, are U+0100, U+0101, ... So a space is U+0120 and a newline U+010A.
 */
#ifndef MODEL_BYTELEVEL_H
#define MODEL_BYTELEVEL_H
#include "core/str.h"

uint32_t bytelevel_char(uint8_t byte);
int bytelevel_byte(uint32_t c);                              /* -1: no such character */
void bytelevel_write(struct str bytes, struct buf *to);      /* appends UTF-8 */
/* appends bytes; false, with to as it was, at a foreign character */
bool bytelevel_read(struct str chars, struct buf *to);

#endif
