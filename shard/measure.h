/* measure.h - what mix must know of a document: its domain, its size, its place in the queue.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SHARD_MEASURE_H
#define SHARD_MEASURE_H
#include "core/opt.h"
#include "model/tokenizer.h"
#include "record/doc.h"

struct measure_options { const char *by, *model, *score; bool lowest; };
#define MEASURE_DEFAULTS { .by = "domain" }
#define MEASURE_ROWS(o) \
    {  0 , "by",         TEXT(&(o).by),         "FIELD", "what a domain is" }, \
    { 'm', "model",      TEXT(&(o).model),      "FILE",  "tokenizer that counts; without, bytes are counted" }, \
    {  0 , "score",      TEXT(&(o).score),      "PATH",  "keep the highest first, not a random choice: scores.good" }, \
    {  0 , "lowest",     FLAG(&(o).lowest),              "keep the lowest first: perplexity, distance" }

struct measure {
    struct tokenizer *t;
    struct tokenizer_worker **workers;
    struct ids *ids;
    int threads;
    const char *by;
    struct str score;
    bool lowest;
    uint64_t seed;
};
/* key: random by the id, else the text; score: what comes first is higher; -INFINITY when absent */
struct measured { struct str domain; uint64_t tokens, key; double score; };

bool measure_init(struct measure *m, const struct measure_options *o, int threads, uint64_t seed,
                  struct err *e) MUST_CHECK;
void measure_free(struct measure *m);
/* d->note becomes a struct measured; a document without text is rejected */
bool measure_each(const struct measure *m, struct doc *d);

#endif
