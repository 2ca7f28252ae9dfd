/* order.c - nearest neighbours, greatest edges first, paths joined until one is left.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/order.h"

#include "accel/panel.h"
#include "core/par.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t NONE = UINT32_MAX;
enum { CHUNK = 8 * PANEL_ROWS };

struct edge { float cosine; uint32_t a, b; };
struct paths {
    size_t n, d, k;
    const float *rows;               /* (n, d), length 1 */
    uint32_t *root;                  /* union-find: which path a row is on */
    uint32_t (*link)[2];             /* its neighbours on the path, or NONE */
    uint32_t *ends;                  /* rows with fewer than two */
    size_t n_ends, n_paths;
    float *panels;                   /* the ends' rows, packed */
    /* (n_ends, k): each end's nearest ends of other paths, b NONE where there are fewer */
    struct edge *near;
};

static uint32_t root_of(const struct paths *p, uint32_t i)
{
    while (p->root[i] != i) i = p->root[i] = p->root[p->root[i]];
    return i;
}

/* ---- neighbours ---- */

static void insert(struct edge *list, size_t k, struct edge e)
{
    if (list[k - 1].b != NONE
        && (e.cosine < list[k - 1].cosine || (e.cosine == list[k - 1].cosine && e.b > list[k - 1].b)))
        return;
    size_t at = k - 1;
    for (; at > 0 && (list[at - 1].b == NONE || e.cosine > list[at - 1].cosine
                      || (e.cosine == list[at - 1].cosine && e.b < list[at - 1].b)); at--)
        list[at] = list[at - 1];
    list[at] = e;
}

static void near_run(void *ctx, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    const struct paths *p = ctx;
    const float *rows[CHUNK];
    float tile[PANEL_ROWS * PANEL];
    panel_fn *kernel = panel_kernel();
    for (size_t i = begin; i < end; i++) {
        rows[i - begin] = p->rows + p->ends[i] * p->d;
        for (size_t j = 0; j < p->k; j++) p->near[i * p->k + j] = (struct edge){ -INFINITY, p->ends[i], NONE };
    }
    for (size_t panel = 0; panel < panel_count(p->n_ends); panel++)
        for (size_t i = begin; i < end; i += PANEL_ROWS) {
            size_t n = end - i < PANEL_ROWS ? end - i : PANEL_ROWS, column = panel * PANEL;
            kernel(rows + (i - begin), n, p->panels + column * p->d, p->d, tile);
            for (size_t r = 0; r < n; r++) {
                struct edge *list = p->near + (i + r) * p->k;
                uint32_t own = p->root[p->ends[i + r]];
                for (size_t j = 0; j < PANEL && column + j < p->n_ends; j++) {
                    float c = tile[r * PANEL + j];
                    if (c < list[p->k - 1].cosine || p->root[p->ends[column + j]] == own) continue;
                    insert(list, p->k, (struct edge){ c, p->ends[i + r], p->ends[column + j] });
                }
            }
        }
}

/* p->near by an index over the ends' rows, some (n_ends, d). Asks for one more, since each end finds itself. */
static bool search_near(struct paths *p, const float *some, struct ann *ann, struct err *e)
{
    size_t n = p->n_ends, k = p->k + 1;
    int64_t *ids = mem_alloc(mem_size(n, k), sizeof *ids);
    float *dots = mem_alloc(n * k, sizeof *dots);
    bool ok = ann_search(ann, some, n, p->d, k, ids, dots, e);
    for (size_t i = 0; ok && i < n; i++) {
        struct edge *list = p->near + i * p->k;
        size_t found = 0;
        for (size_t j = 0; j < k && found < p->k; j++) {
            if (ids[i * k + j] < 0) continue;
            uint32_t a = p->ends[i], b = p->ends[ids[i * k + j]];
            if (p->root[a] != p->root[b]) list[found++] = (struct edge){ dots[i * k + j], a, b };
        }
        while (found < p->k) list[found++] = (struct edge){ -INFINITY, p->ends[i], NONE };
    }
    free(ids), free(dots);
    return ok;
}

static bool find_near(struct paths *p, struct order_opt o, bool by_index, struct err *e)
{
    bool ok = true;
    float *some = mem_alloc(mem_size(p->n_ends, p->d), sizeof *some);
    for (size_t i = 0; i < p->n; i++) p->root[i] = root_of(p, (uint32_t)i);
    for (size_t i = 0; i < p->n_ends; i++) memcpy(some + i * p->d, p->rows + p->ends[i] * p->d, p->d * sizeof *some);
    if (by_index) ok = search_near(p, some, o.ann, e);
    else {
        panel_pack(p->panels, some, p->d, true, p->n_ends, p->d);
        par_for(o.threads, p->n_ends, CHUNK, near_run, p);
    }
    free(some);
    return ok;
}

/* ---- edges ---- */

static int by_cosine(const void *x, const void *y)
{
    const struct edge *a = x, *b = y;
    if (a->cosine != b->cosine) return a->cosine > b->cosine ? -1 : 1;
    if (a->a != b->a) return a->a < b->a ? -1 : 1;
    return a->b < b->b ? -1 : a->b > b->b;
}

