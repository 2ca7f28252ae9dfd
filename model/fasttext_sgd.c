/* fasttext_sgd.c - stochastic gradient descent in steps of STEP examples.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One example (Joulin et al. 2016), with x_f the row of feature f and w_t the output row of target t:
 *
 *     hidden = mean of x_f        alpha_t = rate * (is_t - p_t)        grad = sum over t of alpha_t * w_t
 *     w_t += alpha_t * hidden     x_f += grad / number of features
 *
 * Softmax and OVA have all labels as targets, hierarchical softmax the inner nodes above the label, negative sampling
 * the label and `negatives` others. A step computes hidden, alpha and grad of its examples from the same weights
 * (forward: threads share the examples), then adds them in the examples' order (update: threads share the rows, so no
 * two write one row).
 */
#include "core/mem.h"
#include "core/rng.h"
#include "model/fasttext_corpus.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Larger steps share better among threads and learn worse: with word pairs, 25 epochs and rate 0.5 on half of papluca,
 * 16 gives 87.3 % on the other half (fastText 87.1), 64 gives 85.7, and 256 runs away. */
enum { STEP = 16 };

struct target { uint32_t row; float alpha; };
struct forward {                                  /* one example of a step */
    uint32_t *rows;                               /* its features */
    struct target *targets;
    float *hidden, *grad;                         /* (dim) */
    size_t n_rows, cap_rows, n_targets;
};

struct trainer {
    const struct fasttext_corpus *c;
    const struct fasttext_options *o;
    struct fasttext *m;                           /* what is trained; its matrices are own */
    size_t dim;
    uint32_t *word_rows;
    size_t *word_at;                       /* features of word w: word_rows[word_at[w] .. word_at[w + 1]) */
    const uint32_t *label_id;                     /* label number in the corpus -> in the model */
    uint32_t *order;                              /* (examples), of this epoch */
    uint32_t *noise;                              /* labels, each as often as the root of its count: NS */
    size_t n_noise;
    int32_t *up;                                  /* (nodes) parents, and which side: HS */
    bool *right;
    struct forward step[STEP];
    size_t epoch, n_steps;
    atomic_uint waiting, turn;                    /* the barrier */
    atomic_bool go;
    uint32_t threads;
};

/* ---- before the first step ---- */

/* The row that a bucket's n-grams share; false when pruning took it. */
static bool row_of_bucket(const struct fasttext *m, uint32_t bucket, uint32_t *row)
{
    if (m->pruned && !(m->kept.bits[bucket / 64] >> bucket % 64 & 1)) return false;
    *row = m->nwords + (m->pruned ? m->kept.row[ft_kept_at(&m->kept, bucket)] : bucket);
    return true;
}

static void list_features(struct trainer *t, const uint32_t *word_id)
{
    const struct ft_args *a = &t->m->args;
    const struct ft_lexicon *words = &t->c->words;
    struct buf quoted = { 0 };
    uint32_t *grams = NULL;
    size_t cap_grams = 0, cap = 0, n = 0;
    t->word_at = mem_alloc((size_t)words->n + 1, sizeof *t->word_at);
    for (uint32_t w = 0; w < words->n; w++) {
        struct str word = { words->entries[w].p, words->entries[w].n };
        size_t most = ft_subwords_most(word.n, a->maxn), found = 0;
        if (most > cap_grams) grams = mem_grow(grams, &cap_grams, most, sizeof *grams);
        if (a->maxn > 0 && !str_eq(word, FT_EOS)) found = ft_subwords(word, a->minn, a->maxn, &quoted, grams);
        if (n + found + 1 > cap) t->word_rows = mem_grow(t->word_rows, &cap, n + found + 1, sizeof *t->word_rows);
        t->word_at[w] = n;
        if (word_id[w] != UINT32_MAX) t->word_rows[n++] = word_id[w];
        for (size_t i = 0; i < found; i++) n += row_of_bucket(t->m, grams[i] % (uint32_t)a->bucket, &t->word_rows[n]);
    }
    t->word_at[words->n] = n;
    free(grams);
    buf_free(&quoted);
}

