/* d4.c - semantic duplicates, then k-means anew, then prototypes, in one command.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/kmeans.h"
#include "cluster/prototype.h"
#include "cluster/semdedup.h"
#include "frame/stage.h"

#include <stdio.h>
#include <stdlib.h>

static struct d4_set { const char *matrix; long k, iterations, sample; double epsilon, dedup, proto; } opt =
    { .k = 1000, .iterations = 20, .dedup = 0.75, .proto = 0.8, .sample = 20000 };
static const struct opt options[] = {
    { 'm', "matrix",     TEXT(&opt.matrix),     "FILE.npy", "the documents' vectors, by their \"row\"", .required = true },
    {  0 , "keep-dedup", REAL(&opt.dedup),      "P",        "share that stays of all after duplicates go", .max = 1 },
    { 'e', "epsilon",    REAL(&opt.epsilon),    "E",        "instead of --keep-dedup: cosine above 1 - E is a duplicate", .max = 2 },
    {  0 , "keep-proto", REAL(&opt.proto),      "P",        "share of these that stays after prototypes go", .max = 1 },
    { 'k', "clusters",   INT(&opt.k),           "K",        "of the second k-means", .min = 1, .max = 1e8 },
    {  0 , "iterations", INT(&opt.iterations),  "N",        "of the second k-means, at most", .min = 1, .max = 1e6 },
    {  0 , "sample",     INT(&opt.sample),      "N",        "documents, in whole clusters, to find E on", .min = 1, .max = 1e9 },
    { END }
};

struct d4 {
    struct d4_set set;
    struct matrix x;
    struct members members;
    int threads;
    size_t memory;
    uint64_t seed;
    bool say;
    int32_t *cluster;                /* (members): anew, or -1 */
    float *distance;
    bool *drop;
};

static void d4_free(void *self)
{
    struct d4 *s = self;
    matrix_close(&s->x);
    members_free(&s->members);
    free(s->cluster), free(s->distance), free(s->drop), free(s);
}

static void *d4_open(const struct run *r, struct err *e)
{
    struct d4 *s = mem_zero(1, sizeof *s);
    s->set = opt;
    if (!rows_open(&s->x, opt.matrix, e)) { d4_free(s); return NULL; }
    s->threads = r->threads, s->memory = r->memory, s->seed = r->seed;
    s->say = !r->quiet && strcmp(r->output, "-") != 0;
    return s;
}

static bool d4_turn(void *self, struct doc *d, struct err *e)
{
    struct d4 *s = self;
    size_t row, cluster;
    double distance = 0;
    if (!rows_field(d, "row", s->x.rows, &row) || !rows_field(d, "cluster", INT32_MAX, &cluster))
        return err_set(e, ERR_DATA,
                       "document %llu has no \"row\" of the matrix and \"cluster\"\nhint: tamis kmeans apply adds it",
                       (unsigned long long)d->row);
    json_number(doc_get(d, "distance"), &distance);
    members_add(&s->members, row, cluster, -distance);
    return true;
}

static bool gather(const struct d4 *s, size_t kept, struct matrix *to, struct err *e)
{
    uint32_t *rows = mem_alloc(kept, sizeof *rows);
    for (size_t i = 0, at = 0; i < s->members.n; i++) if (s->members.at[i].twin < 0) rows[at++] = s->members.at[i].row;
    bool ok = rows_gather(&s->x, rows, kept, to, e);
    free(rows);
    return ok;
}

