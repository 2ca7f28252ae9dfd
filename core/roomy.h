/* roomy.h - an array that grows past memory: then it lies in an unlinked file that is mapped.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Up to `limit` bytes it is plain memory. Past that its bytes move to a scratch file (file.h), which the kernel
 * writes back as it must. What was added leaves the resident set whenever it is `limit` bytes; a reader says by
 * roomy_cool() what it is done with. Growing moves it: keep offsets, not pointers. One thread at a time may grow it.
 */
#ifndef CORE_ROOMY_H
#define CORE_ROOMY_H
#include "core/err.h"

#include <stddef.h>

/* n: bytes in use; limit: set it first; cooled: up to there nothing was added since */
struct roomy { char *p; size_t n, cap, limit, cooled; int fd; bool mapped; };

/* size bytes more, not cleared; NULL with e set */
void *roomy_add(struct roomy *r, size_t size, struct err *e) MUST_CHECK;
/* keeps the bytes, gives the pages back */
void roomy_cool(const struct roomy *r, size_t at, size_t size);
void roomy_free(struct roomy *r);

#endif
