/* fasttext_write.c - a model in memory to fastText's file (fasttext_model.h has its layout).
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/file.h"
#include "model/fasttext_corpus.h"

#define PUT(b, x) buf_put((b), (struct str){ (const char *)&(x), sizeof (x) })

static void put_entries(const struct fasttext *m, struct buf *b)
{
    const uint32_t n = m->nwords + m->nlabels;
    const int64_t prune = m->pruned ? (int64_t)m->n_kept : -1;
    PUT(b, n);
    PUT(b, m->nwords);
    PUT(b, m->nlabels);
    PUT(b, m->tokens);
    PUT(b, prune);
    for (uint32_t i = 0; i < n; i++) {
        buf_put(b, (struct str){ m->entries[i].p, m->entries[i].n });
        buf_putc(b, '\0');
        PUT(b, m->counts[i]);
        buf_putc(b, i >= m->nwords);
    }
    for (uint64_t i = 0; m->pruned && i < m->n_kept; i++) PUT(b, m->kept_pairs[i]);
}

static void put_pq(const struct ft_pq *q, struct buf *b)
{
    const int32_t n[4] = { q->dim, q->parts, q->dsub, q->lastdsub };
    PUT(b, n);
    buf_put(b, (struct str){ (const char *)q->centroids, (size_t)q->dim * FT_CENTROIDS * sizeof(float) });
}

static bool write_matrix(const struct ft_matrix *x, struct output *o, struct buf *b, struct err *e)
{
    const int64_t shape[2] = { (int64_t)x->rows, (int64_t)x->cols };
    buf_reset(b);
    if (!x->codes) {
        PUT(b, shape);
        return output_write(o, buf_str(b), e)
            && output_write(o, (struct str){ (const char *)x->dense, x->rows * x->cols * sizeof(float) }, e);
    }
    const int32_t size = (int32_t)(x->rows * (size_t)x->pq.parts);
    buf_putc(b, x->norm_codes != NULL);
    PUT(b, shape);
    PUT(b, size);
    buf_put(b, (struct str){ (const char *)x->codes, (size_t)size });
    put_pq(&x->pq, b);
    if (x->norm_codes) {
        buf_put(b, (struct str){ (const char *)x->norm_codes, x->rows });
        put_pq(&x->norm, b);
    }
    return output_write(o, buf_str(b), e);
}

static bool write_all(const struct fasttext *m, struct output *o, struct buf *b, struct err *e)
{
    const int32_t head[2] = { FT_MAGIC, FT_VERSION };
    PUT(b, head);
    buf_put(b, (struct str){ (const char *)&m->args, 12 * sizeof(int32_t) });
    PUT(b, m->args.t);
    put_entries(m, b);
    buf_putc(b, m->in.codes != NULL);
    if (!output_write(o, buf_str(b), e) || !write_matrix(&m->in, o, b, e)) return false;
    const char flag = m->out.codes != NULL;
    return output_write(o, (struct str){ &flag, 1 }, e) && write_matrix(&m->out, o, b, e);
}

bool ft_write(const struct fasttext *m, const char *path, struct err *e)
{
    struct output *o = output_open(path, e);
    if (!o) return false;
    struct buf b = { 0 };
    bool ok = write_all(m, o, &b, e);
    buf_free(&b);
    if (ok) return output_done(o, e);
    output_drop(o);
    return false;
}
