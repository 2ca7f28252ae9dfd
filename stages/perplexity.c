/* perplexity.c - how well a language model foresees a text; and the training of such models.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.h"
#include "core/names.h"
#include "frame/stage.h"
#include "model/ngram.h"
#include "model/ngram_train.h"
#include "model/tokenizer.h"
#include "text/ccnet.h"

#include <stdlib.h>

/* ---- text to words of the model ---- */

/*
 * With pieces, words are those of a tokenizer. What it does not know it calls by one id, but the model may know the
 * characters themselves (cc_net's models were trained on them): they are found again in the normalised text.
 */
struct words {
    struct tokenizer_worker *worker;
    struct ids ids;
    struct buf text, normal;
    size_t at, cap_words;
    uint32_t *words;
};

static void words_free(struct words *w)
{
    if (w->worker) tokenizer_worker_free(w->worker);
    free(w->ids.p);
    free(w->words);
    buf_free(&w->text);
    buf_free(&w->normal);
}

static void keep_normal(void *with, struct str piece) { buf_put(with, piece); }

static void words_cut(struct words *w, const struct tokenizer *t, struct str sentence)
{
    const uint32_t unknown = tokenizer_unknown(t);
    bool any = false;
    w->ids.n = w->at = 0;
    tokenizer_encode(w->worker, sentence, 0, &w->ids);
    for (size_t i = 0; i < w->ids.n; i++) any |= w->ids.p[i] == unknown;
    buf_reset(&w->normal);
    if (any) tokenizer_pieces(w->worker, sentence, keep_normal, &w->normal);
}

/* The characters of piece i; ask for all in order. An unknown one ends where the next piece begins. */
static struct str words_piece(struct words *w, const struct tokenizer *t, size_t i)
{
    const uint32_t id = w->ids.p[i];
    struct str normal = buf_str(&w->normal), it = tokenizer_token(t, id);
    if (id != tokenizer_unknown(t) || w->at >= normal.n) {
        w->at += it.n;
        return it;
    }
    const struct str next = i + 1 < w->ids.n ? tokenizer_token(t, w->ids.p[i + 1]) : (struct str){ NULL, 0 };
    const size_t begin = w->at;
    do {
        do w->at++; while (w->at < normal.n && (normal.p[w->at] & 0xC0) == 0x80);
    } while (w->at < normal.n && !(next.p && str_starts((struct str){ normal.p + w->at, normal.n - w->at }, next)));
    return (struct str){ normal.p + begin, w->at - begin };
}

/* ---- perplexity ---- */

enum like { LIKE_LINES, LIKE_CCNET };
static struct { const char *model, *pieces; int like; double head, tail; } opt = { .model = NULL };
static const struct opt options[] = {
    { 'm', "model",  TEXT(&opt.model),  "FILE",        "n-gram model: ARPA, tamis or KenLM binary", .required = true },
    {  0 , "pieces", TEXT(&opt.pieces), "FILE",        "its words are the pieces of this tokenizer" },
    {  0 , "like",   PICK(&opt.like),   "lines|ccnet", "a sentence a line, or cc_net's formula" },
    {  0 , "head",   REAL(&opt.head),   "P",           "below P the bucket is \"head\"", .max = 1e9 },
    {  0 , "tail",   REAL(&opt.tail),   "P",           "from P on it is \"tail\"; 0: cc_net's cutoffs by \"lang\"", .max = 1e9 },
    { END }
};

struct cutoff { const char *lang; double head, tail; };
/* cc_net's cutoff.csv: the perplexities below which 30 and 60 % of its documents lie. */
static const struct cutoff cutoffs[] = {
    { "af", 540, 770 }, { "ar", 490, 790 }, { "az", 600, 950 }, { "be", 670, 910 }, { "bg", 450, 680 }, { "bn", 190, 300 },
    { "ca", 210, 330 }, { "cs", 820, 1140 }, { "da", 380, 600 }, { "de", 370, 590 }, { "el", 450, 670 }, { "en", 340, 520 },
    { "es", 180, 290 }, { "et", 1270, 1620 }, { "fa", 370, 700 }, { "fi", 1110, 1500 }, { "fr", 180, 330 }, { "gu", 1110, 1570 },
    { "he", 1280, 1710 }, { "hi", 480, 790 }, { "hr", 720, 910 }, { "hu", 80, 140 }, { "hy", 750, 1080 }, { "id", 600, 970 },
    { "is", 850, 1190 }, { "it", 220, 360 }, { "ja", 1110, 1450 }, { "ka", 910, 1310 }, { "kk", 610, 930 }, { "km", 1040, 2180 },
    { "kn", 2210, 2800 }, { "ko", 920, 2130 }, { "lt", 190, 270 }, { "lv", 1130, 1480 }, { "mk", 530, 740 }, { "ml", 2430, 3220 },
    { "mn", 680, 1010 }, { "mr", 1380, 1870 }, { "my", 2530, 3040 }, { "ne", 860, 1130 }, { "nl", 430, 650 }, { "no", 430, 680 },
    { "pl", 160, 260 }, { "pt", 170, 270 }, { "ro", 180, 270 }, { "ru", 210, 310 }, { "uk", 140, 220 }, { "zh", 1460, 1950 },
};

