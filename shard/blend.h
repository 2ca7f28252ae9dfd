/* blend.h - domains by name: what there is of each, what weights ask for, what was given.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SHARD_BLEND_H
#define SHARD_BLEND_H
#include "core/opt.h"
#include "model/vocab.h"
#include "record/weights.h"
#include "shard/mixing.h"

struct blend_options { const char *weights, *receipt; double tokens, max_epochs; bool unimax; };
#define BLEND_DEFAULTS { .max_epochs = 4 }
#define BLEND_ROWS(o) \
    { 'w', "weights",    TEXT(&(o).weights),    "FILE",  "JSON: domain to weight, or that as \"weights\"" }, \
    {  0 , "unimax",     FLAG(&(o).unimax),              "the same weight for every domain" }, \
    {  0 , "tokens",     REAL(&(o).tokens),     "N",     "how many in all, 10B; 0: as many as there are", .max = 1e15 }, \
    {  0 , "max-epochs", REAL(&(o).max_epochs), "X",     "repeat no domain more often", .min = 0.001, .max = 1000 }, \
    {  0 , "receipt",    TEXT(&(o).receipt),    "FILE",  "JSON: per domain what was asked and what was given" }

/* names: in the order they came */
struct blend {
    struct blend_options how;
    struct vocab names;
    struct mixing_domain *domains;
    size_t cap;
    struct weights weights;
};

bool blend_init(struct blend *b, const struct blend_options *o, struct err *e) MUST_CHECK;
void blend_free(struct blend *b);
/* finds it or adds it */
bool blend_domain(struct blend *b, struct str name, uint32_t *domain, struct err *e) MUST_CHECK;
/* weights, and what each shall give */
bool blend_share(struct blend *b, struct err *e) MUST_CHECK;
/* written if one was asked for */
bool blend_receipt(const struct blend *b, struct err *e) MUST_CHECK;

#endif
