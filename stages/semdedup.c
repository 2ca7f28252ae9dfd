/* semdedup.c - drop semantic duplicates inside clusters.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/semdedup.h"
#include "cluster/stay.h"
#include "frame/stage.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct semdedup_set {
    const char *matrix, *keep_doc, *curve;
    double epsilon, keep;
    long sample;
    bool chained, annotate;
}
opt = { .epsilon = 0.07, .keep_doc = "far", .sample = 20000 };
static const struct opt options[] = {
    { 'm', "matrix",   TEXT(&opt.matrix),   "FILE.npy",             "the documents' vectors, by their \"row\"", .required = true },
    { 'e', "epsilon",  REAL(&opt.epsilon),  "E",                    "a pair with cosine above 1 - E is a duplicate", .max = 2 },
    {  0 , "keep",     REAL(&opt.keep),     "P",                    "find the E that keeps this share; 0 means --epsilon", .max = 1 },
    {  0 , "sample",   INT(&opt.sample),    "N",                    "documents, in whole clusters, to find it on", .min = 1, .max = 1e9 },
    {  0 , "curve",    TEXT(&opt.curve),    "FILE",                 "write E and the share kept, over a ladder of E" },
    {  0 , "stay",     TEXT(&opt.keep_doc), "far|near|first|best:F", "of duplicates stays: by distance, place, or field F" },
    {  0 , "chained",  FLAG(&opt.chained),                          "likeness to a dropped document drops too, as in the paper" },
    {  0 , "annotate", FLAG(&opt.annotate),                         "drop none; add \"group\", the row of the one that stays" },
    { END }
};

struct semantic {
    struct semdedup_set set;
    struct matrix x;
    struct semdedup dedup;
    struct members members;          /* by the document's number */
    struct stay stay;
    struct arena mem;                /* ids */
    struct str *ids;                 /* (members.n): for drops; none once they are more than their share of memory */
    size_t ids_cap, ids_size, ids_limit, n_ids;
    uint64_t seed;
    bool say;
};

static void semantic_free(void *self)
{
    struct semantic *s = self;
    matrix_close(&s->x);
    members_free(&s->members);
    arena_free(&s->mem);
    free(s->ids);
    free(s);
}

static void *semantic_open(const struct run *r, struct err *e)
{
    struct semantic *s = mem_zero(1, sizeof *s);
    s->set = opt;
    if (!stay_parse(&s->stay, opt.keep_doc, e) || !rows_open(&s->x, opt.matrix, e)) { semantic_free(s); return NULL; }
    s->dedup = (struct semdedup){ &s->x, opt.epsilon, opt.chained, r->threads };
    s->seed = r->seed;
    s->ids_limit = r->memory / 4;
    s->say = !r->quiet && strcmp(r->output, "-") != 0;
    return s;
}

static void keep_id(struct semantic *s, const struct doc *d)
{
    struct str id = doc_id(d);
    s->ids_size += id.n + sizeof id;
    if (s->ids_size > s->ids_limit) return;
    s->ids = mem_grow(s->ids, &s->ids_cap, s->n_ids + 1, sizeof *s->ids);
    s->ids[s->n_ids++] = id.p ? str_copy(&s->mem, id) : id;
}

static bool semantic_turn(void *self, struct doc *d, struct err *e)
{
    struct semantic *s = self;
    size_t row, cluster;
    if (!rows_field(d, "row", s->x.rows, &row))
        return err_set(e, ERR_DATA, "document %llu has no \"row\" of the matrix\nhint: tamis embed adds it",
                       (unsigned long long)d->row);
    if (!rows_field(d, "cluster", INT32_MAX, &cluster))
        return err_set(e, ERR_DATA, "document %llu has no \"cluster\"\nhint: tamis kmeans apply adds it",
                       (unsigned long long)d->row);
    if (s->members.n == INT32_MAX) return err_set(e, ERR_DATA, "more than %d documents at a time", INT32_MAX);
    members_add(&s->members, row, cluster, stay_rank(&s->stay, d));
    keep_id(s, d);
    return true;
}

static bool write_curve(struct semantic *s, struct semdedup_sample *sample, struct err *e)
{
    struct buf b = { 0 };
    struct semdedup at = s->dedup;
    for (int i = 0; i <= 16; i++) {
        at.epsilon = 0.001 * pow(2, i / 2.0);
        buf_printf(&b, "%.6f\t%.6f\n", at.epsilon, semdedup_share(&at, sample));
    }
    struct output *o = output_open(s->set.curve, e);
    bool ok = o && output_write(o, buf_str(&b), e);
    buf_free(&b);
    if (o && !ok) output_drop(o);
    return ok && output_done(o, e);
}

static bool semantic_settle(void *self, struct err *e)
{
    struct semantic *s = self;
    if (s->set.keep > 0 || s->set.curve) {
        struct semdedup_sample sample;
        semdedup_sample(&sample, &s->members, (size_t)s->set.sample, s->seed);
        bool ok = !s->set.curve || write_curve(s, &sample, e);
        if (s->set.keep > 0) s->dedup.epsilon = semdedup_bisect(s->dedup, &sample, s->set.keep);
        members_free(&sample.some);
        if (!ok) return false;
    }
    size_t kept = semdedup_run(&s->dedup, &s->members);
    if (s->say) printf("epsilon %.6f keeps %zu of %zu\n", s->dedup.epsilon, kept, s->members.n);
    return true;
}

static void drop(const struct semantic *s, struct doc *d, const struct member *m)
{
    struct buf twin = { 0 };
    size_t t = (size_t)m->twin;
    if (t < s->n_ids && s->ids[t].p) json_put_string(&twin, s->ids[t]); else buf_put(&twin, S("null"));
    doc_drop(d, "semantic-duplicate", "\"cluster\":%u,\"twin\":%.*s,\"twin_row\":%u,\"cosine\":%.6f", m->cluster,
             (int)twin.n, twin.p, s->members.at[t].row, (double)m->cosine);
    buf_free(&twin);
}

static bool semantic_again(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct semantic *s = self;
    const struct member *m = &s->members.at[d->row];
    if (s->set.annotate) doc_put_int(d, "group", m->twin < 0 ? m->row : s->members.at[m->twin].row);
    else if (m->twin >= 0) drop(s, d, m);
    return true;
}

const struct stage stage_semdedup = {
    .place = 330, .name = "semdedup", .brief = "drop semantic duplicates inside clusters",
    .text = "SemDeDup: of documents of one cluster whose vectors point the same way, the one farthest from the centroid stays. "
            "Reads \"row\", \"cluster\" and \"distance\".",
    .memory = "20 to 30 bytes a document, ids up to a quarter of --memory; the matrix is mapped",
    .example = "  tamis semdedup -m vectors.npy --epsilon 0.07 docs.jsonl.zst -o out.jsonl.zst --drops drops.jsonl",
    .see = "embed, kmeans, prototype, d4", .options = options,
    .open = semantic_open, .turn = semantic_turn, .settle = semantic_settle, .again = semantic_again,
    .free = semantic_free,
};
