/* tokenizer_spm.c - read SentencePiece's .model: a protocol buffer, by hand.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A message is fields: varint (number << 3 | wire type), then a varint (0), 8 bytes (1), a length and so many
 * bytes (2), or 4 bytes (5).
 *
 *   model       1: piece, again and again    2: trainer    3: normaliser
 *   piece       1: bytes    2: float, log-probability    3: type: 1 plain, 2 unknown, 3 control, 4 user, 5 unused, 6 byte
 *   trainer     3: 1 unigram, 2 bpe    24: space after the word    35: unknown characters as bytes
 *   normaliser  2: character map    3: a space before the text    4: no extra spaces    5: space as U+2581
 */
#include "model/tokenizer_model.h"

#include <stdlib.h>

enum { PIECE_PLAIN = 1, PIECE_UNKNOWN, PIECE_CONTROL, PIECE_USER, PIECE_UNUSED, PIECE_BYTE };
enum { TYPE_UNIGRAM = 1, TYPE_BPE = 2 };
struct field { uint32_t number; uint64_t number_value; struct str bytes; float real; };
struct piece { struct str text; float score; uint64_t type; };
struct spm_file {
    struct piece *pieces;
    size_t n, cap;
    uint64_t type;
    bool suffix, fallback;
    struct str charsmap;
    bool dummy_prefix, trim, escape;
};

static bool varint(struct str *s, uint64_t *x)
{
    *x = 0;
    for (unsigned shift = 0; s->n && shift < 64; shift += 7) {
        const uint8_t b = (uint8_t)*s->p++;
        s->n--;
        *x |= (uint64_t)(b & 127) << shift;
        if (b < 128) return true;
    }
    return false;
}

static bool take(struct str *s, uint64_t n, struct str *bytes)
{
    if (n > s->n) return false;
    *bytes = (struct str){ s->p, (size_t)n };
    s->p += n;
    s->n -= (size_t)n;
    return true;
}

static bool next_field(struct str *s, struct field *f, struct err *e)
{
    uint64_t tag, n;
    *f = (struct field){ 0 };
    if (!s->n) return false;
    bool ok = varint(s, &tag);
    f->number = (uint32_t)(tag >> 3);
    switch (ok ? tag & 7 : 7) {
    case 0: ok = varint(s, &f->number_value); break;
    case 1: ok = take(s, 8, &f->bytes); break;
    case 2: ok = varint(s, &n) && take(s, n, &f->bytes); break;
    case 5: ok = take(s, 4, &f->bytes); if (ok) memcpy(&f->real, f->bytes.p, 4); break;
    default: ok = false;
    }
    return ok || err_set(e, ERR_DATA, "it is neither JSON, nor ranks, nor a whole SentencePiece model");
}

static bool read_piece(struct spm_file *m, struct str s, struct err *e)
{
    struct piece p = { S(""), 0, PIECE_PLAIN };
    for (struct field f; next_field(&s, &f, e); ) {
        if (f.number == 1) p.text = f.bytes.p ? f.bytes : S("");
        if (f.number == 2) p.score = f.real;
        if (f.number == 3) p.type = f.number_value;
    }
    if (m->n == VOCAB_MAX) return err_set(e, ERR_DATA, "more than %d pieces", VOCAB_MAX);
    if (!(p.score > -1e30f && p.score < 1e30f)) return err_set(e, ERR_DATA, "piece %zu: its score is no number", m->n);
    if (m->n == m->cap) m->pieces = mem_grow(m->pieces, &m->cap, m->n + 1, sizeof *m->pieces);
    m->pieces[m->n++] = p;
    return !e->kind;
}

static bool read_model(struct spm_file *m, struct str s, struct err *e)
{
    for (struct field f, g; next_field(&s, &f, e); ) {
        if (f.number == 1 && !read_piece(m, f.bytes, e)) return false;
        for (struct str t = f.bytes; f.number == 2 && next_field(&t, &g, e); ) {
            if (g.number == 3) m->type = g.number_value;
            if (g.number == 24) m->suffix = g.number_value;
            if (g.number == 35) m->fallback = g.number_value;
        }
        for (struct str t = f.bytes; f.number == 3 && next_field(&t, &g, e); ) {
            if (g.number == 2) m->charsmap = g.bytes;
            if (g.number == 3) m->dummy_prefix = g.number_value;
            if (g.number == 4) m->trim = g.number_value;
            if (g.number == 5) m->escape = g.number_value;
        }
        if (e->kind) return false;
    }
    return !e->kind;
}

