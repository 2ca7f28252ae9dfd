/* prototype.c - drop what lies too near its cluster's centre.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/prototype.h"

#include "core/arena.h"
#include "frame/stage.h"

#include <stdlib.h>

static struct prototype_set { double keep; int end; bool per_cluster; } opt = { .keep = 0.8 };
static const struct opt options[] = {
    { 'k', "keep",        REAL(&opt.keep),        "P",        "this share of the documents, exactly", .max = 1 },
    {  0 , "drop",        PICK(&opt.end),         "near|far", "which end goes: the prototypes or the outliers" },
    {  0 , "per-cluster", FLAG(&opt.per_cluster),             "the share of each cluster, not of all" },
    { END }
};

struct prototype {
    struct prototype_set set;
    float *distance;
    uint32_t *cluster;
    bool *drop;
    size_t n, cap, cap_cluster;
};

static void *prototype_open(const struct run *r, struct err *e)
{
    (void)r, (void)e;
    struct prototype *s = mem_zero(1, sizeof *s);
    s->set = opt;
    return s;
}

static void prototype_free(void *self)
{
    struct prototype *s = self;
    free(s->distance), free(s->cluster), free(s->drop), free(s);
}

static bool prototype_turn(void *self, struct doc *d, struct err *e)
{
    struct prototype *s = self;
    double distance;
    int64_t cluster = 0;
    if (!json_number(doc_get(d, "distance"), &distance) || !json_integer(doc_get(d, "cluster"), &cluster) || cluster < 0
        || cluster > UINT32_MAX)
        return err_set(e, ERR_DATA,
                       "document %llu has no \"cluster\" and \"distance\"\nhint: tamis kmeans apply adds them",
                       (unsigned long long)d->row);
    s->distance = mem_grow(s->distance, &s->cap, s->n + 1, sizeof *s->distance);
    s->cluster = mem_grow(s->cluster, &s->cap_cluster, s->n + 1, sizeof *s->cluster);
    s->distance[s->n] = (float)distance;
    s->cluster[s->n++] = (uint32_t)cluster;
    return true;
}

static bool prototype_settle(void *self, struct err *e)
{
    (void)e;
    struct prototype *s = self;
    s->drop = mem_alloc(s->n, sizeof *s->drop);
    prototype_mark(s->distance, s->cluster, s->n,
                   (struct prototype_opt){ s->set.keep, s->set.end == 1, s->set.per_cluster }, s->drop);
    return true;
}

static bool prototype_again(void *self, struct doc *d, struct err *e)
{
    (void)e;
    const struct prototype *s = self;
    if (s->drop[d->row])
        doc_drop(d, "prototype", "\"cluster\":%u,\"distance\":%.6g", s->cluster[d->row], (double)s->distance[d->row]);
    return true;
}

const struct stage stage_prototype = {
    .place = 340, .name = "prototype", .brief = "drop what lies too near its cluster's centre",
    .text = "SSL prototypes: drops the documents with the smallest \"distance\", exactly as many as --keep says.",
    .memory = "9 to 14 bytes a document",
    .example = "  tamis prototype --keep 0.8 docs.jsonl.zst -o out.jsonl.zst",
    .see = "kmeans apply, semdedup, d4", .options = options,
    .open = prototype_open, .turn = prototype_turn, .settle = prototype_settle, .again = prototype_again,
    .free = prototype_free,
};
