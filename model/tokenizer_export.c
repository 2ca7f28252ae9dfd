/* tokenizer_export.c - write a tokenizer in the formats that hold less than tokenizer.json, and say what is lost.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   sentencepiece   a protocol buffer: the fields that tokenizer_spm.c reads
 *   tiktoken        base64 of each token, its rank
 *   vocab           a token a line, by id (a hole is an empty line); unigram: piece, tab, log-probability
 */
#include "core/base64.h"
#include "model/bytelevel.h"
#include "model/tokenizer_model.h"
#include "record/json.h"

#define SPACE_MARK "\xE2\x96\x81"
enum { PIECE_PLAIN = 1, PIECE_UNKNOWN, PIECE_CONTROL, PIECE_USER, PIECE_UNUSED, PIECE_BYTE };
enum { VARINT = 0, BYTES = 2, FLOAT = 5 };
enum { NO_ID = -1 };

/* ---- protocol buffers ---- */

static void put_varint(struct buf *to, uint64_t x)
{
    for (; x >= 128; x >>= 7) buf_putc(to, (char)(x | 128));
    buf_putc(to, (char)x);
}

static void put_number(struct buf *to, unsigned field, int64_t x)
{
    put_varint(to, field << 3 | VARINT);
    put_varint(to, (uint64_t)x);
}

static void put_bytes(struct buf *to, unsigned field, struct str s)
{
    put_varint(to, field << 3 | BYTES);
    put_varint(to, s.n);
    buf_put(to, s);
}

static void put_float(struct buf *to, unsigned field, float x)
{
    put_varint(to, field << 3 | FLOAT);
    memcpy(buf_room(to, 4), &x, 4);
    to->n += 4;
}

/* ---- SentencePiece ---- */

static int piece_type(const struct tokenizer *t, uint32_t id)
{
    const struct str s = t->vocab.token[id];
    const bool fallback = t->model == MODEL_BPE ? t->bpe.fallback : t->unigram.fallback;
    if (!s.p) return PIECE_UNUSED;
    if (id == tokenizer_unknown(t)) return PIECE_UNKNOWN;
    if (tokenizer_special(t, id)) return PIECE_CONTROL;
    if (fallback && s.n == 6 && !memcmp(s.p, "<0x", 3)) return PIECE_BYTE;
    return t->model == MODEL_UNIGRAM && id < t->unigram.n && t->unigram.user[id] ? PIECE_USER : PIECE_PLAIN;
}

static void put_pieces(const struct tokenizer *t, const uint32_t *rank, struct buf *to)
{
    struct buf piece = { 0 };
    for (uint32_t id = 0; id < t->vocab.n; id++) {
        const int type = piece_type(t, id);
        buf_reset(&piece);
        if (type == PIECE_UNUSED) {
            struct buf name = { 0 };
            buf_printf(&name, "<unused_%u>", id);
            put_bytes(&piece, 1, buf_str(&name));
            buf_free(&name);
        } else put_bytes(&piece, 1, t->vocab.token[id]);
        put_float(&piece, 2, type != PIECE_PLAIN
                  && type != PIECE_USER ? 0 : t->model == MODEL_UNIGRAM ? t->unigram.score[id] : -(float)rank[id]);
        if (type != PIECE_PLAIN) put_number(&piece, 3, type);
        put_bytes(to, 1, buf_str(&piece));
    }
    buf_free(&piece);
}

static int64_t id_of(const struct tokenizer *t, struct str a, struct str b)
{
    uint32_t id = vocab_find(&t->vocab, a);
    if (id == VOCAB_NONE) id = vocab_find(&t->vocab, b);
    return id == VOCAB_NONE ? NO_ID : (int64_t)id;
}

static void put_trainer(const struct tokenizer *t, struct buf *to)
{
    struct buf b = { 0 };
    const uint32_t unk = tokenizer_unknown(t);
    put_number(&b, 3, t->model == MODEL_UNIGRAM ? 1 : 2);
    put_number(&b, 4, (int64_t)t->vocab.n);
    put_number(&b, 35, t->model == MODEL_BPE ? t->bpe.fallback : t->unigram.fallback);
    put_number(&b, 40, (int64_t)unk);
    put_number(&b, 41, id_of(t, S("<s>"), S("<bos>")));
    put_number(&b, 42, id_of(t, S("</s>"), S("<eos>")));
    put_number(&b, 43, id_of(t, S("<pad>"), S("[PAD]")));
    put_bytes(&b, 45, t->vocab.token[unk]);
    put_bytes(to, 2, buf_str(&b));
    buf_free(&b);
}

