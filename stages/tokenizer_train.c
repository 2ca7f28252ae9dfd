/* tokenizer_train.c - learn a vocabulary from documents.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "core/hash.h"
#include "core/names.h"
#include "frame/stage.h"
#include "tokenizer/balance.h"
#include "tokenizer/count.h"
#include "tokenizer/learn.h"
#include "tokenizer/tally.h"

#include <stdio.h>
#include <stdlib.h>

enum normalise { NORMALISE_NFC, NORMALISE_NFKC, NORMALISE_NONE };
enum digits { DIGITS_INDIVIDUAL, DIGITS_UPTO3, DIGITS_FREE };
enum { EXEMPLARS_MAX = 1 << 24 };
/* Measured: an empty run; batches and a worker, with documents of a megabyte; a token, its merge and its lines in a
 * tokenizer.json. When words have been counted a thread leaves less than one LEFT_SHARE-th of what it took. */
enum { FIXED = 24 << 20, A_THREAD = 16 << 20, A_TOKEN = 300, LEFT_SHARE = 16 };
static struct {
    const char *split, *special, *exemplars, *from, *by, *counts;
    long vocab, min_count, control, space_runs;
    double coverage, temperature, unimax;
    int algorithm, normalise, digits, punctuation, alphabet, fallback, format;
} opt = { .vocab = 32768, .min_count = 2, .space_runs = 16, .coverage = 0.9995, .temperature = 1, .by = "lang" };
static const struct opt options[] = {
    { 'V', "vocab",           INT(&opt.vocab),        "N",                     "tokens in all", .min = 1, .max = VOCAB_MAX },
    { 'a', "algorithm",       PICK(&opt.algorithm),   "bytes|chars|unigram",   "BPE of bytes, BPE of characters, unigram model" },
    {  0 , "from",            TEXT(&opt.from),        "FILE",                  "go on from this tokenizer; its ids stay" },
    {  0 , "format",          PICK(&opt.format),      TOKENIZER_FORMATS,       "what is written" },
    {  0 , "counts",          TEXT(&opt.counts),      "FILE,...",              "of tokenizer count, in place of documents; @LIST" },
    { GROUP("How text is cut") },
    {  0 , "normalise",       PICK(&opt.normalise),   "nfc|nfkc|none",         "Unicode normal form" },
    {  0 , "split",           TEXT(&opt.split),       "NAME|REGEX",            "gpt2, cl100k, o200k, llama3, marks, or a pattern" },
    {  0 , "digits",          PICK(&opt.digits),      "individual|upto3|free", "upto3, free: as the split has them" },
    {  0 , "punctuation",     PICK(&opt.punctuation), "free|individual",       "individual: each sign a token of its own" },
    { GROUP("What is in whatever the text") },
    {  0 , "special",         TEXT(&opt.special),     "TOKEN,...",             "special tokens, in this order from id 0" },
    {  0 , "control",         INT(&opt.control),      "N",                     "reserve <|reserved_0|> ... after them", .max = 100000 },
    {  0 , "whitespace-runs", INT(&opt.space_runs),   "N",                     "runs of 2 to N spaces are tokens", .max = 256 },
    {  0 , "alphabet",        PICK(&opt.alphabet),    "all|seen",              "bytes: all 256, or those that occur" },
    {  0 , "byte-fallback",   PICK(&opt.fallback),    "yes|no",                "other characters are spelled in bytes" },
    {  0 , "coverage",        REAL(&opt.coverage),    "P",                     "share of all characters that the alphabet has", .max = 1 },
    {  0 , "exemplars",       TEXT(&opt.exemplars),   "FILE",                  "each character of FILE is in the alphabet" },
    { GROUP("What counts how much") },
    {  0 , "min-count",       INT(&opt.min_count),    "N",                     "merge pairs that occur this often", .min = 1, .max = 1e15 },
    {  0 , "by",              TEXT(&opt.by),          "FIELD",                 "the groups to balance" },
    {  0 , "temperature",     REAL(&opt.temperature), "T",                     "n bytes of a group count as n^T", .max = 1 },
    {  0 , "unimax",          REAL(&opt.unimax),      "N",                     "deal bytes evenly, a group's at most N times", .max = 1e6 },
    { END }
};

