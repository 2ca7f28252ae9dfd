/* unigram_train.c - learn a unigram model.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokenizer/unigram_train.h"

#include "core/par.h"
#include "core/utf8.h"
#include "model/trie.h"
#include "tokenizer/seeds.h"

#include <math.h>
#include <stdlib.h>

enum { SLICES = 16, PART_CHARS = 24, MOST_SEEDS = 1000000, SUB_STEPS = 2, PIECE_COST = 1000 };
/* a character's share of e^8: likely and unlikely parts stay far from 0 and infinity */
static const double TILT = 8;
static const double LEAST_EXPECTED = 0.5, UNKNOWN = -10, KEEP = 0.75, ABOVE = 1.1;
static const uint32_t NO_PIECE = UINT32_MAX;

struct edge { uint16_t from, to; uint32_t piece; };          /* places in a part, in characters */
struct lattice { struct edge *edges; size_t n, cap; uint8_t place[4 * PART_CHARS + 1]; uint32_t n_chars; };
struct model {
    struct arena *mem;
    struct unigram_piece *p;                                 /* (n) */
    size_t n;
    struct trie trie;                                        /* text -> number of the piece */
    double *weight;                                          /* (n): e^(score + TILT * chars) */
    double unknown;                                          /* the score of a character that is no piece */
};
struct pass {                                                /* one look at all words */
    const struct wordlist *words;
    const struct model *m;
    size_t parts;                                            /* of words in a slice */
    double *sum;                                             /* (SLICES, n): expected or counted */
    double likelihood[SLICES], chars[SLICES];
    void (*part)(struct pass *, struct lattice *, struct str, uint64_t count, size_t slice);
};

/* ---- the model ---- */

static double log_unknown(const struct model *m)
{
    double least = 0;
    for (size_t i = 0; i < m->n; i++) if (m->p[i].score < least) least = m->p[i].score;
    return least + UNKNOWN;
}

static void model_ready(struct model *m)
{
    trie_free(&m->trie);
    trie_put(&m->trie, S(""), TRIE_NONE);                    /* a root, even with no pieces */
    free(m->weight);
    m->weight = mem_alloc(m->n + 1, sizeof *m->weight);
    for (size_t i = 0; i < m->n; i++) {
        trie_put(&m->trie, m->p[i].text, (uint32_t)i);
        m->weight[i] = exp(m->p[i].score + TILT * m->p[i].chars);
    }
    m->unknown = log_unknown(m);
}

static void model_free(struct model *m)
{
    trie_free(&m->trie);
    free(m->weight);
}

/* ---- the ways through a part of a word ---- */

static void add_edge(struct lattice *l, uint32_t from, uint32_t to, uint32_t piece)
{
    if (l->n == l->cap) l->edges = mem_grow(l->edges, &l->cap, l->n + 1, sizeof *l->edges);
    l->edges[l->n++] = (struct edge){ (uint16_t)from, (uint16_t)to, piece };
}

/* All pieces in s, by where they begin; `without` is left out. */
static void lattice_fill(struct lattice *l, const struct model *m, struct str s, uint32_t without)
{
    l->n = 0;
    l->n_chars = 0;
    for (const char *p = s.p, *end = p + s.n; p < end; l->n_chars++) {
        const char *from = p;
        utf8_next(&p, end);
        for (const char *q = from; q < p; q++) l->place[q - s.p] = (uint8_t)l->n_chars;
    }
    l->place[s.n] = (uint8_t)l->n_chars;
    for (size_t at = 0, next; at < s.n; at = next) {
        for (next = at + 1; next < s.n && l->place[next] == l->place[at]; ) next++;
        bool alone = false;
        uint32_t node = 0;
        for (size_t i = at; i < s.n && (node = trie_step(&m->trie, node, s.p[i])) != TRIE_NONE; i++) {
            const uint32_t piece = m->trie.value[node];
            if (piece == TRIE_NONE || piece == without) continue;
            add_edge(l, l->place[at], l->place[i + 1], piece);
            alone = alone || i + 1 == next;
        }
        if (!alone) add_edge(l, l->place[at], l->place[next], NO_PIECE);
    }
}