struct perplexity {
    struct ngram *model;
    struct tokenizer *pieces;
    uint32_t *word_of;                                 /* piece id -> word of the model */
    struct words *words;                               /* (threads) */
    int threads;
    bool ccnet;
    struct cutoff cutoff;                              /* given; tail 0: by language */
};

static void perplexity_free(void *self)
{
    struct perplexity *s = self;
    for (int t = 0; t < s->threads; t++) words_free(&s->words[t]);
    free(s->words);
    free(s->word_of);
    if (s->pieces) tokenizer_close(s->pieces);
    ngram_close(s->model);
    free(s);
}

static bool open_pieces(struct perplexity *s, const char *path, struct err *e)
{
    if (!(s->pieces = tokenizer_open(path, e))) return false;
    size_t n = tokenizer_size(s->pieces);
    s->word_of = mem_zero(n, sizeof *s->word_of);
    for (size_t i = 0; i < n; i++) {
        struct str piece = tokenizer_token(s->pieces, (uint32_t)i);
        if (piece.p) s->word_of[i] = ngram_word(s->model, piece);
    }
    for (int t = 0; t < s->threads; t++) s->words[t].worker = tokenizer_worker_new(s->pieces);
    return true;
}

static void *perplexity_open(const struct run *r, struct err *e)
{
    struct ngram *model = ngram_open(opt.model, e);
    if (!model) return NULL;
    struct perplexity *s = mem_zero(1, sizeof *s);
    *s = (struct perplexity){ .model = model, .words = mem_zero((size_t)r->threads, sizeof *s->words),
                              .threads = r->threads,
                              .ccnet = opt.like == LIKE_CCNET, .cutoff = { "", opt.head, opt.tail } };
    if (!opt.pieces || open_pieces(s, opt.pieces, e)) return s;
    perplexity_free(s);
    return NULL;
}

static void score(const struct perplexity *s, struct words *w, struct str sentence, struct ngram_sum *sum)
{
    if (!s->pieces) { ngram_score(s->model, sentence, true, sum); return; }
    words_cut(w, s->pieces, sentence);
    if (w->ids.n > w->cap_words) w->words = mem_grow(w->words, &w->cap_words, w->ids.n, sizeof *w->words);
    const uint32_t unknown = tokenizer_unknown(s->pieces);
    for (size_t i = 0; i < w->ids.n; i++) {
        struct str piece = w->normal.n ? words_piece(w, s->pieces, i) : (struct str){ NULL, 0 };
        w->words[i] = w->ids.p[i] == unknown ? ngram_word(s->model, piece) : s->word_of[w->ids.p[i]];
    }
    ngram_score_ids(s->model, w->words, w->ids.n, true, sum);
}

/* cc_net: the whole normalised text is one sentence, log10 is summed in single precision, one decimal is kept. */
static double as_ccnet(const struct perplexity *s, struct words *w, struct str text)
{
    struct ngram_sum sum = { 0 };
    char digits[400];
    buf_reset(&w->text);
    ccnet_text(text, &w->text);
    score(s, w, buf_str(&w->text), &sum);
    snprintf(digits, sizeof digits, "%.1f", pow(10, -(double)sum.log10_single / (double)sum.words));
    return strtod(digits, NULL);
}

static double by_lines(const struct perplexity *s, struct words *w, struct str text)
{
    struct ngram_sum sum = { 0 };
    for (struct str line; str_cut(&text, '\n', &line); ) if (str_trim(line).n) score(s, w, line, &sum);
    return ngram_perplexity(&sum);
}

