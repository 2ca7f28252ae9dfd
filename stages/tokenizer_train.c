/* tokenizer_train.c - learn a vocabulary from documents.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "frame/stage.h"
#include "model/bytelevel.h"
#include "model/tokenizer_model.h"
#include "tokenizer/bpe_train.h"
#include "tokenizer/count.h"

#include <stdlib.h>

enum normalise { NORMALISE_NFC, NORMALISE_NFKC, NORMALISE_NONE };
enum digits { DIGITS_INDIVIDUAL, DIGITS_UPTO3, DIGITS_FREE };
static struct {
    const char *split, *special;
    long vocab, min_count, control;
    int normalise, digits, punctuation, alphabet;
} opt = { .split = "o200k", .special = "<|endoftext|>", .vocab = 32768, .min_count = 2 };
static const struct opt options[] = {
    { 'V', "vocab",       INT(&opt.vocab),        "N",                     "tokens in all", .min = 1, .max = VOCAB_MAX },
    {  0 , "split",       TEXT(&opt.split),       "NAME|REGEX",            "gpt2, cl100k, o200k, llama3, or a pattern" },
    {  0 , "normalise",   PICK(&opt.normalise),   "nfc|nfkc|none",         "Unicode normal form" },
    {  0 , "digits",      PICK(&opt.digits),      "individual|upto3|free", "upto3, free: as the split has them" },
    {  0 , "punctuation", PICK(&opt.punctuation), "free|individual",       "individual: each sign a token of its own" },
    {  0 , "special",     TEXT(&opt.special),     "TOKEN,...",             "special tokens, in this order from id 0" },
    {  0 , "control",     INT(&opt.control),      "N",                     "reserve <|reserved_0|> ... after them", .max = 100000 },
    {  0 , "min-count",   INT(&opt.min_count),    "N",                     "merge pairs that occur this often", .min = 1, .max = 1e15 },
    {  0 , "alphabet",    PICK(&opt.alphabet),    "all|seen",              "begin from all 256 bytes, or from those that occur" },
    { END }
};

struct train {
    struct tokenizer *t;
    struct tokenizer_worker **workers;                       /* (threads) */
    struct count **counts;                                   /* (threads) */
    int threads;
    size_t vocab;
    uint64_t min_count;
    bool all_bytes;
    const char *output;
};

static void train_free(void *self)
{
    struct train *s = self;
    for (int i = 0; i < s->threads; i++) {
        tokenizer_worker_free(s->workers[i]);
        count_free(s->counts[i]);
    }
    free(s->workers);
    free(s->counts);
    tokenizer_close(s->t);
    free(s);
}

static void add_specials(struct tokenizer *t)
{
    struct str rest = str_of(opt.special);
    for (struct str name; str_cut(&rest, ',', &name); ) if (name.n) tokenizer_add(t, (uint32_t)t->vocab.n, name, true);
    for (long i = 0; i < opt.control; i++) {
        char name[40];
        snprintf(name, sizeof name, "<|reserved_%ld|>", i);
        tokenizer_add(t, (uint32_t)t->vocab.n, str_of(name), true);
    }
}

static bool prepare(struct tokenizer *t, struct err *e)
{
    t->byte_level = true;
    if (opt.normalise != NORMALISE_NONE) t->normal = (struct normal){ { { opt.normalise == NORMALISE_NFC ? NORMAL_NFC : NORMAL_NFKC } }, 1 };
    add_specials(t);
    return (opt.digits != DIGITS_INDIVIDUAL || tokenizer_split(t, "digits", e)) && (!opt.punctuation || tokenizer_split(t, "punctuation", e))
        && tokenizer_split(t, opt.split, e);
}

static void *train_open(const struct run *r, struct err *e)
{
    struct train *s = mem_zero(1, sizeof *s);
    const size_t n = (size_t)r->threads;
    *s = (struct train){ tokenizer_new(), mem_zero(n, sizeof *s->workers), mem_zero(n, sizeof *s->counts), r->threads, (size_t)opt.vocab,
                         (uint64_t)opt.min_count, !opt.alphabet, r->output };
    if (!prepare(s->t, e)) { train_free(s); return NULL; }
    for (size_t i = 0; i < n; i++) {
        s->workers[i] = tokenizer_worker_new(s->t);
        s->counts[i] = count_new(r->memory / 2 / n);         /* the other half is for the merges */
    }
    return s;
}

