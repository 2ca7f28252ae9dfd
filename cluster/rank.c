/* rank.c - see rank.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/rank.h"
#include "core/sort.h"

#include <math.h>
#include <stdlib.h>

enum { HEAD = 3, CLUSTERS_MAX = 100000000 };         /* as kmeans -k */

struct cut { uint32_t cluster, distance, slice, row; };

/* A float's bits so that they compare as numbers; the farthest first when those go. */
static uint32_t rank_of(float distance, bool far)
{
    float x = (far ? -distance : distance) + 0.0F;   /* -0 is 0 */
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return bits >> 31 ? ~bits : bits | 1U << 31;
}

/* ---- part ---- */

struct rank_out { struct runs_out *out; uint64_t n; };

struct rank_out *rank_create(const char *path, struct err *e)
{
    struct runs_out *out = runs_create(path, (struct runs_head){ .kind = "far", .record = 8, .cells = 1 }, e);
    if (!out) return NULL;
    struct rank_out *o = mem_zero(1, sizeof *o);
    o->out = out;
    return o;
}

bool rank_put(struct rank_out *o, uint32_t cluster, float distance, struct err *e)
{
    char record[8];
    if (o->n == UINT32_MAX) return err_set(e, ERR_DATA, "more than 2^32 documents in one slice");
    memcpy(record, &cluster, 4);
    memcpy(record + 4, &distance, 4);
    o->n++;
    return runs_put(o->out, 0, record, e);
}

bool rank_done(struct rank_out *o, struct err *e)
{
    struct runs_out *out = o->out;
    uint64_t n = o->n;
    o->out = NULL;
    rank_drop(o);
    return runs_done(out, n, e);
}

void rank_drop(struct rank_out *o)
{
    if (!o) return;
    runs_drop(o->out);
    free(o);
}

/* ---- merge ---- */

struct merge {
    const struct rank_job *j;
    struct sort *sort;
    uint64_t *count, *docs;
    size_t n_clusters, cap, n_slices, cap_slices;
};

static bool count(struct merge *m, uint32_t cluster, struct err *e)
{
    if (cluster >= CLUSTERS_MAX)
        return err_set(e, ERR_DATA, "cluster %lu is too large a number", (unsigned long)cluster);
    while (cluster >= m->n_clusters) {
        m->count = mem_grow(m->count, &m->cap, m->n_clusters + 1, sizeof *m->count);
        m->count[m->n_clusters++] = 0;
    }
    m->count[cluster]++;
    return true;
}

static bool take(struct merge *m, const struct runs *r, uint32_t slice, struct err *e)
{
    struct runs_scan s;
    uint32_t row = 0;
    bool ok = runs_scan(&s, r, 0, 1, e);
    for (const char *p; ok && (p = runs_next(&s, e)); row++) {
        uint32_t cluster;
        float distance;
        char to[16];
        memcpy(&cluster, p, 4);
        memcpy(&distance, p + 4, 4);
        if (!m->j->how.per_cluster) cluster = 0;
        be32_put(to, cluster);
        be32_put(to + 4, rank_of(distance, m->j->how.far));
        memcpy(to + 8, &slice, 4);
        memcpy(to + 12, &row, 4);
        ok = count(m, cluster, e) && sort_put(m->sort, to, e);
    }
    runs_scan_free(&s);
    m->docs = mem_grow(m->docs, &m->cap_slices, m->n_slices + 1, sizeof *m->docs);
    m->docs[m->n_slices++] = row;
    return ok && !e->kind;
}

static bool read_parts(struct merge *m, struct err *e)
{
    for (uint32_t i = 0; m->j->files[i]; i++) {
        struct runs r;
        if (!runs_open(&r, m->j->files[i], "far", 8, e)) return false;
        bool ok = take(m, &r, i, e);
        runs_close(&r);
        if (!ok) return err_in(e, "%s", m->j->files[i]);
    }
    return true;
}

