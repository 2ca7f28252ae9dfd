/* learn.c - from word counts to a tokenizer.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokenizer/learn.h"

#include "core/utf8.h"
#include "model/bytelevel.h"
#include "tokenizer/bpe_train.h"
#include "tokenizer/seeds.h"
#include "tokenizer/unigram_train.h"

#include <stdio.h>
#include <stdlib.h>

#define SPACE_MARK "\xE2\x96\x81"
enum { WHOLE = 4, WORDS = 3 };

static uint32_t new_token(struct tokenizer *t, struct str token)
{
    const uint32_t id = (uint32_t)t->vocab.n;
    vocab_set(&t->vocab, id, token);
    return id;
}

static uint32_t token_of(struct tokenizer *t, struct str token)
{
    const uint32_t id = vocab_find(&t->vocab, token);
    return id != VOCAB_NONE ? id : new_token(t, token);
}

static bool fits(const struct learn *l, struct err *e)
{
    if (l->t->vocab.n <= l->vocab) return true;
    return err_set(e, ERR_USAGE, "--vocab %zu is smaller than the alphabet: special tokens, %s are %zu", l->vocab,
                   l->algorithm == LEARN_BYTES ? "bytes and runs of spaces" : "bytes, characters and runs of spaces",
                   l->t->vocab.n);
}

/* ---- the alphabets ---- */

/* In the order of the characters that stand for them in tokenizer.json. */
static void add_bytes(struct tokenizer *t, const bool *seen, bool all)
{
    for (uint32_t c = 0; c < 0x144; c++) {
        const int b = bytelevel_byte(c);
        if (b >= 0 && (all || seen[b])) token_of(t, (struct str){ &(const char){ (char)b }, 1 });
    }
}

static void add_hex(struct tokenizer *t)
{
    for (unsigned i = 0; i < 256; i++) {
        char hex[8];
        token_of(t, (struct str){ hex, (size_t)snprintf(hex, sizeof hex, "<0x%02X>", i) });
    }
}

static void add_chars(struct tokenizer *t, const struct alphabet *a)
{
    for (size_t i = 0; i < a->n; i++) {
        char bytes[4];
        token_of(t, (struct str){ bytes, utf8_put(bytes, a->all[i].c) });
    }
}

static void add_space_run(struct tokenizer *t, struct str space, struct str run, size_t n)
{
    size_t half = 1;
    while (2 * half < n) half *= 2;
    const uint32_t left = vocab_find(&t->vocab, (struct str){ run.p, half * space.n }),
                   right = vocab_find(&t->vocab, (struct str){ run.p, (n - half) * space.n });
    bpe_add(&t->bpe, left, right, (uint32_t)t->bpe.n_merges, token_of(t, (struct str){ run.p, n * space.n }));
}

/* A run of n spaces is its largest power of two and the rest. The powers first, then the others in order: so
   any run is put together, whatever of it merges first. */
static void add_space_runs(struct tokenizer *t, struct str space, size_t longest)
{
    struct buf run = { 0 };
    for (size_t n = 0; n < longest; n++) buf_put(&run, space);
    const bool there = vocab_find(&t->vocab, space) != VOCAB_NONE;
    for (size_t n = 2; there && n <= longest; n *= 2) add_space_run(t, space, buf_str(&run), n);
    for (size_t n = 3; there && n <= longest; n++) if (n & (n - 1)) add_space_run(t, space, buf_str(&run), n);
    buf_free(&run);
}

/* ---- pair merges ---- */

struct symbols { const struct bpe *bpe; struct bpe_scratch *scratch; struct ids ids; struct bpe_words words; };

static bool add_symbols(void *with, struct str word, uint64_t count, struct err *e)
{
    struct symbols *s = with;
    (void)e;
    s->ids.n = 0;
    bpe_encode_plain(s->bpe, s->scratch, word, &s->ids);
    bpe_words_add(&s->words, s->ids.p, s->ids.n, count);
    return true;
}

/* The words that stay as symbols. */
static bool to_symbols(const struct learn *l, struct gather *g, struct bpe_words *words, struct err *e)
{
    struct symbols s = { .bpe = &l->t->bpe, .scratch = bpe_scratch_new() };
    bool ok = true;
    for (struct word_at at = wordlist_all(&g->list); ok && gather_next(g, &at); )
        ok = g->chars ? alphabet_cut(&g->alphabet, at.text, at.count, add_symbols, &s, e)
                      : add_symbols(&s, at.text, at.count, e);
    wordlist_free(&g->list);
    free(s.ids.p);
    bpe_scratch_free(s.scratch);
    *words = s.words;
    return ok;
}

