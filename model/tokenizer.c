/* tokenizer.c - text to token ids and back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/tokenizer_model.h"

#include "core/file.h"
#include "core/rng.h"
#include "core/utf8.h"
#include "model/bpe_cache.h"

#include <stdio.h>
#include <stdlib.h>

#define SPACE_MARK "\xE2\x96\x81"
enum { FILE_MAX = 1 << 28 };

struct tokenizer_worker {
    const struct tokenizer *t;
    struct bpe_cache *bpe;
    struct pretoken_scratch *split[SPLITS_MAX];
    struct unigram_scratch unigram;
    struct buf repaired, prefixed, work[2];
    double alpha;                                           /* of sampling; 0: none */
    uint64_t seed;
    struct rng rng;
};

/* ---- making ---- */

struct tokenizer *tokenizer_new(void)
{
    return mem_zero(1, sizeof(struct tokenizer));
}

void tokenizer_close(struct tokenizer *t)
{
    if (!t) return;
    bpe_free(&t->bpe);
    unigram_free(&t->unigram);
    wordpiece_free(&t->wordpiece);
    vocab_free(&t->vocab);
    trie_free(&t->kept);
    for (size_t i = 0; i < t->n_splits; i++) pretoken_close(t->split[i]);
    free(t->added);
    arena_free(&t->mem);
    free(t);
}

void tokenizer_add(struct tokenizer *t, uint32_t id, struct str text, bool special)
{
    if (!text.n) return;
    if (t->n_added == t->cap_added) t->added = mem_grow(t->added, &t->cap_added, t->n_added + 1, sizeof *t->added);
    if (id >= t->vocab.n || !t->vocab.token[id].p) vocab_set(&t->vocab, id, text);
    size_t i = t->n_added++;
    for (; i && t->added[i - 1].text.n < text.n; i--) t->added[i] = t->added[i - 1];
    t->added[i] = (struct added){ id, str_copy(&t->mem, text), special };
    t->n_plain += !special;
}

bool tokenizer_split(struct tokenizer *t, const char *name_or_regex, struct err *e)
{
    if (t->n_splits == SPLITS_MAX) return err_set(e, ERR_DATA, "more than %d splits, one within another", SPLITS_MAX);
    struct pretoken *p = pretoken_open(name_or_regex, e);
    if (!p) return false;
    t->split[t->n_splits++] = p;
    return true;
}

void tokenizer_unigram_bytes(struct tokenizer *t, bool fallback)
{
    t->unigram.fallback = fallback;
    for (unsigned i = 0; i < 256; i++) {
        char hex[8];
        t->unigram.hex[i] = vocab_find(&t->vocab,
                                       (struct str){ hex, (size_t)snprintf(hex, sizeof hex, "<0x%02X>", i) });
        if (t->unigram.hex[i] == VOCAB_NONE) t->unigram.fallback = false;
    }
}

bool tokenizer_split_marks(struct tokenizer *t, struct err *e)
{
    for (size_t i = 0; i < t->n_splits; i++)
        if (pretoken_kind(t->split[i]) == SPLIT_MARKS || pretoken_kind(t->split[i]) == SPLIT_EACH_MARK) return true;
    for (uint32_t id = 0; id < t->vocab.n; id++) {
        const struct str s = t->vocab.token[id];
        size_t k = 0;
        while (k + 3 <= s.n && !memcmp(s.p + k, SPACE_MARK, 3)) k += 3;
        if (k < s.n && memmem(s.p + k, s.n - k, SPACE_MARK, 3)) return true;
    }
    return tokenizer_split(t, "marks", e);
}

/* The first line of tiktoken's ranks is base64, a space and a number. */
static bool looks_like_ranks(struct str bytes)
{
    struct str line, word;
    if (!str_cut(&bytes, '\n', &line) || !str_cut(&line, ' ', &word) || !line.p || !word.n || word.n % 4) return false;
    line = str_trim(line);
    for (size_t i = 0; i < line.n; i++) if (line.p[i] < '0' || line.p[i] > '9') return false;
    return line.n > 0;
}

/* BERT's vocabulary is text, a token a line, and one of them is [UNK]. */
static bool looks_like_words(struct str bytes) { return utf8_valid(bytes) && memmem(bytes.p, bytes.n, "[UNK]", 5); }

