/* corpus_gather.c - documents, or shards of them, to tokens: a stream for each domain and part.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Documents are gathered some at a time, encoded side by side and put away in the order they came. */
#include "proxy/corpus.h"

#include "core/file.h"
#include "core/hash.h"
#include "core/par.h"
#include "core/rng.h"
#include "model/tokenizer.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXTS = 256, SHARD_JSON_MAX = 64 << 20 };
static const size_t TEXT_BYTES = 1 << 20;            /* gathered before they are encoded */

struct text { struct str s; size_t domain; enum corpus_part part; struct ids ids; };
struct gather {
    struct corpus *c;
    const struct corpus_opt *o;
    struct tokenizer_worker **workers;               /* (threads), or NULL */
    struct text text[TEXTS];
    size_t n, bytes, used, limit;                    /* used, limit: bytes of tokens */
    int threads;
    struct arena mem;                                /* of the texts */
    size_t *table, n_table, cap_domains;             /* (n_table) domain + 1 by hash of its name; 0: free */
};

/* ---- domains ---- */

static size_t *slot_of(const struct gather *g, struct str name)
{
    size_t i = hash64(name, 0) & (g->n_table - 1);
    while (g->table[i] && !str_eq(g->c->domains[g->table[i] - 1].name, name)) i = (i + 1) & (g->n_table - 1);
    return &g->table[i];
}

static void grow_table(struct gather *g)
{
    free(g->table);
    g->n_table = g->n_table ? 4 * g->n_table : 64;
    g->table = mem_zero(g->n_table, sizeof *g->table);
    for (size_t i = 0; i < g->c->n_domains; i++) *slot_of(g, g->c->domains[i].name) = i + 1;
}

static size_t domain_of(struct gather *g, struct str name)
{
    struct corpus *c = g->c;
    if (2 * c->n_domains >= g->n_table) grow_table(g);
    size_t *slot = slot_of(g, name);
    if (!*slot) {
        c->domains = mem_grow(c->domains, &g->cap_domains, c->n_domains + 1, sizeof *c->domains);
        c->domains[c->n_domains] = (struct corpus_domain){ .name = str_copy(&c->mem, name) };
        *slot = ++c->n_domains;
    }
    return *slot - 1;
}

/* A string decoded, a number as it is written. */
static struct str domain_name(const struct gather *g, const struct doc *d)
{
    const struct str value = g->o->field ? doc_path(d, str_of(g->o->field)) : (struct str){ 0 };
    struct str name;
    if (!value.p) return S("all");
    return json_string(value, d->mem, &name) ? name : value;
}

/* ---- texts to tokens ---- */

static void encode_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk;
    struct gather *g = ctx;
    for (size_t i = begin; i < end; i++) {
        struct text *t = &g->text[i];
        t->ids.n = 0;
        if (g->workers) tokenizer_encode(g->workers[worker], t->s, 0, &t->ids);
        else for (size_t k = 0; k < t->s.n; k++) ids_put(&t->ids, (uint8_t)t->s.p[k]);
        ids_put(&t->ids, (uint32_t)g->c->end);
    }
}

static void stream_put(struct corpus_stream *s, const struct ids *ids, size_t width)
{
    s->tokens = mem_grow(s->tokens, &s->cap, s->n_tokens + ids->n, width);
    for (size_t i = 0; i < ids->n; i++) {
        if (width == 2) ((uint16_t *)s->tokens)[s->n_tokens + i] = (uint16_t)ids->p[i];
        else ((uint32_t *)s->tokens)[s->n_tokens + i] = ids->p[i];
    }
    s->n_docs++;
    s->n_tokens += ids->n;
}

static bool count_tokens(struct gather *g, size_t n, struct err *e)
{
    g->used += n * g->c->width;
    return g->used <= g->limit
        || err_set(e, ERR_DATA,
                   "the documents are more than %zu KiB of tokens\nhint: raise --memory, or take a sample: tamis docs --sample", g->limit >> 10);
}

static bool flush(struct gather *g, struct err *e)
{
    par_for(g->threads, g->n, 1, encode_run, g);
    for (size_t i = 0; i < g->n; i++) {
        const struct text *t = &g->text[i];
        if (!count_tokens(g, t->ids.n, e)) return false;
        stream_put(&g->c->domains[t->domain].part[t->part], &t->ids, g->c->width);
    }
    g->n = g->bytes = 0;
    arena_reset(&g->mem);
    return true;
}

/* Held out, trained on, or (CORPUS_PARTS) left out. */
static enum corpus_part part_of(const struct corpus_opt *o, uint64_t id)
{
    if (rng_unit(hash_mix(id)) < o->held) return CORPUS_HELD;
    return rng_unit(rng_at(1, id, 0)) < o->thin ? CORPUS_PARTS : CORPUS_TRAIN;
}

static bool gather_doc(struct gather *g, struct doc *d, struct err *e)
{
    const struct str s = doc_text(d), id = doc_id(d);
    double score = 0;
    if (!s.p || (g->o->score && !json_number(doc_path(d, str_of(g->o->score)), &score))) {
        g->c->n_skipped++;
        return true;
    }
    const enum corpus_part part = part_of(g->o, hash64(id.n ? id : s, 0));
    if ((g->o->score && score < g->o->least) || part == CORPUS_PARTS) return true;
    struct text *t = &g->text[g->n++];
    t->s = str_copy(&g->mem, s);
    t->domain = domain_of(g, domain_name(g, d));
    t->part = part;
    g->bytes += s.n;
    return (g->n < TEXTS && g->bytes < TEXT_BYTES) || flush(g, e);
}

