/* gather_merge.c - a range of the clusters of all slices: which members go.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   parts, one after another -> by cluster -> some whole clusters at a time -> semdedup_run -> cuts */
#include "cluster/gather_record.h"
#include "core/rng.h"
#include "core/sort.h"

#include <math.h>
#include <stdlib.h>

/* Some members with their vectors. */
struct member_of { uint32_t slice, row; uint64_t global, place; };
struct crowd { struct members members; struct member_of *of; size_t cap; struct buf vectors; };

struct merge {
    const struct gather_job *j;
    struct semdedup how;
    struct cuts_out *out;
    struct sort *sort;               /* cluster, big-endian | slice | the record from AT_ROW on */
    struct gather_tally *t;
    uint64_t cols, type, *docs, all; /* docs (slices); all: members of all slices */
    size_t n_slices, cap_slices, record, vector;
};

/* ---- members together ---- */

static void crowd_free(struct crowd *c)
{
    members_free(&c->members);
    free(c->of);
    buf_free(&c->vectors);
}

/* rest: the record from AT_ROW on. */
static void crowd_add(const struct merge *m, struct crowd *c, uint32_t cluster, uint32_t slice, const char *rest)
{
    struct member_of of = { .slice = slice };
    float rank;
    memcpy(&of.row, rest, 4);
    memcpy(&of.global, rest + AT_GLOBAL - AT_ROW, 8);
    memcpy(&rank, rest + AT_RANK - AT_ROW, 4);
    memcpy(&of.place, rest + AT_PLACE - AT_ROW, 8);
    if (c->members.n == c->cap) c->of = mem_grow(c->of, &c->cap, c->members.n + 1, sizeof *c->of);
    c->of[c->members.n] = of;
    members_add(&c->members, c->members.n, cluster, (double)rank);
    buf_put(&c->vectors, (struct str){ rest + MEMBER_HEAD - AT_ROW, m->vector });
}

static struct matrix crowd_matrix(const struct merge *m, const struct crowd *c)
{
    return (struct matrix){ .type = (enum matrix_type)m->type, .rows = c->members.n, .cols = m->cols,
                            .data = c->vectors.p };
}

/* ---- in ---- */

static bool accept(struct merge *m, const struct runs *r, struct err *e)
{
    struct buf b = { 0 };
    uint64_t head[2] = { 0 };
    bool ok = runs_heap_read(r, 0, sizeof head, &b, e);
    if (ok) memcpy(head, b.p, sizeof head);
    buf_free(&b);
    if (!ok) return false;
    if (!m->n_slices) {
        if (!head[0] || head[0] > 1 << 24 || (head[1] != MATRIX_F32 && head[1] != MATRIX_F16))
            return err_set(e, ERR_DATA, "its matrix is damaged");
        m->cols = head[0];
        m->type = head[1];
        m->vector = m->cols * matrix_size((enum matrix_type)m->type);
        m->record = MEMBER_HEAD + m->vector;
        m->sort = sort_open(m->record - AT_ROW + 8, 4, m->j->memory / 2, m->how.threads);
    }
    if (head[0] != m->cols || head[1] != m->type || r->head.record != m->record || r->head.cells != RUNS_CELLS)
        return err_set(e, ERR_DATA, "its matrix is not like the first's");
    m->docs = mem_grow(m->docs, &m->cap_slices, m->n_slices + 1, sizeof *m->docs);
    m->docs[m->n_slices++] = r->head.docs;
    m->all += r->head.docs;
    return true;
}

static bool take(struct merge *m, const struct runs *r, uint32_t slice, struct err *e)
{
    struct runs_scan s;
    char *to = mem_alloc(m->record + 2, 1);
    bool ok = runs_scan(&s, r, range_from(m->j->range, RUNS_CELLS), range_to(m->j->range, RUNS_CELLS), e);
    for (const char *p; ok && (p = runs_next(&s, e)); ) {
        memcpy(to, p + AT_CLUSTER, 4);
        memcpy(to + 4, &slice, 4);
        memcpy(to + 8, p + AT_ROW, m->record - AT_ROW);
        ok = sort_put(m->sort, to, e);
    }
    free(to);
    runs_scan_free(&s);
    return ok && !e->kind;
}

static bool read_parts(struct merge *m, bool heads_only, struct err *e)
{
    for (uint32_t i = 0; m->j->files[i]; i++) {
        struct runs r;
        if (!runs_open(&r, m->j->files[i], "members", 0, e)) return false;
        bool ok = accept(m, &r, e) && (heads_only || take(m, &r, i, e));
        runs_close(&r);
        if (!ok) return err_in(e, "%s", m->j->files[i]);
    }
    return true;
}

/* ---- epsilon ---- */

/* The clusters whose random number is at most share: as semdedup_sample() takes them. Cells without any are passed
 * over. */
