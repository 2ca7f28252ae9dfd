/* mix.c - keep, repeat or drop documents so that domains have the shares that weights ask for.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "core/rng.h"
#include "frame/stage.h"
#include "model/tokenizer.h"
#include "shard/mixing.h"

#include <stdlib.h>

static struct { const char *weights, *by, *model, *score, *receipt; double tokens, max_epochs; bool unimax; } opt = { .by = "domain", .max_epochs = 4 };
static const struct opt options[] = {
    { 'w', "weights",    TEXT(&opt.weights),    "FILE",  "JSON: domain to weight, or that as \"weights\"" },
    {  0 , "unimax",     FLAG(&opt.unimax),              "the same weight for every domain" },
    {  0 , "by",         TEXT(&opt.by),         "FIELD", "what a domain is" },
    {  0 , "tokens",     REAL(&opt.tokens),     "N",     "how many in all; 0: as many as there are", .max = 1e15 },
    {  0 , "max-epochs", REAL(&opt.max_epochs), "X",     "repeat no domain more often", .min = 0.001, .max = 1000 },
    { 'm', "model",      TEXT(&opt.model),      "FILE",  "tokenizer that counts; without, bytes are counted" },
    {  0 , "score",      TEXT(&opt.score),      "PATH",  "keep the highest first, not a random choice: scores.good" },
    {  0 , "receipt",    TEXT(&opt.receipt),    "FILE",  "JSON: per domain what was asked and what was given" },
    { END }
};

enum { WEIGHTS_MAX = 1 << 26 };
struct mix {
    struct tokenizer *t;
    struct tokenizer_worker **workers;                       /* (threads) */
    struct ids *ids;                                         /* (threads) */
    int threads;
    struct buf weights;
    const char *by, *receipt;
    struct str score;
    double tokens, max_epochs;
    uint64_t seed;
    bool unimax, settled;
    struct vocab names;                                      /* domains in the order they came */
    struct mixing_domain *domains;
    struct mixing_doc *docs;
    size_t cap_domains, n_docs, cap_docs;
};

static void mix_free(void *self)
{
    struct mix *s = self;
    for (int i = 0; i < s->threads; i++) {
        tokenizer_worker_free(s->workers[i]);
        free(s->ids[i].p);
    }
    free(s->workers);
    free(s->ids);
    tokenizer_close(s->t);
    buf_free(&s->weights);
    vocab_free(&s->names);
    free(s->domains);
    free(s->docs);
    free(s);
}

static bool read_weights(struct mix *s, struct err *e)
{
    if (opt.unimax == (opt.weights != NULL)) return err_set(e, ERR_USAGE, "give --weights FILE or --unimax, one of the two");
    return !opt.weights || (file_slurp(opt.weights, &s->weights, WEIGHTS_MAX, e) && (json_valid(buf_str(&s->weights), e) || err_in(e, "%s", opt.weights)));
}

static void *mix_open(const struct run *r, struct err *e)
{
    struct mix *s = mem_zero(1, sizeof *s);
    const size_t n = (size_t)r->threads;
    *s = (struct mix){ .workers = mem_zero(n, sizeof *s->workers), .ids = mem_zero(n, sizeof *s->ids), .threads = r->threads, .by = opt.by, .receipt = opt.receipt,
                       .score = str_of(opt.score), .tokens = opt.tokens, .max_epochs = opt.max_epochs, .seed = r->seed, .unimax = opt.unimax };
    bool ok = read_weights(s, e);
    if (ok && opt.model) ok = (s->t = tokenizer_open(opt.model, e)) != NULL;
    for (size_t i = 0; ok && s->t && i < n; i++) s->workers[i] = tokenizer_worker_new(s->t);
    if (ok) return s;
    mix_free(s);
    return NULL;
}

/* ---- the first pass: what there is ---- */

static bool mix_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    struct mix *s = self;
    const struct str text = doc_text(d);
    if (!text.p) return run_no_text(d);
    if (s->settled) return true;
    uint64_t *tokens = NEW(d->mem, uint64_t, 1);
    *tokens = text.n;
    if (s->t) {
        struct ids *ids = &s->ids[d->worker];
        ids->n = 0;
        tokenizer_encode(s->workers[d->worker], text, 0, ids);
        *tokens = ids->n + 1;                                /* and the end of the text */
    }
    d->note = tokens;
    return true;
}

/* The field's text; a number as it is written; "none" when it is absent. */
static struct str domain_of(const struct mix *s, const struct doc *d)
{
    struct str name;
    if (doc_string(d, s->by, &name)) return name;
    name = doc_path(d, str_of(s->by));
    if (name.n && json_is_string(name)) json_string(name, d->mem, &name);
    return name.n ? name : S("none");
}

