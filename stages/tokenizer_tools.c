/* tokenizer_tools.c - look at tokenizers: show, compare, convert, prune.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "core/utf8.h"
#include "frame/stage.h"
#include "model/tokenizer_model.h"
#include "tokenizer/prune.h"

#include <stdlib.h>

#define MODEL_HELP "tokenizer.json, .model, tiktoken ranks, vocab.txt"

/* ---- show ---- */

static struct { const char *model; bool specials, frame; } opt_show;
static const struct opt show_options[] = {
    { 'm', "model",    TEXT(&opt_show.model), "FILE", MODEL_HELP, .required = true },
    {  0 , "specials", FLAG(&opt_show.specials),      "special tokens named in the text are meant" },
    {  0 , "frame",    FLAG(&opt_show.frame),         "add what the model puts around a text" },
    { END }
};
struct show { struct tokenizer_crew crew; unsigned flags; struct output *out; };

static void *show_open(const struct run *r, struct err *e)
{
    struct show *s = mem_zero(1, sizeof *s);
    s->flags = (opt_show.specials ? TOKENIZER_SPECIALS : 0) | (opt_show.frame ? TOKENIZER_FRAME : 0);
    if (!tokenizer_crew_open(&s->crew, opt_show.model, r->threads, e)) { free(s); return NULL; }
    if ((s->out = output_open(r->output, e))) return s;
    tokenizer_crew_close(&s->crew);
    free(s);
    return NULL;
}

/* The token's bytes on one line: control characters as escapes, bytes that are no text in hexadecimal. */
static void put_visible(struct str s, struct buf *to)
{
    static const char names[] = "abtnvfr";
    for (const char *p = s.p, *end = p + s.n; p < end; ) {
        const char *from = p;
        const uint32_t c = utf8_next(&p, end);
        if (c >= 7 && c <= 13) buf_printf(to, "\\%c", names[c - 7]);
        else if (c < ' ' || c == 0x7F || (c == UTF8_BAD && (p - from != 3 || memcmp(from, "\xEF\xBF\xBD", 3))))
            for (; from < p; from++) buf_printf(to, "\\x%02X", (uint8_t)*from);
        else if (c == '|' || c == '\\') buf_printf(to, "\\%c", (char)c);
        else buf_put(to, str_span(from, p));
    }
}

static bool show_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    struct show *s = self;
    const struct str text = doc_text(d);
    if (!text.p) return run_no_text(d);
    const struct ids *ids = tokenizer_crew_encode(&s->crew, d->worker, text, s->flags);
    struct buf b = { 0 };
    for (size_t i = 0; i < ids->n; i++) {
        if (i) buf_putc(&b, '|');
        put_visible(tokenizer_token(s->crew.t, ids->p[i]), &b);
    }
    buf_putc(&b, '\n');
    for (size_t i = 0; i < ids->n; i++) buf_printf(&b, i ? " %u" : "%u", ids->p[i]);
    buf_printf(&b, "\n%zu tokens, %zu bytes\n", ids->n, text.n);
    struct str *note = NEW(d->mem, struct str, 1);
    *note = str_copy(d->mem, buf_str(&b));
    d->note = note;
    buf_free(&b);
    return true;
}

static bool show_turn(void *self, struct doc *d, struct err *e)
{
    struct show *s = self;
    const struct str *note = d->note;
    return !note || output_write(s->out, *note, e);
}

static bool show_close(void *self, struct err *e)
{
    struct show *s = self;
    struct output *out = s->out;
    s->out = NULL;
    return output_done(out, e);
}

static void show_free(void *self)
{
    struct show *s = self;
    if (s->out) output_drop(s->out);
    tokenizer_crew_close(&s->crew);
    free(s);
}

const struct stage stage_tokenizer_show = {
    .place = 403, .name = "tokenizer show", .brief = "texts cut into tokens, to look at",
    .text = "For each document its tokens with | between them, their ids, and how many there are.",
    .memory = "the tokenizer",
    .example = "  tamis tokenizer show -m tokenizer.json docs.jsonl | less",
    .options = show_options, .open = show_open, .each = show_each, .turn = show_turn, .close = show_close,
    .free = show_free, .sink = true,
};

/* ---- compare ---- */

static struct { const char *by; } opt_compare = { .by = "lang" };
static const struct opt compare_options[] = {
    { 0, "by", TEXT(&opt_compare.by), "FIELD", "a line for each value of this field" },
    { END }
};
struct tally { struct str name; uint64_t docs, bytes, words, tokens[2], unknown[2]; };
struct tallies { struct arena mem; struct tally *all; size_t n, cap; };
/* tallies (threads) */
struct compare {
    struct tokenizer_crew crew[2];
    struct tallies *tallies;
    int threads;
    const char *by, *output, *path[2];
};

static void compare_free(void *self)
{
    struct compare *s = self;
    for (int k = 0; k < 2; k++) if (s->crew[k].t) tokenizer_crew_close(&s->crew[k]);
    for (int i = 0; i < s->threads; i++) {
        arena_free(&s->tallies[i].mem);
        free(s->tallies[i].all);
    }
    free(s->tallies);
    free(s);
}