struct tokenizer *tokenizer_parse(struct str bytes, const char *name, struct err *e)
{
    struct tokenizer *t = tokenizer_new();
    const struct str head = str_trim(bytes);
    bool ok;
    if (head.n && head.p[0] == '{') ok = tokenizer_read_json(t, bytes, e);
    else if (looks_like_ranks(bytes)) ok = tokenizer_read_tiktoken(t, bytes, name, e);
    else if (looks_like_words(bytes)) ok = tokenizer_read_words(t, bytes, e);
    else ok = tokenizer_read_spm(t, bytes, e);
    if (ok) return t;
    tokenizer_close(t);
    return NULL;
}

struct tokenizer *tokenizer_open(const char *path, struct err *e)
{
    struct buf b = { 0 };
    struct tokenizer *t = file_slurp(path, &b, FILE_MAX, e) ? tokenizer_parse(buf_str(&b), path, e) : NULL;
    buf_free(&b);
    if (!t) err_in(e, "%s", path);
    return t;
}

struct tokenizer_worker *tokenizer_worker_new(const struct tokenizer *t)
{
    struct tokenizer_worker *w = mem_zero(1, sizeof *w);
    w->t = t;
    w->bpe = bpe_cache_new();
    for (size_t i = 0; i < t->n_splits; i++) w->split[i] = pretoken_scratch_new(t->split[i]);
    return w;
}

void tokenizer_worker_free(struct tokenizer_worker *w)
{
    if (!w) return;
    bpe_cache_free(w->bpe);
    unigram_scratch_free(&w->unigram);
    for (size_t i = 0; i < SPLITS_MAX; i++) pretoken_scratch_free(w->split[i]);
    buf_free(&w->repaired);
    buf_free(&w->prefixed);
    buf_free(&w->work[0]);
    buf_free(&w->work[1]);
    free(w);
}

void tokenizer_sample(struct tokenizer_worker *w, double alpha, uint64_t seed)
{
    w->alpha = alpha;
    w->seed = seed;
}

bool tokenizer_crew_open(struct tokenizer_crew *c, const char *path, int threads, struct err *e)
{
    struct tokenizer *t = tokenizer_open(path, e);
    if (!t) return false;
    *c = (struct tokenizer_crew){ t, mem_zero((size_t)threads, sizeof *c->workers),
                                  mem_zero((size_t)threads, sizeof *c->ids), threads };
    for (int i = 0; i < threads; i++) c->workers[i] = tokenizer_worker_new(t);
    return true;
}

void tokenizer_crew_close(struct tokenizer_crew *c)
{
    for (int i = 0; i < c->n; i++) {
        tokenizer_worker_free(c->workers[i]);
        free(c->ids[i].p);
    }
    free(c->workers);
    free(c->ids);
    tokenizer_close(c->t);
    *c = (struct tokenizer_crew){ 0 };
}

struct ids *tokenizer_crew_encode(struct tokenizer_crew *c, int worker, struct str text, unsigned flags)
{
    struct ids *ids = &c->ids[worker];
    ids->n = 0;
    tokenizer_encode(c->workers[worker], text, flags, ids);
    return ids;
}

/* ---- encoding ---- */

/* A piece is all white space or none: its first character says which. */
static bool is_blank(struct str s)
{
    const char *p = s.p;
    const uint32_t c = s.n ? utf8_next(&p, s.p + s.n) : ' ';
    return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A)
        || c == 0x2028 || c == 0x2029
        || c == 0x202F || c == 0x205F || c == 0x3000;
}

static double next_unit(void *rng) { return rng_real(rng); }

static void encode_piece(struct tokenizer_worker *w, struct str s, struct ids *to)
{
    const struct tokenizer *t = w->t;
    if (t->drop_blanks && is_blank(s)) return;
    switch (t->model) {
    case MODEL_BPE: bpe_encode(&t->bpe, w->bpe, s, to); return;
    case MODEL_UNIGRAM:
        if (w->alpha > 0) unigram_sample(&t->unigram, &w->unigram, s, w->alpha, next_unit, &w->rng, to);
        else unigram_encode(&t->unigram, &w->unigram, s, to);
        return;
    case MODEL_WORDPIECE: wordpiece_encode(&t->wordpiece, s, to); return;
    }
}

