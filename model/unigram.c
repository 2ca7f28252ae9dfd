/* unigram.c - the likeliest way to cut a text into pieces.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/unigram.h"

#include "core/utf8.h"

#include <math.h>
#include <stdlib.h>

static const float UNKNOWN_PENALTY = 10;
static const float FAR = 100000;                             /* a sum farther from 0 than this begins anew */
static const float USER_BYTE = 0.1f;                         /* of a user-defined piece: for each byte past the first */

void unigram_put(struct unigram *u, uint32_t id, struct str piece, float score, enum unigram_type type)
{
    if (id >= u->cap_score) u->score = mem_grow(u->score, &u->cap_score, (size_t)id + 1, sizeof *u->score);
    if (id >= u->cap_user) u->user = mem_grow(u->user, &u->cap_user, (size_t)id + 1, sizeof *u->user);
    const bool first = !u->trie.n;
    while (u->n <= id) { u->score[u->n] = 0; u->user[u->n++] = false; }
    u->score[id] = score;
    u->user[id] = type == UNIGRAM_USER;
    trie_put(&u->trie, piece, id);
    if (type == UNIGRAM_USER) return;
    if (first || score < u->least) u->least = score;
}

void unigram_free(struct unigram *u)
{
    trie_free(&u->trie);
    free(u->score);
    free(u->user);
    *u = (struct unigram){ 0 };
}

void unigram_scratch_free(struct unigram_scratch *s)
{
    free(s->score);
    free(s->from);
    free(s->id);
    *s = (struct unigram_scratch){ 0 };
}

static void room(struct unigram_scratch *s, size_t n)
{
    if (n > s->cap_score) s->score = mem_grow(s->score, &s->cap_score, n, sizeof *s->score);
    if (n > s->cap_from) s->from = mem_grow(s->from, &s->cap_from, n, sizeof *s->from);
    if (n > s->cap_id) s->id = mem_grow(s->id, &s->cap_id, n, sizeof *s->id);
    for (size_t i = 0; i < n; i++) s->from[i] = -1;
    s->score[0] = 0;
    s->reach = 0;
}

static size_t char_size(const char *p, const char *end)
{
    const char *q = p;
    utf8_next(&q, end);
    return (size_t)(q - p);
}

/* The way to `end` is from `at` by id. */
static void set_way(struct unigram_scratch *s, size_t end, size_t at, uint32_t id, float score)
{
    s->score[end] = score;
    s->from[end] = (int32_t)at;
    s->id[end] = id;
    if (end > s->reach) s->reach = end;
}

static void offer(struct unigram_scratch *s, size_t end, size_t at, uint32_t id, float score)
{
    if (s->from[end] == -1 || score > s->score[end]) set_way(s, end, at, id, score);
}

/* The score up to `at`. Of large floats near ones are told apart no longer: then sums count from `at` on. */
static float score_here(struct unigram_scratch *s, size_t at)
{
    const float here = s->score[at];
    if (here >= -FAR && here <= FAR) return here;
    for (size_t i = at; i <= s->reach; i++) if (s->from[i] != -1) s->score[i] -= here;
    return 0;
}

static float piece_score(const struct unigram *u, uint32_t id, size_t size)
{
    return u->user[id] ? USER_BYTE * (float)(size - 1) : u->score[id];
}

static void forward(const struct unigram *u, struct unigram_scratch *s, struct str text)
{
    const float unknown = u->least - UNKNOWN_PENALTY;
    const char *end = text.p + text.n;
    room(s, text.n + 1);
    for (size_t at = 0; at < text.n; ) {
        const size_t one = char_size(text.p + at, end);
        const float here = score_here(s, at);
        bool alone = false;
        uint32_t node = 0;
        for (size_t i = at; i < text.n && (node = trie_step(&u->trie, node, text.p[i])) != TRIE_NONE; i++) {
            const uint32_t id = u->trie.value[node];
            if (id == TRIE_NONE) continue;
            offer(s, i + 1, at, id, piece_score(u, id, i + 1 - at) + here);
            alone = alone || i + 1 - at == one;
        }
        if (!alone) offer(s, at + one, at, VOCAB_NONE, unknown + here);
        at += one;
    }
}

static void put_unknown(const struct unigram *u, struct str bytes, bool again, struct ids *to)
{
    if (u->fallback) for (size_t i = 0; i < bytes.n; i++) ids_put(to, u->hex[(uint8_t)bytes.p[i]]);
    else if (!again && u->unk != VOCAB_NONE) ids_put(to, u->unk);
}

/* From the end backwards the pieces are linked; here they are turned round in place: from[] becomes "where next". */
static void put_path(const struct unigram *u, struct unigram_scratch *s, struct str text, struct ids *to)
{
    for (int32_t end = (int32_t)text.n, next = -1; end >= 0; ) {
        const int32_t before = end ? s->from[end] : -1;
        s->from[end] = next;
        next = end;
        end = before;
    }
    bool unknown = false;
    for (int32_t at = 0; s->from[at] != -1; at = s->from[at]) {
        const int32_t end = s->from[at];
        const uint32_t id = s->id[end];
        if (id != VOCAB_NONE) ids_put(to, id);
        else put_unknown(u, (struct str){ text.p + at, (size_t)(end - at) }, unknown, to);
        unknown = id == VOCAB_NONE || id == u->unk;
    }
}

void unigram_encode(const struct unigram *u, struct unigram_scratch *s, struct str text, struct ids *to)
{
    if (!text.n || !u->trie.n) return;
    forward(u, s, text);
    put_path(u, s, text, to);
}

/* ---- sampling ---- */

static float log_sum(float a, float b) { return a > b ? a + log1pf(expf(b - a)) : b + log1pf(expf(a - b)); }

/* A way into `end`: adds its weight and takes its place with the share that it has of all so far. */
static void draw(struct unigram_scratch *s, size_t end, size_t at, uint32_t id, float score, double unit)
{
    if (s->from[end] == -1) { set_way(s, end, at, id, score); return; }
    const float sum = log_sum(s->score[end], score);
    if (unit < (double)expf(score - sum)) set_way(s, end, at, id, sum);
    else s->score[end] = sum;
}

void unigram_sample(const struct unigram *u, struct unigram_scratch *s, struct str text, double alpha,
                    double (*unit)(void *with), void *with, struct ids *to)
{
    if (!text.n || !u->trie.n) return;
    const char *end = text.p + text.n;
    room(s, text.n + 1);
    for (size_t at = 0; at < text.n; ) {
        const size_t one = char_size(text.p + at, end);
        const float here = score_here(s, at);
        bool alone = false;
        uint32_t node = 0;
        for (size_t i = at; i < text.n && (node = trie_step(&u->trie, node, text.p[i])) != TRIE_NONE; i++) {
            const uint32_t id = u->trie.value[node];
            if (id == TRIE_NONE) continue;
            draw(s, i + 1, at, id, here + (float)(alpha * (double)piece_score(u, id, i + 1 - at)), unit(with));
            alone = alone || i + 1 - at == one;
        }
        if (!alone)
            draw(s, at + one, at, VOCAB_NONE, here + (float)(alpha * (double)(u->least - UNKNOWN_PENALTY)), unit(with));
        at += one;
    }
    put_path(u, s, text, to);
}