struct train {
    struct tokenizer *t;
    struct tokenizer_worker **workers;                       /* (threads) */
    struct count **counts;                                   /* (threads) */
    struct balance *balance;                                 /* NULL: everything counts as it is */
    struct buf exemplars;
    struct learn learn;
    double temperature, unimax;
    size_t count_memory;                                     /* bytes, of all counters */
    const char *by, *output;
    bool quiet;
    enum tokenizer_format format;
    uint64_t stamp;                                          /* of what cuts the text */
};

static void train_free(void *self)
{
    struct train *s = self;
    for (int i = 0; i < s->learn.threads; i++) {
        tokenizer_worker_free(s->workers[i]);
        count_free(s->counts[i]);
    }
    free(s->workers);
    free(s->counts);
    balance_free(s->balance);
    buf_free(&s->exemplars);
    tokenizer_close(s->t);
    free(s);
}

/* ---- the tokenizer before it has learned ---- */

static void add_specials(struct tokenizer *t, bool marks)
{
    struct str rest = str_of(opt.special ? opt.special : marks ? "<unk>,<s>,</s>" : "<|endoftext|>");
    for (struct str name; str_cut(&rest, ',', &name); ) if (name.n) tokenizer_add(t, (uint32_t)t->vocab.n, name, true);
    if (marks && vocab_find(&t->vocab, S("<unk>")) == VOCAB_NONE)
        tokenizer_add(t, (uint32_t)t->vocab.n, S("<unk>"), true);
    for (long i = 0; i < opt.control; i++) {
        char name[40];
        snprintf(name, sizeof name, "<|reserved_%ld|>", i);
        tokenizer_add(t, (uint32_t)t->vocab.n, str_of(name), true);
    }
}

static struct tokenizer *begin(struct err *e)
{
    struct tokenizer *t = tokenizer_new();
    const bool marks = opt.algorithm != LEARN_BYTES;
    t->byte_level = !marks;
    if (opt.normalise != NORMALISE_NONE)
        t->normal = (struct normal){ { { opt.normalise == NORMALISE_NFC ? NORMAL_NFC : NORMAL_NFKC } }, 1 };
    if (marks) normal_marks(&t->normal);
    add_specials(t, marks);
    if ((opt.digits != DIGITS_INDIVIDUAL || tokenizer_split(t, "digits", e))
        && (!opt.punctuation || tokenizer_split(t, "punctuation", e)) && (!marks || tokenizer_split(t, "newlines", e))
        && tokenizer_split(t, opt.split ? opt.split : marks ? "marks" : "o200k", e))
        return t;
    tokenizer_close(t);
    return NULL;
}

/* What was read says how to cut text, and by which algorithm to go on. */
static struct tokenizer *go_on(enum learn_algorithm *algorithm, struct err *e)
{
    struct tokenizer *t = tokenizer_open(opt.from, e);
    if (!t) return NULL;
    *algorithm = t->model == MODEL_UNIGRAM ? LEARN_UNIGRAM : t->byte_level ? LEARN_BYTES : LEARN_CHARS;
    if (t->model != MODEL_WORDPIECE && (t->byte_level || tokenizer_split_marks(t, e))) return t;
    if (!e->kind) err_set(e, ERR_USAGE, "--from %s: a WordPiece vocabulary has no counts to go on from", opt.from);
    tokenizer_close(t);
    return NULL;
}

/* What decides the words of a text. */
static uint64_t stamp_of(enum learn_algorithm algorithm, bool balance)
{
    struct buf b = { 0 };
    uint64_t from = 0;
    struct err ignored = { 0 };
    if (opt.from && !hash_file(opt.from, &from, &ignored)) from = 0;
    buf_printf(&b, "%d %d %d %d %s %llx %s", (int)algorithm, opt.normalise, opt.digits, opt.punctuation,
               opt.split ? opt.split : "", (unsigned long long)from, balance ? opt.by : "");
    from = hash64(buf_str(&b), 0);
    buf_free(&b);
    return from;
}