static void *compare_open(const struct run *r, struct err *e)
{
    struct compare *s = mem_zero(1, sizeof *s);
    *s = (struct compare){ .tallies = mem_zero((size_t)r->threads, sizeof *s->tallies), .threads = r->threads,
                           .by = opt_compare.by, .output = r->output, .path = { r->args[0], r->args[1] } };
    for (int k = 0; k < 2; k++) if (!tokenizer_crew_open(&s->crew[k], s->path[k], r->threads,
                                                         e)) { compare_free(s); return NULL; }
    return s;
}

static struct tally *tally_of(struct tallies *t, struct str name)
{
    size_t i = 0;
    while (i < t->n && !str_eq(t->all[i].name, name)) i++;
    if (i < t->n) return &t->all[i];
    if (t->n == t->cap) t->all = mem_grow(t->all, &t->cap, t->n + 1, sizeof *t->all);
    t->all[t->n] = (struct tally){ .name = str_copy(&t->mem, name) };
    return &t->all[t->n++];
}

static void tally_add(struct tally *to, const struct tally *x)
{
    to->docs += x->docs;
    to->bytes += x->bytes;
    to->words += x->words;
    for (int k = 0; k < 2; k++) { to->tokens[k] += x->tokens[k]; to->unknown[k] += x->unknown[k]; }
}

static bool is_space(char c) { return c == ' ' || (c >= 9 && c <= 13); }

static uint64_t count_words(struct str s)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s.n; i++) n += !is_space(s.p[i]) && (!i || is_space(s.p[i - 1]));
    return n;
}

static bool compare_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    struct compare *s = self;
    const struct str text = doc_text(d), group = doc_get(d, s->by);
    if (!text.p) return run_no_text(d);
    struct tally x = { .docs = 1, .bytes = text.n, .words = count_words(text) };
    for (int k = 0; k < 2; k++) {
        const struct ids *ids = tokenizer_crew_encode(&s->crew[k], d->worker, text, 0);
        const uint32_t unk = tokenizer_unknown(s->crew[k].t);
        x.tokens[k] = ids->n;
        for (size_t i = 0; i < ids->n; i++) x.unknown[k] += ids->p[i] == unk;
    }
    tally_add(tally_of(&s->tallies[d->worker], group.p ? group : S("-")), &x);
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;
    return x->bytes != y->bytes ? (x->bytes > y->bytes ? -1 : 1) : str_cmp(x->name, y->name);
}

static double per(uint64_t a, uint64_t b) { return b ? (double)a / (double)b : 0; }

static void put_tally(const struct tally *t, struct buf *to)
{
    struct str name = t->name;
    if (name.n > 1 && name.p[0] == '"') name = (struct str){ name.p + 1, name.n - 2 };
    buf_printf(to, "%.*s\t%llu\t%llu\t%llu", (int)name.n, name.p, (unsigned long long)t->docs,
               (unsigned long long)t->bytes, (unsigned long long)t->words);
    for (int k = 0; k < 2; k++)
        buf_printf(to, "\t%.3f\t%.3f\t%.4f", per(t->bytes, t->tokens[k]), per(t->tokens[k], t->words),
                   100 * per(t->unknown[k], t->tokens[k]));
    buf_putc(to, '\n');
}

static bool compare_close(void *self, struct err *e)
{
    struct compare *s = self;
    struct tallies sum = { 0 };
    struct tally all = { .name = S("all") };
    struct buf b = { 0 };
    for (int i = 0; i < s->threads; i++)
        for (size_t k = 0; k < s->tallies[i].n; k++) {
            tally_add(tally_of(&sum, s->tallies[i].all[k].name), &s->tallies[i].all[k]);
            tally_add(&all, &s->tallies[i].all[k]);
        }
    if (sum.n) qsort(sum.all, sum.n, sizeof *sum.all, by_bytes);
    buf_printf(&b, "A: %s, %zu tokens\nB: %s, %zu tokens\n", s->path[0], tokenizer_size(s->crew[0].t), s->path[1],
               tokenizer_size(s->crew[1].t));
    buf_printf(&b, "%s\tdocs\tbytes\twords\tA bytes/token\tA tokens/word\tA unknown %%\tB bytes/token\tB tokens/word\tB unknown %%\n", s->by);
    for (size_t i = 0; i < sum.n; i++) put_tally(&sum.all[i], &b);
    put_tally(&all, &b);
    const bool ok = file_write(s->output, buf_str(&b), e);
    buf_free(&b);
    arena_free(&sum.mem);
    free(sum.all);
    return ok;
}

const struct stage stage_tokenizer_compare = {
    .place = 404, .name = "tokenizer compare", .brief = "two tokenizers on the same documents",
    .usage = "A B [FILE...]",
    .text = "A table, tabs between columns: bytes a token, tokens a word (fertility), share of unknown tokens.",
    .memory = "both tokenizers, and counts for each group",
    .example = "  tamis tokenizer compare --by domain a.json b.model docs.jsonl.zst",
    .options = compare_options, .n_args = 2, .open = compare_open, .each = compare_each, .close = compare_close,
    .free = compare_free, .sink = true,
};

