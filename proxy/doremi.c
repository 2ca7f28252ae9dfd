/* doremi.c - DoReMi's arithmetic.
 * SPDX-License-Identifier: Apache-2.0 */
#include "proxy/doremi.h"

#include "core/arena.h"

#include <stdlib.h>

static size_t *tokens_of(const struct doremi_rows *r)
{
    size_t *tokens = mem_zero(r->k, sizeof *tokens);
    for (size_t i = 0; i < r->rows; i++) tokens[r->domain[i]] += r->length;
    return tokens;
}

void doremi_excess(const struct doremi_rows *r, const float *proxy, const float *reference, double *excess)
{
    size_t *tokens = tokens_of(r);
    for (size_t d = 0; d < r->k; d++) if (tokens[d]) excess[d] = 0;
    for (size_t i = 0; i < r->rows; i++) {
        double sum = 0;
        for (size_t t = i * r->length; t < (i + 1) * r->length; t++) {
            const double over = (double)proxy[t] - (double)reference[t];
            if (over > 0) sum += over;
        }
        excess[r->domain[i]] += sum / (double)tokens[r->domain[i]];
    }
    free(tokens);
}

void doremi_token_weights(const struct doremi_rows *r, const double *weight, float *to)
{
    size_t *tokens = tokens_of(r);
    for (size_t i = 0; i < r->rows; i++) {
        const float w = (float)(weight[r->domain[i]] / (double)tokens[r->domain[i]]);
        for (size_t t = i * r->length; t < (i + 1) * r->length; t++) to[t] = w;
    }
    free(tokens);
}