static void encode_rows(struct tokenizer_worker *w, struct str s, struct ids *to)
{
    const struct tokenizer *t = w->t;
    const size_t last = t->n_splits - 1;
    struct str piece[BPE_ROW];
    const char *at = s.p, *end = at + s.n;
    for (size_t n; (n = pretoken_row(t->split[last], w->split[last], s.p, &at, end, piece, BPE_ROW)); )
        bpe_encode_row(&t->bpe, w->bpe, piece, n, end, to);
}

static void encode_split(struct tokenizer_worker *w, struct str s, size_t level, struct ids *to)
{
    const struct tokenizer *t = w->t;
    if (level == t->n_splits) { encode_piece(w, s, to); return; }
    if (level + 1 == t->n_splits && t->model == MODEL_BPE && !t->drop_blanks) { encode_rows(w, s, to); return; }
    for (const char *at = s.p, *end = at + s.n; at < end; ) {
        const struct str piece = { at, pretoken_next(t->split[level], w->split[level], s.p, at, end) };
        encode_split(w, piece, level + 1, to);
        at += piece.n;
    }
}

static void pieces_split(struct tokenizer_worker *w, struct str s, size_t level, tokenizer_piece_fn *each, void *with)
{
    const struct tokenizer *t = w->t;
    if (level == t->n_splits) { each(with, s); return; }
    for (const char *at = s.p, *end = at + s.n; at < end; ) {
        const struct str piece = { at, pretoken_next(t->split[level], w->split[level], s.p, at, end) };
        pieces_split(w, piece, level + 1, each, with);
        at += piece.n;
    }
}

static bool by_regex(const struct tokenizer *t)
{
    for (size_t i = 0; i < t->n_splits; i++) if (pretoken_kind(t->split[i]) == SPLIT_REGEX) return true;
    return false;
}

static struct str prepare(struct tokenizer_worker *w, struct str s)
{
    const struct tokenizer *t = w->t;
    /* repairs by its own rule */
    const bool by_spm = t->normal.n && t->normal.step[0].kind == NORMAL_SPM;
    if (!by_spm && (t->normal.n || !t->byte_level || by_regex(t)) && !utf8_valid(s)) {
        buf_reset(&w->repaired);
        utf8_repair(s, &w->repaired);
        s = buf_str(&w->repaired);
    }
    s = normal_run(&t->normal, s, w->work);
    if (!t->prefix_space || !s.n || s.p[0] == ' ') return s;
    buf_reset(&w->prefixed);
    buf_putc(&w->prefixed, ' ');
    buf_put(&w->prefixed, s);
    return buf_str(&w->prefixed);
}

static void encode_plain(struct tokenizer_worker *w, struct str s, struct ids *to)
{
    if (!s.n) return;
    s = prepare(w, s);
    if (s.n) encode_split(w, s, 0, to);
}

void tokenizer_pieces(struct tokenizer_worker *w, struct str text, tokenizer_piece_fn *each, void *with)
{
    text = prepare(w, text);
    if (text.n) pieces_split(w, text, 0, each, with);
}

static const struct added *added_at(const struct tokenizer *t, const char *p, const char *end, bool specials)
{
    for (size_t i = 0; i < t->n_added; i++)
        if ((specials || !t->added[i].special) && str_starts(str_span(p, end), t->added[i].text)) return &t->added[i];
    return NULL;
}

static void encode_added(struct tokenizer_worker *w, struct str s, bool specials, struct ids *to)
{
    bool first[256] = { false };
    for (size_t i = 0; i < w->t->n_added; i++)
        if (specials || !w->t->added[i].special) first[(uint8_t)w->t->added[i].text.p[0]] = true;
    const char *from = s.p, *end = s.p + s.n;
    for (const char *p = s.p; p < end; ) {
        const struct added *a = first[(uint8_t)*p] ? added_at(w->t, p, end, specials) : NULL;
        if (!a) { p++; continue; }
        encode_plain(w, str_span(from, p), to);
        ids_put(to, a->id);
        from = p += a->text.n;
    }
    encode_plain(w, str_span(from, end), to);
}

static void put_all(struct ids *to, const uint32_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++) ids_put(to, ids[i]);
}