static void start_noise(struct trainer *t)
{
    enum { TABLE = 1000000 };
    const int64_t *counts = t->m->counts + t->m->nwords;
    double sum = 0;
    for (uint32_t i = 0; i < t->m->nlabels; i++) sum += sqrt((double)counts[i]);
    t->noise = mem_alloc((size_t)TABLE + t->m->nlabels, sizeof *t->noise);
    for (uint32_t i = 0; i < t->m->nlabels; i++)
        for (double k = 0; k < sqrt((double)counts[i]) * TABLE / sum; k++) t->noise[t->n_noise++] = i;
}

static void start_steps(struct trainer *t)
{
    size_t most = t->m->nlabels > (size_t)t->m->args.neg + 1 ? t->m->nlabels : (size_t)t->m->args.neg + 1;
    for (size_t i = 0; i < STEP; i++) {
        t->step[i].targets = mem_alloc(most, sizeof *t->step[i].targets);
        t->step[i].hidden = mem_alloc(t->dim, sizeof(float));
        t->step[i].grad = mem_alloc(t->dim, sizeof(float));
    }
    t->order = mem_alloc(t->c->n, sizeof *t->order);
    for (size_t i = 0; i < t->c->n; i++) t->order[i] = (uint32_t)i;
}

static void trainer_init(struct trainer *t, struct fasttext *m, const struct fasttext_corpus *c,
                         const uint32_t *word_id, const uint32_t *label_id, const struct fasttext_options *o)
{
    *t = (struct trainer){ .c = c, .o = o, .m = m, .dim = (size_t)m->args.dim, .label_id = label_id,
                           .threads = (uint32_t)o->threads };
    t->n_steps = (c->n + STEP - 1) / STEP;
    list_features(t, word_id);
    if (m->args.loss == FT_NS) start_noise(t);
    if (m->args.loss == FT_HS) {
        size_t nodes = 2 * (size_t)m->nlabels - 1;
        struct ft_node *tree = mem_alloc(nodes, sizeof *tree);
        t->up = mem_alloc(nodes, sizeof *t->up);
        t->right = mem_alloc(nodes, sizeof *t->right);
        ft_tree(m->counts + m->nwords, m->nlabels, tree, t->up, t->right);
        free(tree);
    }
    start_steps(t);
}

static void trainer_free(struct trainer *t)
{
    for (size_t i = 0; i < STEP; i++) {
        free(t->step[i].rows);
        free(t->step[i].targets);
        free(t->step[i].hidden);
        free(t->step[i].grad);
    }
    free(t->word_rows);
    free(t->word_at);
    free(t->order);
    free(t->noise);
    free(t->up);
    free(t->right);
}

/* ---- one example ---- */

static inline void add_scaled(float *to, float a, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) to[i] += a * x[i];
}

static void put_row(struct forward *f, uint32_t row)
{
    if (f->n_rows == f->cap_rows) f->rows = mem_grow(f->rows, &f->cap_rows, f->n_rows + 1, sizeof *f->rows);
    f->rows[f->n_rows++] = row;
}

static void put_features(const struct trainer *t, const struct ft_example *x, struct forward *f)
{
    const uint32_t *words = t->c->tokens.at + x->words;
    const struct ft_entry *entry = t->c->words.entries;
    f->n_rows = 0;
    for (uint32_t i = 0; i < x->n_words; i++)
        for (size_t k = t->word_at[words[i]]; k < t->word_at[words[i] + 1]; k++) put_row(f, t->word_rows[k]);
    for (uint32_t i = 0; i < x->n_words; i++) {
        uint64_t h = (uint64_t)(int64_t)(int32_t)entry[words[i]].hash;
        for (uint32_t j = i + 1; j < x->n_words && j < i + (uint32_t)t->m->args.word_ngrams; j++) {
            h = h * 116049371 + (uint64_t)(int64_t)(int32_t)entry[words[j]].hash;
            uint32_t row;
            if (row_of_bucket(t->m, (uint32_t)(h % (uint32_t)t->m->args.bucket), &row)) put_row(f, row);
        }
    }
}