/* The normaliser's steps as one set of rules; those that are none of SentencePiece's are lost. */
static struct spm_rules rules_of(const struct normal *n, struct buf *lost)
{
    struct spm_rules r = { 0 };
    for (size_t i = 0; i < n->n; i++) {
        const struct normal_step *s = &n->step[i];
        const bool mark = str_eq(s->to, S(SPACE_MARK));
        if (s->kind == NORMAL_SPM) {
            r.array = s->spm.array;
            r.strings = s->spm.strings;
            r.dummy_prefix |= s->spm.dummy_prefix;
            r.trim |= s->spm.trim;
            r.escape |= s->spm.escape;
        }
        else if ((s->kind == NORMAL_PREPEND || s->kind == NORMAL_PREFIX) && mark) r.dummy_prefix = true;
        else if (s->kind == NORMAL_REPLACE && mark && str_eq(s->from, S(" "))) r.escape = true;
        else if (s->kind == NORMAL_SQUEEZE) r.trim = true;
        else if (lost && s->kind != NORMAL_STRIP)
            buf_printf(lost, "normaliser step %zu%s: normalise the text before\n", i + 1,
                       s->kind == NORMAL_NFC ? ", NFC" : s->kind == NORMAL_NFKC ? ", NFKC" : "");
    }
    return r;
}

static void put_normaliser(const struct spm_rules *r, struct buf *to)
{
    struct buf b = { 0 }, map = { 0 };
    spm_charsmap_write(r, &map);
    put_bytes(&b, 1, map.n ? S("user_defined") : S("identity"));
    put_bytes(&b, 2, buf_str(&map));
    put_number(&b, 3, r->dummy_prefix);
    put_number(&b, 4, r->trim);
    put_number(&b, 5, r->escape);
    put_bytes(to, 3, buf_str(&b));
    buf_free(&b);
    buf_free(&map);
}

/* SentencePiece ranks tokens, not merges: a token's rank is its first merge's; characters come behind all. */
static uint32_t *ranks_of(const struct tokenizer *t, struct arena *mem)
{
    uint32_t *rank = NEW(mem, uint32_t, t->vocab.n + 1), most = 0;
    for (size_t id = 0; id < t->vocab.n; id++) rank[id] = UINT32_MAX;
    for (size_t i = 0; i < t->bpe.slots; i++) {
        const struct bpe_merge *m = &t->bpe.merge[i];
        if (m->pair == UINT64_MAX) continue;
        if (m->rank < rank[m->id]) rank[m->id] = m->rank;
        if (m->rank >= most) most = m->rank + 1;
    }
    for (uint32_t id = 0; id < t->vocab.n; id++)
        if (rank[id] == UINT32_MAX && piece_type(t, id) == PIECE_PLAIN) rank[id] = most++;
    return rank;
}

static uint32_t rank_at(const void *with, uint32_t id) { return ((const uint32_t *)with)[id]; }

/* Are all merges that the tokens' ranks make there, at those ranks? Others never happen then (bpe_add_all). */
static bool ranks_say_all(const struct tokenizer *t, const uint32_t *rank)
{
    struct bpe all;
    bpe_init(&all, &t->vocab);
    all.chars = true;
    bpe_add_all(&all, rank_at, rank);
    bool same = true;
    for (size_t i = 0; same && i < all.slots; i++) {
        const struct bpe_merge m = all.merge[i];
        same = m.pair == UINT64_MAX || bpe_look(&t->bpe, (uint32_t)(m.pair >> 32), (uint32_t)m.pair).rank == m.rank;
    }
    bpe_free(&all);
    return same;
}