/* ---- counting ---- */

struct counting { struct count *count; struct err *e; };

static void count_piece(void *with, struct str piece)
{
    struct counting *c = with;
    if (!c->e->kind && !count_add(c->count, piece, 1, c->e)) return;
}

static bool train_each(void *self, struct doc *d, struct err *e)
{
    struct train *s = self;
    const struct str text = doc_text(d);
    if (!text.p) return run_no_text(d);
    struct counting c = { s->counts[d->worker], e };
    tokenizer_pieces(s->workers[d->worker], text, count_piece, &c);
    return !e->kind;
}

/* ---- learning ---- */

struct gather { struct bpe_words words; uint32_t id[256]; bool seen[256]; struct ids symbols; };

static bool gather_word(void *with, struct str word, uint64_t n, struct err *e)
{
    (void)e;
    struct gather *g = with;
    g->symbols.n = 0;
    for (size_t i = 0; i < word.n; i++) {
        g->seen[(uint8_t)word.p[i]] = true;
        ids_put(&g->symbols, (uint8_t)word.p[i]);
    }
    bpe_words_add(&g->words, g->symbols.p, g->symbols.n, n);
    return true;
}

/* Bytes become tokens in the order of the characters that stand for them. */
static void add_alphabet(struct tokenizer *t, struct gather *g, bool all)
{
    for (uint32_t c = 0; c < 0x144; c++) {
        const int b = bytelevel_byte(c);
        if (b < 0 || (!all && !g->seen[b])) continue;
        const char byte = (char)b;
        g->id[b] = (uint32_t)t->vocab.n;
        vocab_set(&t->vocab, g->id[b], (struct str){ &byte, 1 });
    }
    for (size_t i = 0; i < g->words.n_symbols; i++) g->words.symbol[i] = g->id[g->words.symbol[i]];
}

static bool learn(struct train *s, struct err *e)
{
    struct gather g = { 0 };
    const bool ok = count_all(s->counts, (size_t)s->threads, gather_word, &g, e);
    struct vocab *v = &s->t->vocab;
    add_alphabet(s->t, &g, s->all_bytes);
    size_t n = 0;
    struct bpe_learned *learned = ok ? bpe_train(v, &g.words, s->vocab, s->min_count, &n) : NULL;
    bpe_init(&s->t->bpe, v);
    for (size_t i = 0; i < n; i++) bpe_add(&s->t->bpe, learned[i].left, learned[i].right, (uint32_t)i, learned[i].id);
    free(learned);
    free(g.symbols.p);
    bpe_words_free(&g.words);
    if (ok && v->n > s->vocab) return err_set(e, ERR_USAGE, "--vocab %zu is smaller than the alphabet: special tokens and bytes are %zu", s->vocab, v->n);
    return ok;
}

static bool train_close(void *self, struct err *e)
{
    struct train *s = self;
    struct buf b = { 0 };
    struct output *o = NULL;
    bool ok = learn(s, e) && tokenizer_write_json(s->t, &b, e) && (o = output_open(s->output, e));
    if (ok && !output_write(o, buf_str(&b), e)) { output_drop(o); ok = false; }
    else if (ok) ok = output_done(o, e);
    buf_free(&b);
    return ok;
}

const struct stage stage_tokenizer_train = {
    .place = 400, .name = "tokenizer train", .brief = "learn a vocabulary from documents",
    .text = "Byte-level BPE, merge for merge as Hugging Face's trainer. Writes tokenizer.json. Every word counts, in\n"
            "64 bits; counts past half of --memory go to disk.",
    .example = "  tamis tokenizer train -V 32768 docs.jsonl.zst -o tokenizer.json",
    .options = options, .open = train_open, .each = train_each, .close = train_close, .free = train_free, .sink = true,
};