static void put_target(struct forward *f, uint32_t row, float alpha)
{
    f->targets[f->n_targets++] = (struct target){ row, alpha };
}

static float score(const struct trainer *t, const struct forward *f, uint32_t row)
{
    return ft_dot(f->hidden, t->m->out.own + row * t->dim, t->dim);
}

static void put_binary(const struct trainer *t, struct forward *f, uint32_t row, bool is, float rate)
{
    put_target(f, row, rate * ((is ? 1.0f : 0.0f) - ft_sigmoid(t->m->sigmoid, score(t, f, row))));
}

static void targets_softmax(const struct trainer *t, struct forward *f, uint32_t label, float rate)
{
    float most = -INFINITY, sum = 0;
    for (uint32_t i = 0; i < t->m->nlabels; i++) {
        put_target(f, i, score(t, f, i));
        most = f->targets[i].alpha > most ? f->targets[i].alpha : most;
    }
    for (uint32_t i = 0; i < t->m->nlabels; i++) sum += f->targets[i].alpha = expf(f->targets[i].alpha - most);
    for (uint32_t i = 0; i < t->m->nlabels; i++)
        f->targets[i].alpha = rate * ((i == label ? 1.0f : 0.0f) - f->targets[i].alpha / sum);
}

static void targets_hs(const struct trainer *t, struct forward *f, uint32_t label, float rate)
{
    for (int32_t node = (int32_t)label; t->up[node] >= 0; node = t->up[node])
        put_binary(t, f, (uint32_t)t->up[node] - t->m->nlabels, t->right[node], rate);
}

static void targets_ns(const struct trainer *t, struct forward *f, uint32_t label, float rate, struct rng *rng)
{
    put_binary(t, f, label, true, rate);
    for (int32_t k = 0; k < t->m->args.neg && t->m->nlabels > 1; k++) {
        uint32_t other;
        do other = t->noise[rng_below(rng, t->n_noise)]; while (other == label);
        put_binary(t, f, other, false, rate);
    }
}

static void targets_ova(const struct trainer *t, struct forward *f, const struct ft_example *x, float rate)
{
    const uint32_t *labels = t->c->label_of.at + x->labels;
    for (uint32_t i = 0; i < t->m->nlabels; i++) {
        bool is = false;
        for (uint32_t k = 0; k < x->n_labels; k++) is |= t->label_id[labels[k]] == i;
        put_binary(t, f, i, is, rate);
    }
}

static void forward(const struct trainer *t, uint32_t id, struct forward *f, float rate)
{
    const struct ft_example *x = &t->c->examples[id];
    f->n_targets = 0;
    put_features(t, x, f);
    if (!f->n_rows) return;
    memset(f->hidden, 0, t->dim * sizeof(float));
    memset(f->grad, 0, t->dim * sizeof(float));
    const float mean = 1 / (float)f->n_rows;
    for (size_t i = 0; i < f->n_rows; i++) add_scaled(f->hidden, 1, t->m->in.own + f->rows[i] * t->dim, t->dim);
    for (size_t i = 0; i < t->dim; i++) f->hidden[i] *= mean;
    struct rng rng = rng_init(t->o->seed + 1, t->epoch * t->c->n + id);
    uint32_t label = t->label_id[t->c->label_of.at[x->labels + (x->n_labels > 1 ? rng_below(&rng, x->n_labels) : 0)]];
    switch (t->m->args.loss) {
    case FT_SOFTMAX: targets_softmax(t, f, label, rate); break;
    case FT_HS: targets_hs(t, f, label, rate); break;
    case FT_NS: targets_ns(t, f, label, rate, &rng); break;
    default: targets_ova(t, f, x, rate);
    }
    for (size_t i = 0; i < f->n_targets; i++)
        add_scaled(f->grad, f->targets[i].alpha, t->m->out.own + f->targets[i].row * t->dim, t->dim);
    for (size_t i = 0; i < t->dim; i++) f->grad[i] *= mean;
}

