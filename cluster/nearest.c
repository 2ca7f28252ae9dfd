/* nearest.c - scores by tiles, bounds by groups.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/nearest.h"

#include "cluster/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 8 };
static const uint32_t NONE = UINT32_MAX;

void nearest_init(struct nearest *s, const float *c, size_t k, size_t d, bool spherical, size_t bounds)
{
    size_t n = panel_count(k), columns = n * PANEL;
    *s = (struct nearest){ .k = k, .d = d, .spherical = spherical, .c = c, .kernel = panel_kernel() };
    s->panels = mem_lines(panel_size(k, d), sizeof *s->panels);
    s->order = mem_alloc(columns, sizeof *s->order);
    s->column = mem_alloc(k, sizeof *s->column);
    s->half = mem_alloc(columns, sizeof *s->half);
    for (size_t j = 0; j < columns; j++) s->order[j] = j < k ? (uint32_t)j : NONE;
    s->group = bounds >= n ? 1 : bounds ? (n + bounds - 1) / bounds : n;
    s->n_groups = (n + s->group - 1) / s->group;
    nearest_pack(s);
}

void nearest_free(struct nearest *s)
{
    free(s->panels), free(s->order), free(s->column), free(s->half);
    *s = (struct nearest){ 0 };
}

void nearest_pack(struct nearest *s)
{
    s->longest = 0;
    for (size_t j = 0; j < panel_count(s->k) * PANEL; j++) {
        float *to = s->panels + j / PANEL * PANEL * s->d + j % PANEL, norm = 0;
        const float *c = s->order[j] == NONE ? NULL : s->c + s->order[j] * s->d;
        if (c) s->column[s->order[j]] = (uint32_t)j;
        for (size_t t = 0; t < s->d; t++) to[t * PANEL] = c ? c[t] : 0;
        if (c) rows_dot(&c, &c, 1, s->d, &norm);
        s->half[j] = !c ? INFINITY : s->spherical ? 0 : norm / 2;    /* a column of the rest never wins */
        if (norm > s->longest) s->longest = norm;
    }
}

/* ---- order: halve along the line between two far centroids until a panel is left ---- */

struct along { float at; uint32_t c; };

static int along_cmp(const void *a, const void *b)
{
    const struct along *x = a, *y = b;
    return x->at != y->at ? (x->at < y->at ? -1 : 1) : x->c < y->c ? -1 : x->c > y->c;
}

static uint32_t farthest(const struct nearest *s, const uint32_t *list, size_t n, uint32_t from)
{
    double most = -1;
    uint32_t best = list[0];
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t t = 0; t < s->d; t++) {
            double v = (double)s->c[list[i] * s->d + t] - (double)s->c[from * s->d + t];
            sum += v * v;
        }
        if (sum > most) { most = sum; best = list[i]; }
    }
    return best;
}

static void halve(const struct nearest *s, uint32_t *list, size_t n, struct along *a)
{
    if (n <= PANEL) return;
    uint32_t p = farthest(s, list, n, list[0]), q = farthest(s, list, n, p);
    for (size_t i = 0; i < n; i++) {
        float sum = 0;
        for (size_t t = 0; t < s->d; t++) sum += s->c[list[i] * s->d + t] * (s->c[p * s->d + t] - s->c[q * s->d + t]);
        a[i] = (struct along){ sum, list[i] };
    }
    qsort(a, n, sizeof *a, along_cmp);
    for (size_t i = 0; i < n; i++) list[i] = a[i].c;
    size_t left = (panel_count(n) + 1) / 2 * PANEL;
    halve(s, list, left, a);
    halve(s, list + left, n - left, a);
}

void nearest_sort(struct nearest *s)
{
    struct along *a = mem_alloc(s->k, sizeof *a);
    for (size_t j = 0; j < s->k; j++) s->order[j] = (uint32_t)j;
    halve(s, s->order, s->k, a);
    free(a);
    nearest_pack(s);
}

/* ---- scores ---- */

/* the two greatest scores of a row so far, and whose the first is */
struct top { float first, second; uint32_t c; };

static uint32_t lowest_with(const struct nearest *s, const float *scores, size_t column, float value)
{
    uint32_t c = NONE;
    for (size_t j = 0; j < PANEL; j++)
        if (scores[j] == value && s->order[column + j] < c) c = s->order[column + j];
    return c;
}

/* Takes the scores of one row and one panel into top. Eight lanes keep their two greatest, then the lanes are
 * merged. */
static inline void top_add(const struct nearest *s, const float *dots, size_t column, struct top *top)
{
    float scores[PANEL], first[LANES], second[LANES];
    for (int j = 0; j < PANEL; j++) scores[j] = dots[j] - s->half[column + (size_t)j];
    for (int j = 0; j < LANES; j++) first[j] = scores[j], second[j] = -INFINITY;
    for (int i = LANES; i < PANEL; i += LANES)
        for (int j = 0; j < LANES; j++) {
            float a = first[j], x = scores[i + j], less = a < x ? a : x;
            first[j] = a > x ? a : x;
            second[j] = second[j] > less ? second[j] : less;
        }
    float one = first[0], two = second[0];
    for (int j = 1; j < LANES; j++) {
        float less = one < first[j] ? one : first[j], more = two > second[j] ? two : second[j];
        one = one > first[j] ? one : first[j];
        two = less > more ? less : more;
    }
    if (one < top->first) {
        if (one > top->second) top->second = one;
        return;
    }
    uint32_t c = lowest_with(s, scores, column, one);
    top->second = top->first > two ? top->first : two;
    if (one > top->first || c < top->c) top->c = c;
    top->first = one;
}