/* ---- convert ---- */

static struct { const char *model; int format; } opt_convert;
static const struct opt convert_options[] = {
    { 'm', "model",  TEXT(&opt_convert.model),  "FILE",            MODEL_HELP, .required = true },
    {  0 , "format", PICK(&opt_convert.format), TOKENIZER_FORMATS, "what is written" },
    { END }
};

static bool convert_command(const struct run *r, struct err *e)
{
    struct tokenizer *t = tokenizer_open(opt_convert.model, e);
    struct buf b = { 0 }, lost = { 0 };
    const bool ok = t && tokenizer_write(t, (enum tokenizer_format)opt_convert.format, &b, &lost, e)
                    && file_write(r->output, buf_str(&b), e);
    struct str rest = buf_str(&lost);
    for (struct str line; ok && !r->quiet && str_cut(&rest, '\n', &line); )
        if (line.n) fprintf(stderr, "lost: %.*s\n", (int)line.n, line.p);
    buf_free(&b);
    buf_free(&lost);
    tokenizer_close(t);
    return ok;
}

const struct stage stage_tokenizer_convert = {
    .place = 405, .name = "tokenizer convert", .brief = "a tokenizer's file in another format",
    .text = "What the format cannot say goes to standard error, a line each. What it cannot hold is refused.",
    .memory = "the tokenizer",
    .example = "  tamis tokenizer convert -m spm.model --format json -o tokenizer.json",
    .options = convert_options, .command = convert_command,
};

/* ---- prune ---- */

static struct { const char *model; int format; long least; } opt_prune = { .least = 1 };
static const struct opt prune_options[] = {
    { 'm', "model",  TEXT(&opt_prune.model),  "FILE",            MODEL_HELP, .required = true },
    {  0 , "least",  INT(&opt_prune.least),   "N",               "keep tokens used this often", .min = 1, .max = 1e15 },
    {  0 , "format", PICK(&opt_prune.format), TOKENIZER_FORMATS, "what is written" },
    { END }
};
/* used (threads, vocabulary) */
struct pruning {
    struct tokenizer_crew crew;
    uint64_t *used;
    int threads;
    uint64_t least;
    const char *output;
    enum tokenizer_format format;
};

static void *prune_open(const struct run *r, struct err *e)
{
    struct pruning *s = mem_zero(1, sizeof *s);
    *s = (struct pruning){ .threads = r->threads, .least = (uint64_t)opt_prune.least, .output = r->output,
                           .format = (enum tokenizer_format)opt_prune.format };
    if (!tokenizer_crew_open(&s->crew, opt_prune.model, r->threads, e)) { free(s); return NULL; }
    s->used = mem_zero((size_t)r->threads * tokenizer_size(s->crew.t), sizeof *s->used);
    return s;
}

static bool prune_each(void *self, struct doc *d, struct err *e)
{
    (void)e;
    struct pruning *s = self;
    const struct str text = doc_text(d);
    if (!text.p) return run_no_text(d);
    const struct ids *ids = tokenizer_crew_encode(&s->crew, d->worker, text, 0);
    uint64_t *used = s->used + (size_t)d->worker * tokenizer_size(s->crew.t);
    for (size_t i = 0; i < ids->n; i++) used[ids->p[i]]++;
    return true;
}

static bool prune_close(void *self, struct err *e)
{
    struct pruning *s = self;
    const size_t n = tokenizer_size(s->crew.t);
    bool *keep = mem_zero(n + 1, sizeof *keep);
    struct buf b = { 0 };
    for (size_t id = 0; id < n; id++) {
        uint64_t used = 0;
        for (int i = 0; i < s->threads; i++) used += s->used[(size_t)i * n + id];
        keep[id] = used >= s->least;
    }
    prune(s->crew.t, keep);
    const bool ok = tokenizer_write(s->crew.t, s->format, &b, NULL, e) && file_write(s->output, buf_str(&b), e);
    buf_free(&b);
    free(keep);
    return ok;
}

static void prune_free(void *self)
{
    struct pruning *s = self;
    tokenizer_crew_close(&s->crew);
    free(s->used);
    free(s);
}

const struct stage stage_tokenizer_prune = {
    .place = 406, .name = "tokenizer prune", .brief = "drop tokens that documents do not use",
    .text = "Kept tokens keep their ids. Special tokens, bytes, characters and what merges need on the way stay: the\n"
            "documents have the same ids as before.",
    .memory = "the tokenizer, and 8 bytes an id for each thread",
    .example = "  tamis tokenizer prune -m tokenizer.json docs.jsonl.zst -o smaller.json",
    .options = prune_options, .open = prune_open, .each = prune_each, .close = prune_close, .free = prune_free,
    .sink = true,
};
