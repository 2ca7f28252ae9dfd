/* sweep.h - where to cut a score: a small transformer trained on what each cut keeps, its loss on clean text, over
 * seeds.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A cut keeps the documents whose score is at least it. Every proxy takes the same steps of the same size: equal
 * tokens, so a high cut repeats its few documents. With equal documents, each cut's are thinned by the hash of their
 * ids to about as many as the highest cut keeps, so only their quality differs. The target is the documents that the
 * highest cut keeps and --held holds out (the same for every cut: no proxy trains on them), or files of the caller's.
 *
 * Two cuts differ when their means are further apart than Student's t (95 %, two-sided, 2 seeds - 2 degrees of freedom)
 * times the standard error of the difference. Loss in nats a token.
 */
#ifndef PROXY_SWEEP_H
#define PROXY_SWEEP_H
#include "proxy/train.h"

struct sweep_spec {
    struct train_spec train;
    struct corpus_opt corpus;            /* tokenizer, score, held */
    const double *cuts;                  /* (n_cuts) rising */
    size_t n_cuts, seeds, rows;          /* rows: of the target, 0: all */
    bool equal_documents;
    char **files, **target;              /* NULL-terminated; target NULL: what is held out */
};
/* trained on; of the loss over seeds */
struct sweep_cut { uint64_t documents, tokens; double mean, spread; };
/* noise: what a difference must exceed; NAN with one seed */
struct sweep_verdict { size_t best, next; double difference, noise; bool certain; };

/* losses (seeds, n_cuts); said is called after every run. */
typedef void sweep_said(size_t cut, size_t seed, double loss);
bool sweep_run(const struct sweep_spec *s, const struct run *r, struct accel *a, struct sweep_cut *cuts, double *losses,
               sweep_said *said, struct err *e) MUST_CHECK;
/* next: the runner-up; of equal ones the lower cut wins */
struct sweep_verdict sweep_judge(const struct sweep_cut *cuts, size_t n_cuts, size_t seeds);

#endif
