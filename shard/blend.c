/* blend.c - see blend.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "shard/blend.h"
#include "core/file.h"
#include "record/json.h"

#include <stdlib.h>

bool blend_init(struct blend *b, const struct blend_options *o, struct err *e)
{
    *b = (struct blend){ .how = *o };
    if (o->unimax == (o->weights != NULL))
        return err_set(e, ERR_USAGE, "give --weights FILE or --unimax, one of the two");
    return !o->weights || weights_read(&b->weights, o->weights, e);
}

void blend_free(struct blend *b)
{
    weights_free(&b->weights);
    vocab_free(&b->names);
    free(b->domains);
    *b = (struct blend){ 0 };
}

bool blend_domain(struct blend *b, struct str name, uint32_t *domain, struct err *e)
{
    *domain = vocab_find(&b->names, name);
    if (*domain != VOCAB_NONE) return true;
    if (b->names.n == VOCAB_MAX) return err_set(e, ERR_DATA, "more than %d domains", VOCAB_MAX);
    vocab_set(&b->names, *domain = (uint32_t)b->names.n, name);
    if (*domain >= b->cap) b->domains = mem_grow(b->domains, &b->cap, *domain + 1u, sizeof *b->domains);
    b->domains[*domain] = (struct mixing_domain){ 0 };
    return true;
}

bool blend_share(struct blend *b, struct err *e)
{
    double all = 0, weights = 0;
    for (size_t i = 0; i < b->names.n; i++) {
        b->domains[i].weight = b->how.unimax ? 1 : weights_of(&b->weights, b->names.token[i]);
        weights += b->domains[i].weight;
        all += (double)b->domains[i].tokens;
    }
    if (b->names.n && weights <= 0) return err_set(e, ERR_USAGE, "no domain of these documents has a weight above 0");
    mixing_share(b->domains, b->names.n, b->how.tokens > 0 ? b->how.tokens : all, b->how.max_epochs);
    return true;
}

bool blend_receipt(const struct blend *b, struct err *e)
{
    double weights = 0, tokens = 0;
    struct buf out = { 0 };
    if (!b->how.receipt) return true;
    for (size_t i = 0; i < b->names.n; i++) {
        weights += b->domains[i].weight;
        tokens += (double)b->domains[i].got_tokens;
    }
    buf_put(&out, S("{\n"));
    for (size_t i = 0; i < b->names.n; i++) {
        const struct mixing_domain *d = &b->domains[i];
        buf_put(&out, S("  "));
        json_put_string(&out, b->names.token[i]);
        buf_printf(&out, ": {\"weight\": %.6g, \"share\": %.6g, \"documents\": %llu, \"tokens\": %llu, \"epochs\": %.4g, \"of\": {\"documents\": %llu, \"tokens\": %llu}}%s\n",
                   weights > 0 ? d->weight / weights : 0, tokens > 0 ? (double)d->got_tokens / tokens : 0,
                   (unsigned long long)d->got_documents,
                   (unsigned long long)d->got_tokens, d->tokens ? (double)d->got_tokens / (double)d->tokens : 0,
                   (unsigned long long)d->documents,
                   (unsigned long long)d->tokens, i + 1 < b->names.n ? "," : "");
    }
    buf_put(&out, S("}\n"));
    const bool ok = file_write(b->how.receipt, buf_str(&out), e);
    buf_free(&out);
    return ok;
}