static double edge_weight(const struct model *m, const struct edge *e)
{
    return e->piece == NO_PIECE ? exp(m->unknown + TILT) : m->weight[e->piece];
}
static double edge_score(const struct model *m, const struct edge *e)
{
    return e->piece == NO_PIECE ? m->unknown : m->p[e->piece].score;
}

/* E: adds count x the share of each piece. */
static void expect(struct pass *x, struct lattice *l, struct str s, uint64_t count, size_t slice)
{
    double in[PART_CHARS + 1] = { 1 }, out[PART_CHARS + 1] = { 0 };
    lattice_fill(l, x->m, s, NO_PIECE);
    for (size_t i = 0; i < l->n; i++) in[l->edges[i].to] += in[l->edges[i].from] * edge_weight(x->m, &l->edges[i]);
    const double all = in[l->n_chars], share = (double)count / all;
    out[l->n_chars] = 1;
    for (size_t i = l->n; i-- > 0; ) {
        const struct edge *e = &l->edges[i];
        const double w = edge_weight(x->m, e) * out[e->to];
        out[e->from] += w;
        if (e->piece != NO_PIECE) x->sum[slice * x->m->n + e->piece] += in[e->from] * w * share;
    }
    x->likelihood[slice] += (double)count * (log(all) - TILT * l->n_chars);
    x->chars[slice] += (double)count * l->n_chars;
}

/* The best way: the edge into each place, in best[]. Returns its score. */
static double viterbi(const struct lattice *l, const struct model *m, const struct edge *best[PART_CHARS + 1])
{
    double score[PART_CHARS + 1] = { 0 };
    for (size_t i = 0; i <= l->n_chars; i++) best[i] = NULL;
    for (size_t i = 0; i < l->n; i++) {
        const struct edge *e = &l->edges[i];
        const double s = score[e->from] + edge_score(m, e);
        if (best[e->to] && !(s > score[e->to])) continue;
        best[e->to] = e;
        score[e->to] = s;
    }
    return score[l->n_chars];
}

static void count_best(struct pass *x, struct lattice *l, struct str s, uint64_t count, size_t slice)
{
    const struct edge *best[PART_CHARS + 1];
    lattice_fill(l, x->m, s, NO_PIECE);
    viterbi(l, x->m, best);
    for (uint32_t at = l->n_chars; at; at = best[at]->from)
        if (best[at]->piece != NO_PIECE) x->sum[slice * x->m->n + best[at]->piece] += (double)count;
}

static void one_slice(void *with, size_t slice, size_t begin, size_t end, int worker)
{
    (void)worker;
    struct pass *x = with;
    struct lattice l = { 0 };
    for (size_t part = begin; part < end; part++) {
        for (struct word_at at = wordlist_part(x->words, part); word_next(&at); ) {
            const char *p = at.text.p, *stop = p + at.text.n;
            while (p < stop) {
                const char *from = p;
                for (int i = 0; i < PART_CHARS && p < stop; i++) utf8_next(&p, stop);
                x->part(x, &l, str_span(from, p), at.count, slice);
            }
        }
    }
    free(l.edges);
}

/* Runs over all words; the sums of all slices are in sum[0 .. n) then, to be freed. */
static double *look(const struct wordlist *w, const struct model *m, int threads,
                    void (*part)(struct pass *, struct lattice *, struct str, uint64_t, size_t), double *likelihood)
{
    struct pass x = { .words = w, .m = m, .parts = (w->n_marks + SLICES - 1) / SLICES,
                      .sum = mem_zero(m->n * SLICES + 1, sizeof *x.sum), .part = part };
    if (w->n) par_for(threads, w->n_marks, x.parts, one_slice, &x);
    double log_all = 0, chars = 0;
    for (size_t s = 0; s < SLICES; s++) {
        log_all += x.likelihood[s];
        chars += x.chars[s];
        for (size_t i = 0; s && i < m->n; i++) x.sum[i] += x.sum[s * m->n + i];
    }
    if (likelihood) *likelihood = chars > 0 ? log_all / chars : 0;
    return x.sum;
}

