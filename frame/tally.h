/* tally.h - what became of documents: how many in and out, dropped by which reason, rejected.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Kept per batch on any thread, added up in order at the commit. in = out + dropped + rejected.
 */
#ifndef FRAME_TALLY_H
#define FRAME_TALLY_H
#include "core/str.h"

struct tally_reason { const char *reason; uint64_t n; };     /* reason: a literal, compared by its text */
struct tally {
    uint64_t in, out, dropped, rejected;
    uint64_t turned;                 /* how many came to the stage's turn */
    struct tally_reason *drops, *rejects;
    size_t n_drops, cap_drops, n_rejects, cap_rejects;
};

void tally_drop(struct tally *t, const char *reason, uint64_t n);
void tally_reject(struct tally *t, const char *reason, uint64_t n);
void tally_add(struct tally *to, const struct tally *t);
void tally_clear(struct tally *t);
void tally_free(struct tally *t);

#endif
