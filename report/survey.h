/* survey.h - one reading of each file of documents of a run: how long, in which language, which values, in which
 * cluster, saying what.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Characters are counted of all documents. The rest is of a sample: those whose id hashes low, the same in every file,
 * so that a document's fate is known. Tokens are those of the run's own tokenizer on a smaller sample. */
#ifndef REPORT_SURVEY_H
#define REPORT_SURVEY_H
#include "frame/stage.h"
#include "model/vocab.h"
#include "report/chart.h"
#include "report/trail.h"

enum { TRACKS = 16, WORDS_SHOWN = 8 };
/* dropped: later, by whatever stage */
struct track { const char *path, *name; size_t step; bool found; struct values kept, dropped; };
/* documents where clusters came, and at the end */
struct cluster { uint64_t before, after; struct str words[WORDS_SHOWN]; size_t n_words; };
struct survey {
    struct arena mem;
    struct { uint64_t docs, chars; double tokens; } *steps;      /* (trail.n); tokens: estimated, 0 when unknown */
    struct track tracks[TRACKS];
    size_t n_tracks;
    struct vocab langs;
    uint64_t *lang_docs[2];                                      /* (langs): of the sample, first seen and at the end */
    size_t lang_cap[2];
    struct cluster *clusters;
    size_t n_clusters;
    double sample;                                               /* share of the documents */
    /* step that made the last file of documents; trail.n when none did */
    size_t last;
};

/* documents: sampled, about */
bool survey_run(struct survey *s, const struct run *r, const struct trail *t, size_t documents,
                struct err *e) MUST_CHECK;
void survey_free(struct survey *s);

#endif