static bool merge_pairs(const struct learn *l, struct gather *g, struct seen *seen, struct err *e)
{
    struct tokenizer *t = l->t;
    struct bpe_words words = { 0 };
    struct bpe_learned *learned = NULL;
    size_t n = 0;
    const uint32_t first = (uint32_t)t->bpe.n_merges;
    if (!fits(l, e) || !to_symbols(l, g, &words, e)) return false;
    *seen = g->seen;
    seen->n_seen -= words.n;
    seen->seen -= words.total;
    bpe_train(&t->vocab, &words, l->vocab, l->min_count, l->memory, &learned, &n);
    seen->n_seen += words.n;
    seen->seen += words.total;
    bpe_words_free(&words);
    for (size_t i = 0; i < n; i++)
        bpe_add(&t->bpe, learned[i].left, learned[i].right, first + (uint32_t)i, learned[i].id);
    free(learned);
    return true;
}

static bool learn_bytes(const struct learn *l, struct gather *g, struct seen *seen, struct err *e)
{
    struct tokenizer *t = l->t;
    if (!l->more) {
        add_bytes(t, g->byte, l->all_bytes);
        bpe_init(&t->bpe, &t->vocab);
        add_space_runs(t, S(" "), l->space_runs);
    }
    return merge_pairs(l, g, seen, e);
}

static bool is_hex(struct str s) { return s.n == 6 && !memcmp(s.p, "<0x", 3); }

static uint32_t own_rank(const void *with, uint32_t id)
{
    const struct tokenizer *t = with;
    return tokenizer_special(t, id) || is_hex(t->vocab.token[id]) ? UINT32_MAX : id;
}

/* SentencePiece's way: any two neighbours that make a token merge, the token that was learned first before others. */
static void rank_by_token(struct tokenizer *t)
{
    const struct bpe was = t->bpe;
    struct bpe all = { 0 };
    bpe_init(&all, &t->vocab);
    all.chars = all.fuse_unk = true;
    all.fallback = was.fallback;
    all.unk = was.unk;
    bpe_add_all(&all, own_rank, t);
    bpe_free(&t->bpe);
    t->bpe = all;
}

static bool learn_chars(const struct learn *l, struct gather *g, struct seen *seen, struct err *e)
{
    struct tokenizer *t = l->t;
    if (!l->more) {
        if (l->fallback) add_hex(t);
        add_chars(t, &g->alphabet);
        bpe_init(&t->bpe, &t->vocab);
        t->bpe.chars = t->bpe.fuse_unk = true;
        t->bpe.fallback = l->fallback;
        t->bpe.unk = vocab_find(&t->vocab, S("<unk>"));
        add_space_runs(t, S(SPACE_MARK), l->space_runs);
    }
    if (!merge_pairs(l, g, seen, e)) return false;
    rank_by_token(t);
    return true;
}

/* ---- unigram ---- */

static struct unigram_piece *keep_pieces(const struct learn *l, struct arena *mem, size_t *n)
{
    const struct tokenizer *t = l->t;
    struct unigram_piece *all = NEW(mem, struct unigram_piece, (l->more ? t->unigram.n : 0) + l->space_runs + 1);
    struct buf run = { 0 };
    for (uint32_t id = 0; l->more && id < t->unigram.n; id++)
        if (t->unigram.score[id] < 0 && !t->unigram.user[id])
            all[(*n)++] = (struct unigram_piece){ t->vocab.token[id], (double)t->unigram.score[id],
                                                  (uint32_t)utf8_length(t->vocab.token[id]), true };
    for (size_t i = 1; !l->more && i <= l->space_runs; i++) {
        buf_put(&run, S(SPACE_MARK));
        all[(*n)++] = (struct unigram_piece){ str_copy(mem, buf_str(&run)), 0, (uint32_t)i, true };
    }
    buf_free(&run);
    return all;
}