static void join(struct paths *p, uint32_t a, uint32_t b)
{
    p->link[a][p->link[a][0] != NONE] = b;
    p->link[b][p->link[b][0] != NONE] = a;
    p->root[root_of(p, b)] = root_of(p, a);
    p->n_paths--;
}

static void take_edges(struct paths *p)
{
    size_t n = 0, all = p->n_ends * p->k;
    for (size_t i = 0; i < all; i++) if (p->near[i].b != NONE) p->near[n++] = p->near[i];
    qsort(p->near, n, sizeof *p->near, by_cosine);
    for (size_t i = 0; i < n; i++) {
        uint32_t a = p->near[i].a, b = p->near[i].b;
        if (p->link[a][1] == NONE && p->link[b][1] == NONE && root_of(p, a) != root_of(p, b)) join(p, a, b);
    }
    n = 0;
    for (size_t i = 0; i < p->n_ends; i++) if (p->link[p->ends[i]][1] == NONE) p->ends[n++] = p->ends[i];
    p->n_ends = n;
}

static void follow(const struct paths *p, uint32_t *out)
{
    uint32_t at = 0, was = NONE;
    while (p->link[at][1] != NONE) at++;             /* the end with the lowest number */
    for (size_t i = 0; i < p->n; i++) {
        uint32_t next = p->link[at][0] != was || p->link[at][0] == NONE ? p->link[at][0] : p->link[at][1];
        out[i] = at;
        was = at, at = next;
    }
}

/* One cluster: rows (n, d) to out, numbers 0 .. n-1 along the path. */
static bool one_path(const float *rows, size_t n, size_t d, struct order_opt o, uint32_t *out, struct err *e)
{
    struct paths p = { .n = n, .d = d, .k = o.neighbours, .rows = rows, .n_ends = n, .n_paths = n };
    p.root = mem_alloc(n, sizeof *p.root), p.ends = mem_alloc(n, sizeof *p.ends), p.link = mem_alloc(n, sizeof *p.link);
    p.panels = mem_alloc(panel_size(n, d), sizeof *p.panels);
    p.near = mem_alloc(mem_size(n, p.k), sizeof *p.near);
    for (uint32_t i = 0; i < n; i++) p.root[i] = p.ends[i] = i, p.link[i][0] = p.link[i][1] = NONE;
    bool ok = true, by_index = o.ann;
    while (ok && p.n_paths > 1) {
        size_t before = p.n_paths;
        by_index = by_index && p.n_ends > ORDER_EXACT;
        ok = find_near(&p, o, by_index, e);
        if (ok) take_edges(&p);
        by_index = by_index && p.n_paths < before;
    }
    if (ok) follow(&p, out);
    free(p.root), free(p.ends), free(p.link), free(p.panels), free(p.near);
    return ok;
}

/* ---- clusters ---- */

struct place { uint32_t cluster, at; };

static int by_cluster(const void *x, const void *y)
{
    const struct place *a = x, *b = y;
    if (a->cluster != b->cluster) return a->cluster < b->cluster ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

static void unit(const struct matrix *x, size_t row, float *to)
{
    double norm = 0;
    matrix_rows(x, row, row + 1, to);
    for (size_t t = 0; t < x->cols; t++) norm += (double)to[t] * (double)to[t];
    for (size_t t = 0; norm > 0 && t < x->cols; t++) to[t] = (float)((double)to[t] / sqrt(norm));
    for (size_t t = 0; t < x->cols; t++) if (!isfinite(to[t])) to[t] = 0;
}

bool order_find(const struct matrix *x, const uint32_t *rows, const uint32_t *cluster, size_t n, struct order_opt o,
                uint32_t *out, struct err *e)
{
    bool ok = true;
    struct place *p = mem_alloc(n, sizeof *p);
    for (size_t i = 0; i < n; i++) p[i] = (struct place){ cluster[i], (uint32_t)i };
    qsort(p, n, sizeof *p, by_cluster);
    for (size_t begin = 0, end; ok && begin < n; begin = end) {
        for (end = begin; end < n && p[end].cluster == p[begin].cluster; ) end++;
        float *some = mem_alloc(mem_size(end - begin, x->cols), sizeof *some);
        for (size_t i = begin; i < end; i++) unit(x, rows[p[i].at], some + (i - begin) * x->cols);
        ok = one_path(some, end - begin, x->cols, o, out + begin, e);
        for (size_t i = begin; ok && i < end; i++) out[i] = p[begin + out[i]].at;
        free(some);
    }
    free(p);
    return ok;
}

double order_similarity(const struct matrix *x, const uint32_t *rows, const uint32_t *order, size_t n, double same,
                        size_t *copies)
{
    float *row[2] = { mem_alloc(x->cols, sizeof(float)), mem_alloc(x->cols, sizeof(float)) };
    double sum = 0;
    *copies = 0;
    for (size_t i = 0; i < n; i++) {
        double dot = 0;
        unit(x, rows[order[i]], row[i & 1]);
        for (size_t t = 0; i && t < x->cols; t++) dot += (double)row[0][t] * (double)row[1][t];
        sum += dot;
        *copies += i && dot > same;
    }
    free(row[0]), free(row[1]);
    return n > 1 ? sum / (double)(n - 1) : 0;
}
