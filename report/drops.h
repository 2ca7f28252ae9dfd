/* drops.h - what one stage dropped, by id.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_DROPS_H
#define REPORT_DROPS_H
#include "frame/stage.h"
#include "model/vocab.h"
#include "report/trail.h"

struct drops {
    struct vocab ids;
    struct arena mem;
    struct str *evidence;                                        /* (ids): the whole line */
    uint32_t *count;                                             /* (ids): how often */
    size_t cap_evidence, cap_count;
    uint64_t n;
};

/* Those of that stage in the file, or of a stage of a step in all its slices; reason: only these, or null. */
bool drops_read(struct drops *d, const struct run *r, const char *path, struct str stage, struct str reason,
                struct err *e) MUST_CHECK;
bool drops_read_step(struct drops *d, const struct run *r, const struct trail_step *s, size_t stage, struct str reason,
                     struct err *e) MUST_CHECK;
uint32_t drops_of(const struct drops *d, struct str id);         /* its number in ids, or VOCAB_NONE */
void drops_free(struct drops *d);

/* All documents of one file, through fn; it returns false to stop. Those that a step made, and those that it dropped:
 * of slice after slice. */
typedef bool each_doc_fn(void *ctx, struct doc *d, struct err *e);
bool each_doc(const struct run *r, const char *path, each_doc_fn *fn, void *ctx, struct err *e) MUST_CHECK;
bool each_made(const struct run *r, const struct trail_step *s, each_doc_fn *fn, void *ctx, struct err *e) MUST_CHECK;
bool each_drop(const struct run *r, const struct trail_step *s, each_doc_fn *fn, void *ctx, struct err *e) MUST_CHECK;

#endif
