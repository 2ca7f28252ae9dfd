/* mix.c - keep, repeat or drop documents so that domains have the shares that weights ask for; the same for slices.
 * SPDX-License-Identifier: Apache-2.0 */
#include "frame/stage.h"
#include "shard/sizes.h"

#include <stdio.h>
#include <stdlib.h>

static struct {
    struct blend_options blend;
    struct measure_options measure;
} opt = { BLEND_DEFAULTS, MEASURE_DEFAULTS };
static const struct opt options[] = { BLEND_ROWS(opt.blend), MEASURE_ROWS(opt.measure), { END } };

struct mix {
    struct measure measure;
    struct blend blend;
    struct mixing_doc *docs;
    size_t n_docs, cap_docs;
    bool settled;
};

static void mix_free(void *self)
{
    struct mix *s = self;
    measure_free(&s->measure);
    blend_free(&s->blend);
    free(s->docs);
    free(s);
}

static void *mix_open(const struct run *r, struct err *e)
{
    struct mix *s = mem_zero(1, sizeof *s);
    if (blend_init(&s->blend, &opt.blend, e) && measure_init(&s->measure, &opt.measure, r->threads, r->seed, e))
        return s;
    mix_free(s);
    return NULL;
}

/* The first pass measures; in the second a document without text is bad again, the others are only counted off. */
static bool mix_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct mix *s = self;
    if (!s->settled) return measure_each(&s->measure, d);
    return doc_text(d).p ? true : run_no_text(d);
}

static bool mix_turn(void *self, struct doc *d, struct err *e)
{
    struct mix *s = self;
    const struct measured *m = d->note;
    uint32_t domain;
    if (!blend_domain(&s->blend, m->domain, &domain, e)) return false;
    if (s->n_docs == s->cap_docs) s->docs = mem_grow(s->docs, &s->cap_docs, s->n_docs + 1, sizeof *s->docs);
    s->docs[s->n_docs++] = (struct mixing_doc){ .domain = domain, .tokens = m->tokens, .key = m->key,
                                                .score = m->score };
    s->blend.domains[domain].tokens += m->tokens;
    s->blend.domains[domain].documents++;
    return true;
}

static bool mix_settle(void *self, struct err *e)
{
    struct mix *s = self;
    if (!blend_share(&s->blend, e)) return false;
    mixing_choose(s->blend.domains, s->blend.names.n, s->docs, s->n_docs);
    s->settled = true;
    return blend_receipt(&s->blend, e);
}

static void tell(struct doc *d, uint32_t copies, uint64_t tokens)
{
    if (!copies) doc_drop(d, "mix", "\"tokens\":%llu", (unsigned long long)tokens);
    else if (copies > 1) doc_put_int(d, "copies", copies);
}

static bool mix_again(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct mix *s = self;
    tell(d, s->docs[d->row].copies, s->docs[d->row].tokens);
    return true;
}

const struct stage stage_mix = {
    .place = 430, .name = "mix", .brief = "keep, repeat or drop documents by domain weights",
    .text = "A document that is to be repeated gets \"copies\", which pack writes so many times; one that is not needed is\n"
            "dropped. Which: by hash of the id, or by --score. Tokens are the tokenizer's and one for the text's end.",
    .memory = "32 to 48 bytes a document",
    .example = "  tamis mix -w weights.json --tokens 1B -m tokenizer.json docs.jsonl.zst -o mixed.jsonl.zst",
    .options = options, .open = mix_open, .each = mix_each, .turn = mix_turn, .settle = mix_settle, .again = mix_again,
    .free = mix_free,
};

/* ---- part ---- */

static struct measure_options popt = MEASURE_DEFAULTS;
static const struct opt part_options[] = { MEASURE_ROWS(popt), { END } };

struct part { struct measure measure; struct sizes_out *out; };

static void part_free(void *self)
{
    struct part *s = self;
    sizes_drop(s->out);
    measure_free(&s->measure);
    free(s);
}

static void *part_open(const struct run *r, struct err *e)
{
    struct part *s = mem_zero(1, sizeof *s);
    if (measure_init(&s->measure, &popt, r->threads, r->seed, e)
        && (r->plan || (s->out = sizes_create(r->output, r->memory, r->threads, e))))
        return s;
    part_free(s);
    return NULL;
}