/* ---- to a tokenizer ---- */

static int by_score(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return x > y ? -1 : x < y;
}

struct ranking { const struct spm_file *m; const float *scores; };

/* Equal scores are one rank: then the leftmost pair comes first. */
static uint32_t rank_of(const void *with, uint32_t id)
{
    const struct ranking *r = with;
    const struct piece *p = &r->m->pieces[id];
    if (p->type != PIECE_PLAIN && p->type != PIECE_USER) return UINT32_MAX;
    size_t low = 0, high = r->m->n;
    while (low < high) {
        const size_t mid = (low + high) / 2;
        if (r->scores[mid] > p->score) low = mid + 1;
        else high = mid;
    }
    return (uint32_t)low;
}

static void make_bpe(struct tokenizer *t, const struct spm_file *m, uint32_t unk)
{
    float *scores = mem_alloc(m->n, sizeof *scores);
    for (size_t i = 0; i < m->n; i++) scores[i] = m->pieces[i].score;
    qsort(scores, m->n, sizeof *scores, by_score);
    t->model = MODEL_BPE;
    bpe_init(&t->bpe, &t->vocab);
    t->bpe.chars = t->bpe.fuse_unk = true;
    bpe_add_all(&t->bpe, rank_of, &(struct ranking){ m, scores });
    t->bpe.fallback = m->fallback;
    t->bpe.unk = unk;
    free(scores);
}

static void make_unigram(struct tokenizer *t, const struct spm_file *m, uint32_t unk)
{
    t->model = MODEL_UNIGRAM;
    for (uint32_t id = 0; id < m->n; id++) {
        const struct piece *p = &m->pieces[id];
        if (p->type == PIECE_PLAIN || p->type == PIECE_USER)
            unigram_put(&t->unigram, id, p->text, p->score, p->type == PIECE_USER ? UNIGRAM_USER : UNIGRAM_PLAIN);
    }
    t->unigram.unk = unk;
    tokenizer_unigram_bytes(t, m->fallback);
}

static bool make(struct tokenizer *t, const struct spm_file *m, struct err *e)
{
    uint32_t unk = VOCAB_NONE;
    if (!m->n) return err_set(e, ERR_DATA, "it is neither JSON, nor ranks, nor a SentencePiece model with pieces");
    for (uint32_t id = 0; id < m->n; id++) {
        const struct piece *p = &m->pieces[id];
        vocab_set(&t->vocab, id, p->text);
        if (p->type == PIECE_UNKNOWN) unk = id;
        if (p->type == PIECE_CONTROL || p->type == PIECE_UNKNOWN) tokenizer_add(t, id, p->text, true);
        if (p->type == PIECE_USER && p->text.n) trie_put(&t->kept, p->text, id);
    }
    if (m->type == TYPE_BPE) make_bpe(t, m, unk);
    else if (m->type == TYPE_UNIGRAM) make_unigram(t, m, unk);
    else return err_set(e, ERR_DATA, "a SentencePiece model of type %llu, neither unigram nor BPE",
                        (unsigned long long)m->type);
    struct spm_rules rules = { .kept = &t->kept, .dummy_prefix = m->dummy_prefix, .trim = m->trim, .escape = m->escape,
                               .suffix = m->suffix };
    if (!spm_charsmap(&rules, str_copy(&t->mem, m->charsmap), e)) return false;
    t->normal = (struct normal){ { { NORMAL_SPM, .spm = rules } }, 1 };
    t->decode = DECODE_SPM;
    return m->type != TYPE_BPE || !m->escape || tokenizer_split_marks(t, e);
}

bool tokenizer_read_spm(struct tokenizer *t, struct str bytes, struct err *e)
{
    struct spm_file m = { .type = TYPE_UNIGRAM, .charsmap = S(""), .dummy_prefix = true, .trim = true, .escape = true };
    const bool ok = read_model(&m, bytes, e) && make(t, &m, e);
    free(m.pieces);
    return ok;
}
