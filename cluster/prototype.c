/* prototype.c - sort by distance, mark the first.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/prototype.h"

#include "core/arena.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct place { uint32_t cluster; float distance; size_t at; };

static int by_distance(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->cluster != y->cluster) return x->cluster < y->cluster ? -1 : 1;
    if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

void prototype_mark(const float *distance, const uint32_t *cluster, size_t n, struct prototype_opt o, bool *drop)
{
    struct place *p = mem_alloc(n, sizeof *p);
    for (size_t i = 0; i < n; i++)
        p[i] = (struct place){ o.per_cluster ? cluster[i] : 0, o.far ? -distance[i] : distance[i], i };
    qsort(p, n, sizeof *p, by_distance);
    memset(drop, 0, n * sizeof *drop);
    for (size_t begin = 0, end; begin < n; begin = end) {
        for (end = begin; end < n && p[end].cluster == p[begin].cluster; ) end++;
        size_t marked = end - begin - (size_t)llround(o.keep * (double)(end - begin));
        for (size_t i = begin; i < begin + marked; i++) drop[p[i].at] = true;
    }
    free(p);
}