static bool load_counts(struct train *s, const struct run *r, struct err *e)
{
    struct names files = { 0 };
    bool ok = names_split(&files, opt.counts, e);
    for (size_t i = 0; ok && i < files.n; i++) ok = tally_load(files.all[i], s->stamp, s->balance, s->counts[0], e);
    names_free(&files);
    *r->no_input = !strcmp(r->files[0], "-");
    return ok;
}

/* First words are counted, then it is learned from them: what threads and counters took is free by then, so learning
 * has as much of --memory for any number of threads. The least: half of what is fixed to learn with, and a thread's
 * counter has a quarter of what the thread takes. */
static bool share_memory(const struct run *r, struct train *s, struct err *e)
{
    const size_t fixed = FIXED + (size_t)opt.vocab * A_TOKEN, threads = (size_t)r->threads * A_THREAD,
                 least = fixed / 2 * 3 + threads / 4 * 5;
    if (r->memory < least)
        return err_set(e, ERR_USAGE, "--memory %zuM is too little: %ld tokens and %d threads take %zuM",
                       r->memory >> 20, opt.vocab, r->threads, (least + (1 << 20) - 1) >> 20);
    s->learn.memory = r->memory - fixed - r->memory / LEFT_SHARE;
    s->count_memory = r->memory - fixed - threads - s->learn.memory / LEARN_LIST;
    return true;
}

static void count_plan(void *self, FILE *to)
{
    const struct train *s = self;
    fprintf(to, "count: up to %zu MiB, 16 to 24 bytes and its text a different word; past it sorted runs in $TMPDIR\n",
            s->count_memory >> 20);
}

static void train_plan(void *self, FILE *to)
{
    const struct learn *l = &((const struct train *)self)->learn;
    count_plan(self, to);
    fprintf(to, "learn: up to %zu MiB; %s come from about %.1f million different words of 9 %s, the commonest\n",
            l->memory >> 20, l->algorithm == LEARN_UNIGRAM ? "seeds" : "merges", (double)learn_words(l, 9) / 1e6,
            l->algorithm == LEARN_CHARS ? "characters" : "bytes");
}

static void *train_open(const struct run *r, struct err *e)
{
    enum learn_algorithm algorithm = (enum learn_algorithm)opt.algorithm;
    struct tokenizer *t = opt.from ? go_on(&algorithm, e) : begin(e);
    if (!t) return NULL;
    struct train *s = mem_zero(1, sizeof *s);
    const size_t n = (size_t)r->threads;
    *s = (struct train){ .t = t, .workers = mem_zero(n, sizeof *s->workers), .counts = mem_zero(n, sizeof *s->counts),
                         .temperature = opt.temperature, .unimax = opt.unimax,
                         .by = opt.by, .output = r->output, .quiet = r->quiet,
                         .format = (enum tokenizer_format)opt.format };
    s->learn = (struct learn){ .t = t, .algorithm = algorithm, .more = opt.from, .vocab = (size_t)opt.vocab,
                               .min_count = (uint64_t)opt.min_count, .all_bytes = !opt.alphabet,
                               .fallback = !opt.fallback, .space_runs = (size_t)opt.space_runs,
                               .coverage = opt.coverage, .threads = r->threads };
    if (!share_memory(r, s, e)) { train_free(s); return NULL; }
    if (s->temperature < 1 || s->unimax > 0) s->balance = balance_new();
    for (size_t i = 0; i < n; i++) {
        s->workers[i] = tokenizer_worker_new(t);
        s->counts[i] = count_new(s->count_memory / n, s->balance ? BALANCE_MARK : 0);
    }
    s->stamp = stamp_of(algorithm, s->balance);
    if ((opt.exemplars && !file_slurp(opt.exemplars, &s->exemplars, EXEMPLARS_MAX, e))
        || (opt.counts && !load_counts(s, r, e))) {
        train_free(s);
        return NULL;
    }
    s->learn.exemplars = buf_str(&s->exemplars);
    return s;
}

/* ---- counting ---- */

struct counting { struct count *count; const char *mark; struct str word[COUNT_ROW]; size_t n; struct err *e; };