static void update(struct trainer *t, const struct forward *f, uint32_t worker)
{
    const uint32_t n = t->threads;
    for (size_t i = 0; i < f->n_targets; i++)
        if (n == 1 || f->targets[i].row % n == worker)
            add_scaled(t->m->out.own + f->targets[i].row * t->dim, f->targets[i].alpha, f->hidden, t->dim);
    for (size_t i = 0; i < f->n_rows; i++)
        if (n == 1 || f->rows[i] % n == worker) add_scaled(t->m->in.own + f->rows[i] * t->dim, 1, f->grad, t->dim);
}

/* ---- steps ---- */

static void barrier(struct trainer *t)
{
    enum { SPINS = 2000 };
    if (t->threads == 1) return;
    unsigned turn = atomic_load(&t->turn);
    if (atomic_fetch_add(&t->waiting, 1) + 1 == t->threads) {
        atomic_store(&t->waiting, 0);
        atomic_store(&t->turn, turn + 1);
        return;
    }
    for (unsigned spin = 0; atomic_load(&t->turn) == turn; spin++) if (spin > SPINS) sched_yield();
}

static void shuffle(struct trainer *t)
{
    struct rng rng = rng_init(t->o->seed + 2, t->epoch);
    for (size_t i = t->c->n; i > 1; i--) {
        size_t j = rng_below(&rng, i);
        uint32_t x = t->order[i - 1];
        t->order[i - 1] = t->order[j];
        t->order[j] = x;
    }
}

static void run_step(struct trainer *t, size_t step, uint32_t worker)
{
    const size_t begin = step * STEP, n = t->c->n - begin < STEP ? t->c->n - begin : STEP;
    const double done = (double)(t->epoch * t->n_steps + step) / (double)((size_t)t->o->epochs * t->n_steps);
    for (size_t i = worker; i < n; i += t->threads)
        forward(t, t->order[begin + i], &t->step[i], (float)(t->o->rate * (1 - done)));
    barrier(t);
    for (size_t i = 0; i < n; i++) update(t, &t->step[i], worker);
    barrier(t);
}

struct hand { struct trainer *t; uint32_t worker; pthread_t thread; };

static void *work(void *arg)
{
    const struct hand *h = arg;
    struct trainer *t = h->t;
    while (!atomic_load(&t->go)) sched_yield();
    for (long epoch = 0; epoch < t->o->epochs; epoch++) {
        if (!h->worker) {
            t->epoch = (size_t)epoch;
            shuffle(t);
        }
        barrier(t);
        for (size_t s = 0; s < t->n_steps; s++) run_step(t, s, h->worker);
    }
    return NULL;
}

/* The answer does not depend on how many threads there are: one that cannot start is done without. */
static void run_threads(struct trainer *t)
{
    const uint32_t wanted = t->threads;
    struct hand *hands = mem_zero(wanted, sizeof *hands);
    uint32_t started = 1;
    for (uint32_t i = 0; i < wanted; i++) hands[i] = (struct hand){ .t = t, .worker = i };
    while (started < wanted && !pthread_create(&hands[started].thread, NULL, work, &hands[started])) started++;
    t->threads = started;
    atomic_store(&t->go, true);
    work(&hands[0]);
    for (uint32_t i = 1; i < started; i++) pthread_join(hands[i].thread, NULL);
    free(hands);
}

double ft_descend(struct fasttext *m, const struct fasttext_corpus *c, const uint32_t *word_id,
                  const uint32_t *label_id, const struct fasttext_options *o)
{
    struct trainer t;
    trainer_init(&t, m, c, word_id, label_id, o);
    const double start = time_now();
    run_threads(&t);
    const double seconds = time_now() - start;
    trainer_free(&t);
    return seconds;
}