/* ---- M ---- */

static double digamma(double x)
{
    double result = 0;
    for (; x < 7; x++) result -= 1 / x;
    x -= 0.5;
    const double y = 1 / (x * x);
    return result + log(x) + y * (1.0 / 24 - y * (7.0 / 960 - y * (31.0 / 8064 - y * (127.0 / 30720))));
}

static void maximise(struct model *m, const double *expected)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++) {
        if (expected[i] < LEAST_EXPECTED && !m->p[i].keep) continue;
        const double count = fmax(expected[i], LEAST_EXPECTED);
        sum += count;
        m->p[n] = m->p[i];
        m->p[n++].score = digamma(count);
    }
    m->n = n;
    const double log_sum = digamma(sum);
    for (size_t i = 0; i < n; i++) m->p[i].score -= log_sum;
    model_ready(m);
}

/* ---- pruning ---- */

struct loss { double loss; size_t piece; };
/* loss (n): infinite to keep, -1 to drop */
struct pruning { struct model *m; const double *count; double sum, log_sum; struct loss *loss; };

static int by_loss(const void *a, const void *b)
{
    const struct loss *x = a, *y = b;
    return x->loss != y->loss ? (x->loss > y->loss ? -1 : 1) : (x->piece > y->piece) - (x->piece < y->piece);
}

/* What the likelihood of a word loses without piece i; -1: nobody misses it. */
static double loss_of(const struct pruning *g, struct lattice *l, size_t i)
{
    const struct model *m = g->m;
    const struct edge *best[PART_CHARS + 1];
    const double count = g->count[i];
    if (m->p[i].keep) return INFINITY;
    lattice_fill(l, m, m->p[i].text, (uint32_t)i);
    if (viterbi(l, m, best) > m->p[i].score) return count > 0 ? INFINITY : -1;
    if (!(count > 0)) return 0;
    double others = 0, n = 0;
    for (uint32_t at = l->n_chars; at; at = best[at]->from, n++) if (best[at]->piece == NO_PIECE) return INFINITY;
    const double log_sum = log(g->sum + count * (n - 1));
    for (uint32_t at = l->n_chars; at; at = best[at]->from) others += log(g->count[best[at]->piece] + count) - log_sum;
    return count / g->sum * (log(count) - g->log_sum - others);
}

static void some_losses(void *with, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk;
    (void)worker;
    struct pruning *g = with;
    struct lattice l = { 0 };
    for (size_t i = begin; i < end; i++) g->loss[i] = (struct loss){ loss_of(g, &l, i), i };
    free(l.edges);
}

static void prune(struct model *m, const double *count, size_t wanted, int threads)
{
    struct pruning g = { .m = m, .count = count, .loss = mem_alloc(m->n + 1, sizeof *g.loss) };
    for (size_t i = 0; i < m->n; i++) g.sum += count[i];
    g.log_sum = log(g.sum);
    par_for(threads, m->n, 4096, some_losses, &g);
    size_t keep = (size_t)(KEEP * (double)m->n);
    if (keep < wanted) keep = wanted;
    qsort(g.loss, m->n, sizeof *g.loss, by_loss);
    struct unigram_piece *kept = mem_alloc(m->n + 1, sizeof *kept);
    size_t n = 0;
    for (size_t i = 0; i < m->n && (m->p[g.loss[i].piece].keep || (n < keep && g.loss[i].loss >= 0)); i++)
        kept[n++] = m->p[g.loss[i].piece];
    memcpy(m->p, kept, n * sizeof *kept);
    m->n = n;
    free(kept);
    free(g.loss);
    model_ready(m);
}

/* ---- the beginning and the end ---- */

/* Adds a piece that is not there yet. */
static void add(struct model *m, struct unigram_piece piece)
{
    uint32_t node = 0;
    for (size_t i = 0; i < piece.text.n && node != TRIE_NONE; i++) node = trie_step(&m->trie, node, piece.text.p[i]);
    if (node != TRIE_NONE && m->trie.value[node] != TRIE_NONE) return;
    trie_put(&m->trie, piece.text, (uint32_t)m->n);
    m->p[m->n++] = piece;
}

