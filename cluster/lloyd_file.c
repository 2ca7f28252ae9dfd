/* lloyd_file.c - states and parts on disk.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/lloyd.h"
#include "core/hash.h"

#include <stdlib.h>

_Static_assert(sizeof(struct lloyd_head) == 96 && sizeof(struct lloyd_part_head) == 72, "the layout in lloyd.h");
enum { K_MAX = 100000000, D_MAX = 1 << 20 };

/* ---- a state ---- */

static struct str centroids(const struct lloyd *s)
{
    return (struct str){ (const char *)s->c, s->head.k * s->head.d * sizeof *s->c };
}

static uint64_t stamp_of(const struct lloyd *s)
{
    uint64_t stamp = hash64(centroids(s), hash64((struct str){ (const char *)&s->head, sizeof s->head }, 0));
    return stamp ? stamp : 1;                        /* 0 says: no state */
}

bool lloyd_read(struct lloyd *s, const char *path, struct err *e)
{
    struct map m;
    *s = (struct lloyd){ .c = NULL };
    if (!map_open(&m, path, e)) return false;
    if (m.n >= sizeof s->head) memcpy(&s->head, m.p, sizeof s->head);
    const struct lloyd_head *h = &s->head;
    if (m.n < sizeof *h || memcmp(h->magic, "TAMKMS1\n", 8) != 0)
        err_set(e, ERR_DATA, "%s: no state of tamis kmeans merge", path);
    else if (!h->k || h->k > K_MAX || !h->d || h->d > D_MAX || m.n - sizeof *h != h->k * h->d * sizeof *s->c)
        err_set(e, ERR_DATA, "%s: cut short", path);
    else {
        s->c = mem_alloc(mem_size(h->k, h->d), sizeof *s->c);
        memcpy(s->c, m.p + sizeof *h, m.n - sizeof *h);
        s->stamp = stamp_of(s);
    }
    map_close(&m);
    return !e->kind;
}

bool lloyd_write(struct lloyd *s, const char *path, struct err *e)
{
    struct output *o = output_open(path, e);
    if (!o) return false;
    if (output_write(o, (struct str){ (const char *)&s->head, sizeof s->head }, e) && output_write(o, centroids(s), e))
        return output_done(o, e);
    output_drop(o);
    return false;
}

void lloyd_free(struct lloyd *s)
{
    free(s->c);
    s->c = NULL;
}

/* ---- a part ---- */

/* Past the names; NULL when they are cut short. */
static const char *pass_names(const char *p, const char *end, uint64_t n)
{
    for (uint32_t size; n; n--, p += size) {
        if (end - p < 4) return NULL;
        memcpy(&size, p, 4);
        p += 4;
        if ((uint64_t)(end - p) < size) return NULL;
    }
    return p;
}

static bool look(struct lloyd_part *p, uint64_t k, uint64_t d, struct err *e)
{
    const struct lloyd_part_head *h = p->head = (const void *)p->map.p;
    const char *end = p->map.p + p->map.n;
    if (p->map.n < sizeof *h || memcmp(h->magic, "TAMKMP1\n", 8) != 0)
        return err_set(e, ERR_DATA, "no part of tamis kmeans part");
    if (h->matrices > (p->map.n - sizeof *h) / 8 || h->rows > INT64_MAX / 8) return err_set(e, ERR_DATA, "cut short");
    p->rows = (const void *)(h + 1);
    p->names = (const char *)(p->rows + h->matrices);
    const char *at = pass_names(p->names, end, h->matrices);
    if (!at) return err_set(e, ERR_DATA, "its names are cut short");
    uint64_t from = ((uint64_t)(at - p->map.p) + 7) / 8 * 8, all = 0;
    for (uint64_t i = 0; i < h->matrices; i++) all += p->rows[i];
    if (all != h->rows || h->d > D_MAX) return err_set(e, ERR_DATA, "its matrices do not have its rows");
    uint64_t need = k ? from + k * 8 + k * d * 8 + h->rows * 4 : from;
    if (p->map.n != need || (k && h->labels_at != need - h->rows * 4)) return err_set(e, ERR_DATA, "cut short");
    if (!k) return true;
    p->count = (const void *)(p->map.p + from);
    p->sum = (const void *)(p->count + k);
    p->labels = (const void *)(p->map.p + h->labels_at);
    for (uint64_t i = 0; i < h->rows; i++)
        if (p->labels[i] < 0 || (uint64_t)p->labels[i] >= k) return err_set(e, ERR_DATA, "a label is out of range");
    return h->d == d
        || err_set(e, ERR_DATA, "rows of %llu columns, not %llu", (unsigned long long)h->d, (unsigned long long)d);
}

bool lloyd_part_open(struct lloyd_part *p, const char *path, uint64_t stamp, uint64_t k, uint64_t d, struct err *e)
{
    *p = (struct lloyd_part){ .count = NULL };
    if (!map_open(&p->map, path, e)) return false;
    if (look(p, k, d, e) && (p->head->stamp == stamp || err_set(e, ERR_DATA, "is of another state"))) return true;
    lloyd_part_close(p);
    return err_in(e, "%s", path);
}

void lloyd_part_close(struct lloyd_part *p)
{
    map_close(&p->map);
}

bool lloyd_part_row(const struct lloyd_part *p, uint64_t row, float *to, struct err *e)
{
    const char *name = p->names;
    uint32_t size;
    uint64_t i = 0;
    memcpy(&size, name, 4);
    for (; row >= p->rows[i]; row -= p->rows[i++]) {
        name += 4 + size;
        memcpy(&size, name, 4);
    }
    struct arena mem = { 0 };
    struct matrix m;
    const char *path = str_c(&mem, (struct str){ name + 4, size });
    bool ok = rows_open_slice(&m, path, e);
    if (ok && (m.rows != p->rows[i] || m.cols != p->head->d)) ok = err_set(e, ERR_DATA, "%s is not as it was", path);
    if (ok) matrix_rows(&m, row, row + 1, to);
    if (m.map.p) matrix_close(&m);
    arena_free(&mem);
    return ok;
}