/* Equal distances come in the order of slices and rows, as they were put. */
static bool put_cuts(struct merge *m, struct runs_out *o, uint64_t *go, struct err *e)
{
    uint64_t seen = 0, marked = 0;
    uint32_t cluster = UINT32_MAX;
    bool ok = true;
    for (const char *r; ok && (r = sort_next(m->sort, e)); ) {
        if (be32_get(r) != cluster) {
            cluster = be32_get(r);
            seen = 0;
            marked = m->count[cluster] - (uint64_t)llround(m->j->how.keep * (double)m->count[cluster]);
            *go += marked;
        }
        if (++seen != marked) continue;
        struct cut c = { cluster, be32_get(r + 4), 0, 0 };
        memcpy(&c.slice, r + 8, 8);
        ok = runs_put(o, 0, &c, e);
    }
    return ok && !e->kind;
}

static bool put_head(const struct merge *m, struct runs_out *o, struct err *e)
{
    uint64_t head[HEAD] = { m->j->how.far, m->j->how.per_cluster, m->n_slices };
    return runs_heap(o, (struct str){ (const char *)head, sizeof head }, NULL, e)
        && runs_heap(o, (struct str){ (const char *)m->docs, m->n_slices * 8 }, NULL, e);
}

bool rank_merge(const struct rank_job *j, const char *path, uint64_t *docs, uint64_t *go, struct err *e)
{
    struct merge m = { .j = j, .sort = sort_open(16, 8, j->memory, j->threads) };
    struct runs_out *o = runs_create(path,
                                     (struct runs_head){ .kind = "cut", .record = sizeof(struct cut), .cells = 1 }, e);
    *go = 0;
    bool ok = o && read_parts(&m, e) && put_head(&m, o, e) && put_cuts(&m, o, go, e);
    *docs = sort_count(m.sort);
    sort_close(m.sort);
    free(m.count);
    free(m.docs);
    if (ok) return runs_done(o, *docs, e);
    runs_drop(o);
    return false;
}

/* ---- apply ---- */

struct rank_cut { struct cut *cuts; size_t n, cap; uint64_t slice, docs; bool far, per_cluster; };

static bool load(struct rank_cut *c, const struct runs *r, struct err *e)
{
    struct buf b = { 0 };
    struct runs_scan s = { 0 };
    uint64_t head[HEAD] = { 0 };
    bool ok = runs_heap_read(r, 0, sizeof head, &b, e);
    if (ok) memcpy(head, b.p, sizeof head);
    if (ok && c->slice >= head[2])
        ok = err_set(e, ERR_USAGE, "--slice %llu: there are %llu, from 0", (unsigned long long)c->slice,
                     (unsigned long long)head[2]);
    ok = ok && runs_heap_read(r, sizeof head + c->slice * 8, 8, &b, e);
    if (ok) memcpy(&c->docs, b.p + sizeof head, 8);
    c->far = head[0];
    c->per_cluster = head[1];
    ok = ok && runs_scan(&s, r, 0, 1, e);
    for (const void *p; ok && (p = runs_next(&s, e)); ) {
        c->cuts = mem_grow(c->cuts, &c->cap, c->n + 1, sizeof *c->cuts);
        memcpy(&c->cuts[c->n++], p, sizeof *c->cuts);
    }
    runs_scan_free(&s);
    buf_free(&b);
    return ok && !e->kind;
}

struct rank_cut *rank_open(const char *path, uint64_t slice, struct err *e)
{
    struct runs r;
    if (!runs_open(&r, path, "cut", sizeof(struct cut), e)) return NULL;
    struct rank_cut *c = mem_zero(1, sizeof *c);
    c->slice = slice;
    bool ok = load(c, &r, e);
    runs_close(&r);
    if (ok) return c;
    rank_close(c);
    err_in(e, "%s", path);
    return NULL;
}

uint64_t rank_docs(const struct rank_cut *c) { return c->docs; }

bool rank_goes(const struct rank_cut *c, uint32_t row, uint32_t cluster, float distance)
{
    size_t a = 0, b = c->n;
    uint32_t rank = rank_of(distance, c->far);
    if (!c->per_cluster) cluster = 0;
    while (a < b) {
        size_t m = a + (b - a) / 2;
        if (c->cuts[m].cluster < cluster) a = m + 1; else b = m;
    }
    const struct cut *k = &c->cuts[a];
    if (a == c->n || k->cluster != cluster) return false;
    if (rank != k->distance) return rank < k->distance;
    return k->slice != c->slice ? c->slice < k->slice : row <= k->row;
}

void rank_close(struct rank_cut *c)
{
    if (!c) return;
    free(c->cuts);
    free(c);
}
