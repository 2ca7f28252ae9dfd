/* prune.c - take tokens out of a vocabulary.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokenizer/prune.h"

#include "core/utf8.h"

static bool is_basic(const struct tokenizer *t, uint32_t id)
{
    const struct str s = t->vocab.token[id];
    return id == tokenizer_unknown(t) || tokenizer_special(t, id) || s.n <= 1 || (!t->byte_level && utf8_length(s) == 1)
        || (s.n == 6 && !memcmp(s.p, "<0x", 3));
}

static void keep_basic(const struct tokenizer *t, bool *keep)
{
    for (uint32_t id = 0; id < t->vocab.n; id++) keep[id] = keep[id] || is_basic(t, id);
    for (size_t i = 0; i < t->n_before; i++) keep[t->before[i]] = true;
    for (size_t i = 0; i < t->n_after; i++) keep[t->after[i]] = true;
    for (size_t i = 0; i < t->n_added; i++) keep[t->added[i].id] = true;
}

/* Halves of what stays stay; again until nothing changes, as a half's own merges may have any rank. */
static void keep_halves(const struct bpe *b, bool *keep)
{
    for (bool more = true; more; ) {
        more = false;
        for (size_t i = 0; i < b->slots; i++) {
            const struct bpe_merge *m = &b->merge[i];
            if (m->pair == UINT64_MAX || !keep[m->id]) continue;
            const uint32_t left = (uint32_t)(m->pair >> 32), right = (uint32_t)m->pair;
            if (keep[left] && keep[right]) continue;
            keep[left] = keep[right] = more = true;
        }
    }
}

static void prune_bpe(struct tokenizer *t, const struct bpe *was, const bool *keep)
{
    bpe_init(&t->bpe, &t->vocab);
    t->bpe.chars = was->chars;
    t->bpe.whole_first = was->whole_first;
    t->bpe.fallback = was->fallback;
    t->bpe.fuse_unk = was->fuse_unk;
    t->bpe.unk = was->unk;
    for (size_t i = 0; i < was->slots; i++) {
        const struct bpe_merge *m = &was->merge[i];
        if (m->pair != UINT64_MAX && keep[m->id] && keep[m->pair >> 32] && keep[(uint32_t)m->pair])
            bpe_add(&t->bpe, (uint32_t)(m->pair >> 32), (uint32_t)m->pair, m->rank, m->id);
    }
}

static void prune_unigram(struct tokenizer *t, const struct unigram *was, const bool *keep)
{
    t->unigram = (struct unigram){ .unk = was->unk };
    for (uint32_t id = 0; id < was->n; id++)
        if (keep[id] && (was->user[id] || was->score[id] < 0))
            unigram_put(&t->unigram, id, t->vocab.token[id], was->score[id],
                        was->user[id] ? UNIGRAM_USER : UNIGRAM_PLAIN);
    tokenizer_unigram_bytes(t, was->fallback);
}

size_t prune(struct tokenizer *t, bool *keep)
{
    struct vocab was = t->vocab;
    struct bpe bpe = t->bpe;
    struct unigram unigram = t->unigram;
    size_t gone = 0;
    keep_basic(t, keep);
    if (t->model == MODEL_BPE) keep_halves(&bpe, keep);
    t->vocab = (struct vocab){ 0 };
    for (uint32_t id = 0; id < was.n; id++) {
        if (was.token[id].p && keep[id]) vocab_set(&t->vocab, id, was.token[id]);
        else gone += was.token[id].p != NULL;
    }
    if (t->model == MODEL_BPE) { prune_bpe(t, &bpe, keep); bpe_free(&bpe); }
    if (t->model == MODEL_UNIGRAM) { prune_unigram(t, &unigram, keep); unigram_free(&unigram); }
    vocab_free(&was);
    return gone;
}
