/* balance.c - how much each group of documents shall count.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tokenizer/balance.h"

#include "model/vocab.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

struct group { uint64_t bytes; double weight; struct str name; };
/* names: of groups, by number */
struct balance { pthread_mutex_t lock; struct vocab names; struct group *group; size_t cap; };

struct balance *balance_new(void)
{
    struct balance *b = mem_zero(1, sizeof *b);
    pthread_mutex_init(&b->lock, NULL);
    return b;
}

void balance_free(struct balance *b)
{
    if (!b) return;
    pthread_mutex_destroy(&b->lock);
    vocab_free(&b->names);
    free(b->group);
    free(b);
}

bool balance_add(struct balance *b, struct str name, size_t bytes, char mark[BALANCE_MARK], struct err *e)
{
    pthread_mutex_lock(&b->lock);
    const uint32_t known = vocab_find(&b->names, name);
    const size_t i = known == VOCAB_NONE ? b->names.n : known;
    const bool ok = i < BALANCE_MAX || err_set(e, ERR_DATA, "more than %d groups to balance", BALANCE_MAX);
    if (ok && known == VOCAB_NONE) {
        vocab_set(&b->names, (uint32_t)i, name);
        if (i == b->cap) b->group = mem_grow(b->group, &b->cap, i + 1, sizeof *b->group);
        b->group[i] = (struct group){ .name = b->names.token[i] };
    }
    if (ok) b->group[i].bytes += bytes;
    pthread_mutex_unlock(&b->lock);
    mark[0] = (char)(i & 255);
    mark[1] = (char)(i >> 8);
    return ok;
}

/* By size, then by name: sums do not depend on who came first. */
static int by_bytes(const void *a, const void *b)
{
    const struct group *const *x = a, *const *y = b;
    return (*x)->bytes != (*y)->bytes ? ((*x)->bytes < (*y)->bytes ? -1 : 1) : str_cmp((*x)->name, (*y)->name);
}

static void deal(struct group **sorted, size_t n, double epochs)
{
    double left = 0;
    for (size_t i = 0; i < n; i++) left += (double)sorted[i]->bytes;
    /* the smallest first: the rest is for those that can take more */
    for (size_t i = 0; i < n; i++) {
        const double bytes = (double)sorted[i]->bytes, share = fmin(left / (double)(n - i), epochs * bytes);
        sorted[i]->weight = share / bytes;
        left -= share;
    }
}

void balance_weigh(struct balance *b, double temperature, double epochs)
{
    struct group **sorted = mem_alloc(b->names.n + 1, sizeof *sorted);
    size_t n = 0;
    double least = INFINITY;
    for (size_t i = 0; i < b->names.n; i++) if (b->group[i].bytes) sorted[n++] = &b->group[i];
    qsort(sorted, n, sizeof *sorted, by_bytes);
    if (epochs > 0) deal(sorted, n, epochs);
    else for (size_t i = 0; i < n; i++) sorted[i]->weight = pow((double)sorted[i]->bytes, temperature - 1);
    for (size_t i = 0; i < n; i++) least = fmin(least, sorted[i]->weight);
    for (size_t i = 0; i < n; i++) sorted[i]->weight /= least;
    free(sorted);
}

size_t balance_groups(const struct balance *b) { return b->names.n; }

struct str balance_group(const struct balance *b, size_t i, uint64_t *bytes)
{
    *bytes = b->group[i].bytes;
    return b->group[i].name;
}

static int by_name(const void *a, const void *b)
{
    const struct group *const *x = a, *const *y = b;
    return str_cmp((*x)->name, (*y)->name);
}

void balance_sorted(const struct balance *b, uint32_t *groups)
{
    struct group **sorted = mem_alloc(b->names.n + 1, sizeof *sorted);
    for (size_t i = 0; i < b->names.n; i++) sorted[i] = &b->group[i];
    if (b->names.n) qsort(sorted, b->names.n, sizeof *sorted, by_name);
    for (size_t i = 0; i < b->names.n; i++) groups[i] = (uint32_t)(sorted[i] - b->group);
    free(sorted);
}

double balance_weight(const struct balance *b, struct str group)
{
    const uint32_t i = vocab_find(&b->names, group);
    return i == VOCAB_NONE ? 0 : b->group[i].weight;
}

/* n: of word, so far; 0: none yet */
struct weighing { const struct balance *b; struct buf word; uint64_t n; count_fn *each; void *with; };

static bool pass_on(struct weighing *w, struct err *e)
{
    const uint64_t n = w->n;
    w->n = 0;
    return !n || w->each(w->with, buf_str(&w->word), n, e);
}

static bool weigh(void *with, struct str marked, uint64_t n, struct err *e)
{
    struct weighing *w = with;
    const struct str word = { marked.p, marked.n - BALANCE_MARK };
    const size_t group = balance_number(word.p + word.n);
    if (!str_eq(word, buf_str(&w->word))) {
        if (!pass_on(w, e)) return false;
        buf_reset(&w->word);
        buf_put(&w->word, word);
    }
    w->n += (uint64_t)llround((double)n * w->b->group[group].weight);
    return true;
}

bool balance_all(const struct balance *b, struct count **marked, size_t n, count_fn *each, void *with, struct err *e)
{
    struct weighing w = { .b = b, .each = each, .with = with };
    const bool ok = count_all(marked, n, weigh, &w, e) && pass_on(&w, e);
    buf_free(&w.word);
    return ok;
}