static bool part_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct part *s = self;
    return measure_each(&s->measure, d);
}

static bool part_turn(void *self, struct doc *d, struct err *e)
{
    struct part *s = self;
    return sizes_put(s->out, d->note, e);
}

static bool part_close(void *self, struct err *e)
{
    struct part *s = self;
    struct sizes_out *out = s->out;
    s->out = NULL;
    return sizes_done(out, e);
}

const struct stage stage_mix_part = {
    .place = 431, .name = "mix part", .brief = "mix on many machines: what there is in one slice",
    .text = "Writes domain and size of a slice's documents. Give every slice the same options and --seed.",
    .memory = "up to --memory, past it sorted runs in $TMPDIR",
    .example = "  tamis mix part -m tokenizer.json 3.jsonl.zst -o 3.sizes",
    .see = "mix merge, mix apply", .sink = true, .writes = "SIZES",
    .options = part_options, .open = part_open, .each = part_each, .turn = part_turn, .close = part_close,
    .free = part_free,
};

/* ---- merge ---- */

static struct blend_options mopt = BLEND_DEFAULTS;
static const struct opt merge_options[] = { BLEND_ROWS(mopt), { END } };

static bool merge_command(const struct run *r, struct err *e)
{
    struct blend b;
    bool ok = blend_init(&b, &mopt, e) && sizes_merge(r->files, &b, r->memory, r->threads, r->output, e);
    blend_free(&b);
    return ok;
}

const struct stage stage_mix_merge = {
    .place = 432, .name = "mix merge", .brief = "mix on many machines: how often each document is written",
    .usage = "-w WEIGHTS SIZES... -o COPIES",
    .text = "Takes what mix part wrote, in the order of the slices; @LIST names files, one a line.",
    .memory = "up to --memory, past it 36 bytes a document in $TMPDIR",
    .example = "  tamis mix merge -w weights.json --tokens 1B 0.sizes 1.sizes -o all.copies",
    .see = "mix part, mix apply",
    .reads_files = true, .writes = "COPIES", .options = merge_options, .command = merge_command,
};

/* ---- apply ---- */

static struct { const char *copies; long slice; } aopt;
static const struct opt apply_options[] = {
    {  0 , "copies", TEXT(&aopt.copies), "FILE", "what mix merge wrote", .required = true },
    {  0 , "slice",  INT(&aopt.slice),   "I",    "which of merge's slices this is, from 0", .max = 1e9 },
    { END }
};

struct apply { struct cuts cuts; };

static void apply_free(void *self)
{
    struct apply *s = self;
    cuts_close(&s->cuts);
    free(s);
}

static void *apply_open(const struct run *r, struct err *e)
{
    struct apply *s = mem_zero(1, sizeof *s);
    if (!cuts_open(&s->cuts, aopt.copies, sizes_cuts(), (uint64_t)aopt.slice, r->memory, r->threads, e)) {
        free(s);
        return NULL;
    }
    *r->expected = s->cuts.docs;
    return s;
}

static bool apply_each(void *self, struct doc *d, struct err *e)
{
    (void)self; (void)e;
    return doc_text(d).p ? true : run_no_text(d);
}

static bool apply_turn(void *self, struct doc *d, struct err *e)
{
    struct apply *s = self;
    struct cut cut;
    uint32_t copies;
    uint64_t tokens;
    if (!cuts_next(&s->cuts, d->row, d->mem, &cut, e)) return !e->kind;
    memcpy(&copies, cut.payload, 4);
    memcpy(&tokens, (const char *)cut.payload + 4, 8);
    tell(d, copies, tokens);
    return true;
}

const struct stage stage_mix_apply = {
    .place = 433, .name = "mix apply", .brief = "mix on many machines: one slice, kept, repeated or dropped",
    .text = "All slices together are the documents that tamis mix writes on one machine.",
    .memory = "the slice's copies, up to --memory, past it in $TMPDIR",
    .example = "  tamis mix apply --copies all.copies --slice 3 3.jsonl.zst -o out.jsonl.zst",
    .see = "mix part, mix merge", .as = "mix",
    .options = apply_options, .open = apply_open, .each = apply_each, .turn = apply_turn,
    .free = apply_free, .by_row = true,
};