/* k-means of the kept rows; cluster and distance of each member that stays. */
static bool cluster_anew(struct d4 *s, size_t kept, struct err *e)
{
    struct matrix some;
    struct kmeans km;
    struct nearest near;
    struct kmeans_opt o = { .k = (size_t)s->set.k < kept ? (size_t)s->set.k : kept,
                            .iterations = (int)s->set.iterations, .threads = s->threads, .spherical = true,
                            .tolerance = 1e-4, .memory = s->memory / 4, .seed = s->seed };
    if (!gather(s, kept, &some, e)) return false;
    bool ok = kmeans_train(&km, &some, &o, NULL, NULL, e);
    if (ok) {
        nearest_init(&near, km.c, km.k, km.d, true, 0);
        double objective = kmeans_assign(&near, &some, s->threads, o.memory, s->cluster, s->distance);
        nearest_free(&near);
        kmeans_free(&km);
        for (size_t i = 0; i < kept; i++) s->distance[i] = (float)rows_round(s->distance[i]);
        if (s->say) printf("k-means anew: %zu clusters, objective %.6f\n", o.k, objective);
    }
    matrix_close(&some);
    return ok;
}

static bool d4_settle(void *self, struct err *e)
{
    struct d4 *s = self;
    size_t n = s->members.n;
    struct semdedup dedup = { &s->x, s->set.epsilon, false, s->threads };
    if (s->set.epsilon == 0) {
        struct semdedup_sample sample;
        semdedup_sample(&sample, &s->members, (size_t)s->set.sample, s->seed);
        dedup.epsilon = semdedup_bisect(dedup, &sample, s->set.dedup);
        members_free(&sample.some);
    }
    size_t kept = semdedup_run(&dedup, &s->members), stay = 0;
    if (s->say) printf("epsilon %.6f keeps %zu of %zu\n", dedup.epsilon, kept, n);
    s->cluster = mem_alloc(n, sizeof *s->cluster);
    s->distance = mem_alloc(n, sizeof *s->distance);
    s->drop = mem_zero(n, sizeof *s->drop);
    if (!kept || !cluster_anew(s, kept, e)) return !kept;
    prototype_mark(s->distance, (const uint32_t *)(const void *)s->cluster, kept,
                   (struct prototype_opt){ .keep = s->set.proto }, s->drop);
    for (size_t i = 0; i < kept; i++) stay += !s->drop[i];
    if (s->say) printf("prototypes: %zu of %zu stay\n", stay, kept);
    for (size_t i = n, k = kept; i-- > 0; ) {        /* from the kept to all members, from the back */
        bool in = s->members.at[i].twin < 0;
        if (in) k--;
        s->cluster[i] = in ? s->cluster[k] : -1;
        s->distance[i] = in ? s->distance[k] : 0;
        s->drop[i] = in && s->drop[k];
    }
    return true;
}

static bool d4_again(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct d4 *s = self;
    const struct member *m = &s->members.at[d->row];
    if (m->twin >= 0) {
        doc_drop(d, "semantic-duplicate", "\"cluster\":%u,\"twin_row\":%u,\"cosine\":%.6f", m->cluster,
                 s->members.at[m->twin].row, (double)m->cosine);
        return true;
    }
    if (s->drop[d->row]) {
        doc_drop(d, "prototype", "\"cluster\":%d,\"distance\":%.6g", (int)s->cluster[d->row],
                 (double)s->distance[d->row]);
        return true;
    }
    doc_put_int(d, "cluster", s->cluster[d->row]);
    doc_put_real(d, "distance", rows_round(s->distance[d->row]));
    return true;
}

const struct stage stage_d4 = {
    .place = 350, .name = "d4", .brief = "semdedup, k-means anew, prototype: in one command",
    .text = "D4 keeps R = R_dedup x R_proto of the documents. Duplicates bend clusters, so the centroids are found again\n"
            "before prototypes go; \"cluster\" and \"distance\" become those of the second k-means.",
    .memory = "rows and clusters, 29 to 39 bytes a document; k-means of those that stay, up to --memory; the matrix is mapped",
    .example = "  tamis d4 -m vectors.npy --keep-dedup 0.75 --keep-proto 0.8 -k 1000 docs.jsonl.zst -o out.jsonl.zst",
    .see = "embed, kmeans apply, semdedup, prototype", .options = options,
    .open = d4_open, .turn = d4_turn, .settle = d4_settle, .again = d4_again, .free = d4_free,
};