static void count_waiting(struct counting *c)
{
    if (!c->e->kind && count_row(c->count, c->word, c->n, c->mark, c->e)) c->n = 0;
}

static void count_piece(void *with, struct str piece)
{
    struct counting *c = with;
    if (c->n == COUNT_ROW) count_waiting(c);
    if (!c->e->kind) c->word[c->n++] = piece;
}

static bool train_each(void *self, struct doc *d, struct err *e)
{
    struct train *s = self;
    const struct str text = doc_text(d);
    if (!text.p) return run_no_text(d);
    struct counting c = { .count = s->counts[d->worker], .e = e };
    char mark[BALANCE_MARK];
    const struct str group = doc_get(d, s->by);
    if (s->balance) {
        if (!balance_add(s->balance, group.p ? group : S(""), text.n, mark, e)) return false;
        c.mark = mark;
    }
    tokenizer_pieces(s->workers[d->worker], text, count_piece, &c);
    count_waiting(&c);
    return !e->kind;
}

/* ---- learning ---- */

static bool gather(struct train *s, struct gather *words, struct err *e)
{
    const size_t n = (size_t)s->learn.threads;
    learn_gather(&s->learn, words);
    if (!s->balance) return count_all(s->counts, n, gather_word, words, e);
    balance_weigh(s->balance, s->temperature, s->unimax);
    return balance_all(s->balance, s->counts, n, gather_word, words, e);
}

/* What --memory did not let us see. */
static void tell(const struct learned *l)
{
    const struct seen *w = &l->words;
    const bool unigram = l->n_asked;
    if (w->n_seen < w->n_words)
        printf("%s come from %zu of %zu different words, the commonest, %.2f %% of all text: --memory holds no more\n",
               unigram ? "seeds" : "merges", w->n_seen, w->n_words, 100 * (double)w->seen / (double)w->total);
    if (l->n_seeds < l->n_asked)
        printf("%zu seeds at most, %zu were wanted: --memory holds no more\n", l->n_seeds, l->n_asked);
}

static bool train_close(void *self, struct err *e)
{
    struct train *s = self;
    struct gather words;
    struct learned learned;
    struct buf b = { 0 };
    const bool ok = gather(s, &words, e) && learn(&s->learn, &words, &learned, e)
                    && tokenizer_write(s->t, s->format, &b, NULL, e) && file_write(s->output, buf_str(&b), e);
    if (ok && !s->quiet && strcmp(s->output, "-") != 0) tell(&learned);
    gather_free(&words);
    buf_free(&b);
    return ok;
}

const struct stage stage_tokenizer_train = {
    .place = 400, .name = "tokenizer train", .brief = "learn a vocabulary from documents",
    .text = "bytes: merge for merge as Hugging Face's trainer. chars: SentencePiece's BPE. unigram: Kudo's. Every word\n"
            "counts, in 64 bits; counts that are more than --memory go to disk. Merges and a unigram model's seeds come from the commonest words\n"
            "that it holds, and a line says so when these are not all.",
    .example = "  tamis tokenizer train -V 32768 docs.jsonl.zst -o tokenizer.json",
    .options = options, .open = train_open, .each = train_each, .close = train_close, .free = train_free,
    .plan = train_plan, .sink = true,
};

/* ---- counting alone, for many machines ---- */

static bool count_close(void *self, struct err *e)
{
    struct train *s = self;
    return tally_save(s->output, s->stamp, s->balance, s->counts, (size_t)s->learn.threads, e);
}

const struct stage stage_tokenizer_count = {
    .place = 401, .name = "tokenizer count", .brief = "tokenizer train on many machines: the words of one slice",
    .text = "Writes the words of a slice and their counts, sorted. Give it the options of tokenizer train: how text is cut must be the same.",
    .example = "  tamis tokenizer count 3.jsonl.zst -o 3.words\n  tamis tokenizer train -V 32768 --counts 0.words,1.words -o tokenizer.json", .see = "tokenizer train",
    .options = options, .open = train_open, .each = train_each, .close = count_close, .free = train_free,
    .plan = count_plan, .sink = true,
};
