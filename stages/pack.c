/* pack.c - tokenise documents and write the shards that trainers read; the same from slices that were tokenised apart.
 * SPDX-License-Identifier: Apache-2.0 */
#include "frame/stage.h"
#include "shard/coded.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static struct { struct coder_options coder; struct deal_options deal; } opt = { .deal = DEAL_DEFAULTS };
static const struct opt options[] = { CODER_ROWS(opt.coder), DEAL_ROWS(opt.deal), { END } };

struct pack { struct coder coder; struct deal *deal; };

static void pack_free(void *self)
{
    struct pack *s = self;
    deal_drop(s->deal);
    coder_free(&s->coder);
    free(s);
}

/* PREFIX.json is not the tokenizer's own file: pack -m t.json -o t. */
static bool spares_tokenizer(const char *prefix, const char *model, struct err *e)
{
    struct stat shards, tokenizer;
    struct buf path = { 0 };
    buf_printf(&path, "%s.json", prefix);
    buf_putc(&path, 0);
    const bool same = !stat(path.p, &shards) && !stat(model, &tokenizer) && shards.st_ino == tokenizer.st_ino
                      && shards.st_dev == tokenizer.st_dev;
    buf_free(&path);
    return !same || err_set(e, ERR_USAGE, "-o %s would write over the tokenizer, %s", prefix, model);
}

static void *pack_open(const struct run *r, struct err *e)
{
    struct pack *s = mem_zero(1, sizeof *s);
    if (spares_tokenizer(r->output, opt.coder.model, e) && coder_init(&s->coder, &opt.coder, r->threads, e)
        && (s->deal = deal_open(&opt.deal, r->output, s->coder.width, s->coder.end, r->seed, r->memory / 2,
                                e))) return s;
    pack_free(s);
    return NULL;
}

static bool pack_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    struct pack *s = self;
    return coder_each(&s->coder, d);
}

static bool pack_turn(void *self, struct doc *d, struct err *e)
{
    struct pack *s = self;
    return deal_put(s->deal, d->note, e);
}

static bool pack_close(void *self, struct err *e)
{
    struct pack *s = self;
    struct deal *deal = s->deal;
    s->deal = NULL;
    return deal_close(deal, e);
}

const struct stage stage_pack = {
    .place = 520, .name = "pack", .brief = "tokenise documents and write the shards that trainers read",
    .text = "Writes PREFIX.bin and .idx (Megatron-LM), PREFIX_000000.bin (llm.c) and what else --format names; PREFIX.json\n"
            "says how much, PREFIX.docs.jsonl.zst where each document went. With --split, PREFIX_NAME.* for each part.\n"
            "A document with \"copies\" (mix) is written so many times: with --shuffle, apart.",
    .memory = "the tokenizer and a window of rows; --shuffle: up to half of --memory, all tokens in $TMPDIR",
    .example = "  tamis pack -m tokenizer.json -L 2048 docs.jsonl.zst -o shards/data",
    .writes = "PREFIX",
    .options = options, .open = pack_open, .each = pack_each, .turn = pack_turn, .close = pack_close, .free = pack_free,
    .sink = true,
};

/* ---- slices ---- */

static struct coder_options popt;
static const struct opt part_options[] = { CODER_ROWS(popt), { END } };

struct part { struct coder coder; struct coded_out *out; };

static void part_free(void *self)
{
    struct part *s = self;
    coded_drop(s->out);
    coder_free(&s->coder);
    free(s);
}

static void *part_open(const struct run *r, struct err *e)
{
    struct part *s = mem_zero(1, sizeof *s);
    if (coder_init(&s->coder, &popt, r->threads, e)
        && (r->plan || (s->out = coded_create(r->output, &s->coder, &popt, e))))
        return s;
    part_free(s);
    return NULL;
}

static bool part_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    struct part *s = self;
    return coder_each(&s->coder, d);
}

static bool part_turn(void *self, struct doc *d, struct err *e)
{
    struct part *s = self;
    return coded_put(s->out, d->note, e);
}

static bool part_close(void *self, struct err *e)
{
    struct part *s = self;
    struct coded_out *out = s->out;
    s->out = NULL;
    return coded_done(out, e);
}

const struct stage stage_pack_part = {
    .place = 521, .name = "pack part", .brief = "pack on many machines: the tokens of one slice",
    .text = "Writes the tokens of a slice's documents. Give every slice the same options.",
    .memory = "the tokenizer",
    .example = "  tamis pack part -m tokenizer.json 3.jsonl.zst -o 3.tokens",
    .see = "pack merge", .sink = true, .writes = "TOKENS",
    .options = part_options, .open = part_open, .each = part_each, .turn = part_turn, .close = part_close,
    .free = part_free,
};

static struct deal_options mopt = DEAL_DEFAULTS;
static const struct opt merge_options[] = { DEAL_ROWS(mopt), { END } };

static bool deal_slice(struct deal *deal, struct coded_in *in, struct err *e)
{
    bool ok = true;
    for (struct dealt d; ok && coded_next(in, &d, e); ) ok = deal_put(deal, &d, e);
    return ok && !e->kind;
}

static bool merge_command(const struct run *r, struct err *e)
{
    struct coded_in *first = coded_open(r->files[0], e);
    struct deal *deal = first ? deal_open(&mopt, r->output, coded_width(first), coded_end(first), r->seed,
                                          r->memory / 2, e) : NULL;
    bool ok = deal != NULL;
    for (char **f = r->files; ok && *f; f++) {
        struct coded_in *in = coded_open(*f, e);
        ok = in && (coded_like(first, in) || err_set(e, ERR_DATA, "made with another tokenizer or options than %s",
                                                     r->files[0])) && deal_slice(deal, in, e);
        if (in && !ok) err_in(e, "%s", *f);
        coded_close(in);
    }
    coded_close(first);
    if (ok) return deal_close(deal, e);
    deal_drop(deal);
    return false;
}

const struct stage stage_pack_merge = {
    .place = 522, .name = "pack merge", .brief = "pack on many machines: the shards of all slices",
    .usage = "[OPTION]... TOKENS... -o PREFIX",
    .text = "Takes what pack part wrote, in the order of the slices; @LIST names files, one a line. The shards are those of pack on one machine.",
    .memory = "a window of rows; --shuffle: up to half of --memory, all tokens in $TMPDIR",
    .example = "  tamis pack merge -L 2048 0.tokens 1.tokens -o shards/data", .see = "pack part, pack verify",
    .reads_files = true, .writes = "PREFIX", .options = merge_options, .command = merge_command,
};

static bool verify(const struct run *r, struct err *e)
{
    for (size_t i = 0; i < r->n_files; i++) {
        uint64_t tokens;
        if (!packing_verify(r->files[i], &tokens, e)) return false;
        printf("%s: %llu tokens of all formats, as written\n", r->files[i], (unsigned long long)tokens);
    }
    return true;
}

const struct stage stage_pack_verify = {
    .place = 523, .name = "pack verify", .brief = "read shards back and compare them with what was written",
    .usage = "PREFIX...",
    .text = "Reads every format that PREFIX.json names, checks that its own numbers agree, and compares the tokens' hash.",
    .example = "  tamis pack verify shards/data", .command = verify,
};
