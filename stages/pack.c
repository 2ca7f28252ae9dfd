/* pack.c - tokenise documents and write the shards that trainers read.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.h"
#include "core/rng.h"
#include "frame/stage.h"
#include "model/tokenizer.h"
#include "shard/packing.h"
#include "shard/shuffle.h"

#include <stdio.h>
#include <stdlib.h>

static struct { const char *model, *format, *split, *end; long length; size_t shard_tokens; int how; bool specials, shuffle; } opt = {
    .format = "megatron,llmc", .length = 2048, .shard_tokens = 100 << 20,
};
static const struct opt options[] = {
    { 'm', "model",        TEXT(&opt.model),        "FILE",                 "tokenizer.json, .model, tiktoken ranks, vocab.txt", .required = true },
    { 'f', "format",       TEXT(&opt.format),       "FORMAT,...",           "megatron, llmc, npy, jsonl, mds: any, in one pass" },
    {  0 , "pack",         PICK(&opt.how),          "concat|none|best-fit", "how documents fill rows" },
    { 'L', "length",       INT(&opt.length),        "N",                    "tokens of a row", .min = 2, .max = 1 << 24 },
    {  0 , "end",          TEXT(&opt.end),          "TOKEN",                "ends each document; else what the model names so" },
    {  0 , "split",        TEXT(&opt.split),        "NAME=SHARE,...",       "parts by hash of the id: train=0.99,valid=0.01" },
    {  0 , "shuffle",      FLAG(&opt.shuffle),                              "documents in random order, by scratch files"  },
    {  0 , "shard-tokens", SIZE(&opt.shard_tokens), "N",                    "tokens a file, where a format has many files" },
    {  0 , "specials",     FLAG(&opt.specials),                             "special tokens named in the text are meant" },
    { END }
};

enum { SPLITS = 16, COPIES_MAX = 1000 };
struct part { struct str name; double upto; struct packing *to; struct shuffle *shuffle; char prefix[4000]; };   /* upto: of [0, 1) */
struct pack {
    struct tokenizer *t;
    struct tokenizer_worker **workers;                       /* (threads) */
    struct ids *ids;                                         /* (threads) */
    int threads;
    unsigned flags;
    uint32_t end;
    uint64_t seed;
    struct part part[SPLITS];
    size_t n_parts;
};

static void pack_free(void *self)
{
    struct pack *s = self;
    for (size_t i = 0; i < s->n_parts; i++) { packing_drop(s->part[i].to); shuffle_close(s->part[i].shuffle); }
    for (int i = 0; i < s->threads; i++) {
        tokenizer_worker_free(s->workers[i]);
        free(s->ids[i].p);
    }
    free(s->workers);
    free(s->ids);
    tokenizer_close(s->t);
    free(s);
}

/* ---- options to parts ---- */

static bool add_part(struct pack *s, struct str name, double share, const char *output, struct err *e)
{
    if (s->n_parts == SPLITS) return err_set(e, ERR_USAGE, "--split has more than %d parts", SPLITS);
    struct part *p = &s->part[s->n_parts++];
    *p = (struct part){ .name = name, .upto = (s->n_parts > 1 ? p[-1].upto : 0) + share };
    snprintf(p->prefix, sizeof p->prefix, "%s%s%.*s", output, name.n ? "_" : "", (int)name.n, name.p);
    return true;
}

static bool read_split(struct pack *s, const char *output, struct err *e)
{
    struct str rest = str_of(opt.split);
    if (!rest.p) return add_part(s, S(""), 1, output, e);
    for (struct str item, name; str_cut(&rest, ',', &item); ) {
        struct str share = item;
        double x = 0;
        if (!str_cut(&share, '=', &name) || !share.p || !name.n || !json_number(share, &x) || x <= 0 || x > 1)
            return err_set(e, ERR_USAGE, "--split: \"%.*s\" is not NAME=SHARE with a share above 0 and up to 1", (int)item.n, item.p);
        if (!add_part(s, name, x, output, e)) return false;
    }
    const double sum = s->part[s->n_parts - 1].upto;
    if (sum < 0.999999 || sum > 1.000001) return err_set(e, ERR_USAGE, "--split: the shares sum to %g, not to 1", sum);
    s->part[s->n_parts - 1].upto = 1;
    return true;
}

static bool read_formats(struct packing_spec *spec, struct err *e)
{
    struct str rest = str_of(opt.format);
    for (struct str name; str_cut(&rest, ',', &name); ) {
        const struct shard_format *f = shard_format_named(name);
        if (!f) return err_set(e, ERR_USAGE, "--format: \"%.*s\" is not known", (int)name.n, name.p);
        if (spec->n_formats == FORMATS_MAX) return err_set(e, ERR_USAGE, "--format names more than %d", FORMATS_MAX);
        spec->format[spec->n_formats++] = f;
    }
    return true;
}

static bool open_parts(struct pack *s, const char *output, struct err *e)
{
    struct packing_spec spec = { .shard = { .width = tokenizer_size(s->t) <= 1 << 16 ? 2 : 4, .length = (size_t)opt.length, .shard_tokens = opt.shard_tokens },
                                 .how = (enum packing_how)opt.how, .pad = s->end };
    if (!strcmp(output, "-")) return err_set(e, ERR_USAGE, "shards need a name: -o PREFIX");
    if (!read_formats(&spec, e) || !read_split(s, output, e)) return false;
    for (size_t i = 0; i < s->n_parts; i++) {
        spec.shard.prefix = s->part[i].prefix;
        if (!(s->part[i].to = packing_open(&spec, e))) return false;
        if (opt.shuffle) s->part[i].shuffle = shuffle_open();
    }
    return true;
}