static bool gather_documents(struct gather *g, const struct run *r, char **files, struct err *e)
{
    struct reader *rd = reader_open(r, files, e);
    if (!rd) return false;
    bool ok = true;
    for (struct doc *d; ok && (d = reader_next(rd, e)); ) ok = gather_doc(g, d, e);
    reader_close(rd);
    return ok && !e->kind && flush(g, e);
}

/* ---- shards: PREFIX.bin holds the tokens, PREFIX.docs.jsonl.zst where each document lies ---- */

static bool gather_piece(struct gather *g, const struct map *bin, size_t domain, struct ids *ids, const struct doc *d,
                         struct err *e)
{
    const size_t width = g->c->width;
    const struct str id = doc_id(d);
    int64_t at, n;
    if (!json_integer(doc_get(d, "at"), &at) || !json_integer(doc_get(d, "tokens"), &n) || at < 0 || n < 0
        || (uint64_t)at > bin->n / width || (uint64_t)n > bin->n / width - (uint64_t)at)
        return err_set(e, ERR_DATA, "a document lies outside the tokens");
    const enum corpus_part part = part_of(g->o, hash64(id, 0));
    if (part == CORPUS_PARTS) return true;
    ids->n = 0;
    for (int64_t i = at; i < at + n; i++) {
        const uint32_t token = width == 2 ? ((const uint16_t *)(const void *)bin->p)[i]
                               : ((const uint32_t *)(const void *)bin->p)[i];
        if (token >= g->c->vocab)
            return err_set(e, ERR_DATA, "token %u at %lld is none of the tokenizer's %zu", token, (long long)i,
                           g->c->vocab);
        ids_put(ids, token);
    }
    return count_tokens(g, ids->n, e) && (stream_put(&g->c->domains[domain].part[part], ids, width), true);
}

static bool gather_pieces(struct gather *g, const struct run *r, const char *prefix, const struct map *bin,
                          struct err *e)
{
    char path[4096];
    const char *slash = strrchr(prefix, '/');
    snprintf(path, sizeof path, "%s.docs.jsonl.zst", prefix);
    const size_t domain = domain_of(g, str_of(slash ? slash + 1 : prefix));
    struct reader *rd = reader_open(r, (char *[]){ path, NULL }, e);
    struct ids ids = { 0 };
    bool ok = rd != NULL;
    for (struct doc *d; ok && (d = reader_next(rd, e)); )
        ok = gather_piece(g, bin, domain, &ids, d, e) || err_in(e, "%s", path);
    if (rd) reader_close(rd);
    free(ids.p);
    return ok && !e->kind;
}

static bool gather_shard(struct gather *g, const struct run *r, const char *json, struct err *e)
{
    char prefix[4000], path[4096];
    struct buf b = { 0 };
    struct map bin;
    int64_t width = 0;
    snprintf(prefix, sizeof prefix, "%.*s", (int)(strlen(json) - strlen(".json")), json);
    snprintf(path, sizeof path, "%s.bin", prefix);
    bool ok = file_slurp(json, &b, SHARD_JSON_MAX, e) && (json_valid(buf_str(&b), e) || err_in(e, "%s", json));
    struct str all = ok ? str_trim(buf_str(&b)) : S("{}");
    json_integer(json_get(all, S("token_bytes")), &width);
    if (ok && (!json_get(all, S("formats.megatron")).p || !str_eq(json_get(all, S("pack")), S("\"concat\""))))
        ok = err_set(e, ERR_USAGE, "%s is not of documents end to end in Megatron's format\nhint: tamis pack --pack concat --format megatron", json);
    if (ok && (size_t)width != g->c->width)
        ok = err_set(e, ERR_DATA, "%s: tokens of %lld bytes are of another tokenizer", json, (long long)width);
    buf_free(&b);
    if (!ok || !map_open(&bin, path, e)) return false;
    ok = gather_pieces(g, r, prefix, &bin, e);
    map_close(&bin);
    return ok;
}

static bool gather_files(struct gather *g, const struct run *r, char **files, struct err *e)
{
    size_t n = 0;
    while (files[n] && str_ends(str_of(files[n]), S(".json"))) n++;
    if (files[n] && n) return err_set(e, ERR_USAGE, "%s: documents and shards do not go together", files[n]);
    if (!n) return gather_documents(g, r, files, e);
    if (g->o->score || !g->c->tokenizer)
        return err_set(e, ERR_USAGE, "shards need their tokenizer, and have no scores");
    for (size_t i = 0; i < n; i++) if (!gather_shard(g, r, files[i], e)) return false;
    return true;
}

/* ---- all ---- */

bool corpus_gather(struct corpus *c, const struct corpus_opt *o, const struct run *r, char **files, struct err *e)
{
    struct gather *g = mem_zero(1, sizeof *g);
    *g = (struct gather){ .c = c, .o = o, .threads = r->threads, .limit = r->memory };
    if (c->tokenizer) {
        g->workers = mem_alloc((size_t)r->threads, sizeof *g->workers);
        for (int i = 0; i < r->threads; i++) g->workers[i] = tokenizer_worker_new(c->tokenizer);
    }
    const bool ok = gather_files(g, r, files, e);
    for (int i = 0; g->workers && i < r->threads; i++) tokenizer_worker_free(g->workers[i]);
    for (size_t i = 0; i < TEXTS; i++) free(g->text[i].ids.p);
    arena_free(&g->mem);
    free(g->workers), free(g->table), free(g);
    return ok;
}
