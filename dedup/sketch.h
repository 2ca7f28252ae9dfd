/* sketch.h - from options to what is done to a document: shingles, signature, keys.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     static struct sketch_options opt = SKETCH_DEFAULTS;
 *     static const struct opt options[] = { SKETCH_ROWS(opt), { END } };
 *     struct sketcher s;
 *     if (!sketcher_init(&s, &opt, r->seed, e)) ...
 *     sketcher_doc(&s, d, &sketched);        // any thread
 */
#ifndef DEDUP_SKETCH_H
#define DEDUP_SKETCH_H
#include "core/opt.h"
#include "dedup/lsh.h"
#include "dedup/minhash.h"
#include "dedup/shingle.h"
#include "dedup/slice.h"
#include "record/doc.h"

struct sketch_options {
    double similarity, recall;
    long ngram, permutations, bands, rows;
    int by, fold, verify;
    const char *like, *keep;
};
#define SKETCH_DEFAULTS { .similarity = 0.8, .recall = 0.95, .ngram = 5, .permutations = 128, .keep = "first" }
#define SKETCH_ROWS(o) \
    { 's', "similarity",   REAL(&(o).similarity),  "J",  "Jaccard similarity at which a document goes", .max = 1 }, \
    { 'n', "ngram",        INT(&(o).ngram),        "N",  "length of a shingle", .min = 1, .max = 64 }, \
    {  0 , "by",           PICK(&(o).by),          "word|char", "what a shingle is made of" }, \
    {  0 , "fold",         PICK(&(o).fold),        "words|spaces", "lower-case words alone, or text as it is" }, \
    {  0 , "permutations", INT(&(o).permutations), "K",  "minima in a signature", .min = 1, .max = MINHASH_MAX }, \
    {  0 , "bands",        INT(&(o).bands),        "B",  "bands; 0: computed for --recall", .min = 0, .max = MINHASH_MAX }, \
    {  0 , "rows",         INT(&(o).rows),         "R",  "minima in a band; 0: computed", .min = 0, .max = MINHASH_MAX }, \
    {  0 , "recall",       REAL(&(o).recall),      "P",  "share of pairs to find at --similarity", .max = 1 }, \
    {  0 , "like",         TEXT(&(o).like),        "PEER", "rpv2:0.7, :0.8, :0.9, :1.0, or datatrove" }, \
    {  0 , "verify",       PICK(&(o).verify),      "shingles|signature|none", "what a candidate must prove" }, \
    { 'k', "keep",         TEXT(&(o).keep),        "RULE", "which copy stays: first, longest, best:FIELD" }

struct sketcher {
    struct sketch sketch;
    struct shingling shingling;
    struct lsh lsh;
    struct minhash minhash;
    const char *field;
};
struct sketched { uint64_t weight, *keys, *minima, *items; size_t n; };   /* keys NULL: the text has no shingles */

bool sketcher_init(struct sketcher *s, const struct sketch_options *o, uint64_t seed, struct err *e) MUST_CHECK;
void sketcher_free(struct sketcher *s);
void sketcher_doc(const struct sketcher *s, struct doc *d, struct sketched *to);    /* spans in d->mem */
struct slice_doc sketched_doc(const struct sketched *s, const struct doc *d);
/* d becomes its id and its signature */
void sketched_show(const struct sketcher *s, const struct sketched *k, struct doc *d);
/* bands, detection curve, disk and memory */
void sketcher_plan(const struct sketcher *s, size_t memory, FILE *to);

#endif