void tokenizer_encode(struct tokenizer_worker *w, struct str text, unsigned flags, struct ids *to)
{
    if (flags & TOKENIZER_FRAME) put_all(to, w->t->before, w->t->n_before);
    const bool specials = flags & TOKENIZER_SPECIALS;
    if (w->alpha > 0) w->rng = rng_init(w->seed, hash64(text, 0));
    if (specials ? w->t->n_added : w->t->n_plain) encode_added(w, text, specials, to);
    else encode_plain(w, text, to);
    if (flags & TOKENIZER_FRAME) put_all(to, w->t->after, w->t->n_after);
}

/* ---- decoding ---- */

/* <0x0A> is that byte, U+2581 a space (none at the beginning), an unknown piece " U+2047 ", a control piece nothing. */
static void put_marked(const struct tokenizer *t, uint32_t id, struct buf *to, bool first)
{
    struct str s = tokenizer_token(t, id);
    const uint32_t unk = tokenizer_unknown(t);
    char hex[8];
    if (id == unk && unk != VOCAB_NONE) { buf_put(to, S(" \xE2\x81\x87 ")); return; }
    if (tokenizer_special(t, id)) return;
    if (s.n == 6 && !memcmp(s.p, "<0x", 3)) {
        memcpy(hex, s.p + 3, 2);
        hex[2] = 0;
        buf_putc(to, (char)strtoul(hex, NULL, 16));
        return;
    }
    for (bool drop = first && normal_marked(&t->normal); s.n; drop = false) {
        if (!str_starts(s, S(SPACE_MARK))) { buf_putc(to, *s.p++); s.n--; continue; }
        if (!drop) buf_putc(to, ' ');
        s = (struct str){ s.p + 3, s.n - 3 };
    }
}

static void put_word(struct str s, struct buf *to, bool first)
{
    if (str_starts(s, S("##"))) s = (struct str){ s.p + 2, s.n - 2 };
    else if (!first) buf_putc(to, ' ');
    buf_put(to, s);
}

void tokenizer_decode(const struct tokenizer *t, const uint32_t *ids, size_t n, struct buf *to)
{
    const size_t from = to->n;
    for (size_t i = 0; i < n; i++) {
        if (t->decode == DECODE_SPM) put_marked(t, ids[i], to, to->n == from);
        else if (t->decode == DECODE_WORDPIECE) put_word(tokenizer_token(t, ids[i]), to, to->n == from);
        else buf_put(to, tokenizer_token(t, ids[i]));
    }
}

/* ---- asking ---- */

const char *tokenizer_kind(const struct tokenizer *t)
{
    static const char *const name[] = { "bpe", "unigram", "wordpiece" };
    return name[t->model];
}

size_t tokenizer_size(const struct tokenizer *t) { return t->vocab.n; }
struct str tokenizer_token(const struct tokenizer *t, uint32_t id)
{
    return id < t->vocab.n ? t->vocab.token[id] : (struct str){ NULL, 0 };
}
uint32_t tokenizer_id(const struct tokenizer *t, struct str token) { return vocab_find(&t->vocab, token); }
uint32_t tokenizer_unknown(const struct tokenizer *t)
{
    return t->model == MODEL_BPE ? t->bpe.unk : t->model == MODEL_UNIGRAM ? t->unigram.unk : t->wordpiece.unk;
}

bool tokenizer_special(const struct tokenizer *t, uint32_t id)
{
    for (size_t i = 0; i < t->n_added; i++) if (t->added[i].id == id) return t->added[i].special;
    return false;
}

uint32_t tokenizer_end(const struct tokenizer *t)
{
    static const char *const ends[] = { "<|endoftext|>", "</s>", "<|end_of_text|>", "<eos>", "[SEP]" };
    uint32_t id = VOCAB_NONE;
    for (size_t i = 0; i < sizeof ends / sizeof *ends && id == VOCAB_NONE; i++)
        id = vocab_find(&t->vocab, str_of(ends[i]));
    return id;
}

static int by_rank(const void *a, const void *b)
{
    const struct bpe_merge *x = a, *y = b;
    if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
    return x->pair < y->pair ? -1 : x->pair > y->pair;
}

const struct bpe_merge *tokenizer_merges(const struct tokenizer *t, struct arena *mem)
{
    struct bpe_merge *all = NEW(mem, struct bpe_merge, t->bpe.n_merges);
    size_t n = 0;
    for (size_t i = 0; i < t->bpe.slots; i++) if (t->bpe.merge[i].pair != UINT64_MAX) all[n++] = t->bpe.merge[i];
    qsort(all, n, sizeof *all, by_rank);
    return all;
}
