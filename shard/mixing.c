/* mixing.c - how many tokens each domain gives, and which documents.
 * SPDX-License-Identifier: Apache-2.0 */
#include "shard/mixing.h"

#include "core/arena.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static double most(const struct mixing_domain *d, double max_epochs) { return max_epochs * (double)d->tokens; }

/* Each round fills at least one domain to its cap, or gives all. */
void mixing_share(struct mixing_domain *domains, size_t n, double tokens, double max_epochs)
{
    bool *full = mem_zero(n + 1, sizeof *full);
    for (size_t i = 0; i < n; i++) domains[i].want = 0;
    for (bool again = true; again; ) {
        double weight = 0, left = tokens;
        again = false;
        for (size_t i = 0; i < n; i++) {
            if (full[i]) left -= domains[i].want;
            else weight += domains[i].weight;
        }
        for (size_t i = 0; i < n; i++) {
            if (full[i]) continue;
            domains[i].want = weight > 0 ? left * domains[i].weight / weight : 0;
            full[i] = domains[i].want > most(&domains[i], max_epochs);
            again = again || full[i];
        }
        for (size_t i = 0; i < n; i++) if (full[i]) domains[i].want = most(&domains[i], max_epochs);
    }
    free(full);
}

static int best_first(const void *a, const void *b)
{
    const struct mixing_doc *x = *(struct mixing_doc *const *)a, *y = *(struct mixing_doc *const *)b;
    if (x->domain != y->domain) return x->domain < y->domain ? -1 : 1;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return x->key != y->key ? (x->key < y->key ? -1 : 1) : (x < y ? -1 : x > y);
}

static double epochs_of(const struct mixing_domain *d)
{
    return d->tokens ? floor(d->want / (double)d->tokens) : 0;
}

double *mixing_begin(struct mixing_domain *domains, size_t n)
{
    double *left = mem_zero(n + 1, sizeof *left);
    for (size_t i = 0; i < n; i++) {
        struct mixing_domain *d = &domains[i];
        left[i] = d->want - epochs_of(d) * (double)d->tokens;
        d->got_tokens = (uint64_t)epochs_of(d) * d->tokens;
        d->got_documents = (uint64_t)epochs_of(d) * d->documents;
    }
    return left;
}

uint32_t mixing_take(struct mixing_domain *d, double *left, uint64_t tokens)
{
    const uint32_t copies = (uint32_t)epochs_of(d);
    if ((double)tokens > *left) return copies;
    *left -= (double)tokens;
    d->got_tokens += tokens;
    d->got_documents++;
    return copies + 1;
}

void mixing_choose(struct mixing_domain *domains, size_t n, struct mixing_doc *docs, size_t n_docs)
{
    struct mixing_doc **order = mem_alloc(n_docs + 1, sizeof *order);
    double *left = mixing_begin(domains, n);
    for (size_t k = 0; k < n_docs; k++) order[k] = &docs[k];
    qsort(order, n_docs, sizeof *order, best_first);
    for (size_t k = 0; k < n_docs; k++)
        order[k]->copies = mixing_take(&domains[order[k]->domain], &left[order[k]->domain], order[k]->tokens);
    free(order);
    free(left);
}
