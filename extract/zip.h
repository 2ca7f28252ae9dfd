/* zip.h - the members of a mapped zip file (for WACZ).
 * SPDX-License-Identifier: Apache-2.0
 *
 * APPNOTE 6.3: the central directory, zip64, methods 0 (stored) and 8 (deflate). Every size and
 * offset is checked against the file before it is used.
 */
#ifndef EXTRACT_ZIP_H
#define EXTRACT_ZIP_H
#include "core/str.h"

struct zip_member { struct str name; uint64_t at, size, raw_size; int method; };   /* at: of its local header */

/* The members in the order of the directory, in mem; false with e set when file is no zip. */
bool zip_members(struct str file, struct arena *mem, struct zip_member **all, size_t *n, struct err *e) MUST_CHECK;

/* Its bytes: a span of the file where stored, else inflated into to. */
bool zip_bytes(struct str file, const struct zip_member *m, struct buf *to, struct str *bytes,
               struct err *e) MUST_CHECK;

#endif