static void put_pieces(const struct learn *l, const struct unigram_learned *learned)
{
    struct tokenizer *t = l->t;
    struct unigram was = t->unigram;
    t->unigram = (struct unigram){ .unk = l->more ? was.unk : vocab_find(&t->vocab, S("<unk>")) };
    for (size_t i = 0; i < learned->n; i++) {
        const struct unigram_piece *p = &learned->pieces[i];
        unigram_put(&t->unigram, token_of(t, p->text), p->text, (float)p->score, UNIGRAM_PLAIN);
    }
    for (uint32_t id = 0; id < was.n; id++)
        if (was.user[id]) unigram_put(&t->unigram, id, t->vocab.token[id], was.score[id], UNIGRAM_USER);
    tokenizer_unigram_bytes(t, l->more ? was.fallback : l->fallback);
    unigram_free(&was);
}

/* The list of words stays. */
static size_t unigram_memory(const struct learn *l) { return l->memory - l->memory / LEARN_LIST; }

/* All words, cut. */
static bool cut_words(struct gather *g, struct wordlist *to, struct err *e)
{
    bool ok = true;
    to->run.limit = g->list.run.limit;
    for (struct word_at at = wordlist_all(&g->list); ok && gather_next(g, &at); )
        ok = alphabet_cut(&g->alphabet, at.text, at.count, wordlist_add, to, e);
    wordlist_free(&g->list);
    return ok;
}

static bool learn_unigram(const struct learn *l, struct gather *g, struct learned *to, struct err *e)
{
    struct tokenizer *t = l->t;
    struct arena mem = { 0 };
    struct unigram_learned learned;
    struct wordlist words = { 0 };
    size_t n_kept = 0;
    if (!cut_words(g, &words, e)) { wordlist_free(&words); return false; }
    if (!l->more && l->fallback) add_hex(t);
    const struct unigram_piece *kept = keep_pieces(l, &mem, &n_kept);
    const size_t room = l->vocab > t->vocab.n ? l->vocab - t->vocab.n : 0;
    const struct unigram_wish wish = { .size = l->more ? n_kept + room : room, .kept = kept, .n_kept = n_kept,
                                       .threads = l->threads, .memory = unigram_memory(l) };
    unigram_train(&words, &g->alphabet, &wish, &learned);
    wordlist_free(&words);
    put_pieces(l, &learned);
    t->model = MODEL_UNIGRAM;
    to->words = learned.words;
    to->n_seeds = learned.n_seeds;
    to->n_asked = learned.n_asked;
    unigram_learned_free(&learned);
    arena_free(&mem);
    return fits(l, e);
}

/* A vocabulary that goes on has its characters already. */
static void make_alphabet(const struct learn *l, struct alphabet *a)
{
    struct buf own = { 0 };
    for (uint32_t id = 0; l->more && id < l->t->vocab.n; id++)
        if (utf8_length(l->t->vocab.token[id]) == 1) buf_put(&own, l->t->vocab.token[id]);
    alphabet_make(a, l->more ? 0 : l->coverage, l->more ? buf_str(&own) : l->exemplars);
    buf_free(&own);
}

/* Of merges' memory WORDS in WHOLE are for words, the rest for their pairs. */
static size_t word_budget(const struct learn *l) { return l->memory / WHOLE * WORDS; }

/* A unigram model looks at all words time and again; its seeds have a budget of their own. */
void learn_gather(const struct learn *l, struct gather *g)
{
    gather_init(g, l->algorithm != LEARN_BYTES, l->memory / LEARN_LIST,
                l->algorithm == LEARN_UNIGRAM ? 0 : word_budget(l));
}

size_t learn_words(const struct learn *l, size_t symbols)
{
    if (l->algorithm == LEARN_UNIGRAM) return seeds_words(unigram_memory(l) / 2, symbols);
    return word_budget(l) / (BPE_WORD_COST + BPE_SYMBOL_COST * symbols);
}

bool learn(const struct learn *l, struct gather *g, struct learned *to, struct err *e)
{
    *to = (struct learned){ 0 };
    gather_end(g);
    if (l->algorithm == LEARN_BYTES) return learn_bytes(l, g, &to->words, e);
    make_alphabet(l, &g->alphabet);
    l->t->decode = DECODE_SPM;
    return l->algorithm == LEARN_CHARS ? learn_chars(l, g, &to->words, e) : learn_unigram(l, g, to, e);
}
