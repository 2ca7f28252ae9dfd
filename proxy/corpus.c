/* corpus.c - a corpus opened, its weights, and rows of it. What reads the documents is corpus_gather.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "proxy/corpus.h"

#include "core/rng.h"
#include "model/tokenizer.h"
#include "record/weights.h"

#include <math.h>
#include <stdlib.h>

enum { BYTES_VOCAB = 257 };

static bool open_tokenizer(struct corpus *c, const char *path, struct err *e)
{
    c->vocab = BYTES_VOCAB, c->end = BYTES_VOCAB - 1, c->width = 2;
    if (!path) return true;
    c->tokenizer = tokenizer_open(path, e);
    if (!c->tokenizer) return false;
    c->vocab = tokenizer_size(c->tokenizer);
    c->width = c->vocab <= 1 << 16 ? 2 : 4;
    const uint32_t end = tokenizer_end(c->tokenizer);
    c->end = (int32_t)end;
    return end != VOCAB_NONE || err_set(e, ERR_DATA, "%s has no token that ends a text", path);
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct corpus_domain *)a)->name, ((const struct corpus_domain *)b)->name);
}

static bool check(struct corpus *c, const struct corpus_opt *o, struct err *e)
{
    if (!c->n_domains && o->score)
        return err_set(e, ERR_DATA, "no document has text and \"%s\" of at least %g", o->score, o->least);
    if (!c->n_domains) return err_set(e, ERR_DATA, "there are no documents with text");
    qsort(c->domains, c->n_domains, sizeof *c->domains, by_name);
    for (size_t i = 0; i < c->n_domains; i++)
        if (!c->domains[i].part[CORPUS_TRAIN].n_tokens)
            return err_set(e, ERR_DATA,
                           "all documents of \"%.*s\" are held out\nhint: a smaller --held, or more documents",
                           (int)c->domains[i].name.n, c->domains[i].name.p);
    return true;
}

struct corpus *corpus_open(const struct corpus_opt *o, const struct run *r, char **files, struct err *e)
{
    struct corpus *c = mem_zero(1, sizeof *c);
    if (open_tokenizer(c, o->tokenizer, e) && corpus_gather(c, o, r, files, e) && check(c, o, e)) return c;
    corpus_close(c);
    return NULL;
}

void corpus_close(struct corpus *c)
{
    if (!c) return;
    for (size_t i = 0; i < c->n_domains; i++)
        for (int p = 0; p < CORPUS_PARTS; p++) free(c->domains[i].part[p].tokens);
    if (c->tokenizer) tokenizer_close(c->tokenizer);
    free(c->domains);
    arena_free(&c->mem);
    free(c);
}

/* ---- rows ---- */

void corpus_natural(const struct corpus *c, double *weight)
{
    double all = 0;
    for (size_t i = 0; i < c->n_domains; i++) all += weight[i] = (double)c->domains[i].part[CORPUS_TRAIN].n_tokens;
    for (size_t i = 0; i < c->n_domains; i++) weight[i] /= all;
}

bool corpus_weights(const struct corpus *c, const char *path, double *weight, struct err *e)
{
    struct weights w;
    double sum = 0;
    bool ok = weights_read(&w, path, e);
    for (size_t i = 0; i < c->n_domains; i++) sum += weight[i] = weights_of(&w, c->domains[i].name);
    for (size_t i = 0; i < c->n_domains; i++) weight[i] /= sum;
    if (ok && !(sum > 0 && isfinite(sum)))
        ok = err_set(e, ERR_DATA, "%s: no domain of these documents has a weight above 0", path);
    weights_free(&w);
    return ok;
}

size_t corpus_domain(const struct corpus *c, struct str name)
{
    size_t i = 0;
    while (i < c->n_domains && !str_eq(c->domains[i].name, name)) i++;
    return i;
}

size_t corpus_pick(const struct corpus *c, const double *weight, uint64_t seed, uint64_t step, uint64_t row)
{
    double at = rng_unit(rng_at(seed, step, 2 * row));
    size_t i = 0;
    while (i + 1 < c->n_domains && (at -= weight[i]) >= 0) i++;
    return i;
}

static int32_t token_at(const struct corpus *c, const struct corpus_stream *s, uint64_t i)
{
    return c->width == 2 ? ((const uint16_t *)s->tokens)[i] : (int32_t)((const uint32_t *)s->tokens)[i];
}

void corpus_row(const struct corpus *c, size_t domain, uint64_t seed, uint64_t step, uint64_t row, int32_t *to,
                size_t length)
{
    const struct corpus_stream *s = &c->domains[domain].part[CORPUS_TRAIN];
    const uint64_t begin = (uint64_t)(((rng_u128)rng_at(seed, step, 2 * row + 1) * s->n_tokens) >> 64);
    for (size_t i = 0; i <= length; i++) to[i] = token_at(c, s, (begin + i) % s->n_tokens);
}

size_t corpus_n_rows(const struct corpus *c, size_t domain, enum corpus_part part, size_t length)
{
    const uint64_t n = c->domains[domain].part[part].n_tokens;
    return n < 2 ? 0 : (size_t)((n - 2) / length + 1);
}

void corpus_row_at(const struct corpus *c, size_t domain, enum corpus_part part, size_t i, int32_t *to, size_t length)
{
    const struct corpus_stream *s = &c->domains[domain].part[part];
    for (size_t k = 0; k <= length; k++) {
        const uint64_t at = (uint64_t)i * length + k;
        to[k] = at < s->n_tokens ? token_at(c, s, at) : -1;
    }
}