static void *pack_open(const struct run *r, struct err *e)
{
    struct tokenizer *t = tokenizer_open(opt.model, e);
    if (!t) return NULL;
    struct pack *s = mem_zero(1, sizeof *s);
    const size_t n = (size_t)r->threads;
    *s = (struct pack){ .t = t, .workers = mem_zero(n, sizeof *s->workers), .ids = mem_zero(n, sizeof *s->ids), .threads = r->threads,
                        .flags = opt.specials ? TOKENIZER_SPECIALS : 0, .seed = r->seed };
    for (size_t i = 0; i < n; i++) s->workers[i] = tokenizer_worker_new(t);
    s->end = opt.end ? tokenizer_id(t, str_of(opt.end)) : tokenizer_end(t);
    if (s->end == VOCAB_NONE) err_set(e, ERR_USAGE, "%s has no token %s", opt.model, opt.end ? opt.end : "that ends a text\nhint: name one with --end");
    else if (open_parts(s, r->output, e)) return s;
    pack_free(s);
    return NULL;
}

/* ---- documents ---- */

struct packed { size_t part, n; uint64_t hash; int64_t copies; uint32_t ids[]; };

/* By the id, else by the text: a document goes to the same part in every run. */
static size_t part_of(const struct pack *s, uint64_t hash)
{
    const double at = rng_unit(rng_at(s->seed, hash, 0));
    size_t i = 0;
    while (i + 1 < s->n_parts && at >= s->part[i].upto) i++;
    return i;
}

static bool pack_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    struct pack *s = self;
    const struct str text = doc_text(d);
    if (!text.p) return run_no_text(d);
    struct ids *ids = &s->ids[d->worker];
    ids->n = 0;
    tokenizer_encode(s->workers[d->worker], text, s->flags, ids);
    ids_put(ids, s->end);
    struct packed *p = arena_alloc(d->mem, sizeof *p + ids->n * sizeof *ids->p);
    const struct str id = doc_id(d);
    p->hash = hash64(id.n ? id : text, 0);
    p->part = part_of(s, p->hash);
    if (!json_integer(doc_get(d, "copies"), &p->copies) || p->copies < 0 || p->copies > COPIES_MAX) p->copies = 1;
    p->n = ids->n;
    memcpy(p->ids, ids->p, ids->n * sizeof *ids->p);
    d->note = p;
    return true;
}

static bool pack_turn(void *self, struct doc *d, struct err *e)
{
    struct pack *s = self;
    const struct packed *p = d->note;
    const struct part *to = &s->part[p->part];
    bool ok = true;
    for (int64_t k = 0; ok && k < p->copies; k++)
        ok = to->shuffle ? shuffle_put(to->shuffle, rng_at(s->seed, p->hash, (uint64_t)k + 1), doc_get(d, "id"), p->ids, p->n, e)
                         : packing_put(to->to, doc_get(d, "id"), p->ids, p->n, e);
    return ok;
}

static bool put_shuffled(void *packing, struct str id, const uint32_t *tokens, size_t n, struct err *e) { return packing_put(packing, id, tokens, n, e); }

static bool pack_close(void *self, struct err *e)
{
    struct pack *s = self;
    bool ok = true;
    for (size_t i = 0; ok && i < s->n_parts; i++) {
        struct packing *to = s->part[i].to;
        if (s->part[i].shuffle && !shuffle_all(s->part[i].shuffle, put_shuffled, to, e)) return false;
        s->part[i].to = NULL;
        ok = packing_close(to, NULL, e);
    }
    return ok;
}

const struct stage stage_pack = {
    .place = 520, .name = "pack", .brief = "tokenise documents and write the shards that trainers read",
    .text = "Writes PREFIX.bin and .idx (Megatron-LM), PREFIX_000000.bin (llm.c) and what else --format names; PREFIX.json\n"
            "says how much, PREFIX.docs.jsonl.zst where each document went. With --split, PREFIX_NAME.* for each part.\n"
            "A document with \"copies\" (mix) is written so many times: with --shuffle, apart.",
    .example = "  tamis pack -m tokenizer.json -L 2048 docs.jsonl.zst -o shards/data",
    .options = options, .open = pack_open, .each = pack_each, .turn = pack_turn, .close = pack_close, .free = pack_free, .sink = true,
};

static bool verify(const struct run *r, struct err *e)
{
    for (size_t i = 0; i < r->n_files; i++) {
        uint64_t tokens;
        if (!packing_verify(r->files[i], &tokens, e)) return false;
        printf("%s: %llu tokens as written\n", r->files[i], (unsigned long long)tokens);
    }
    return true;
}

const struct stage stage_pack_verify = {
    .place = 521, .name = "pack verify", .brief = "read shards back and compare them with what was written", .usage = "PREFIX...",
    .text = "Reads every format that PREFIX.json names, checks that its own numbers agree, and compares the tokens' hash.",
    .example = "  tamis pack verify shards/data", .command = verify,
};
