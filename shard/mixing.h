/* mixing.h - how many tokens each domain gives, and which documents.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Asked: a share of the tokens by weight. A domain gives at most max_epochs times what it has; what is then
 * missing is shared among the others by weight, again and again (water-filling; with equal weights this is
 * UniMax, Chung et al. 2023). Every document is kept floor(epochs) times; of the rest, documents are taken in
 * the order of their keys while they fit.
 */
#ifndef SHARD_MIXING_H
#define SHARD_MIXING_H
#include <stddef.h>
#include <stdint.h>

struct mixing_domain {
    double weight;                   /* 0 or more; need not sum to 1 */
    uint64_t tokens, documents;      /* what there is */
    double want;                     /* answer: tokens to give */
    uint64_t got_tokens, got_documents;   /* answer: copies counted */
};
/* best score first, then the smallest key; copies: the answer */
struct mixing_doc { uint32_t domain, copies; uint64_t tokens; double score; uint64_t key; };

void mixing_share(struct mixing_domain *domains, size_t n, double tokens, double max_epochs);
/* The same, document by document: what each domain has left (n; the caller frees), then the copies of a document, best
 * first within a domain. */
double *mixing_begin(struct mixing_domain *domains, size_t n);
uint32_t mixing_take(struct mixing_domain *d, double *left, uint64_t tokens);
void mixing_choose(struct mixing_domain *domains, size_t n, struct mixing_doc *docs, size_t n_docs);

#endif