static void begin(struct model *m, const struct wordlist *w, const struct alphabet *a, const struct unigram_wish *wish,
                  struct unigram_learned *to)
{
    struct seed *seeds = NULL;
    to->n_asked = 8 * wish->size > MOST_SEEDS ? 8 * wish->size : MOST_SEEDS;
    to->n_seeds = wish->memory / PIECE_COST < to->n_asked ? wish->memory / PIECE_COST : to->n_asked;
    const size_t n = wish->size > a->n + wish->n_kept
                     ? seeds_find(w, to->n_seeds, wish->memory / 2, m->mem, &seeds, &to->words) : 0;
    const double all = (double)a->covered + 1;
    double sum = 0;
    m->p = NEW(m->mem, struct unigram_piece, n + a->n + wish->n_kept);
    trie_put(&m->trie, S(""), TRIE_NONE);
    for (size_t i = 0; i < wish->n_kept; i++) {
        const struct unigram_piece *k = &wish->kept[i];
        add(m, (struct unigram_piece){ k->text, k->score < 0 ? all * exp(k->score) : 1, k->chars, true });
    }
    for (size_t i = 0; i < a->n; i++) {
        char bytes[4];
        const struct str c = { bytes, utf8_put(bytes, a->all[i].c) };
        add(m, (struct unigram_piece){ str_copy(m->mem, c),
                                       (double)a->all[i].count + (a->all[i].count ? 0 : LEAST_EXPECTED), 1, true });
    }
    for (size_t i = 0; i < n; i++)
        add(m, (struct unigram_piece){ seeds[i].text, (double)seeds[i].count * seeds[i].chars, seeds[i].chars, false });
    for (size_t i = 0; i < m->n; i++) sum += m->p[i].score;
    for (size_t i = 0; i < m->n; i++) m->p[i].score = log(m->p[i].score) - log(sum);
    model_ready(m);
}

static int by_score(const void *a, const void *b)
{
    const struct unigram_piece *x = a, *y = b;
    return x->score != y->score ? (x->score > y->score ? -1 : 1) : str_cmp(x->text, y->text);
}

static int kept_first(const void *a, const void *b)
{
    const struct unigram_piece *x = a, *y = b;
    return x->keep != y->keep ? (x->keep ? -1 : 1) : by_score(a, b);
}

static void finish(struct model *m, size_t size, struct unigram_learned *to)
{
    qsort(m->p, m->n, sizeof *m->p, kept_first);
    while (to->n < m->n && (to->n < size || m->p[to->n].keep)) to->n++;
    to->pieces = NEW(&to->mem, struct unigram_piece, to->n);
    for (size_t i = 0; i < to->n; i++) {
        to->pieces[i] = m->p[i];
        to->pieces[i].text = str_copy(&to->mem, m->p[i].text);
    }
    qsort(to->pieces, to->n, sizeof *to->pieces, by_score);
}

void unigram_train(const struct wordlist *w, const struct alphabet *a, const struct unigram_wish *wish,
                   struct unigram_learned *to)
{
    struct arena mem = { 0 };
    struct model m = { .mem = &mem };
    const size_t wanted = (size_t)(ABOVE * (double)wish->size);
    *to = (struct unigram_learned){ 0 };
    begin(&m, w, a, wish, to);
    for (;;) {
        for (int i = 0; i < SUB_STEPS; i++) {
            double *expected = look(w, &m, wish->threads, expect, &to->likelihood);
            maximise(&m, expected);
            free(expected);
        }
        if (m.n <= wanted || m.n <= a->n + wish->n_kept) break;
        double *count = look(w, &m, wish->threads, count_best, NULL);
        prune(&m, count, wanted, wish->threads);
        free(count);
    }
    finish(&m, wish->size, to);
    model_free(&m);
    arena_free(&mem);
}

void unigram_learned_free(struct unigram_learned *l) { arena_free(&l->mem); }
