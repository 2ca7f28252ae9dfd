/* star.h - who stays: documents placed one by one, each against those that stay already.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A document shares buckets (equal band keys) with earlier ones. Of these the ones that stay are
 * asked, those that share most buckets first, then the earlier: the first that is alike enough is its twin
 * and it goes; when there is none it stays, and stands in its buckets for later ones to ask.
 *
 *          stays     goes      goes        a star: all that go are alike to the copy that stays.
 *            A  <----- B                   Chained to B only, C would stay.
 *            A  <--------------- C
 *
 * With components, alikeness is passed on: the first document of a connected component stays, whatever
 * its likeness to the others (what text-dedup, datatrove and RedPajama-v2 do).
 *
 * Bounds: STAR_LEADERS documents stand in a bucket, STAR_TRIES of the candidates are compared. A bucket of
 * 100,000 unlike documents with one boilerplate thus costs 64 comparisons a document, not 10^10.
 */
#ifndef DEDUP_STAR_H
#define DEDUP_STAR_H
#include "dedup/likeness.h"
#include "dedup/shelf.h"

enum { STAR_LEADERS = 256, STAR_TRIES = 64 };

/* twin: document + 1, or 0: it stays, members follow it */
struct verdict { uint32_t twin; union { float similarity; uint32_t members; }; };

typedef bool pair_fn(void *ctx, uint32_t a, uint32_t b, double similarity, struct err *e);
struct star_rules {
    double similarity;
    bool verify, components;
    pair_fn *pair;                    /* NULL, or told every verified pair that was tried; a came first */
    void *pair_ctx;
};

struct star;
struct star *star_open(struct star_rules rules, struct likeness *l, size_t memory);
/* In order of rank. buckets: n distinct numbers below 2^32. */
bool star_place(struct star *s, uint32_t doc, const uint32_t *buckets, size_t n, struct verdict *v,
                struct err *e) MUST_CHECK;
uint64_t star_tried(const struct star *s);                /* comparisons so far */
uint64_t star_cut(const struct star *s);                  /* documents that had more candidates than were compared */
/* With components: asks for every placed document, in order, who stays for it (itself: it does). */
bool star_components(struct star *s, bool (*tell)(void *ctx, uint32_t doc, uint32_t stays, struct err *e), void *ctx,
                     struct err *e) MUST_CHECK;
void star_close(struct star *s);

#endif