static bool mix_turn(void *self, struct doc *d, struct err *e)
{
    (void)e;
    struct mix *s = self;
    const struct str name = domain_of(s, d), id = doc_id(d);
    uint32_t domain = vocab_find(&s->names, name);
    if (domain == VOCAB_NONE) {
        if (s->names.n == VOCAB_MAX) return err_set(e, ERR_DATA, "more than %d domains by \"%s\"", VOCAB_MAX, s->by);
        vocab_set(&s->names, domain = (uint32_t)s->names.n, name);
        if (domain >= s->cap_domains) s->domains = mem_grow(s->domains, &s->cap_domains, domain + 1u, sizeof *s->domains);
        s->domains[domain] = (struct mixing_domain){ 0 };
    }
    if (s->n_docs == s->cap_docs) s->docs = mem_grow(s->docs, &s->cap_docs, s->n_docs + 1, sizeof *s->docs);
    struct mixing_doc *m = &s->docs[s->n_docs++];
    *m = (struct mixing_doc){ .domain = domain, .tokens = *(uint64_t *)d->note, .key = rng_at(s->seed, hash64(id.n ? id : doc_text(d), 0), 0) };
    if (s->score.p && !json_number(doc_path(d, s->score), &m->score)) m->score = -INFINITY;
    s->domains[domain].tokens += m->tokens;
    s->domains[domain].documents++;
    return true;
}

/* ---- the decision ---- */

static double weight_of(const struct mix *s, struct str name)
{
    double w = 0;
    struct str all = str_trim(buf_str(&s->weights)), inner = json_get(all, S("weights"));
    if (s->unimax) return 1;
    if (!inner.p) inner = all;
    struct arena mem = { 0 };
    for (struct json_field f; json_next_field(&inner, &f); ) {
        struct str key;
        if (json_string((struct str){ f.key.p - 1, f.key.n + 2 }, &mem, &key) && str_eq(key, name)) json_number(f.value, &w);
    }
    arena_free(&mem);
    return w > 0 ? w : 0;
}

static bool put_receipt(const struct mix *s, double weights, double tokens, struct err *e)
{
    struct buf b = { 0 };
    buf_put(&b, S("{\n"));
    for (size_t i = 0; i < s->names.n; i++) {
        const struct mixing_domain *d = &s->domains[i];
        buf_put(&b, S("  "));
        json_put_string(&b, s->names.token[i]);
        buf_printf(&b, ": {\"weight\": %.6g, \"share\": %.6g, \"documents\": %llu, \"tokens\": %llu, \"epochs\": %.4g, \"of\": {\"documents\": %llu, \"tokens\": %llu}}%s\n",
                   weights > 0 ? d->weight / weights : 0, tokens > 0 ? (double)d->got_tokens / tokens : 0, (unsigned long long)d->got_documents,
                   (unsigned long long)d->got_tokens, d->tokens ? (double)d->got_tokens / (double)d->tokens : 0, (unsigned long long)d->documents,
                   (unsigned long long)d->tokens, i + 1 < s->names.n ? "," : "");
    }
    buf_put(&b, S("}\n"));
    const bool ok = file_write(s->receipt, buf_str(&b), e);
    buf_free(&b);
    return ok;
}

static bool mix_settle(void *self, struct err *e)
{
    struct mix *s = self;
    double all = 0, weights = 0, got = 0;
    for (size_t i = 0; i < s->names.n; i++) {
        s->domains[i].weight = weight_of(s, s->names.token[i]);
        weights += s->domains[i].weight;
        all += (double)s->domains[i].tokens;
    }
    if (s->names.n && weights <= 0) return err_set(e, ERR_USAGE, "no domain of these documents (\"%s\") has a weight above 0", s->by);
    mixing_share(s->domains, s->names.n, s->tokens > 0 ? s->tokens : all, s->max_epochs);
    mixing_choose(s->domains, s->names.n, s->docs, s->n_docs);
    for (size_t i = 0; i < s->names.n; i++) got += (double)s->domains[i].got_tokens;
    s->settled = true;
    return !s->receipt || put_receipt(s, weights, got, e);
}

static bool mix_again(void *self, struct doc *d, struct err *e)
{
    (void)e;
    struct mix *s = self;
    const uint32_t copies = s->docs[d->row].copies;
    if (!copies) doc_drop(d, "mix", "\"tokens\":%llu", (unsigned long long)s->docs[d->row].tokens);
    else if (copies > 1) doc_put_int(d, "copies", copies);
    return true;
}

static void mix_plan(void *self, FILE *to)
{
    (void)self;
    fprintf(to, "memory: 40 bytes a document\n");
}

const struct stage stage_mix = {
    .place = 430, .name = "mix", .brief = "keep, repeat or drop documents by domain weights",
    .text = "A document that is to be repeated gets \"copies\", which pack writes so many times; one that is not needed is\n"
            "dropped. Which: by hash of the id, or by --score. Tokens are the tokenizer's and one for the text's end.",
    .example = "  tamis mix -w weights.json --tokens 1e9 -m tokenizer.json docs.jsonl.zst -o mixed.jsonl.zst",
    .options = options, .open = mix_open, .each = mix_each, .turn = mix_turn, .settle = mix_settle, .again = mix_again, .free = mix_free, .plan = mix_plan,
};
