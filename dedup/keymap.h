/* keymap.h - band keys to bucket numbers, as they come: for one pass over a stream.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Open addressing, 16 bytes a place, at most two thirds full, on a shelf: past its memory it is slow, not full. */
#ifndef DEDUP_KEYMAP_H
#define DEDUP_KEYMAP_H
#include "dedup/shelf.h"

#include <stdint.h>

struct keymap { struct shelf places; size_t n; };
bool keymap_init(struct keymap *m, size_t memory, struct err *e) MUST_CHECK;
/* a new key gets the next number */
bool keymap_bucket(struct keymap *m, uint64_t key, uint32_t *bucket, struct err *e) MUST_CHECK;
void keymap_free(struct keymap *m);

#endif
