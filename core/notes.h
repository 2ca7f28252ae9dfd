/* notes.h - small strings kept in a scratch file, each known by where it lies.
 * SPDX-License-Identifier: Apache-2.0
 *
 * For what may be asked for later and seldom is: the id of a document that was kept. One
 * buffer of memory, however many there are. One thread.
 */
#ifndef CORE_NOTES_H
#define CORE_NOTES_H
#include "core/str.h"

struct notes;
struct notes *notes_open(void);
/* longer than 64 KiB: cut */
bool notes_put(struct notes *n, struct str s, uint64_t *where, struct err *e) MUST_CHECK;
bool notes_get(struct notes *n, uint64_t where, struct arena *mem, struct str *s, struct err *e) MUST_CHECK;
void notes_close(struct notes *n);

#endif