static const char *bucket_of(const struct perplexity *s, const struct doc *d, double perplexity)
{
    const struct cutoff *c = s->cutoff.tail > 0 ? &s->cutoff : NULL;
    struct str lang;
    if (!c && !s->ccnet) return NULL;
    if (!c && doc_string(d, "lang", &lang))
        for (size_t i = 0; i < sizeof cutoffs / sizeof *cutoffs; i++)
            if (str_eq(lang, str_of(cutoffs[i].lang))) c = &cutoffs[i];
    if (!c) return "all";
    return perplexity < c->head ? "head" : perplexity < c->tail ? "middle" : "tail";
}

static bool perplexity_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct perplexity *s = self;
    struct str text = doc_text(d);
    if (!text.p) return run_no_text(d);
    struct words *w = &s->words[d->worker];
    double x = s->ccnet ? as_ccnet(s, w, text) : by_lines(s, w, text);
    const char *bucket = bucket_of(s, d, x);
    doc_put_real(d, "perplexity", x);
    if (bucket) doc_put_str(d, "bucket", str_of(bucket));
    return true;
}

const struct stage stage_perplexity = {
    .place = 220, .name = "perplexity", .brief = "add the perplexity of every document under an n-gram model",
    .text = "Adds \"perplexity\": 10 to the mean negative log10 probability of a word, one </s> a sentence included. With\n"
            "--tail, or --like ccnet and a \"lang\", also \"bucket\": head, middle or tail.",
    .memory = "the models",
    .example = "  tamis perplexity -m en.arpa.bin --pieces en.sp.model --like ccnet docs.jsonl.zst -o out.jsonl.zst",
    .see = "perplexity train", .options = options, .open = perplexity_open, .each = perplexity_each,
    .free = perplexity_free,
};

/* ---- perplexity train ---- */

static struct { long order; const char *prune, *pieces, *counts; int like; } topt = { .order = 5 };
static const struct opt train_options[] = {
    { 'n', "order",  INT(&topt.order),   "N",           "longest n-gram", .min = 2, .max = NGRAM_MAX_ORDER },
    {  0 , "prune",  TEXT(&topt.prune),  "0,0,1",       "leave out n-grams seen so often or less, by order" },
    {  0 , "pieces", TEXT(&topt.pieces), "FILE",        "words are the pieces of this tokenizer" },
    {  0 , "counts", TEXT(&topt.counts), "FILE,...",    "of perplexity count, in place of documents; @LIST" },
    {  0 , "like",   PICK(&topt.like),   "lines|ccnet", "a sentence a line, or cc_net's normalised text" },
    { END }
};

/* Those of them that decide what is counted. */
static const struct opt count_options[] = {
    { 'n', "order",  INT(&topt.order),   "N",           "longest n-gram", .min = 2, .max = NGRAM_MAX_ORDER },
    {  0 , "pieces", TEXT(&topt.pieces), "FILE",        "words are the pieces of this tokenizer" },
    {  0 , "like",   PICK(&topt.like),   "lines|ccnet", "a sentence a line, or cc_net's normalised text" },
    { END }
};

struct train {
    struct ngram_train_options o;
    struct ngram_counter *counter;
    struct tokenizer *pieces;
    struct words words;
    struct buf line;
    bool ccnet, quiet;
    const char *output;
    uint64_t docs, stamp;                              /* stamp: of what cuts the text */
};

static bool read_prune(const char *text, int order, uint64_t *prune, struct err *e)
{
    struct str rest = str_of(text), part;
    int n = 0;
    for (; str_cut(&rest, ',', &part); n++) {
        char *end;
        unsigned long long x = strtoull(part.p, &end, 10);
        if (n == NGRAM_MAX_ORDER || !part.n || end != part.p + part.n || (n ? x < prune[n - 1] : x != 0))
            return err_set(e, ERR_USAGE, "--prune: \"%s\" is not 0 and then numbers that do not fall", text);
        prune[n] = x;
    }
    for (; n && n < order; n++) prune[n] = prune[n - 1];
    return true;
}

static void train_free(void *self)
{
    struct train *s = self;
    words_free(&s->words);
    buf_free(&s->line);
    if (s->pieces) tokenizer_close(s->pieces);
    ngram_counter_free(s->counter);
    free(s);
}

static bool stamp(uint64_t *to, struct err *e)
{
    *to = 0;
    if (topt.pieces && !hash_file(topt.pieces, to, e)) return false;
    *to = hash_mix(*to + (uint64_t)topt.like);
    return true;
}