static void lost_splits(const struct tokenizer *t, struct buf *lost)
{
    for (size_t i = 0; lost && i < t->n_splits; i++) {
        const enum split k = pretoken_kind(t->split[i]);
        if (k != SPLIT_MARKS && k != SPLIT_EACH_MARK)
            buf_printf(lost, "split %s: %s\n", pretoken_name(k), pretoken_regex(t->split[i]));
    }
}

bool tokenizer_write_spm(const struct tokenizer *t, struct buf *to, struct buf *lost, struct err *e)
{
    struct arena mem = { 0 };
    if (t->byte_level || t->model == MODEL_WORDPIECE)
        return err_set(e, ERR_USAGE, "SentencePiece's format has no %s", t->byte_level ? "BPE of bytes" : "WordPiece");
    if (tokenizer_unknown(t) == VOCAB_NONE)
        return err_set(e, ERR_USAGE, "SentencePiece's format wants an unknown token");
    const uint32_t *rank = t->model == MODEL_BPE ? ranks_of(t, &mem) : NULL;
    if (lost && rank && !ranks_say_all(t, rank))
        buf_put(lost, S("the order of merges: each token merges by the rank of its first\n"));
    lost_splits(t, lost);
    if (lost && (t->n_before || t->n_after)) buf_put(lost, S("what is put around a text\n"));
    const struct spm_rules rules = rules_of(&t->normal, lost);
    put_pieces(t, rank, to);
    put_trainer(t, to);
    put_normaliser(&rules, to);
    arena_free(&mem);
    return true;
}

/* ---- tiktoken ---- */

static bool write_tiktoken(const struct tokenizer *t, struct buf *to, struct buf *lost, struct err *e)
{
    struct arena mem = { 0 };
    if (!t->byte_level) return err_set(e, ERR_USAGE, "tiktoken's ranks hold BPE of bytes only");
    for (uint32_t id = 0; id < t->vocab.n; id++) {
        if (!t->vocab.token[id].p || tokenizer_special(t, id)) continue;
        base64_write(t->vocab.token[id], to);
        buf_printf(to, " %u\n", id);
    }
    if (!lost) return true;
    const struct bpe_merge *merge = tokenizer_merges(t, &mem);
    bool same = true;
    for (size_t i = 1; i < t->bpe.n_merges; i++) same = same && merge[i].id >= merge[i - 1].id;
    if (!same) buf_put(lost, S("the order of merges: a token's rank is its id\n"));
    arena_free(&mem);
    lost_splits(t, lost);
    if (t->normal.n) buf_put(lost, S("the normaliser\n"));
    if (t->n_added) buf_put(lost, S("special tokens\n"));
    return true;
}

/* ---- a list of tokens ---- */

static bool write_vocab(const struct tokenizer *t, struct buf *to, struct buf *lost)
{
    struct buf work = { 0 };
    for (uint32_t id = 0; id < t->vocab.n; id++) {
        buf_reset(&work);
        if (t->byte_level && !tokenizer_special(t, id)) bytelevel_write(t->vocab.token[id], &work);
        else buf_put(&work, t->vocab.token[id]);
        for (size_t i = 0; i < work.n; i++) {
            if (work.p[i] == '\n') buf_put(to, S("\\n"));
            else buf_putc(to, work.p[i]);
        }
        if (t->model == MODEL_UNIGRAM) {
            buf_putc(to, '\t');
            json_put_number(to, id < t->unigram.n ? (double)t->unigram.score[id] : 0);
        }
        buf_putc(to, '\n');
    }
    buf_free(&work);
    if (lost)
        buf_put(lost, t->model == MODEL_WORDPIECE ? S("normaliser and split, where they are not BERT's\n")
                : S("all but the tokens: normaliser, splits, merges, special tokens\n"));
    return true;
}

bool tokenizer_write(const struct tokenizer *t, enum tokenizer_format f, struct buf *to, struct buf *lost,
                     struct err *e)
{
    switch (f) {
    case TOKENIZER_JSON: return tokenizer_write_json(t, to, lost, e);
    case TOKENIZER_SENTENCEPIECE: return tokenizer_write_spm(t, to, lost, e);
    case TOKENIZER_TIKTOKEN: return write_tiktoken(t, to, lost, e);
    case TOKENIZER_VOCAB: return write_vocab(t, to, lost);
    }
    return false;
}
