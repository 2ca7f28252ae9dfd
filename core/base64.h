/* base64.h - bytes as letters (RFC 4648).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_BASE64_H
#define CORE_BASE64_H
#include "core/str.h"

/* appends; false at a foreign letter; the padding may be missing */
bool base64_read(struct str s, struct buf *to);
void base64_write(struct str s, struct buf *to);             /* appends, padded */

#endif