static void group_tops(const struct nearest *s, size_t g, const float *const *rows, size_t n, struct top *tops)
{
    float tile[PANEL_ROWS * PANEL];
    size_t end = (g + 1) * s->group < panel_count(s->k) ? (g + 1) * s->group : panel_count(s->k);
    for (size_t i = 0; i < n; i++) tops[i] = (struct top){ -INFINITY, -INFINITY, NONE };
    for (size_t p = g * s->group; p < end; p++)
        for (size_t i = 0; i < n; i += PANEL_ROWS) {
            size_t m = n - i < PANEL_ROWS ? n - i : PANEL_ROWS;
            s->kernel(rows + i, m, s->panels + p * PANEL * s->d, s->d, tile);
            for (size_t r = 0; r < m; r++) top_add(s, tile + r * PANEL, p * PANEL, &tops[i + r]);
        }
}

void nearest_plain(const struct nearest *s, const float *const *rows, size_t n, int32_t *best, float *score)
{
    struct top tops[NEAREST_CHUNK];
    for (size_t i = 0; i < n; i++) best[i] = -1, score[i] = -INFINITY;
    for (size_t g = 0; g < s->n_groups; g++) {
        group_tops(s, g, rows, n, tops);
        for (size_t i = 0; i < n; i++)
            if (tops[i].first > score[i] || (tops[i].first == score[i] && (int32_t)tops[i].c < best[i])) {
                best[i] = (int32_t)tops[i].c;
                score[i] = tops[i].first;
            }
    }
}

/* ---- bounds ---- */

/* |x - c|^2 is off by at most this: three sums of d products, each with d roundings. */
static float slack(const struct nearest *s, float norm)
{
    return 4 * (float)(s->d + 4) * 0x1p-24f * (norm + (s->spherical ? 1 : s->longest));
}

static float distance2(const struct nearest *s, float norm, float score)
{
    return norm - 2 * score + (s->spherical ? 1 : 0);
}

/* a distance that the true one is not below */
static float at_least(const struct nearest *s, float norm, float score)
{
    float x = distance2(s, norm, score) - slack(s, norm);
    return x > 0 ? sqrtf(x) * (1 - 0x1p-20f) : 0;
}

static float at_most(const struct nearest *s, float norm, float score)
{
    float x = distance2(s, norm, score) + slack(s, norm);
    return x > 0 ? sqrtf(x) * (1 + 0x1p-20f) : 0;
}

static void own_scores(const struct nearest *s, const float *const *rows, size_t n, const int32_t *best, float *score)
{
    const float *own[NEAREST_CHUNK] = { 0 };
    for (size_t i = 0; i < n; i++) own[i] = s->c + (best[i] < 0 ? 0 : (size_t)best[i]) * s->d;
    rows_dot(rows, own, n, s->d, score);
    for (size_t i = 0; i < n; i++) score[i] = best[i] < 0 ? -INFINITY : score[i] - s->half[s->column[best[i]]];
}

static size_t group_of(const struct nearest *s, int32_t c)
{
    return s->column[c] / PANEL / s->group;
}

/* Row i's answer from group g: low bounds all of g but the row's best, and what it displaces bounds its own group. */
static void take(const struct nearest *s, size_t g, const struct top *top, float norm, float *low, int32_t *best,
                 float *score)
{
    bool better = top->first > *score || (top->first == *score && (int32_t)top->c < *best);
    if (better && *best >= 0) {
        float *was = &low[group_of(s, *best)], now = at_least(s, norm, *score);
        if (now < *was) *was = now;
    }
    if (better) *best = (int32_t)top->c, *score = top->first;
    low[g] = at_least(s, norm, *best == (int32_t)top->c ? top->second : top->first);
}

uint64_t nearest_bounded(const struct nearest *s, const float *const *rows, const float *norms, size_t n,
                         const float *moved, float *low, int32_t *best, float *score)
{
    const float *need[NEAREST_CHUNK];
    uint32_t who[NEAREST_CHUNK];
    struct top tops[NEAREST_CHUNK];
    float reach[NEAREST_CHUNK];
    uint64_t computed = n;
    own_scores(s, rows, n, best, score);
    for (size_t i = 0; i < n; i++) reach[i] = best[i] < 0 ? INFINITY : at_most(s, norms[i], score[i]);
    for (size_t g = 0; g < s->n_groups; g++) {
        size_t m = 0;
        for (size_t i = 0; i < n; i++) {
            float *l = &low[i * s->n_groups + g];
            *l = best[i] < 0 ? 0 : *l - moved[g];
            if (*l <= reach[i]) need[m] = rows[i], who[m++] = (uint32_t)i;
        }
        if (!m) continue;
        group_tops(s, g, need, m, tops);
        computed += m * s->group * PANEL;
        for (size_t i = 0; i < m; i++) {
            uint32_t w = who[i];
            take(s, g, &tops[i], norms[w], low + w * s->n_groups, &best[w], &score[w]);
            reach[w] = at_most(s, norms[w], score[w]);
        }
    }
    return computed;
}