static bool take_sample(const struct merge *m, uint64_t share, struct crowd *c, struct err *e)
{
    for (uint32_t i = 0; m->j->files[i]; i++) {
        struct runs r;
        struct runs_scan s;
        if (!runs_open(&r, m->j->files[i], "members", m->record, e)) return false;
        bool ok = runs_scan(&s, &r, 0, RUNS_CELLS, e);
        for (const char *p; ok && (p = runs_next(&s, e)); )
            if (rng_at(m->j->seed, be32_get(p + AT_CLUSTER), 0) <= share)
                crowd_add(m, c, be32_get(p + AT_CLUSTER), i, p + AT_ROW);
        runs_scan_free(&s);
        runs_close(&r);
        if (!ok || e->kind) return false;
    }
    return true;
}

static bool find_epsilon(struct merge *m, struct err *e)
{
    struct crowd c = { .cap = 0 };
    uint64_t share = semdedup_sample_share(m->j->sample, m->all);
    bool ok = true;
    while (ok && !c.members.n && m->all) {
        ok = take_sample(m, share, &c, e);
        share = semdedup_sample_more(share);
    }
    struct matrix x = crowd_matrix(m, &c);
    struct semdedup_sample on = { c.members };
    m->how.x = &x;
    if (ok) m->how.epsilon = semdedup_bisect(m->how, &on, m->j->keep);
    crowd_free(&c);
    return ok;
}

/* ---- clusters ---- */

static bool judge(struct merge *m, struct crowd *c, struct err *e)
{
    struct matrix x = crowd_matrix(m, c);
    m->how.x = &x;
    m->t->members += c->members.n;
    if (c->members.n) semdedup_run(&m->how, &c->members);
    bool ok = true;
    for (size_t i = 0; ok && i < c->members.n; i++) {
        const struct member *it = &c->members.at[i];
        if (it->twin < 0) continue;
        const struct member_of *of = &c->of[i], *twin = &c->of[it->twin];
        char payload[SEMANTIC_PAYLOAD];
        memcpy(payload, &it->cluster, 4);
        memcpy(payload + 4, &it->cosine, 4);
        memcpy(payload + 8, &twin->global, 8);
        ok = twin->place == NO_TWIN ? cuts_put(m->out, of->slice, of->row, payload, e)
                                    : cuts_put_twin(m->out, of->slice, of->row, payload, twin->slice, twin->place, e);
    }
    c->members.n = 0;
    buf_reset(&c->vectors);
    return ok;
}

static bool too_large(const struct merge *m, uint32_t cluster, struct err *e)
{
    return err_set(e, ERR_SYSTEM,
                   "cluster %lu has vectors of more than half of --memory (%zu MiB)\nhint: more clusters, or more memory", (unsigned long)cluster,
                   m->j->memory >> 20);
}

static bool judge_all(struct merge *m, struct err *e)
{
    const size_t most = m->j->memory / 4;
    struct crowd c = { .cap = 0 };
    uint32_t last = 0;
    bool ok = true;
    for (const char *r; ok && (r = sort_next(m->sort, e)); ) {
        uint32_t cluster = be32_get(r), slice;
        memcpy(&slice, r + 4, 4);
        if (cluster != last && c.vectors.n > most) ok = judge(m, &c, e);
        else if (c.vectors.n > 2 * most) ok = too_large(m, cluster, e);
        if (ok) crowd_add(m, &c, cluster, slice, r + 8);
        last = cluster;
    }
    ok = ok && !e->kind && judge(m, &c, e);
    crowd_free(&c);
    return ok;
}

bool gather_epsilon(const struct gather_job *j, double *epsilon, struct err *e)
{
    struct merge m = { .j = j, .how = j->how };
    bool ok = read_parts(&m, true, e) && find_epsilon(&m, e);
    *epsilon = m.how.epsilon;
    sort_close(m.sort);
    free(m.docs);
    return ok;
}

bool gather_merge(const struct gather_job *j, const char *path, struct gather_tally *t, struct err *e)
{
    *t = (struct gather_tally){ .epsilon = j->how.epsilon };
    struct merge m = { .j = j, .how = j->how, .t = t };
    bool ok = read_parts(&m, false, e) && (j->keep <= 0 || find_epsilon(&m, e));
    t->epsilon = m.how.epsilon;
    if (ok) m.out = cuts_create(path, &(struct cuts_plan){ .is = gather_cuts(), .range = j->range, .docs = m.docs,
                                                           .n_slices = m.n_slices,
                                                           .memory = j->memory / 8, .threads = j->how.threads }, e);
    ok = ok && m.out && judge_all(&m, e);
    sort_close(m.sort);
    free(m.docs);
    if (ok) return cuts_done(m.out, j->files, "members", &t->go, e);
    cuts_drop(m.out);
    return false;
}