static bool load_counts(struct train *s, const struct run *r, struct err *e)
{
    struct names files = { 0 };
    bool ok = names_split(&files, topt.counts, e);
    for (size_t i = 0; ok && i < files.n; i++) ok = ngram_counter_load(s->counter, files.all[i], s->stamp, e);
    names_free(&files);
    *r->no_input = !strcmp(r->files[0], "-");
    return ok;
}

static void *train_open(const struct run *r, struct err *e)
{
    struct ngram_train_options o = { .order = (int)topt.order, .memory = r->memory, .threads = r->threads };
    if (topt.prune && !read_prune(topt.prune, o.order, o.prune, e)) return NULL;
    struct tokenizer *pieces = NULL;
    if (topt.pieces && !(pieces = tokenizer_open(topt.pieces, e))) return NULL;
    struct train *s = mem_zero(1, sizeof *s);
    *s = (struct train){ .o = o, .counter = ngram_counter_new(o.order, r->memory, r->threads), .pieces = pieces,
                         .ccnet = topt.like == LIKE_CCNET, .quiet = r->quiet, .output = r->output };
    if (pieces) s->words.worker = tokenizer_worker_new(pieces);
    if (stamp(&s->stamp, e) && (!topt.counts || load_counts(s, r, e))) return s;
    train_free(s);
    return NULL;
}

static bool add_sentence(struct train *s, struct str sentence, struct err *e)
{
    struct words *w = &s->words;
    if (!s->pieces) return ngram_counter_add(s->counter, sentence, e);
    words_cut(w, s->pieces, sentence);
    buf_reset(&s->line);
    for (size_t i = 0; i < w->ids.n; i++) {
        buf_put(&s->line, words_piece(w, s->pieces, i));
        buf_putc(&s->line, ' ');
    }
    return ngram_counter_add(s->counter, buf_str(&s->line), e);
}

static bool train_turn(void *self, struct doc *d, struct err *e)
{
    struct train *s = self;
    struct str text = doc_text(d);
    if (!text.p) return run_no_text(d);
    s->docs++;
    if (s->ccnet) {
        buf_reset(&s->words.text);
        ccnet_text(text, &s->words.text);
        return add_sentence(s, buf_str(&s->words.text), e);
    }
    for (struct str line; str_cut(&text, '\n', &line); )
        if (str_trim(line).n && !add_sentence(s, line, e)) return false;
    return true;
}

static bool train_close(void *self, struct err *e)
{
    struct train *s = self;
    if (!ngram_train(s->counter, &s->o, s->output, e)) return false;
    if (!s->quiet)
        printf("%llu words, %llu bytes of runs on disk\n", (unsigned long long)s->counter->n_words,
               (unsigned long long)s->counter->spilled);
    return true;
}

const struct stage stage_perplexity_train = {
    .place = 221, .name = "perplexity train", .brief = "train an n-gram model: modified Kneser-Ney, as KenLM's lmplz",
    .text = "Counts every line of the texts as a sentence. Writes ARPA when the output's name ends in .arpa, else a binary that\n"
            "is mapped. N-grams beyond --memory are sorted on disk.",
    .memory = "up to --memory and the words themselves, past it sorted runs in $TMPDIR",
    .example = "  tamis perplexity train -n 5 --memory 4G docs.jsonl.zst -o en.lm", .see = "perplexity",
    .options = train_options, .open = train_open, .turn = train_turn, .close = train_close, .free = train_free,
    .sink = true, .writes = "MODEL",
};

/* ---- perplexity count ---- */

static bool count_close(void *self, struct err *e)
{
    struct train *s = self;
    return ngram_counter_save(s->counter, s->output, s->docs, s->stamp, e);
}

const struct stage stage_perplexity_count = {
    .place = 222, .name = "perplexity count", .brief = "perplexity train on many machines: the n-grams of one slice",
    .text = "Writes the n-grams of a slice and their counts, sorted. Give it the order, pieces and formula of perplexity train.",
    .memory = "up to --memory and the words themselves, past it sorted runs in $TMPDIR",
    .example = "  tamis perplexity count -n 5 3.jsonl.zst -o 3.ngrams\n  tamis perplexity train -n 5 --counts 0.ngrams,1.ngrams -o en.lm", .see = "perplexity train",
    .options = count_options, .open = train_open, .turn = train_turn, .close = count_close, .free = train_free,
    .sink = true, .writes = "NGRAMS",
};
